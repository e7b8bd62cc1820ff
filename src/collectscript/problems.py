"""What is wrong in a corpus file: one problem, its numbered kind, and near names for mistyped ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong at one place; prints as `path:line: CSnnn what is wrong; what to write instead`."""

    path: str
    """Path relative to the corpus folder, with forward slashes."""
    line: int
    """Line number, from 1; 1 when the problem is the file as a whole."""
    code: str
    """Rule code, `CS` and three digits; `lint.RULES` explains each."""
    message: str
    """What is wrong and, after a semicolon, what to write instead."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code} {self.message}"


def near(word: str, known: Iterable[str], limit: int = 3) -> str:
    """Return `known` names close to `word` as a phrase for an error message.

    Returns `"; nearest: a, b"` with at most `limit` names, or an empty string when nothing is close.
    """
    # Imported here because reading a healthy corpus never needs it.
    from rapidfuzz import fuzz, process

    found = process.extract(word, sorted(known), scorer=fuzz.ratio, limit=limit, score_cutoff=34)
    names = ", ".join(name for name, _, _ in found)
    return f"; nearest: {names}" if names else ""
