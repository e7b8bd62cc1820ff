"""What the scripts of the pages are given: values of the knowledge base as JSON, without anything they do not use."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any

from collectscript import checking, classes, match, patterns, reading, respond, scoring, sentences
from collectscript import safety as detector
from collectscript.halting import SAFE_SLOTS
from collectscript.knowledge import KnowledgeBase
from collectscript.model import (
    BUNDLED,
    CONCERNS,
    CUSTOMER_AXES,
    ComplianceRule,
    Objection,
    Response,
    RulePattern,
    Scope,
    Stop,
)
from collectscript.report import WORDS
from collectscript.site.folding import fold_table, packed_folding
from collectscript.site.pack import pack_index
from collectscript.site.squeeze import squeezed
from collectscript.site.visible import visible
from collectscript.stops import BILL, LEVELS

RESPONSE_FIELDS = (
    "id", "title", "technique", "structure", "influence", "firmness", "goal", "customer_types", "bands", "sectors",
    "parties", "channels", "min_promises_broken", "min_call", "condition", "if_yes", "if_no", "if_silent",
    "next_step", "avoid",
)  # fmt: skip
"""Fields of a response that the pages rank by and show, beside its parts."""
PARTS = 3
"""Files in one that the responses travel in: the more, the sooner the first is read, and the heavier all are."""


def zipped(value: object) -> str:
    """Return a value as JSON, compressed, in base64."""
    return squeezed(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def zipped_script(name: str, value: object) -> str:
    """Return what `script` returns, compressed: a third lighter on the way than gzip alone makes long texts."""
    bits = zipped(value)
    return f'"use strict";\nwindow.CS.later("{name}", () => JSON.parse(window.CS.unzip("{bits}")));\n'


def script(name: str, value: object) -> str:
    """Return the text of a script file that puts a value into `CS.data`.

    The value travels as a string that is parsed as JSON: nothing in it can become code, not even a `__proto__` key.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    quoted = text.replace("\\", "\\\\").replace("'", "\\'").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f'"use strict";\nwindow.CS.data["{name}"] = JSON.parse(\'{quoted}\');\n'


