"""The page answers as the library does: the golden file and the shipped corpus, in a real browser."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import golden
import overlays
import pytest
from browsing import file_url

import collectscript as cs
from collectscript.site import build_site
from collectscript.site.squeeze import squeezed

ANSWER = """(rows) => rows.map((row) => {
  const { texts, errors } = CS.readSlots(row.facts, CS.data.tables.slot_types);
  if (Object.keys(errors).length) throw new Error(JSON.stringify(errors));
  const threshold = row.threshold === undefined ? null : row.threshold;
  const { match, responses, fired } = CS.library.respond(row.text, row.context, texts, %d, threshold);
  return {
    matched: match.matched, threshold: match.threshold, ask: match.ask,
    matches: match.matches.map((one) => ({
      id: one.entry.id, confidence: one.confidence, accepted: one.accepted, priority: one.priority,
      evidence: one.evidence.map((e) => [e.text, e.start, e.end, e.weight, e.kind]),
    })),
    responses: responses.map((one, place) => ({
      id: one.response.id, score: one.score, reasons: one.reasons, missing: one.missing,
      ...(place === 0 ? { text: one.text } : {}),
    })),
    stops: fired.map((one) => [one.stop.kind, one.stop.id, one.level, one.why.startsWith("%s") ? null : one.why]),
  };
})"""
CHECK = """([rows, calls]) => rows.map((row, place) => CS.library.check(row.text, calls[place]).map((one) =>
  [one.rule, one.severity, one.start, one.end, one.advice, one.fired, one.confidence]))"""


def asked(site: Path, visit: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the pages of a site answer to rows: the look-up page, and the page that checks."""
    bare = [{**row, "expected": None} for row in rows]
    page = visit.open(file_url(site, "index.html"))
    found: list[dict[str, Any]] = page.evaluate(ANSWER % (golden.LIMIT, golden.BY_MATCH), bare)
    page = visit.open(file_url(site, "check.html"))
    findings = page.evaluate(CHECK, [bare, [golden.call(row) for row in rows]])
    return [one | {"findings": checked} for one, checked in zip(found, findings, strict=True)]


