"""Take a file of scripts apart into the pieces that are checked: Markdown, tab-separated, or plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

MARKDOWN = frozenset({".md", ".markdown"})
TABLES = frozenset({".tsv", ".tab"})
NOT_SAID = re.compile(
    r"不能说|不要说|不可说|不许说|别说|禁用|禁语|禁说|反例|反面|错误示范|客户会说|客户说|客户的话|试题|要指出"
)
"""Markdown sections under such a heading hold what customers say, or what must not be said: they are not checked."""
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*)$")
_FENCE = re.compile(r"^[ \t]{0,3}(?:```|~~~)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file that somebody says as one."""

    text: str
    start: int
    """First code point of the piece in the file."""


def pieces(name: str, text: str) -> Iterator[Piece]:
    """Yield what is said in a file, by the ending of its name.

    Markdown gives one piece for each section, without its heading, code blocks and the head between two `---`; tables
    give one for each cell; anything else is one piece.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in MARKDOWN:
        yield from _sections(text)
    elif suffix in TABLES:
        yield from _cells(text)
    else:
        yield Piece(text, 0)


def place(text: str, offset: int) -> tuple[int, int]:
    """Return (line, column) of a code point, both from 1."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _sections(text: str) -> Iterator[Piece]:
    start = at = _after_head(text)
    skipped = 0
    fenced = False
    for line in text[at:].splitlines(keepends=True):
        heading = None if fenced else _HEADING.match(line.rstrip("\r\n"))
        fence = _FENCE.match(line)
        if heading or fence:
            if not skipped and not fenced and at > start:
                yield Piece(text[start:at], start)
            start = at + len(line)
        if fence:
            fenced = not fenced
        if heading:
            level = len(heading[1])
            # A section stays skipped through its own subsections.
            if not skipped or level <= skipped:
                skipped = level if NOT_SAID.search(heading[2]) else 0
        at += len(line)
    if not skipped and not fenced and at > start:
        yield Piece(text[start:at], start)


def _after_head(text: str) -> int:
    """Return where the body begins, behind a head between two lines of `---`."""
    if not text.startswith("---\n"):
        return 0
    end = text.find("\n---\n", 3)
    return end + len("\n---\n") if end >= 0 else 0


def _cells(text: str) -> Iterator[Piece]:
    start = 0
    for line in text.splitlines(keepends=True):
        at = start
        for cell in line.rstrip("\r\n").split("\t"):
            if cell:
                yield Piece(cell, at)
            at += len(cell) + 1
        start += len(line)