def tables(kb: KnowledgeBase, titles: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return names of tags, slots and pages, and the numbers that ranking uses.

    Args:
        kb: The knowledge base.
        titles: Id to (title, path) of every page that texts may name.

    """
    facets: dict[str, dict[str, str]] = {}
    for facet in kb.tables.facets:
        facets.setdefault(facet.facet, {})[facet.id] = visible(facet.name)
    return {
        "facets": facets,
        "slots": {slot.id: visible(slot.label) for slot in kb.tables.slots},
        "slot_types": {slot.id: slot.type for slot in kb.tables.slots},
        "parts": {part.id: visible(part.title) for part in kb.tables.parts},
        "groups": [[group.id, visible(group.title), visible(group.gloss)] for group in kb.tables.groups],
        "concerns": dict(kb.tables.concerns),
        "confidence": [[least, words] for least, words in WORDS],
        "titles": {name: [visible(title), path] for name, (title, path) in titles.items()},
        "ranking": {
            "weights": dict(scoring.WEIGHTS),
            "firmness": scoring.FIRMNESS,
            "calendar": scoring.CALENDAR,
            "hard_after": scoring.HARD_AFTER,
            "strict": sorted(scoring.STRICT),
            "promise_floor": scoring.PROMISE_FLOOR,
            "complaint_floor": respond.COMPLAINT_FLOOR,
            "gentle_step": scoring.GENTLE_STEP,
            "late": sorted(scoring.LATE),
            "marked": sorted(scoring.MARKED),
            "suits": dict(scoring.SUITS),
            "jars": dict(scoring.JARS),
            "heard": sorted(scoring.HEARD),
            "gentle": sorted(scoring.GENTLE),
            "calm": sorted(scoring.CALM),
            "patient": sorted(scoring.PATIENT),
            "calm_goals": sorted(scoring.CALM_GOALS),
            "calm_first": sorted(scoring.CALM_FIRST),
            "said": scoring.SAID,
            "conditions": {words: decide.__name__ for words, decide in scoring.CONDITIONS.items()},
            "spoken": respond.SPOKEN,
            "span": respond.SPAN,
            "step_down": respond.STEP_DOWN,
        },
        "axes": CUSTOMER_AXES,
        "limits": _limits(),
    }


def _limits() -> dict[str, Any]:
    """Return the numbers that the algorithms stop at, so that they stand in one place."""

    def named(module: ModuleType, *names: str) -> dict[str, float]:
        return {name: getattr(module, name.upper()) for name in names}

    return {
        "concerns": CONCERNS,
        "match": named(match, "close", "mark_from", "own", "almost"),
        "reasons": {
            "own": match.REASON_OWN,
            "said": match.REASON_SAID,
            "none": match.REASON_NONE,
            "behind": match.REASON_BEHIND,
            "unsure": match.REASON_UNSURE,
        },
        "patterns": named(patterns, "near", "wide", "many") | named(sentences, "longest", "overlap"),
        "numbers": patterns._NUMBERS.pattern,  # noqa: SLF001 - both languages must read the same expression
        "check": named(checking, "opening", "window", "shortest", "piece", "hedged", "close", "link"),
        "reading": named(reading, "reach", "longest", "quote", "quotes"),
        "safety": named(detector, "shortest", "left_over", "clause", "clauses", "brief", "overheard")
        | named(detector, "beyond_doubt", "sure_of_else", "half_heard"),
        "lists": named(classes, "smallest"),
    }


def index(kb: KnowledgeBase) -> dict[str, Any]:
    """Return the matcher's index, packed."""
    return pack_index(kb.index)


def folding(kb: KnowledgeBase) -> dict[str, Any]:
    """Return the folding table and the sounds; it knows every character that an index or a pattern knows."""
    law, safety = kb.corpus.law, kb.corpus.safety
    own = kb.own_rules.index if kb.own_rules else None
    indexes = [kb.index, kb.phrases, *([own] if own else [])]
    texts = [*(key for found in indexes for key in found.keys), *kb.index.sounds]
    texts += [text for found in indexes for group in found.utterances for text in group]
    for words in (law.words, law.markers, safety.words, *(rule.words for rule in law.rules)):
        texts += [word for _, group in words for word in group]
    for rule in law.rules:
        patterns = [*rule.patterns, *rule.when, *(one for element in rule.elements for one in element.patterns)]
        texts += [*(one.text for one in patterns), *rule.unless]
    for stop in safety.stops:
        texts += [*(signal.pattern for signal in stop.signals), *stop.silence, *stop.misheard]
        texts += [text for examples in stop.examples for text in examples.texts]
    folder = kb.index.folder
    together = "".join(texts)
    known = frozenset(together) | frozenset(folder.fold(together))
    return packed_folding(fold_table(folder, known), kb.index.sounds)


def rules(kb: KnowledgeBase) -> dict[str, Any]:
    """Return the compliance rules as the check reads them, and the index of forbidden phrases, packed."""
    own = kb.own_rules
    law = kb.corpus.law if own is None else own.ours
    if not law.rules:
        return {"rules": []}
    found = {
        "words": dict(law.words),
        "markers": dict(law.markers),
        "rules": [_rule(rule) for rule in law.rules],
        "index": pack_index(kb.phrases),
    }
    if own is not None and own.index is not None:
        found["own"] = {"rules": [_rule(rule) for rule in own.law.rules], "index": pack_index(own.index)}
    return found


def _rule(rule: ComplianceRule) -> dict[str, Any]:
    rare: dict[str, Any] = {"waived": rule.waived} if rule.waived else {}
    if rule.origin != BUNDLED:
        rare["origin"] = visible(rule.provenance)
    return rare | {
        "id": rule.id,
        "title": visible(rule.title),
        "severity": rule.severity,
        "bindings": [{"scope": _scope(one.scope), "severity": one.severity} for one in rule.bindings],
        "words": dict(rule.words),
        "patterns": _patterns(rule.patterns),
        "unless": rule.unless,
        "when": _patterns(rule.when),
        "elements": [{"name": one.name, "patterns": _patterns(one.patterns)} for one in rule.elements],
        "instead": visible(rule.instead[0]) if rule.instead else "",
    }


def _patterns(patterns: Iterable[RulePattern]) -> list[dict[str, Any]]:
    return [{"text": one.text, "scope": _scope(one.scope), "always": one.always} for one in patterns]


def _scope(scope: Scope) -> dict[str, Sequence[str]]:
    return {"sectors": scope.sectors, "parties": scope.parties, "roles": scope.roles, "channels": scope.channels}


def safety(kb: KnowledgeBase) -> dict[str, Any]:
    """Return the stops and pauses as the detector reads them, with what may be said and done."""
    words = dict(kb.corpus.safety.words)
    return {
        "words": words,
        "bill": words.get(BILL, ()),
        "safe_slots": sorted(SAFE_SLOTS),
        "matches": detector.MATCHES,
        "levels": {level: name for name, level in LEVELS.items()},
        "stops": [_stop(stop) for stop in kb.corpus.safety.stops],
    }


def signs(kb: KnowledgeBase) -> dict[str, Any]:
    """Return what was learned of stops and pauses that have examples, packed, by id."""
    return {name: pack_index(found) for name, found in kb.signs.items()}


def _stop(stop: Stop) -> dict[str, Any]:
    return {
        "id": stop.id,
        "kind": stop.kind,
        "title": visible(stop.title),
        "when": visible(stop.when),
        "signals": [
            {
                "level": one.level,
                "topic": visible(one.topic),
                "pattern": one.pattern,
                "parties": one.parties,
                "leads": one.leads,
            }
            for one in stop.signals
        ],
        "silence": stop.silence,
        "misheard": stop.misheard,
        "entries": stop.entries,
        "undecided": stop.undecided,
        "matcher": stop.matcher,
        "learned": stop.learned,
        "suspected": stop.suspected,
        "parties": stop.parties,
        "unless": stop.unless,
        "responses": columns(stop.responses),
        "order": dict(stop.order),
        "never": [[visible(one.wrong), visible(one.instead)] for one in stop.never],
        "record": [visible(line) for line in stop.record],
        "hand_over": visible(stop.hand_over),
    }


def entries(kb: KnowledgeBase) -> dict[str, Any]:
    """Return every objection with the number of its responses and the part they travel in, and the neutral lines."""
    part = {entry.id: number for number, listed in enumerate(_parts(kb)) for entry in listed}
    return {
        "entries": [_entry(entry) | {"part": part[entry.id]} for entry in kb],
        "neutral": columns(kb.scripts("neutral")),
    }


def responses(kb: KnowledgeBase) -> list[str]:
    """Return the responses of all objections in order, in parts that are compressed alone: few are asked for in a call."""
    return [zipped(_part(listed)) for listed in _parts(kb)]


def _part(listed: Sequence[Objection]) -> dict[str, list[Any]]:
    together = columns(response for entry in listed for response in entry.responses)
    owners = [entry.id for entry in listed for _ in entry.responses]
    together["id"] = [name.removeprefix(owner) for name, owner in zip(together["id"], owners, strict=True)]
    return together


def _parts(kb: KnowledgeBase) -> list[list[Objection]]:
    """Return the objections in `PARTS` runs with about as many responses."""
    total = sum(len(entry.responses) for entry in kb)
    found: list[list[Objection]] = [[] for _ in range(PARTS)]
    taken = 0
    for entry in kb:
        found[min(PARTS * taken // max(total, 1), PARTS - 1)].append(entry)
        taken += len(entry.responses)
    return [listed for listed in found if listed]


def columns(found: Iterable[Response]) -> dict[str, list[Any]]:
    """Return responses as one list a field, which is a tenth lighter than one object a response.

    `kinds` and `texts` hold the kinds and texts of their parts.
    """
    listed = list(found)
    values = {name: [_value(response, name) for response in listed] for name in RESPONSE_FIELDS}
    kinds = [[part.kind for part in response.parts] for response in listed]
    texts = [[visible(part.text) for part in response.parts] for response in listed]
    return values | {"kinds": kinds, "texts": texts}


def _entry(entry: Objection) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": visible(entry.title),
        "gloss": visible(entry.gloss),
        "group": entry.group,
        "say": visible(entry.say_first),
        "ask": visible(entry.ask_first),
        "never": visible(entry.never_say),
        "threshold": entry.threshold,
        "distinctions": [{"other": one.other, "question": visible(one.question)} for one in entry.distinctions],
        "responses": len(entry.responses),
    }


def _value(response: Response, name: str) -> Any:
    value = getattr(response, name)
    return visible(value) if isinstance(value, str) else value
