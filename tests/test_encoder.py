"""Sentence vectors: any model can fill the protocol; its opinion is added, kept, and never changes the contract."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import collectscript as cs

SIZE = 64


class Characters:
    """A small encoder for tests: counts of hashed characters."""

    name = "characters-1"

    def __init__(self) -> None:
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one row of counts for each text."""
        self.encoded += len(texts)
        rows = np.zeros((len(texts), SIZE), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for char in text:
                row[zlib.crc32(char.encode("utf-8", "replace")) % SIZE] += 1
        return rows


def test_an_encoder_takes_part_in_matching(tiny: Path) -> None:
    """With an encoder the answers keep their form, and its opinion changes the confidence."""
    plain, helped = cs.load(tiny), cs.load(tiny, encoder=Characters())
    text = "那天忘了没还上"

    assert isinstance(Characters(), cs.Encoder)
    assert "forgot" == helped.match(text).matches[0].objection.id
    assert plain.match(text).matches[0].confidence != helped.match(text).matches[0].confidence
    assert 1.0 == helped.match("我忘记还了").matches[0].confidence
    assert helped.match(text) == helped.match(text)
    assert not helped.match("\ud800").matches


def test_what_was_learned_is_kept(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The regression is learned once for a corpus and an encoder, then read from the cache."""
    monkeypatch.setenv("COLLECTSCRIPT_CACHE", str(tmp_path / "cache"))
    first, second = Characters(), Characters()

    one = cs.load(tiny, encoder=first).match("忘了呀")
    two = cs.load(tiny, encoder=second).match("忘了呀")

    assert one == two
    assert first.encoded > 50
    assert 1 == second.encoded


def test_a_wrong_encoder_is_named(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder that does not return one finite row a text is an InvalidValue that names it."""
    monkeypatch.setenv("COLLECTSCRIPT_CACHE", str(tmp_path / "cache"))

    class Broken(Characters):
        name = "broken"

        def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            return np.full((len(texts), 3), np.nan, np.float32)

    with pytest.raises(cs.InvalidValue, match="broken"):
        cs.load(tiny, encoder=Broken()).match("我忘了")
