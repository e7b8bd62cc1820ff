"""Fold Chinese text to the form that is compared, and cut it into pieces; pure functions of a string.

Folding keeps, for every folded character, where it came from, so that evidence can be shown in the words of
the customer. It is idempotent: folding a folded text changes nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

DIGIT = "0"
"""Every run of digits is read as this one character: the sum or date itself says nothing about the objection."""

_KEPT = frozenset({"Lo", "Ll", "Lu", "Lt", "Lm", "Nd", "Nl", "No", "Mc", "So"})
"""Unicode categories that mean something: letters, numbers and pictures; the rest is dropped."""


class Folder:
    """Folds text with one table of traditional characters."""

    def __init__(self, traditional: Mapping[str, str]) -> None:
        self._table = _FoldTable(traditional)

    def fold(self, text: str) -> str:
        """Return the folded form: width, case, punctuation, digits and traditional characters made equal."""
        folded = text.translate(self._table)
        if "00" in folded:
            folded = _one_digit(folded)
        return folded

    def fold_with_offsets(self, text: str) -> Folded:
        """Fold, keeping for each folded character the code point of `text` it came from."""
        table = self._table
        out: list[str] = []
        starts: list[int] = []
        for offset, char in enumerate(text):
            folded = table[ord(char)]
            if folded == DIGIT and out and out[-1] == DIGIT:
                continue
            for one in folded:
                out.append(one)
                starts.append(offset)
        return Folded("".join(out), tuple(starts), text)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows where its characters came from."""

    text: str
    starts: tuple[int, ...]
    """For each folded character the code point of the original it came from."""
    original: str

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the half-open span of the original behind the folded characters `first` to `last - 1`."""
        end = self.starts[last] if last < len(self.starts) else len(self.original)
        # What folding dropped between two characters (spaces, punctuation) does not belong to the first of them.
        least = self.starts[last - 1] + 1
        while end > least and _is_dropped(self.original[end - 1]):
            end -= 1
        # One character may fold to several (ß): the span is never empty.
        return self.starts[first], max(end, least)


class _FoldTable(dict[int, str]):
    """Code point to folded text, filled as characters are met."""

    def __init__(self, traditional: Mapping[str, str]) -> None:
        super().__init__()
        self._traditional = traditional

    def __missing__(self, code: int) -> str:
        folded = "".join(self._fold_char(one) for one in unicodedata.normalize("NFKC", chr(code)).casefold())
        # A character whose compatibility form holds several digits (½, ⒓) still is one run of digits.
        self[code] = _one_digit(folded) if "00" in folded else folded
        return self[code]

    def _fold_char(self, char: str) -> str:
        if _is_dropped(char):
            return ""
        if char.isdigit():
            return DIGIT
        return self._traditional.get(char, char)


def _is_dropped(char: str) -> bool:
    return unicodedata.category(char) not in _KEPT


def _one_digit(text: str) -> str:
    while "00" in text:
        text = text.replace("00", DIGIT)
    return text
