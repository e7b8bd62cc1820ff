"""Read the owner files of a corpus: tab-separated tables with a header line, one owner for each closed list."""

from __future__ import annotations

from collections.abc import Mapping

from collectscript.model import CONCERNS, Facet, Named, Slot, Tables, TaxonomyRow
from collectscript.problems import Problem, near

OWNER_FILES = {
    "taxonomy.tsv": ("group", "id", "title", "gloss", "boundary"),
    "groups.tsv": ("id", "title", "gloss"),
    "facets.tsv": ("facet", "id", "name", "meaning"),
    "sources.tsv": ("key", "title", "kind"),
    "slots.tsv": ("id", "label", "type", "meaning"),
    "parts.tsv": ("id", "name", "used_in", "meaning"),
    "concerns.tsv": ("id", "concern"),
}
"""Every owner file and the columns it must have."""

Row = dict[str, str]


def read_rows(path: str, data: bytes, columns: tuple[str, ...], problems: list[Problem]) -> list[tuple[int, Row]]:
    """Return (line, row) of a tab-separated file; rows that do not fit its header become problems."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(Problem(path, line, "CS001", f"byte {data[error.start]:#04x} is not UTF-8; save as UTF-8"))
        return []
    if text.startswith("\ufeff") or "\r" in text:
        problems.append(Problem(path, 1, "CS003", "byte order mark or CR line ends; save as UTF-8 with LF line ends"))
        text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    numbered = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line and not line.startswith("#")]
    if not numbered:
        problems.append(Problem(path, 1, "CS010", f"empty table; write the header {' | '.join(columns)}"))
        return []
    header = numbered[0][1].split("\t")
    missing = [name for name in columns if name not in header]
    if missing:
        message = f"column {', '.join(missing)} missing; the header needs {' | '.join(columns)}"
        problems.append(Problem(path, numbered[0][0], "CS010", message))
        return []
    rows: list[tuple[int, Row]] = []
    for line, raw in numbered[1:]:
        cells = raw.split("\t")
        if len(cells) != len(header):
            message = f"{len(cells)} columns where the header has {len(header)}; separate cells with one tab each"
            problems.append(Problem(path, line, "CS010", message))
            continue
        rows.append((line, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    return rows


def read_tables(files: Mapping[str, bytes], problems: list[Problem]) -> Tables:
    """Read all owner files from `files` (path to bytes); a missing one is a problem."""
    rows: dict[str, list[Row]] = {}
    for name, columns in OWNER_FILES.items():
        if name not in files:
            problems.append(
                Problem(name, 1, "CS010", f"owner file {name} is missing; add it with {' | '.join(columns)}")
            )
            rows[name] = []
            continue
        read = read_rows(name, files[name], columns, problems)
        key = "key" if "key" in columns else "id"
        _check_keys(name, key, read, problems)
        rows[name] = [row for _, row in read]
        if name == "concerns.tsv":
            _check_concerns(name, read, {row["id"] for row in rows["taxonomy.tsv"]}, problems)
    return Tables(
        taxonomy=tuple(
            TaxonomyRow(r["id"], r["group"], r["title"], r["gloss"], r["boundary"]) for r in rows["taxonomy.tsv"]
        ),
        groups=tuple(Named(r["id"], r["title"], r["gloss"]) for r in rows["groups.tsv"]),
        facets=tuple(Facet(r["facet"], r["id"], r["name"], r["meaning"]) for r in rows["facets.tsv"]),
        sources=tuple(Named(r["key"], r["title"], r["kind"]) for r in rows["sources.tsv"]),
        slots=tuple(Slot(r["id"], r["label"], r["type"], r["meaning"]) for r in rows["slots.tsv"]),
        parts=tuple(Named(r["id"], r["name"], r["used_in"]) for r in rows["parts.tsv"]),
        concerns=tuple((r["id"], r["concern"]) for r in rows["concerns.tsv"]),
    )


def _check_keys(name: str, key: str, rows: list[tuple[int, Row]], problems: list[Problem]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for line, row in rows:
        # A facet id may stand on two axes; everywhere else the key alone must be unique.
        full = (row.get("facet", ""), row[key])
        if full in seen:
            problems.append(Problem(name, line, "CS010", f"{row[key]!r} stands on line {seen[full]} too; keep one"))
        seen[full] = line


def _check_concerns(name: str, rows: list[tuple[int, Row]], ids: set[str], problems: list[Problem]) -> None:
    for line, row in rows:
        if row["id"] not in ids:
            problems.append(Problem(name, line, "CS010", f"{row['id']!r} is not in taxonomy.tsv{near(row['id'], ids)}"))
        if row["concern"] not in CONCERNS:
            problems.append(
                Problem(name, line, "CS010", f"concern {row['concern']!r}; write one of {', '.join(CONCERNS)}")
            )
