"""The command line: the only place that prints or exits.

Exit status: 0 found or clean; 1 nothing matched, or findings; 2 wrong use or unreadable input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from collectscript.errors import CollectscriptError, CorpusError

if TYPE_CHECKING:
    from collectscript.context import Context
    from collectscript.knowledge import KnowledgeBase
    from collectscript.match import MatchResult
    from collectscript.report import Text

LAW_DATE = "2026-11-22"
"""Day on which the legal facts behind the corpus were last checked."""


class ExitStatus(IntEnum):
    """What the command tells the shell."""

    OK = 0
    NOTHING = 1
    WRONG_USE = 2


class ShortForm(click.Group):
    """A group that takes `collectscript TEXT` as `collectscript match TEXT`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `match` in front when the first word is neither a command nor an option of the group."""
        own = {name for param in self.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
        first = 0
        while first < len(args) and args[first] in {"--data"}:
            first += 2
        if first < len(args) and args[first] not in self.commands and args[first].split("=")[0] not in own:
            args = [*args[:first], "match", *args[first:]]
        return super().parse_args(ctx, args)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    kb = _load(ctx.params.get("data"))
    click.echo(f"collectscript {_stamp(kb)['version']}, corpus {kb.content_hash}, law checked {LAW_DATE}")
    ctx.exit()


@click.group(cls=ShortForm, no_args_is_help=True)
@click.option("--data", type=click.Path(), help="Folder of another corpus.", is_eager=True)
@click.option("--version", is_flag=True, callback=_version, expose_value=False, help="Show versions and exit.")
@click.pass_context
def cli(ctx: click.Context, data: str | None) -> None:
    """Say what a customer says, read what to answer.

    `collectscript TEXT` is short for `collectscript match TEXT`; after `--` everything is text.
    """
    ctx.obj = data


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
limit_option = click.option("--limit", type=click.IntRange(min=1), default=3, show_default=True, help="At most so many.")
threshold_option = click.option(
    "--threshold", type=click.FloatRange(0, 1), help="Confidence from which a match counts; default: the corpus's own."
)


def context_options(command: Any) -> Any:
    """Add the options that describe a call."""
    options = [
        click.option("--party", help="Who is on the line: debtor, third-party, company, guarantor, representative."),
        click.option("--sector", help="Sector, an id of facets.tsv."),
        click.option("--days-overdue", type=int, help="Days since the due date; 0 or less is before it."),
        click.option("--call-number", type=int, help="Which call on this matter, from 1."),
        click.option("--promises-broken", type=int, help="Promises not kept so far."),
        click.option("--temperament", help="lively, forceful, precise or easygoing."),
        click.option("--psychology", help="Customer type on this axis."),
        click.option("--attitude", help="Customer type on this axis."),
        click.option("--situation", help="Customer type on this axis."),
        click.option("--pattern", help="Customer type on this axis."),
        click.option("--channel", help="phone, sms, wechat, ..."),
        click.option("--used", multiple=True, help="Technique or response id already used; repeat for more."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@cli.command()
@click.argument("text", nargs=-1, required=True)
@json_option
@limit_option
@threshold_option
@click.pass_context
def match(
    ctx: click.Context, text: tuple[str, ...], as_json: bool, limit: int, threshold: float | None
) -> None:
    """Say which objections TEXT may be; `-` reads one utterance a line and prints one JSON object a line."""
    kb = _load(ctx.obj)
    if text == ("-",):
        _stream(lambda line: _match_line(kb, line, limit, threshold))
    result = kb.match(" ".join(text), limit=limit, threshold=threshold)
    if as_json:
        from collectscript.report import match_json

        _print_json(match_json(result, _stamp(kb)))
    else:
        click.echo(_text(kb).match(result))
        if result.matched:
            click.echo("\n下一步：collectscript respond " + _quoted(result.text))
    sys.exit(ExitStatus.OK if result.matched else ExitStatus.NOTHING)


@cli.command()
@click.argument("text", nargs=-1, required=True)
@context_options
@json_option
@limit_option
@threshold_option
@click.pass_context
def respond(
    ctx: click.Context,
    text: tuple[str, ...],
    as_json: bool,
    limit: int,
    threshold: float | None,
    **context: Any,
) -> None:
    """Say what to answer to TEXT in this call; `-` reads one utterance a line."""
    from collectscript.report import answer_json

    kb = _load(ctx.obj)
    known = _context(context)
    if text == ("-",):

        def answer_line(line: str) -> tuple[dict[str, Any], bool]:
            found = kb.respond(line, known, limit=limit, threshold=threshold)
            return answer_json(found, _stamp(kb)), found.match.matched

        _stream(answer_line)
    answer = kb.respond(" ".join(text), known, limit=limit, threshold=threshold)
    if as_json:
        _print_json(answer_json(answer, _stamp(kb)))
    else:
        click.echo(_text(kb).answer(answer))
    sys.exit(ExitStatus.OK if answer.match.matched else ExitStatus.NOTHING)


@cli.command()
@click.argument("name")
@json_option
@click.pass_context
def show(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show one objection, by id or by title."""
    from collectscript.report import objection_json

    kb = _load(ctx.obj)
    by_title = {entry.title: entry.id for entry in kb}
    entry = kb[by_title.get(name, name)]
    if as_json:
        _print_json(objection_json(entry, _stamp(kb)))
    else:
        click.echo(_text(kb).objection(entry))


