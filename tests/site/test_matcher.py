"""The page answers as the library does: the golden file and the shipped corpus, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import golden
import pytest
from browsing import file_url

import collectscript as cs
from collectscript.checking import Checker

ANSWER = """(rows) => rows.map((row) => {
  const { texts, errors } = CS.readSlots(row.facts, CS.data.tables.slot_types);
  if (Object.keys(errors).length) throw new Error(JSON.stringify(errors));
  const threshold = row.threshold === undefined ? null : row.threshold;
  const { match, responses } = CS.library.respond(row.text, row.context, texts, %d, threshold);
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
  };
})"""


def compare(found: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    for mine, row in zip(found, rows, strict=True):
        expected = row["expected"]
        confidences = [one.pop("confidence") for one in mine["matches"]]
        wanted = [one.pop("confidence") for one in expected["matches"]]
        assert confidences == pytest.approx(wanted, abs=1e-6), row["text"]
        assert mine == expected, row["text"]


def sendable(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out lone surrogates, which the channel to the browser cannot carry."""
    return [row for row in rows if row["text"].isascii() or not any("\ud800" <= c <= "\udfff" for c in row["text"])]


def test_golden_file_in_the_browser(golden_site: Path, visit: Any) -> None:
    page = visit.open(file_url(golden_site, "index.html"))
    rows = sendable(golden.rows())
    assert len(rows) >= 500
    compare(page.evaluate(ANSWER % golden.LIMIT, [{**row, "expected": None} for row in rows]), rows)


def test_shipped_corpus_in_the_browser(kb: cs.KnowledgeBase, site: Path, visit: Any) -> None:
    page = visit.open(file_url(site, "index.html"))
    rows = sendable([{**row, "text": row["text"]} for row in golden.inputs()])
    for row in rows:
        row["expected"] = golden.answer(kb, row)
    compare(page.evaluate(ANSWER % golden.LIMIT, [{**row, "expected": None} for row in rows]), rows)


def test_lone_surrogates_are_dropped_as_in_the_library(golden_site: Path, visit: Any) -> None:
    page = visit.open(file_url(golden_site, "index.html"))
    same = page.evaluate(
        """() => JSON.stringify(CS.library.match("我忘了\\ud800", 3, null).matches.map((one) => [one.entry.id, one.confidence]))
          === JSON.stringify(CS.library.match("我忘了", 3, null).matches.map((one) => [one.entry.id, one.confidence]))"""
    )
    assert same


def test_shipped_rules_and_stops_in_the_browser(kb: cs.KnowledgeBase, site: Path, visit: Any) -> None:
    """The compliance check and the stops: on what their own files say, and on what may be said."""
    checker = Checker(kb.corpus.law, kb.tables, kb.phrases)
    texts = [phrase.text for rule in kb.corpus.law.rules for phrase in (*rule.flag, *rule.lawful)]
    texts += [text for stop in kb.stops.values() for one in stop.examples for text in one.texts]
    texts += [response.template for entry in list(kb)[::7] for response in entry.responses]
    call = {"party": "debtor", "sector": "property"}
    wanted = [
        [(one.rule.id, one.severity, one.start, one.end) for one in checker.check(text, **call)] for text in texts
    ]
    page = visit.open(file_url(site, "check.html"))
    ask = "([texts, call]) => texts.map((text) => (CS.library.check(text, call) || []).map((one) => [one.rule, one.severity, one.start, one.end]))"
    found = page.evaluate(ask, [texts, call])
    assert [[tuple(one) for one in findings] for findings in found] == wanted
    answers = [kb.respond(text, cs.Context(party="debtor"), limit=3) for text in texts]
    page = visit.open(file_url(site, "index.html"))
    ask = """(texts) => texts.map((text) => {
      const { fired, responses } = CS.library.respond(text, { party: "debtor", used: [] }, {}, 3);
      return [fired.map((one) => one.stop.id), responses.map((one) => one.response.id)];
    })"""
    found = page.evaluate(ask, texts)
    assert found == [[[one.id for one in a.stops], [one.response.id for one in a.responses]] for a in answers]
