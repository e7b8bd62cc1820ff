"""Commands for those who write the corpus: lint, coverage."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from collectscript.cli.base import ExitStatus, fail, load_kb


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path())
@click.pass_context
def lint_command(ctx: click.Context, paths: tuple[str, ...]) -> None:
    """Check a corpus: everything, or only what concerns PATHS (files or folders of it)."""
    from collectscript import wording
    from collectscript.corpus import find_data, read_files, read_folder
    from collectscript.lint import lint as run_rules

    folder = _corpus_folder(ctx.obj, paths) if paths else find_data(ctx.obj)
    files = read_files(folder)
    corpus, problems = read_folder(files)
    problems = sorted({*problems, *run_rules(corpus, wording.read_folder(files))})
    wanted = [Path(path).resolve() for path in paths]
    root = folder.resolve()
    shown = [one for one in problems if not wanted or any((root / one.path).is_relative_to(path) for path in wanted)]
    for problem in shown:
        click.echo(str(problem))
    click.echo(f"{len(shown)} problem(s) in {len(files)} files of {folder}", err=True)
    sys.exit(ExitStatus.NOTHING if shown else ExitStatus.OK)


@click.command("coverage")
@click.pass_context
def coverage_command(ctx: click.Context) -> None:
    """Print how many responses each objection has for each technique, structure, temperament and band."""
    from collectscript.lint import EXEMPT_ENTRIES
    from collectscript.lint import coverage as count
    from collectscript.report import display_width

    kb = load_kb(ctx.obj)
    columns = [*kb.tables.ids("technique"), *kb.tables.ids("structure"), *kb.tables.ids("temperament")]
    columns += kb.tables.ids("band")
    names = {facet.id: facet.name for facet in kb.tables.facets if facet.id in columns}
    table = count(kb.corpus)
    holes = 0
    click.echo("    ".join(["id".ljust(22), *(names[column] for column in columns)]))
    for entry_id, row in table.items():
        cells = []
        for column in columns:
            number = row.get(column, 0)
            holes += not number
            cells.append((str(number) if number else "·").rjust(display_width(names[column])))
        click.echo("    ".join([entry_id.ljust(22), *cells]) + ("  *" if entry_id in EXEMPT_ENTRIES else ""))
    click.echo(f"\n{len(table)} objections; {holes} of {len(table) * len(columns)} cells empty; * exempt from coverage")


def _corpus_folder(data: str | None, paths: tuple[str, ...]) -> Path:
    """Return the corpus folder that the first of `paths` lies in."""
    from collectscript.corpus import find_data

    if data is not None:
        return find_data(data)
    first = Path(paths[0])
    if not first.exists():
        fail(f"no such file or folder: {first}")
    for folder in (first, *first.resolve().parents):
        if (folder / "taxonomy.tsv").is_file():
            return folder
    return fail(f"{first} lies in no corpus folder: none above it has a taxonomy.tsv")