@cli.command("list")
@click.option("--group", help="Only this group.")
@click.option("--technique", help="Only entries with a response of this technique, structure or influence.")
@click.option("--customer-type", help="Only entries with a response for this customer type.")
@json_option
@click.pass_context
def list_entries(
    ctx: click.Context, group: str | None, technique: str | None, customer_type: str | None, as_json: bool
) -> None:
    """List the objections."""
    from collectscript.model import CUSTOMER_AXES
    from collectscript.problems import near

    kb = _load(ctx.obj)
    for value, axes in ((technique, ("technique", "structure", "influence")), (customer_type, CUSTOMER_AXES)):
        known = kb.tables.ids(*axes)
        if value is not None and value not in known:
            _fail(f"{value!r} is not an id of facets.tsv{near(value, known)}")
    entries = [
        entry
        for entry in kb.objections(group)
        if any(
            technique in (None, one.technique, one.structure, one.influence)
            and customer_type in (None, *one.customer_types)
            for one in entry.responses
        )
    ]
    if as_json:
        from collectscript.report import SCHEMA

        rows = [{"id": one.id, "title": one.title, "gloss": one.gloss, "group": one.group} for one in entries]
        _print_json({"schema": SCHEMA, **_stamp(kb), "objections": rows})
    else:
        from collectscript.report import display_width

        for entry in entries:
            pad = " " * max(1, 22 - len(entry.id))
            gap = " " * max(2, 40 - display_width(entry.title))
            click.echo(f"{entry.id}{pad}{entry.title}{gap}{entry.gloss}")
    sys.exit(ExitStatus.OK if entries else ExitStatus.NOTHING)


@cli.command()
@context_options
@json_option
@limit_option
@click.pass_context
def openers(ctx: click.Context, as_json: bool, limit: int, **context: Any) -> None:
    """Say how to open this call."""
    from collectscript.report import SCHEMA, ranked_json

    kb = _load(ctx.obj)
    ranked = kb.openers(_context(context), limit=limit)
    if as_json:
        _print_json({"schema": SCHEMA, **_stamp(kb), "openers": [ranked_json(one) for one in ranked]})
    else:
        click.echo(_text(kb).ranked(ranked))
    sys.exit(ExitStatus.OK if ranked else ExitStatus.NOTHING)


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.pass_context
def lint(ctx: click.Context, paths: tuple[str, ...]) -> None:
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


@cli.command()
@click.pass_context
def coverage(ctx: click.Context) -> None:
    """Print how many responses each objection has for each technique, structure, temperament and band."""
    from collectscript.lint import EXEMPT_ENTRIES
    from collectscript.lint import coverage as count
    from collectscript.report import display_width

    kb = _load(ctx.obj)
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


def main() -> NoReturn:
    """Run the command; every expected error becomes one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a question mark instead of ending in a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        _fail(error.format_message())
    except click.Abort:
        _fail("interrupted")
    except CorpusError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        _fail(f"{len(error.problems)} problem(s) in the corpus; nothing was loaded")
    except CollectscriptError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader has closed the pipe; what it wanted is written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(ExitStatus.OK)


def _fail(message: str) -> NoReturn:
    print(f"collectscript: {message}", file=sys.stderr)
    sys.exit(ExitStatus.WRONG_USE)


def _load(data: str | None) -> KnowledgeBase:
    from collectscript.knowledge import load

    return load(data)


def _context(values: dict[str, Any]) -> Context:
    from collectscript.context import Context

    return Context(**{name: value for name, value in values.items() if value is not None})


def _stamp(kb: KnowledgeBase) -> dict[str, str]:
    """Return what every JSON object says about where it comes from."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("collectscript")
    except PackageNotFoundError:
        number = "unknown"
    return {"version": number, "content_hash": kb.content_hash, "law_date": LAW_DATE}


def _text(kb: KnowledgeBase) -> Text:
    from shutil import get_terminal_size

    from collectscript.report import WIDTH, Text

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = min(get_terminal_size((WIDTH, 24)).columns, 100) if sys.stdout.isatty() else WIDTH
    return Text(kb.tables, colour=colour, width=width)


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote("".join(char for char in text if char.isprintable()))


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode(), flush=True)


def _stream(answer: Any) -> NoReturn:
    """Answer every line of stdin with one JSON object, at once; 0 if any line matched."""
    any_matched = False
    for line in _lines():
        value, matched = answer(line)
        any_matched = any_matched or matched
        _print_json(value)
    sys.exit(ExitStatus.OK if any_matched else ExitStatus.NOTHING)


def _lines() -> Iterator[str]:
    for number, raw in enumerate(sys.stdin.buffer, 1):
        try:
            yield raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            _fail(f"stdin:{number}: byte {raw[error.start]:#04x} is not UTF-8; convert the input to UTF-8")


def _match_line(
    kb: KnowledgeBase, line: str, limit: int, threshold: float | None
) -> tuple[dict[str, Any], bool]:
    from collectscript.report import match_json

    result: MatchResult = kb.match(line, limit=limit, threshold=threshold)
    return match_json(result, _stamp(kb)), result.matched


def _corpus_folder(data: str | None, paths: tuple[str, ...]) -> Path:
    """Return the corpus folder that the first of `paths` lies in."""
    from collectscript.corpus import find_data

    if data is not None:
        return find_data(data)
    first = Path(paths[0])
    if not first.exists():
        _fail(f"no such file or folder: {first}")
    for folder in (first, *first.resolve().parents):
        if (folder / "taxonomy.tsv").is_file():
            return folder
    return _fail(f"{first} lies in no corpus folder: none above it has a taxonomy.tsv")
