"""What all commands share: the group, options, and the only code that prints, reads stdin or exits."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from enum import IntEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from collectscript.errors import CollectscriptError, CorpusError

if TYPE_CHECKING:
    from collectscript.context import Context
    from collectscript.knowledge import KnowledgeBase
    from collectscript.report import Text

LAW_DATE = "2026-11-22"
"""Day on which the legal facts behind the corpus were last checked."""

COMMANDS = {
    "match": "lookup",
    "respond": "lookup",
    "show": "lookup",
    "list": "lookup",
    "openers": "lookup",
    "lint": "corpus",
    "coverage": "corpus",
    "new": "authoring",
    "try": "authoring",
    "inbox": "authoring",
    "note": "note",
    "evaluate": "measure",
    "site": "site",
    "check": "law",
    "may-contact": "law",
}
"""Command and the module of this package it lives in, imported when it is called."""


class ExitStatus(IntEnum):
    """What the command tells the shell."""

    OK = 0
    NOTHING = 1
    WRONG_USE = 2


class Commands(click.Group):
    """A group that imports a command when it is called and takes `collectscript TEXT` as `match TEXT`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"collectscript.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `match` in front when the first word is neither a command nor an option of the group."""
        own = {name for param in self.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
        first = 0
        while first < len(args) and args[first].split("=")[0] in {"--data", "--overlay"}:
            first += 1 if "=" in args[first] else 2
        if first < len(args) and args[first] not in COMMANDS and args[first].split("=")[0] not in own:
            args = [*args[:first], "match", *args[first:]]
        return super().parse_args(ctx, args)


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    kb = load_kb(ctx.params.get("data"))
    click.echo(f"collectscript {stamp(kb)['version']}, corpus {kb.content_hash}, law checked {LAW_DATE}")
    for overlay in kb.overlays:
        click.echo(f"overlay {overlay.name} {overlay.content_hash}: {overlay.title}")
    ctx.exit()


@click.group(cls=Commands, no_args_is_help=True)
@click.option("--data", type=click.Path(), help="Folder of another corpus.", is_eager=True)
@click.option(
    "--overlay",
    "overlays",
    type=click.Path(),
    multiple=True,
    envvar="COLLECTSCRIPT_OVERLAYS",
    help="Folder of a company's scripts to lay over the corpus; repeat for more, later over earlier. Default: those in "
    "COLLECTSCRIPT_OVERLAYS, separated as in PATH.",
    is_eager=True,
)
@click.option("--version", is_flag=True, callback=_version, expose_value=False, help="Show versions and exit.")
@click.pass_context
def cli(ctx: click.Context, data: str | None, overlays: tuple[str, ...]) -> None:
    """Say what a customer says, read what to answer.

    `collectscript TEXT` is short for `collectscript match TEXT`; after `--` everything is text.
    """
    # Commands take the overlays from `overlay_folders`.
    del overlays
    ctx.obj = data


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
limit_option = click.option(
    "--limit", type=click.IntRange(min=1), default=3, show_default=True, help="At most so many."
)
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
        click.option(
            "--identity-verified/--identity-unverified",
            default=None,
            help="Whether it is proven who is on the line; unverified pauses everything but verifying.",
        ),
        click.option("--used", multiple=True, help="Technique or response id already used; repeat for more."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def main() -> NoReturn:
    """Run the command; every expected error becomes one line on stderr."""
    for output in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a question mark instead of ending in a traceback.
        if hasattr(output, "reconfigure"):
            output.reconfigure(errors="replace")
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        fail(error.format_message())
    except click.Abort:
        fail("interrupted")
    except CorpusError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        fail(f"{len(error.problems)} problem(s) in the corpus; nothing was loaded")
    except CollectscriptError as error:
        fail(str(error))
    except BrokenPipeError:
        # The reader has closed the pipe; what it wanted is written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(ExitStatus.OK)


def fail(message: str) -> NoReturn:
    """Print one line on stderr and exit as wrong use."""
    print(f"collectscript: {message}", file=sys.stderr)
    sys.exit(ExitStatus.WRONG_USE)


def load_kb(data: str | None) -> KnowledgeBase:
    """Load the corpus that `--data` names, or the bundled one, with the overlays of the command line over it."""
    from collectscript.knowledge import load

    return load(data, overlays=overlay_folders())


def overlay_folders() -> tuple[str, ...]:
    """Return the folders that `--overlay` names, or COLLECTSCRIPT_OVERLAYS."""
    found: tuple[str, ...] = click.get_current_context().find_root().params["overlays"]
    return found


def context_of(values: dict[str, Any]) -> Context:
    """Make a context of the options that were given."""
    from collectscript.context import Context

    return Context(**{name: value for name, value in values.items() if value is not None})


def stamp(kb: KnowledgeBase) -> dict[str, str]:
    """Return what every JSON object says about where it comes from."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("collectscript")
    except PackageNotFoundError:
        number = "unknown"
    return {"version": number, "content_hash": kb.content_hash, "law_date": LAW_DATE}


def text_writer(kb: KnowledgeBase) -> Text:
    """Return a writer fit for this terminal; `NO_COLOR`, pipes and narrow windows are respected."""
    from shutil import get_terminal_size

    from collectscript.report import WIDTH, Text

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = min(get_terminal_size((WIDTH, 24)).columns, 100) if sys.stdout.isatty() else WIDTH
    return Text(kb.tables, colour=colour, width=width)


def quoted(text: str) -> str:
    """Return a text quoted for a shell, control characters left out."""
    import shlex

    return shlex.quote("".join(char for char in text if char.isprintable()))


def print_json(value: object) -> None:
    """Print one JSON object on one line, at once."""
    print(json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode(), flush=True)


def stream(answer: Callable[[str], tuple[dict[str, Any], bool]]) -> NoReturn:
    """Answer every line of stdin with one JSON object, at once; 0 if any line matched."""
    any_matched = False
    for line in stdin_lines():
        value, matched = answer(line)
        any_matched = any_matched or matched
        print_json(value)
    sys.exit(ExitStatus.OK if any_matched else ExitStatus.NOTHING)


def stdin_lines() -> Iterator[str]:
    """Yield the lines of stdin as they come; what is not UTF-8 is wrong use."""
    for number, raw in enumerate(sys.stdin.buffer, 1):
        try:
            yield raw.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            fail(f"stdin:{number}: byte {raw[error.start]:#04x} is not UTF-8; convert the input to UTF-8")
