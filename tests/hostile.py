"""A corpus in which every field that takes free text holds something that must stay text."""

from __future__ import annotations

from pathlib import Path

from collectscript.corpus import read_folder
from collectscript.files import read_files

EVIL = "<script>window.hit=1</script><img src=x onerror='window.hit=1'>[x](javascript:window.hit=1)&lt;\"'\u202e"
TABLES = ("groups.tsv", "slots.tsv", "sources.tsv", "taxonomy.tsv", "compliance/sources.tsv")
"""Tables whose names are shown and not also written in other files, as those of facets and parts are."""
SKIPPED = ("wording/", "compliance/words.tsv", "compliance/reading.tsv", "safety/words.tsv")
"""Word lists are only ever looked up."""


def make_hostile(folder: Path) -> dict[str, int]:
    """Put `EVIL` into every line of a corpus in which it may stand; return in how many lines of each file it stands.

    A line in which reading refuses it at the end is tried with it before its last character, then gets back what it held.
    """
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.*"))}
    texts = {
        name: path.read_text(encoding="utf-8").split("\n")
        for name, path in files.items()
        if not name.startswith(SKIPPED) and (name.endswith(".md") or name in TABLES)
    }
    ways = {
        (name, number): _ways(line, name)
        for name, lines in texts.items()
        for number, line in enumerate(lines)
        if line.strip() and not line.startswith("## ") and number >= _head(lines)
    }
    while True:
        for (name, number), left in ways.items():
            texts[name][number] = left[0]
        for name, lines in texts.items():
            files[name].write_text("\n".join(lines), encoding="utf-8")
        _, problems = read_folder(read_files(folder))
        wrong = {place for one in problems if len(ways.get(place := (one.path, one.line - 1), ())) > 1}
        if not wrong:
            break
        for place in wrong:
            del ways[place][0]
    count: dict[str, int] = {}
    for name, number in ways:
        count[name] = count.get(name, 0) + (EVIL in texts[name][number])
    return count


def _head(lines: list[str]) -> int:
    """Return how many lines of a file are its head, in which no free text stands."""
    return lines.index("---", 1) + 1 if lines[0] == "---" else 1


def _ways(line: str, name: str) -> list[str]:
    """Return a line with `EVIL` in one and another place, and as it is."""
    if name.endswith(".tsv"):
        cells = line.split("\t")
        return ["\t".join(cell if cell.isascii() else cell + EVIL for cell in cells), line]
    return [line + EVIL, line[:-1] + EVIL + line[-1], line]
