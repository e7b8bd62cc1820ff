"""Turn results into text for a person or into JSON values; prints nothing itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from collectscript.model import BUNDLED, Objection, Response, Tables

if TYPE_CHECKING:
    from collectscript.halting import HardStop, Pause
    from collectscript.match import Evidence, Match, MatchResult
    from collectscript.respond import Answer, RankedResponse

SCHEMA = "collectscript/1"
"""Version of every JSON object the command prints; see docs/json.md."""
WORDS = ((0.9, "很有把握"), (0.75, "比较有把握"), (0.5, "不太确定"), (0.0, "没有把握"))
"""Confidence in words: the lowest confidence of each band."""
PART_NAMES = {"acknowledge": "接住", "clarify": "说明", "offer": "方案", "commit": "约定"}
KIND_NAMES = {"same": "", "word": "", "folded": "写法不同", "sound": "音近"}
STOP_SIGNS = {"stop": "■ 停", "pause": "‖ 缓"}
WIDTH = 80


def confidence_words(confidence: float) -> str:
    """Return the band of a confidence in words."""
    return next(words for least, words in WORDS if confidence >= least)


def display_width(text: str) -> int:
    """Return the columns a text takes on a terminal; East Asian characters take two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def wrap(text: str, width: int, indent: str = "") -> str:
    """Break a text at `width` columns, following lines indented; Chinese may break between any two characters."""
    lines, line, room = [], "", max(width - display_width(indent), 20)
    for char in text:
        # A full stop or comma may not start a line.
        if display_width(line + char) > room and char not in "，。？！、；：”）…":
            lines.append(line)
            line = ""
        line += char
    return ("\n" + indent).join([*lines, line])


# -- JSON ------------------------------------------------------------------------------------------------


