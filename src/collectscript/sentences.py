"""Cut a text into the sentences that are checked, each of bounded length, knowing where it stood in the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from collectscript.patterns import BREAK, Span
from collectscript.text import Folder

LONGEST = 120
"""A sentence longer than this (in characters) is cut at a clause, and a clause longer than this in overlapping pieces:
what is done with a sentence may then cost more than its length, and a document still only in proportion to its own."""
OVERLAP = 30
"""Characters that two pieces of one clause share, so that nothing is lost where they meet."""

_SENTENCE = re.compile(r"[^。！？!?；;\n\r\t\v\f\x85\u2028\u2029]+")
_CLAUSE = re.compile(r"[^，,（）()—…|]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, folded, its clauses joined by `patterns.BREAK`."""

    text: str
    clauses: tuple[Span, ...]
    """Where the clauses stand in the original."""
    offsets: tuple[int, ...]
    """Where the clauses begin in `text`."""

    def span(self, first: int, last: int, original: str, folder: Folder) -> Span:
        """Return the half-open span of `original` behind the folded characters `first` to `last - 1`."""
        start, _ = self._place(first, original, folder)
        _, end = self._place(last - 1, original, folder)
        return start, end

    def _place(self, at: int, original: str, folder: Folder) -> Span:
        number = bisect_right(self.offsets, at) - 1
        begin, end = self.clauses[number]
        folded = folder.fold_with_offsets(original[begin:end])
        local = min(at - self.offsets[number], len(folded.text) - 1)
        start, stop = folded.span(local, local + 1)
        return begin + start, begin + stop


def join(first: Sentence, second: Sentence) -> Sentence:
    """Return two sentences that follow each other as one."""
    shift = len(first.text) + len(BREAK)
    return Sentence(
        first.text + BREAK + second.text,
        first.clauses + second.clauses,
        first.offsets + tuple(shift + offset for offset in second.offsets),
    )


def sentences(text: str, folder: Folder) -> Iterator[Sentence]:
    """Yield the sentences of a text that hold anything after folding, none longer than about `LONGEST`."""
    for found in _SENTENCE.finditer(text):
        spans: list[Span] = []
        folded: list[str] = []
        size = 0
        for begin, end in _clauses(found[0], found.start()):
            clause = folder.fold(text[begin:end])
            if not clause:
                continue
            if spans and size + len(clause) > LONGEST:
                yield _sentence(spans, folded)
                spans, folded, size = [], [], 0
            spans.append((begin, end))
            folded.append(clause)
            size += len(clause)
        if spans:
            yield _sentence(spans, folded)


def opening(text: str, folder: Folder, length: int) -> Sentence | None:
    """Return the first `length` characters of a text as one sentence; None when nothing of them is left."""
    spans: list[Span] = []
    folded: list[str] = []
    for found in _SENTENCE.finditer(text, 0, length):
        for begin, end in _clauses(found[0], found.start()):
            clause = folder.fold(text[begin:end])
            if clause:
                spans.append((begin, end))
                folded.append(clause)
    return _sentence(spans, folded) if spans else None


def _clauses(sentence: str, start: int) -> Iterator[Span]:
    for clause in _CLAUSE.finditer(sentence):
        begin, end = start + clause.start(), start + clause.end()
        while end - begin > LONGEST:
            yield begin, begin + LONGEST
            begin += LONGEST - OVERLAP
        yield begin, end


def _sentence(spans: list[Span], folded: list[str]) -> Sentence:
    offsets: list[int] = []
    at = 0
    for clause in folded:
        offsets.append(at)
        at += len(clause) + len(BREAK)
    return Sentence(BREAK.join(folded), tuple(spans), tuple(offsets))
