"""The command that writes the wrap-up note of a call."""

from __future__ import annotations

import sys
from typing import Any

import click

from collectscript.cli.base import ExitStatus, context_of, context_options, json_option, load_kb, print_json, stamp


@click.command("note")
@click.argument("text", nargs=-1, required=True)
@click.option("--promise-date", help="The day promised, YYYY-MM-DD.")
@click.option("--promised-amount", help="The sum promised, in yuan.")
@click.option("--name", "names", multiple=True, help="A name to mask in the customer's words; repeat for more.")
@context_options
@json_option
@click.pass_context
def note_command(
    ctx: click.Context,
    /,
    *,
    text: tuple[str, ...],
    promise_date: str | None,
    promised_amount: str | None,
    names: tuple[str, ...],
    as_json: bool,
    **context: Any,
) -> None:
    """Write the wrap-up note for TEXT: reason, promised day and sum, words to read back, next step.

    Numbers that identify a person are masked in the customer's words.
    """
    from collectscript.slots import Facts

    kb = load_kb(ctx.obj)
    known = context_of(context)
    facts = Facts(promise_date=promise_date, promised_amount=promised_amount)
    note = kb.respond(" ".join(text), known).note(context=known, facts=facts, names=names)
    if as_json:
        from collectscript.report import SCHEMA

        print_json({"schema": SCHEMA, **stamp(kb), **note.to_json()})
    else:
        click.echo(note.text())
    sys.exit(ExitStatus.OK)
