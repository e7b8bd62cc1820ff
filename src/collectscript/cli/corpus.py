"""Commands for those who write the corpus: lint, coverage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collectscript.cli.base import ExitStatus, fail, load_kb, overlay_folders

if TYPE_CHECKING:
    from collectscript.problems import Problem


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path())
@click.pass_context
def lint_command(ctx: click.Context, paths: tuple[str, ...]) -> None:
    """Check a corpus: everything, or only what concerns PATHS (files or folders of it or of an overlay).

    Without PATHS the overlays of the command line are checked too.
    """
    from collectscript.files import find_data
    from collectscript.layers import overlay_of

    overlay = overlay_of(Path(paths[0])) if paths else None
    folder = find_data(ctx.obj) if overlay or not paths else _corpus_folder(ctx.obj, paths)
    problems: list[Problem] = []
    if overlay is None:
        problems += _corpus_problems(folder)
    if overlay is not None or not paths:
        problems += _overlay_problems(folder, [Path(one) for one in overlay_folders()], overlay)
    wanted = [Path(path).resolve() for path in paths]
    root = Path() if overlay else folder.resolve()
    shown = [
        one
        for one in problems
        if not wanted or any((root / one.path).resolve().is_relative_to(path) for path in wanted)
    ]
    for problem in shown:
        click.echo(str(problem))
    click.echo(f"{len(shown)} problem(s) in {overlay or folder}", err=True)
    sys.exit(ExitStatus.NOTHING if shown else ExitStatus.OK)


def _corpus_problems(folder: Path) -> list[Problem]:
    from collectscript import wording
    from collectscript.corpus import read_folder
    from collectscript.files import read_files
    from collectscript.lint import lint as run_rules

    files = read_files(folder)
    corpus, problems = read_folder(files)
    return sorted({*problems, *run_rules(corpus, wording.read_folder(files))})


def _overlay_problems(folder: Path, overlays: list[Path], overlay: Path | None) -> list[Problem]:
    """Review one overlay over those of the command line that come before it, or all of those."""
    from collectscript import wording
    from collectscript.corpus import load_corpus
    from collectscript.files import read_files
    from collectscript.layers import located, read_overlay
    from collectscript.overlay import Layers, lay, said_by
    from collectscript.review import review

    files = read_files(folder)
    folded = wording.read_folder(files)
    corpus = load_corpus(folder)
    layers = Layers.of(corpus, files, said_by(corpus, folded))
    problems: list[Problem] = []
    for path in [*overlays, *([overlay] if overlay else [])]:
        own = read_overlay(path)
        wanted = overlay is None or path.resolve() == overlay.resolve()
        if wanted:
            problems += located(review(layers, own, folded), path)
        if wanted and overlay is not None:
            break
        layers, _ = lay(layers, own, folded)
    return problems


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
    from collectscript.files import find_data

    if data is not None:
        return find_data(data)
    first = Path(paths[0])
    if not first.exists():
        fail(f"no such file or folder: {first}")
    for folder in (first, *first.resolve().parents):
        if (folder / "taxonomy.tsv").is_file():
            return folder
    return fail(f"{first} lies in no corpus folder: none above it has a taxonomy.tsv")