def match_json(result: MatchResult, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return a match result as JSON values."""
    return {
        "schema": SCHEMA,
        **stamp,
        "text": result.text,
        "matched": result.matched,
        "threshold": result.threshold,
        "ask": result.ask,
        "matches": [_match_json(match) for match in result.matches],
        "versus": [_evidence_json(one) for one in result.versus],
    }


def _match_json(match: Match) -> dict[str, Any]:
    entry = match.objection
    return {
        "objection": {
            "id": entry.id,
            "title": entry.title,
            "gloss": entry.gloss,
            "group": entry.group,
            "origin": entry.origin,
        },
        "confidence": round(match.confidence, 6),
        "accepted": match.accepted,
        "priority": match.priority,
        "reason": match.reason,
        "utterance": match.utterance,
        "evidence": [_evidence_json(one) for one in match.evidence],
    }


def _evidence_json(one: Evidence) -> dict[str, Any]:
    return {"text": one.text, "start": one.start, "end": one.end, "weight": one.weight, "kind": one.kind}


def answer_json(answer: Answer, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return an answer as JSON values."""
    return match_json(answer.match, stamp) | {
        "hard_stop": _stop_json(answer.hard_stop),
        "pause": _stop_json(answer.pause),
        "stops": [_stop_json(one) for one in answer.stops],
        "responses": [ranked_json(one) for one in answer.responses],
    }


def _stop_json(stop: HardStop | Pause | None) -> dict[str, Any] | None:
    if stop is None:
        return None
    return {
        "kind": stop.kind,
        "id": stop.id,
        "title": stop.title,
        "level": stop.level,
        "why": stop.why,
        "record": list(stop.record),
        "never": [{"wrong": one.wrong, "instead": one.instead} for one in stop.never],
        "hand_over": stop.hand_over,
        "sources": list(stop.sources),
    }


def ranked_json(ranked: RankedResponse) -> dict[str, Any]:
    """Return a ranked response as JSON values."""
    from collectscript.verdicts import finding_json

    response = ranked.response
    return {
        "id": response.id,
        "title": response.title,
        "text": ranked.text,
        "parts": [{"kind": kind, "text": text} for kind, text in ranked.parts],
        "technique": response.technique,
        "structure": response.structure,
        "influence": response.influence,
        "firmness": response.firmness,
        "goal": response.goal,
        "customer_types": list(response.customer_types),
        "bands": list(response.bands),
        "sectors": list(response.sectors),
        "parties": list(response.parties),
        "channels": list(response.channels),
        "min_promises_broken": response.min_promises_broken,
        "condition": response.condition,
        "if_yes": response.if_yes,
        "if_no": response.if_no,
        "if_silent": response.if_silent,
        "next_step": response.next_step,
        "avoid": response.avoid,
        "why": response.why,
        "facts": list(response.facts),
        "sources": list(response.sources),
        "origin": response.origin,
        "score": ranked.score,
        "reasons": list(ranked.reasons),
        "missing": list(ranked.missing),
        "findings": [finding_json(finding) for finding in ranked.findings],
    }


def objection_json(entry: Objection, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return an objection as JSON values, responses unfilled."""
    return {
        "schema": SCHEMA,
        **stamp,
        "id": entry.id,
        "title": entry.title,
        "gloss": entry.gloss,
        "group": entry.group,
        "say_first": entry.say_first,
        "ask_first": entry.ask_first,
        "never_say": entry.never_say,
        "meaning": entry.meaning,
        "find_out": list(entry.find_out),
        "utterances": list(entry.utterances),
        "distinctions": [{"other": one.other, "question": one.question} for one in entry.distinctions],
        "never": [{"wrong": one.wrong, "instead": one.instead} for one in entry.never],
        "responses": [response.id for response in entry.responses],
        "origin": entry.origin,
    }


# -- text ------------------------------------------------------------------------------------------------


class Text:
    """Writes results for a person, with or without colour, to a width."""

    def __init__(self, tables: Tables, *, colour: bool, width: int = WIDTH) -> None:
        self._tables = tables
        self._colour = colour
        self._width = width

    def match(self, result: MatchResult) -> str:
        """Return the customer's words and what they may mean."""
        lines = [self._bold("客户：") + self._marked(result)]
        if not result.matches:
            return "\n".join([*lines, "没有对上：这句话跟哪一条都不像。"])
        if not result.matched:
            lines.append("没有对上。最接近的是：")
        for match in result.matches:
            lines.append(self._match(match))
        if result.matched and result.versus:
            other = result.matches[1].objection.title
            lines.append(self._dim(f"不是“{other}”，因为 {_stretches(result.versus)}"))
        if result.ask:
            lines.append(self._bold("先问清：") + wrap(result.ask, self._width, " " * 8))
        return "\n".join(lines)

    def answer(self, answer: Answer) -> str:
        """Return the match and the responses; after a stop only the stop and its words."""
        if answer.hard_stop is not None:
            return "\n".join([*self._stops(answer), "", self.ranked(answer.responses)])
        if answer.pause is not None:
            return "\n".join([*self._stops(answer), "", self.match(answer.match), "", self.ranked(answer.responses)])
        lines = [self.match(answer.match), ""]
        said = [match for match in answer.match.matches if match.accepted]
        if said:
            entry = min(said, key=lambda match: match.priority).objection
            lines += [self._breath("先说", entry.say_first), self._breath("再问", entry.ask_first)]
            lines += [self._breath("别说", entry.never_say), ""]
        return "\n".join(lines) + "\n" + self.ranked(answer.responses)

    def _stops(self, answer: Answer) -> list[str]:
        """Return what is done after a stop or in a pause, the gravest first."""
        lines: list[str] = []
        for one in answer.stops:
            lines.append(
                self._bold(f"{STOP_SIGNS[one.kind]}：{one.title}") + self._dim(f"  {one.id}  ") + _shown(one.why)
            )
        first = answer.stops[0]
        lines.append(self._breath("交给", first.hand_over.replace("\n", "")))
        lines += [self._note("记录", line) for line in first.record]
        lines += [self._note("别说", f"{one.wrong} → {one.instead}") for one in first.never]
        return lines

    def ranked(self, responses: Sequence[RankedResponse]) -> str:
        """Return ranked responses, one block each."""
        if not responses:
            return "没有适合这个对象的话术。"
        return "\n\n".join(self._ranked(number, one) for number, one in enumerate(responses, 1))

    def objection(self, entry: Objection) -> str:
        """Return one objection as a page."""
        lines = [self._bold(f"{entry.title}（{entry.gloss}）") + self._dim(f"  {entry.id} · {entry.origin}"), ""]
        lines += [self._breath("先说", entry.say_first), self._breath("再问", entry.ask_first)]
        lines += [self._breath("别说", entry.never_say), "", wrap(entry.meaning.replace("\n", ""), self._width), ""]
        lines += [wrap(f"· {question}", self._width, "  ") for question in entry.find_out]
        lines.append(self._dim(f"\n客户会说 {len(entry.utterances)} 句，例如：" + "；".join(entry.utterances[:4])))
        for response in entry.responses:
            lines += ["", self._response_head(response)]
            lines += [self._part(part.kind, part.text) for part in response.parts]
        lines.append("")
        lines += [wrap(f"✗ {one.wrong} → {one.instead}", self._width, "  ") for one in entry.never]
        return "\n".join(lines)

    def _match(self, match: Match) -> str:
        sign = "●" if match.accepted else "○"
        entry = match.objection
        words = f"{confidence_words(match.confidence)} {match.confidence:.0%}"
        head = f"{sign} {entry.title}" + self._dim(f"（{entry.gloss}，{entry.id}{_from(entry.origin)}）") + f" {words}"
        missed = "" if match.accepted else f"没算上：{match.reason}；"
        return head + self._dim(f"\n    {missed}因为 {_stretches(match.evidence) or '整句'}；最像：{match.utterance}")

    def _marked(self, result: MatchResult) -> str:
        """Return the customer's words with the characters that speak for the first match marked."""
        text = _shown(result.text)
        if not result.matches or len(text) != len(result.text):
            return wrap(text, self._width, " " * 6)
        out, at = "", 0
        for one in result.matches[0].evidence:
            out += text[at : one.start] + self._mark(text[one.start : one.end])
            at = one.end
        return out + text[at:]

    def _ranked(self, number: int, ranked: RankedResponse) -> str:
        response = ranked.response
        lines = [self._bold(f"{number}. ") + self._response_head(response)]
        lines.append(self._dim("   " + "；".join(ranked.reasons)))
        lines += [self._part(kind, text) for kind, text in ranked.parts]
        notes = (("答应", response.if_yes), ("不答应", response.if_no), ("不吭声", response.if_silent))
        lines += [self._note(name, text) for name, text in notes if text]
        lines += [self._note("下一步", response.next_step), self._note("不要", response.avoid)]
        if ranked.missing:
            labels = {slot.id: slot.label for slot in self._tables.slots}
            lines.append(self._note("缺", "、".join(labels.get(name, name) for name in ranked.missing)))
        for finding in ranked.findings:
            rule = finding.rule
            whose = f"（{rule.id}{_from(rule.origin)}）"
            lines.append(f"   填入后不能这样说：{rule.title}{whose}“{_shown(finding.text)}”")
        return "\n".join(line for line in lines if line)

    def _response_head(self, response: Response) -> str:
        name = self._tables.name
        tags = [
            name("technique", response.technique),
            name("structure", response.structure),
            name("firmness", response.firmness),
            name("goal", response.goal),
        ]
        origin = _from(response.origin)
        return self._bold(response.title) + self._dim(f"  [{' · '.join(tags)}]  {response.id}{origin}")

    def _part(self, kind: str, text: str) -> str:
        names = {part.id: part.title for part in self._tables.parts}
        # A value filled into a slot is as free as a customer's words.
        return f"   {names.get(kind, kind)}：" + wrap(_shown(text), self._width - 9, " " * 9)

    def _note(self, name: str, text: str | None) -> str:
        return self._dim(f"   {name}：" + wrap(text, self._width - 9, " " * 9)) if text else ""

    def _breath(self, name: str, text: str) -> str:
        return self._bold(f"{name}：") + wrap(text, self._width - 6, " " * 6)

    def _bold(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._colour else text

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._colour else text

    def _mark(self, text: str) -> str:
        return f"\x1b[1;4m{text}\x1b[0m" if self._colour else f"[{text}]"


def _stretches(evidence: Sequence[Evidence]) -> str:
    return "、".join(
        f"“{_shown(one.text)}”" + (f"（{KIND_NAMES[one.kind]}）" if KIND_NAMES[one.kind] else "") for one in evidence
    )


def _from(origin: str) -> str:
    """Return where something comes from, for what is not of the shipped corpus alone."""
    return "" if origin == BUNDLED else f" · {origin}"


def _shown(text: str) -> str:
    """Return a customer's text with control characters made visible: it must not steer the terminal."""
    return "".join("�" if unicodedata.category(char) in {"Cc", "Cs", "Cf"} else char for char in text)