def compare(found: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    for mine, row in zip(found, rows, strict=True):
        expected = row["expected"]
        confidences = [one.pop("confidence") for one in mine["matches"]]
        wanted = [one.pop("confidence") for one in expected["matches"]]
        assert confidences == pytest.approx(wanted, abs=1e-6), row["text"]
        sure = [one.pop() for one in mine["findings"]]
        assert sure == pytest.approx([one.pop() for one in expected["findings"]], abs=1e-6), row["text"]
        assert mine == expected, row["text"]


def sendable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out lone surrogates, which the channel to the browser cannot carry."""
    return [row for row in rows if row["text"].isascii() or not any("\ud800" <= c <= "\udfff" for c in row["text"])]


def test_golden_file_in_the_browser(golden_site: Path, visit: Any) -> None:
    rows = sendable(golden.rows())
    assert len(rows) >= 800
    compare(asked(golden_site, visit, rows), rows)


def test_shipped_corpus_in_the_browser(kb: cs.KnowledgeBase, site: Path, visit: Any) -> None:
    """Over what the golden file asks, and over check phrases, what rules and stops say, and what may be said."""
    draw = random.Random(20261124)
    base = golden.heard_sentences(kb)
    base += [response.template for entry in kb for response in entry.responses[:2]]
    rows = sendable(golden.said_inputs())[::3]
    rows += sendable([golden.row_of(golden.noisy(text, base, draw), draw) for text in draw.sample(base, 150)])
    rows += [golden.row_of(text, draw) for text in draw.sample(base, 250)]
    for row in rows:
        row["expected"] = golden.answer(kb, row)
    assert len(rows) >= 500
    compare(asked(site, visit, rows), rows)


def test_reasons_are_those_of_the_library(kb: cs.KnowledgeBase, site: Path, visit: Any) -> None:
    """Why a match counts or not, and why the first and not the second."""
    draw = random.Random(20261125)
    base = golden.heard_sentences(kb)
    texts = [golden.noisy(text, base, draw) for text in draw.sample(base, 100)] + draw.sample(base, 100)
    texts = [text for text in texts if not any("\ud800" <= char <= "\udfff" for char in text)]
    page = visit.open(file_url(site, "index.html"))
    found = page.evaluate(
        """(texts) => texts.map((text) => CS.library.match(text, 3, null)).map(({ matches, versus }) => [
          matches.map((one) => one.reason), versus.map((one) => [one.text, one.start, one.end, one.weight, one.kind]),
        ])""",
        texts,
    )
    for text, mine in zip(texts, found, strict=True):
        result = kb.match(text, limit=3)
        versus = [[one.text, one.start, one.end, one.weight, one.kind] for one in result.versus]
        assert mine == [[one.reason for one in result.matches], versus], text
    assert len({reason for reasons, _ in found for reason in reasons}) > 3


def test_lone_surrogates_are_dropped_as_in_the_library(golden_site: Path, visit: Any) -> None:
    page = visit.open(file_url(golden_site, "index.html"))
    same = page.evaluate(
        """() => JSON.stringify(CS.library.match("我忘了\\ud800", 3, null).matches.map((one) => [one.entry.id, one.confidence]))
          === JSON.stringify(CS.library.match("我忘了", 3, null).matches.map((one) => [one.entry.id, one.confidence]))"""
    )
    assert same


def test_squeezed_texts_are_read(site: Path, visit: Any) -> None:
    texts = {
        "empty": "",
        "one": "x",
        "run": "一" * 70_000,
        "runs": "aaaa" * 3 + "b" * 259 + "啊啊啊啊",
        "two blocks": "".join(chr(0x4E00 + n * n % 20_000) for n in range(500_000)),
        "astral": "𠀀😂\n\t",
    }
    page = visit.open(file_url(site, "index.html"))
    found = page.evaluate("(packed) => packed.map(CS.unzip)", [squeezed(text) for text in texts.values()])
    assert [name for name, read in zip(texts, found, strict=True) if read != texts[name]] == []


def test_overlay_rules_in_the_browser(tmp_path: Path, visit: Any) -> None:
    """A new rule, one that is extended and one that is made milder are found as in Python."""
    golden.copy_frozen(tmp_path / "corpus")
    words = "## 识别\n\n### 句式\n\n- 拉黑/拉进 … 名单\n\n## 要指出\n\n- 你这号人我们都记在小本子上\n"
    milder = "## 约束谁\n\n- 短信：提醒\n\n## 识别\n\n### 不算\n\n- 系统自动\n"
    files = {
        "compliance/acme.points.md": overlays.RULE,
        "compliance/sources.tsv": overlays.SOURCES,
        "compliance/acme.insult.md": overlays.extended_rule("insult", tmp_path / "corpus", "insult-abuse", "", words),
        "compliance/acme.urgent.md": overlays.extended_rule(
            "urgent", tmp_path / "corpus", "false-urgency", "loosens: 有约定", milder
        ),
    }
    kb = cs.load(tmp_path / "corpus", overlays=[overlays.write(tmp_path / "acme", files)])
    build_site(kb, tmp_path / "site", law_date="2026-11-22")
    draw = random.Random(20261126)
    own = [*overlays.PHRASES, *overlays.LAWFUL, "把你拉进黑名单", "你这种人我们都记在小本子上了"]
    ours = [phrase.text for rule in kb.rules.values() for phrase in (*rule.flag[:30], *rule.lawful[:10])]
    urgent = [f"{phrase.text}，系统自动发的" for phrase in kb.rules["false-urgency"].flag]
    rows = [golden.row_of(text, draw) for text in (*own, *ours, *urgent)]
    rows += [golden.row_of(golden.noisy(text, [*own, *ours], draw), draw) for text in (*own * 4, *ours[::3])]
    rows = sendable(rows)
    page = visit.open(file_url(tmp_path / "site", "check.html"))
    found = page.evaluate(CHECK, [[{"text": row["text"]} for row in rows], [golden.call(row) for row in rows]])
    fired: set[str] = set()
    for mine, row in zip(found, rows, strict=True):
        expected = [
            [
                one.rule.id,
                one.severity,
                one.start,
                one.end,
                one.advice,
                one.fired,
                pytest.approx(one.confidence, abs=1e-6),
            ]
            for one in kb.check(row["text"], **golden.call(row))
        ]
        assert mine == expected, row["text"]
        fired |= {one[0] for one in mine}
    assert {"acme.points", "insult-abuse", "false-urgency"} <= fired
