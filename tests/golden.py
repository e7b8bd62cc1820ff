"""The golden file: what the library answers over a small frozen corpus, checked in Python and in the browser.

`python tests/golden.py` writes it anew; the diff shows every answer that changed and is to be reviewed. After a change in
what is learned, delete `index.json` or `learned.json` first: what is missing is frozen again. The corpus, its
rules and stops, and everything learned of them are frozen beside it, so that neither an edit of the shipped corpus nor
another processor changes it.
"""

from __future__ import annotations

import base64
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import collectscript as cs
from collectscript.corpus import find_data
from collectscript.index import Index, packed, unpacked

FOLDER = Path(__file__).parent / "cases" / "golden"
GOLDEN = FOLDER / "golden.jsonl"
INDEX = FOLDER / "index.json"
LEARNED = FOLDER / "learned.json"
"""The index of forbidden phrases and those of the stops that have examples."""
ROWS = 600
HEARD_ROWS = 250
"""Rows about what is heard in the safety files and forbidden in the rules of the frozen corpus."""
LIMIT = 4
BY_MATCH = "很像"
"""Begins the reason of a stop that the matcher alone has heard; it quotes an utterance, which the page does not hold."""

FACTS: tuple[dict[str, str], ...] = (
    {},
    {"amount": "1280.50", "due_date": "2026-11-10", "company": "示例消费金融", "agent": "零六"},
    {"amount": "300", "customer_name": "王女士", "deadline": "2026-12-01", "period": "2026年10月"},
    {"customer_name": "{amount}<b>", "official_channel": "官方应用", "product": "月租车位", "amount": "12,000,000.00"},
    {
        "promise_date": "2026-02-28",
        "promised_amount": "0.50",
        "fee_lines": "物业费，每平方米2元，200\n水费 100",
        "amount": "300",
    },
    {"plan": "2026-12-10 500\n2027-01-10 780.5", "balance": "1280.50", "callback_number": "95xxx"},
)
SHARED: dict[str, tuple[Any, ...]] = {
    "party": (None, "debtor", "third-party", "company", "guarantor", "representative"),
    "sector": (
        None, "consumer-credit", "utility", "telecom", "property", "parking", "membership", "trade", "logistics",
        "medical", "heating", "tuition", "rent", "insurance",
    ),
    "days_overdue": (None, -3, 0, 1, 6, 7, 10, 11, 30, 31, 90, 91, 400),
    "call_number": (None, 1, 2, 3, 5),
    "promises_broken": (None, 0, 1, 2, 3, 4),
    "temperament": (None, "lively", "forceful", "precise", "easygoing"),
    "psychology": (None, "cost-minded", "quality-minded", "compliant", "rebellious", "self-deciding", "other-deciding"),
    "attitude": (None, "loyal", "hesitant", "demanding", "impulsive", "rational", "emotional"),
    "situation": (None, "cash-strapped", "business-owner", "left-job", "out-of-contact"),
    "pattern": (None, "victim", "stubborn", "seasoned", "promiser"),
    "identity_verified": (None, True, False),
    "channel": (None, "phone", "sms", "wechat", "email", "letter", "fax", "visit", "app", "voicebot"),
}  # fmt: skip
"""Every field of a context with values to draw from; unknown is drawn most often."""
HOMOPHONES = dict(zip("就在的那转过没还钱交", "旧再得哪赚锅梅换前叫", strict=True))
FILLERS = ("喂，", "那个", "嗯嗯", "就是说", "哎呀", "我跟你讲啊，")
TRADITIONAL = dict(zip("还钱个发没点过这说电话给转", "還錢個發沒點過這說電話給轉", strict=True))


def copy_frozen(folder: Path) -> None:
    """Copy the frozen corpus to a new folder; its word lists are the shipped ones, which only fold and sound texts."""
    shutil.copytree(FOLDER / "corpus", folder)
    shutil.copytree(find_data() / "wording", folder / "wording")


