"""Which pages a site has, how texts name them, and whether every link leads somewhere."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

_REFERENCE = re.compile(r"[a-z][a-z0-9.-]*(?:/[a-z0-9][a-z0-9.-]*)?(?:\.md)?/?")
_TARGET = re.compile(r'\b(?:href|src)="([^"]*)"')
_ANCHOR = re.compile(r'\bid="([^"]*)"')


class Titles:
    """Names in texts (`forgot`, `forgot/now`, `facts/limitation.md`, `closings/`) and the pages that they mean."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[str, str]] = {}

    def add(self, name: str, title: str, path: str) -> None:
        """Let `name` mean the page at `path` (from the site's root, with its anchor); the first meaning stays."""
        self._pages.setdefault(name, (title, path))

    def find(self, word: str) -> tuple[str, str] | None:
        """Return (title, path) of the page that a word names, None when it names none."""
        return self._pages.get(word.removesuffix(".md").rstrip("/"))

    def split(self, text: str) -> list[tuple[str, str | None]]:
        """Cut a text into pieces: (text, None), or (title, path) where it names a page."""
        pieces: list[tuple[str, str | None]] = []
        at = 0
        for found in _REFERENCE.finditer(text):
            word = found[0].rstrip(".-")
            page = self.find(word)
            if page is None:
                continue
            pieces += [(text[at : found.start()], None)] if found.start() > at else []
            pieces.append(page)
            at = found.start() + len(word)
        return [*pieces, (text[at:], None)] if at < len(text) else pieces

    def items(self) -> Iterable[tuple[str, tuple[str, str]]]:
        """Return every name with its (title, path)."""
        return self._pages.items()


def broken_links(files: Mapping[str, bytes]) -> list[str]:
    """Return `page: target` for every link of a site's pages that leads to no file, or to no place in it."""
    pages = {name: data.decode("utf-8") for name, data in files.items() if name.endswith(".html")}
    anchors = {name: set(_ANCHOR.findall(text)) for name, text in pages.items()}
    broken: list[str] = []
    for name, text in pages.items():
        for target in dict.fromkeys(_TARGET.findall(text)):
            if not _leads_somewhere(name, html.unescape(target), files, anchors):
                broken.append(f"{name}: {target}")
    return broken


def _leads_somewhere(page: str, target: str, files: Mapping[str, bytes], anchors: Mapping[str, set[str]]) -> bool:
    parts = urlsplit(target)
    if parts.scheme in {"https", "http", "mailto"}:
        return True
    if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
        return False
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
    if path not in files:
        return False
    # The browse page reads its filters from what stands after #.
    return "=" in parts.fragment or not parts.fragment or html.escape(unquote(parts.fragment)) in anchors.get(path, ())
