"""The scripts of a page as one file: fewer and lighter to load than one file for each purpose.

Comments and indentation stay in the repository. Scripts and style sheets keep to three rules that make this a matter of
lines: a comment has lines of its own, and begins with `//`, `/*` or `/**`; `*/` ends its line; no text goes over several lines.
"""

from __future__ import annotations

from importlib import resources

COMMON = ("cs", "ui")
"""Scripts of every page, before its data."""
PAGES = {
    "lookup": (
        "text", "unpack", "fold", "match", "rank", "slots", "state", "patterns", "safety", "library", "stops", "lookup",
    ),
    "check": ("text", "unpack", "fold", "match", "rank", "patterns", "check", "library", "check-page"),
    "practise": ("text", "unpack", "fold", "match", "rank", "patterns", "check", "library", "practise"),
    "browse": ("browse",),
}  # fmt: skip
"""Scripts of each page that has some, after its data, in the order in which they run."""


def bundles() -> dict[str, bytes]:
    """Return every script file of the site by its path."""
    found = {"prefs": ("prefs",), "common": COMMON} | PAGES
    return {f"static/js/{page}.js": _bundle(names) for page, names in found.items()}


def _bundle(names: tuple[str, ...]) -> bytes:
    folder = resources.files("collectscript.site") / "static" / "js"
    texts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in names]
    return ('"use strict";\n' + "".join(bare(text) for text in texts)).encode("utf-8")


def bare(text: str) -> str:
    """Return a script or style sheet without comments, indentation, empty lines and its own `"use strict"`."""
    kept: list[str] = []
    inside = False
    for line in map(str.strip, text.split("\n")):
        if inside or line.startswith("/*"):
            inside = not line.endswith("*/")
        elif line and not line.startswith("//") and line != '"use strict";':
            kept.append(line)
    return "\n".join(kept) + "\n"