def frozen_kb(folder: Path) -> cs.KnowledgeBase:
    """Return the knowledge base of the frozen corpus with the frozen index; `folder` is a new folder to work in."""
    copy_frozen(folder)
    kb = cs.load(folder)
    frozen = kb._compiled.__dict__
    if INDEX.is_file():
        header = json.loads(INDEX.read_text(encoding="utf-8"))
        frozen["index"] = Index.from_parts(header, base64.b64decode(header["rows"]))
    if LEARNED.is_file():
        learned = json.loads(LEARNED.read_text(encoding="utf-8"))
        indexes = {name: unpacked(one, kb.index) for name, one in learned.items()}
        frozen |= {"phrases": indexes.pop("phrases"), "signs": indexes}
    return kb


def heard_sentences(kb: cs.KnowledgeBase) -> list[str]:
    """Return what the rules and stops of the frozen corpus say is theirs, and what they say is not."""
    found = [phrase.text for rule in kb.corpus.law.rules for phrase in (*rule.flag[:8], *rule.lawful[:4])]
    for stop in kb.stops.values():
        found += [text for one in stop.examples for text in one.texts[:25]]
        found += [signal.pattern.split("/")[0].split(" ")[0].strip("^{}") for signal in stop.signals]
        found += stop.misheard
    return found


