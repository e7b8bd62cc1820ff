"""The command that measures: evaluate."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from collectscript.cli.base import ExitStatus, fail, json_option, load_kb, overlay_folders, print_json, stamp
from collectscript.evaluate import Report, evaluate, read_rows, rejection_curve, reliability_svg, write_failures


@click.command("evaluate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Folder for failing.tsv and reliability.svg.")
@click.option("--encoder", is_flag=True, help="With the small encoder of collectscript[semantic].")
@json_option
@click.pass_context
def evaluate_command(
    ctx: click.Context, files: tuple[Path, ...], out: Path | None, encoder: bool, as_json: bool
) -> None:
    """Measure matching on FILES: tab-separated, columns utterance and id (or ids), optionally also and others.

    Several files are measured together, so that talk that is none of the entries may stand in a file of its own. Written
    files have names, numbers and the like masked.
    """
    missing = next((file for file in files if not file.is_file()), None)
    if missing is not None:
        fail(f"no such file: {missing}")
    kb = load_kb(ctx.obj)
    if encoder:
        from collectscript.encoder import SmallEncoder
        from collectscript.knowledge import load

        kb = load(ctx.obj, overlays=overlay_folders(), encoder=SmallEncoder())
    known = [entry.id for entry in kb]
    rows = [row for file in files for row in read_rows(file, known)]
    if not rows:
        fail(f"{files[0]} has no rows")
    report = evaluate(rows, lambda text: kb.match(text, limit=3))
    if out is not None:
        from collectscript.redaction import redact

        try:
            out.mkdir(parents=True, exist_ok=True)
            write_failures(report, out / "failing.tsv", redact)
            (out / "reliability.svg").write_text(reliability_svg(report), encoding="utf-8")
        except OSError as error:
            fail(f"cannot write into {out}: {error.strerror}")
    if as_json:
        print_json(_json(report) | stamp(kb))
    else:
        click.echo(_text(report))
    sys.exit(ExitStatus.OK)


def _json(report: Report) -> dict[str, Any]:
    numbers = {
        name: getattr(report, name)
        for name in ("top1", "top3", "accepted_in", "accepted_out", "auroc", "calibration_error")
    }
    return {
        "schema": "collectscript/1",
        "rows": len(report.rows),
        **numbers,
        "bins": [asdict(one) for one in report.bins],
        "groups": [list(one) for one in report.groups],
        "confusions": [list(one) for one in report.confusions],
        "rejection": [list(one) for one in rejection_curve(report)],
    }


def _text(report: Report) -> str:
    def shown(value: float | None) -> str:
        return "-" if value is None else f"{value:.3f}"

    inside = sum(bool(row.wanted) for row, _ in report.rows)
    lines = [
        f"rows                 {len(report.rows)} ({inside} with an id, {len(report.rows) - inside} none)",
        f"top-1                {shown(report.top1)}",
        f"top-3                {shown(report.top3)}",
        f"accepted, in scope   {shown(report.accepted_in)}",
        f"accepted, none       {shown(report.accepted_out)}",
        f"AUROC                {shown(report.auroc)}",
        f"calibration error    {report.calibration_error:.3f}",
        "",
        "confidence   rows   mean   right",
        *(
            f"{one.number / 10:.1f}-{one.number / 10 + 0.1:.1f}   {one.count:8}   {one.confidence:.2f}   {one.right:.2f}"
            for one in report.bins
        ),
    ]
    if report.groups:
        lines += ["", "by column"]
        lines += [f"{column} {value or '-'}: {right:.3f} of {count}" for column, value, count, right in report.groups]
    if report.confusions:
        lines += ["", "most frequent confusions (wanted -> given)"]
        lines += [f"{count}  {wanted} -> {given}" for wanted, given, count in report.confusions[:15]]
    lines += ["", "threshold: accepted in scope / none"]
    lines += [f"{limit:.2f}: {a:.3f} / {b:.3f}" for limit, a, b in rejection_curve(report)[30:95:5]]
    return "\n".join(lines)
