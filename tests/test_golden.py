"""The golden file in Python: the library still answers what it answered when the file was reviewed."""

from __future__ import annotations

from pathlib import Path

import golden
import pytest

import collectscript as cs


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> cs.KnowledgeBase:
    return golden.frozen_kb(tmp_path_factory.mktemp("golden") / "corpus")


def test_file_holds_the_inputs() -> None:
    kept = [{name: value for name, value in row.items() if name != "expected"} for row in golden.rows()]
    assert kept == golden.inputs(), "run `python tests/golden.py` and review the diff"
    assert len(kept) >= 500


def test_inputs_use_every_context_field() -> None:
    used = {name for row in golden.inputs() for name in row["context"]}
    assert used == set(cs.Context.model_fields)


def test_library_answers_as_written(frozen: cs.KnowledgeBase) -> None:
    for row in golden.rows():
        found, expected = golden.answer(frozen, row), row["expected"]
        confidences = [one.pop("confidence") for one in found["matches"]]
        wanted = [one.pop("confidence") for one in expected["matches"]]
        assert confidences == pytest.approx(wanted, abs=1e-6), row["text"]
        assert found == expected, row["text"]


def test_file_lies_where_the_browser_tests_look() -> None:
    assert golden.GOLDEN == Path(__file__).parent / "cases" / "golden" / "golden.jsonl"
