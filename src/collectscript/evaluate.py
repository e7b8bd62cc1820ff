"""Measure matching on a labelled file: accuracy, confusions, rejection, calibration."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collectscript.errors import InvalidValue
from collectscript.match import MatchResult
from collectscript.model import NONE

BINS = 10
"""Equal bins of confidence in the reliability table."""
KNOWN_COLUMNS = ("utterance", "id", "also", "ids")
"""Columns with a meaning; accuracy is broken down by every other one with few values."""
FEW = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled utterance."""

    line: int
    text: str
    wanted: frozenset[str]
    """Ids any of which is right; empty for talk that is none of the entries."""
    groups: tuple[tuple[str, str], ...]
    """(column, value) of the other columns."""


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of the reliability table."""

    number: int
    count: int
    confidence: float
    """Mean confidence in the bin."""
    right: float
    """Share of right first matches in the bin; talk that is none of the entries is always wrong."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured."""

    rows: tuple[tuple[Row, MatchResult], ...]
    top1: float | None
    """Share of rows with an id whose first match is right; None without such rows."""
    top3: float | None
    accepted_in: float | None
    """Share of rows with an id that are matched at the threshold."""
    accepted_out: float | None
    """Share of rows that are none of the entries and are matched all the same."""
    auroc: float | None
    """Chance that a row with an id has a higher confidence than one without; None without both kinds."""
    calibration_error: float
    """Expected calibration error over ten equal bins."""
    bins: tuple[Bin, ...]
    groups: tuple[tuple[str, str, int, float], ...]
    """(column, value, rows, top-1) for every value of the other columns."""
    confusions: tuple[tuple[str, str, int], ...]
    """(wanted, given, how often), most frequent first."""

    @property
    def failures(self) -> tuple[tuple[Row, MatchResult], ...]:
        """Rows whose first match is wrong, and talk that was matched though it is none of the entries."""
        return tuple((row, result) for row, result in self.rows if not _is_right(row, result))


def read_rows(path: Path, known: Sequence[str]) -> list[Row]:
    """Read a tab-separated file with the column `utterance`, and `id` (or `ids`) and optionally `also`.

    Without a column `id` or `ids` every row is talk that is none of the entries.

    Raises `InvalidValue` with path and line when a column is missing, an id is unknown or the file is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path}: byte {error.object[error.start]:#04x} is not UTF-8; save as UTF-8"
        raise InvalidValue(msg) from None
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = reader.fieldnames or []
    if "utterance" not in columns:
        msg = f"{path}:1: columns {', '.join(columns) or 'missing'}; the header needs utterance, and id (tab-separated)"
        raise InvalidValue(msg)
    rows: list[Row] = []
    for record in reader:
        labels = [record.get("id") or "", *(record.get("ids") or "").split(","), *(record.get("also") or "").split(",")]
        wanted = frozenset(label.strip() for label in labels if label.strip())
        for label in wanted - {NONE, *known}:
            msg = f"{path}:{reader.line_num}: id {label!r} is not in the corpus; write an id of taxonomy.tsv or none"
            raise InvalidValue(msg)
        first = (record.get("id") or record.get("ids") or NONE).split(",")[0].strip()
        others = tuple((name, value or "") for name, value in record.items() if name and name not in KNOWN_COLUMNS)
        wanted = frozenset() if first == NONE else wanted - {NONE}
        rows.append(Row(reader.line_num, record.get("utterance") or "", wanted, others))
    return rows


def evaluate(rows: Sequence[Row], match: Callable[[str], MatchResult]) -> Report:
    """Match every row and measure; `match` must return at least three matches."""
    answered = [(row, match(row.text)) for row in rows]
    inside = [(row, result) for row, result in answered if row.wanted]
    outside = [(row, result) for row, result in answered if not row.wanted]
    return Report(
        rows=tuple(answered),
        top1=_share([_right_at(row, result, 1) for row, result in inside]),
        top3=_share([_right_at(row, result, 3) for row, result in inside]),
        accepted_in=_share([result.matched for _, result in inside]),
        accepted_out=_share([result.matched for _, result in outside]),
        auroc=_auroc([_confidence(one) for _, one in inside], [_confidence(one) for _, one in outside]),
        calibration_error=_calibration_error(answered),
        bins=_bins(answered),
        groups=_groups(inside),
        confusions=_confusions(inside),
    )


def rejection_curve(report: Report) -> list[tuple[float, float, float]]:
    """Return (threshold, accepted share in scope, accepted share out of scope) for every hundredth."""
    inside = [_confidence(result) for row, result in report.rows if row.wanted]
    outside = [_confidence(result) for row, result in report.rows if not row.wanted]
    points: list[tuple[float, float, float]] = []
    for hundredth in range(101):
        limit = hundredth / 100
        share_in = sum(one >= limit for one in inside) / max(len(inside), 1)
        share_out = sum(one >= limit for one in outside) / max(len(outside), 1)
        points.append((limit, share_in, share_out))
    return points


def reliability_svg(report: Report) -> str:
    """Return the reliability chart: mean confidence against share right, a disc for each bin, its area the count."""
    size, edge = 320, 40
    middle = edge + size / 2
    total = max(sum(one.count for one in report.bins), 1)

    def place(x: float, y: float) -> tuple[float, float]:
        return edge + x * size, edge + (1 - y) * size

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size + 2 * edge} {size + 2 * edge}" font-size="11">',
        f'<rect x="{edge}" y="{edge}" width="{size}" height="{size}" fill="none" stroke="#999"/>',
        f'<path d="M{edge} {edge + size}L{edge + size} {edge}" stroke="#999" stroke-dasharray="4"/>',
        f'<text x="{middle}" y="{size + 2 * edge - 10}" text-anchor="middle">mean confidence</text>',
        f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">share right</text>',
    ]
    for one in report.bins:
        x, y = place(one.confidence, one.right)
        radius = 3 + 22 * (one.count / total) ** 0.5
        title = f"{one.count} rows: confidence {one.confidence:.2f}, right {one.right:.2f}"
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#36c" fill-opacity=".5"><title>{title}</title></circle>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def write_failures(report: Report, path: Path, clean: Callable[[str], str]) -> None:
    """Write every failing row as tab-separated text; `clean` masks what must not be kept."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("line\tutterance\twanted\tgiven\tconfidence\n")
        for row, result in report.failures:
            given = result.matches[0].objection.id if result.matches else NONE
            text = clean(" ".join(row.text.split()))
            wanted = ",".join(sorted(row.wanted)) or NONE
            file.write(f"{row.line}\t{text}\t{wanted}\t{given}\t{_confidence(result):.3f}\n")