def sentences() -> list[str]:
    """Return the sentences that the golden file is made of."""
    lines = (FOLDER / "sentences.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def inputs(kb: cs.KnowledgeBase) -> list[dict[str, Any]]:
    """Return every input: see `said_inputs` and `heard_inputs`."""
    return said_inputs() + heard_inputs(kb)


def heard_inputs(kb: cs.KnowledgeBase) -> list[dict[str, Any]]:
    """Return texts that rules and stops are about, plain, noisy and joined, each with a context and a role."""
    draw = random.Random(20261123)
    base = heard_sentences(kb)
    texts = draw.sample(base, HEARD_ROWS // 2)
    while len(texts) < HEARD_ROWS:
        long = draw.choice("，。\n").join(draw.sample(base, draw.randint(3, 12)))
        texts.append(draw.choice((noisy(draw.choice(base), base, draw), noisy(draw.choice(base), base, draw), long)))
    roles = (None, "creditor", "agency", "lawyer")
    return [row_of(text, draw) | {"role": draw.choice(roles)} for text in texts]


def said_inputs() -> list[dict[str, Any]]:
    """Return texts over all kinds of noise, each with a context, facts and now and then a threshold."""
    draw = random.Random(20261122)
    base = sentences()
    texts = [*base, "", " ", "\n", "没钱" * 400, "\u202e我忘了", "我\x00忘\x1b[31m了", "我忘了\ud800", "a\u0301ﬁ½㎏①㋀"]
    while len(texts) < ROWS:
        texts.append(noisy(draw.choice(base), base, draw))
    return [row_of(text, draw) for text in texts]


def noisy(text: str, base: list[str], draw: random.Random) -> str:
    """Return a sentence with one kind of noise."""
    at = draw.randrange(len(text) + 1)
    kinds = (
        lambda: "".join(char for char in text if char not in "，。？！、"),
        lambda: "".join(HOMOPHONES.get(char, char) if draw.random() < 0.6 else char for char in text),
        lambda: "".join(TRADITIONAL.get(char, char) for char in text),
        lambda: text[:at] + text[at + 1 :],
        lambda: text[:at] + draw.choice("的了吧呢一不") + text[at:],
        lambda: text[:at] + text[at:][1:2] + text[at : at + 1] + text[at + 2 :],
        lambda: draw.choice(FILLERS) + text + draw.choice(("", "。", "！！！", "？", "😂", " lol", "…")),
        lambda: text + draw.choice(("，", "", " ", "\n", "；")) + draw.choice(base),
        lambda: text + "，" + draw.choice(base) + "，" + draw.choice(base),
        lambda: " ".join(text),
        lambda: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text) + "１２３",
        lambda: text[: max(1, len(text) // 2)],
        lambda: text * 3,
    )
    return draw.choice(kinds)()


def row_of(text: str, draw: random.Random) -> dict[str, Any]:
    """Return a text as a row with a context, facts and now and then a threshold."""
    context = {name: value for name, values in SHARED.items() if (value := _value(values, draw)) is not None}
    if draw.random() < 0.3:
        context["used"] = draw.sample(["empathy", "listening", "praising", "forgot/now", "guiding"], draw.randint(1, 2))
    row: dict[str, Any] = {"text": text, "context": context, "facts": draw.choice(FACTS)}
    if draw.random() < 0.15:
        row["threshold"] = draw.choice((0.0, 0.3, 0.9, 1.0))
    return row


def _value(values: tuple[Any, ...], draw: random.Random) -> Any:
    return draw.choice(values) if draw.random() < 0.45 else None


def answer(kb: cs.KnowledgeBase, row: dict[str, Any]) -> dict[str, Any]:
    """Return what the library answers to one input, as JSON values."""
    context = cs.Context(**row["context"])
    found = kb.respond(row["text"], context, facts(row["facts"]), limit=LIMIT, threshold=row.get("threshold"))
    return {
        "matched": found.match.matched,
        "threshold": found.match.threshold,
        "ask": found.match.ask,
        "matches": [
            {
                "id": one.objection.id,
                "confidence": one.confidence,
                "accepted": one.accepted,
                "priority": one.priority,
                "evidence": [[e.text, e.start, e.end, e.weight, e.kind] for e in one.evidence],
            }
            for one in found.match.matches
        ],
        "responses": [
            {
                "id": one.response.id,
                "score": one.score,
                "reasons": list(one.reasons),
                "missing": list(one.missing),
                **({"text": one.text} if place == 0 else {}),
            }
            for place, one in enumerate(found.responses)
        ],
        "stops": [[one.kind, one.id, one.level, None if one.why.startswith(BY_MATCH) else one.why] for one in found.stops],
        "findings": [
            [one.rule.id, one.severity, one.start, one.end, one.advice, one.fired, round(one.confidence, 6)]
            for one in kb.check(row["text"], **call(row))
        ],
    }  # fmt: skip


def call(row: dict[str, Any]) -> dict[str, Any]:
    """Return to whom, about what, by whom and how the text of a row is said."""
    context = row["context"]
    return {name: context.get(name) for name in ("sector", "party", "channel")} | {"role": row.get("role")}


def facts(values: dict[str, str]) -> cs.Facts:
    """Return facts from values as they are typed into the page."""
    read: dict[str, Any] = dict(values)
    if "fee_lines" in read:
        cells = [line.replace(" ", "，").split("，") for line in read["fee_lines"].split("\n")]
        read["fee_lines"] = [(cell[0], " ".join(cell[1:-1]), cell[-1]) for cell in cells]
    if "plan" in read:
        read["plan"] = [tuple(line.split(" ")) for line in read["plan"].split("\n")]
    return cs.Facts(**read)


def rows() -> list[dict[str, Any]]:
    """Return the golden file."""
    return [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def _line(row: dict[str, Any]) -> str:
    text = json.dumps(row, ensure_ascii=False)
    # A lone surrogate cannot be written as UTF-8; a line separator would end the line for some readers.
    return text if text.isprintable() else json.dumps(row)


def write() -> None:
    """Freeze what is not frozen, and write the golden file."""
    with tempfile.TemporaryDirectory() as made:
        kb = frozen_kb(Path(made) / "corpus")
        if not INDEX.is_file():
            INDEX.write_text(kb.index.to_json() + "\n", encoding="utf-8")
        if not LEARNED.is_file():
            learned = {name: packed(one) for name, one in {"phrases": kb.phrases, **kb.signs}.items()}
            LEARNED.write_text(json.dumps(learned, ensure_ascii=False) + "\n", encoding="utf-8")
        lines = [_line(row | {"expected": answer(kb, row)}) for row in inputs(kb)]
    GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} rows in {GOLDEN}", file=sys.stderr)


if __name__ == "__main__":
    write()
