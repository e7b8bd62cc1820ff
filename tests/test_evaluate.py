"""Measuring: the numbers are what their names say, and wrong files are named by line."""

from __future__ import annotations

from pathlib import Path

import pytest

import collectscript as cs
from collectscript.evaluate import evaluate, read_rows, rejection_curve, reliability_svg, write_failures
from collectscript.match import Match, MatchResult


def write(folder: Path, text: str) -> Path:
    """Write a labelled file."""
    path = folder / "rows.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def answer(kb: cs.KnowledgeBase, text: str, entry_id: str, confidence: float) -> MatchResult:
    """Return a made-up result."""
    match = Match(kb[entry_id], confidence, "", (), confidence >= 0.5, 1, "")
    return MatchResult(text, confidence >= 0.5, 0.5, (match,), None, ())


def test_numbers_of_a_small_file(tiny_kb: cs.KnowledgeBase, tmp_path: Path) -> None:
    """Accuracy, rejection, confusions and calibration of five answers worked out by hand."""
    rows = read_rows(
        write(
            tmp_path,
            "utterance\tid\talso\tkind\n甲\tforgot\t\ta\n乙\tforgot\talready-paid\ta\n丙\tforgot\t\tb\n丁\tnone\t\tb\n戊\tnone\t\tb\n",
        ),
        ["forgot", "already-paid", "no-money-later"],
    )
    given = {
        "甲": ("forgot", 0.9),
        "乙": ("already-paid", 0.8),
        "丙": ("no-money-later", 0.3),
        "丁": ("forgot", 0.6),
        "戊": ("forgot", 0.1),
    }

    report = evaluate(rows, lambda text: answer(tiny_kb, text, *given[text]))

    assert report.top1 == pytest.approx(2 / 3)
    assert report.accepted_in == pytest.approx(2 / 3)
    assert report.accepted_out == pytest.approx(1 / 2)
    assert report.auroc == pytest.approx(5 / 6)
    assert report.calibration_error == pytest.approx((0.1 + 0.2 + 0.3 + 0.6 + 0.1) / 5)
    assert (("kind", "a", 2, 1.0), ("kind", "b", 1, 0.0)) == report.groups
    assert (("forgot", "no-money-later", 1),) == report.confusions
    assert ["丙", "丁"] == [row.text for row, _ in report.failures]
    assert (0.5, pytest.approx(2 / 3), 0.5) == rejection_curve(report)[50]
    assert 5 == reliability_svg(report).count("<circle")


def test_failures_are_written_masked(tiny_kb: cs.KnowledgeBase, tmp_path: Path) -> None:
    """Failing rows are written one a line, through the mask."""
    rows = read_rows(write(tmp_path, "utterance\tid\n丙 13800000000\tforgot\n"), ["forgot"])
    report = evaluate(rows, lambda text: answer(tiny_kb, text, "already-paid", 0.7))

    write_failures(report, tmp_path / "failing.tsv", lambda text: text.replace("13800000000", "＊"))

    lines = (tmp_path / "failing.tsv").read_text(encoding="utf-8").splitlines()
    assert "2\t丙 ＊\tforgot\talready-paid\t0.700" == lines[1]


def test_file_without_ids_is_out_of_scope(tmp_path: Path) -> None:
    """A file that has no id column holds talk that is none of the entries."""
    rows = read_rows(write(tmp_path, "utterance\tkind\n今天风好大\tfar\n"), ["forgot"])

    assert frozenset() == rows[0].wanted


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("text\tid\n甲\tforgot\n", "utterance"),
        ("utterance\tid\n甲\tforget\n", "rows.tsv:2"),
        ("", "utterance"),
    ],
)
def test_wrong_files_are_named(tmp_path: Path, content: str, words: str) -> None:
    """A missing column or unknown id is an error with path and line."""
    with pytest.raises(cs.InvalidValue, match=words):
        read_rows(write(tmp_path, content), ["forgot"])


def test_file_that_is_not_utf8(tmp_path: Path) -> None:
    """A file in another encoding is named, with the byte."""
    path = tmp_path / "gbk.tsv"
    path.write_bytes("utterance\tid\n我忘了\tforgot\n".encode("gbk"))

    with pytest.raises(cs.InvalidValue, match="not UTF-8"):
        read_rows(path, ["forgot"])