def _right_at(row: Row, result: MatchResult, k: int) -> bool:
    return any(match.objection.id in row.wanted for match in result.matches[:k])


def _is_right(row: Row, result: MatchResult) -> bool:
    return _right_at(row, result, 1) if row.wanted else not result.matched


def _confidence(result: MatchResult) -> float:
    return result.matches[0].confidence if result.matches else 0.0


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Area under the curve by ranks; ties count half."""
    if not inside or not outside:
        return None
    ordered = sorted([(value, True) for value in inside] + [(value, False) for value in outside])
    total, place = 0.0, 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end][0] == ordered[place][0]:
            end += 1
        total += sum(is_in for _, is_in in ordered[place:end]) * (place + 1 + end) / 2
        place = end
    number = len(inside)
    return (total - number * (number + 1) / 2) / (number * len(outside))


def _bins(answered: Sequence[tuple[Row, MatchResult]]) -> tuple[Bin, ...]:
    found: dict[int, list[tuple[float, bool]]] = {}
    for row, result in answered:
        confidence = _confidence(result)
        found.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, _right_at(row, result, 1)))
    return tuple(
        Bin(number, len(one), sum(c for c, _ in one) / len(one), sum(right for _, right in one) / len(one))
        for number, one in sorted(found.items())
    )


def _calibration_error(answered: Sequence[tuple[Row, MatchResult]]) -> float:
    bins = _bins(answered)
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.confidence - one.right) for one in bins) / total if total else 0.0


def _groups(inside: Sequence[tuple[Row, MatchResult]]) -> tuple[tuple[str, str, int, float], ...]:
    found: dict[tuple[str, str], list[bool]] = {}
    for row, result in inside:
        for group in row.groups:
            found.setdefault(group, []).append(_right_at(row, result, 1))
    values: Mapping[str, int] = Counter(column for column, _ in found)
    return tuple(
        (column, value, len(right), sum(right) / len(right))
        for (column, value), right in sorted(found.items())
        if values[column] <= FEW
    )


def _confusions(inside: Sequence[tuple[Row, MatchResult]]) -> tuple[tuple[str, str, int], ...]:
    found: Counter[tuple[str, str]] = Counter()
    for row, result in inside:
        if not _right_at(row, result, 1):
            given = result.matches[0].objection.id if result.matches else NONE
            found[",".join(sorted(row.wanted)), given] += 1
    return tuple(
        (wanted, given, count) for (wanted, given), count in sorted(found.items(), key=lambda x: (-x[1], x[0]))
    )
