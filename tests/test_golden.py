"""The golden file in Python: the library still answers what it answered when the file was reviewed."""

from __future__ import annotations

from pathlib import Path

import golden
import pytest

import collectscript as cs


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> cs.KnowledgeBase:
    return golden.frozen_kb(tmp_path_factory.mktemp("golden") / "corpus")


def test_file_holds_the_inputs(frozen: cs.KnowledgeBase) -> None:
    kept = [{name: value for name, value in row.items() if name != "expected"} for row in golden.rows()]
    assert kept == golden.inputs(frozen), "run `python tests/golden.py` and review the diff"
    assert len(kept) >= 500


def test_inputs_use_every_context_field() -> None:
    used = {name for row in golden.said_inputs() for name in row["context"]}
    assert used == set(cs.Context.model_fields)


def test_library_answers_as_written(frozen: cs.KnowledgeBase) -> None:
    for row in golden.rows():
        found, expected = golden.answer(frozen, row), row["expected"]
        confidences = [one.pop("confidence") for one in found["matches"]]
        wanted = [one.pop("confidence") for one in expected["matches"]]
        assert confidences == pytest.approx(wanted, abs=1e-6), row["text"]
        sure = [one.pop() for one in found["findings"]]
        assert sure == pytest.approx([one.pop() for one in expected["findings"]], abs=1e-6), row["text"]
        assert found == expected, row["text"]


def test_rows_hold_stops_pauses_and_findings_of_every_kind() -> None:
    expected = [row["expected"] for row in golden.rows()]
    assert {one[0] for answer in expected for one in answer["stops"]} == {"stop", "pause"}
    assert {one[5] for answer in expected for one in answer["findings"]} == {"pattern", "similar"}
    reasons = "".join(one[3] or "" for answer in expected for one in answer["stops"])
    assert all(words in reasons for words in ("听到", "音近", "像是这个意思", "核实"))
    assert sum(bool(answer["stops"]) for answer in expected) >= 100
    assert sum(len(answer["findings"]) for answer in expected) >= 100


def test_file_lies_where_the_browser_tests_look() -> None:
    assert golden.GOLDEN == Path(__file__).parent / "cases" / "golden" / "golden.jsonl"
