"""Commands that look up: match, respond, show, list, openers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from collectscript.cli.base import (
    ExitStatus,
    context_of,
    context_options,
    fail,
    json_option,
    limit_option,
    load_kb,
    print_json,
    quoted,
    stamp,
    stream,
    text_writer,
    threshold_option,
)

if TYPE_CHECKING:
    from collectscript.knowledge import KnowledgeBase
    from collectscript.model import ComplianceRule


@click.command("match")
@click.argument("text", nargs=-1, required=True)
@json_option
@limit_option
@threshold_option
@click.pass_context
def match_command(
    ctx: click.Context, text: tuple[str, ...], as_json: bool, limit: int, threshold: float | None
) -> None:
    """Say which objections TEXT may be; `-` reads one utterance a line and prints one JSON object a line."""
    kb = load_kb(ctx.obj)
    if text == ("-",):
        stream(lambda line: _match_line(kb, line, limit, threshold))
    result = kb.match(" ".join(text), limit=limit, threshold=threshold)
    if as_json:
        from collectscript.report import match_json

        print_json(match_json(result, stamp(kb)))
    else:
        click.echo(text_writer(kb).match(result))
        if result.matched:
            click.echo("\n下一步：collectscript respond " + quoted(result.text))
    sys.exit(ExitStatus.OK if result.matched else ExitStatus.NOTHING)


@click.command("respond")
@click.argument("text", nargs=-1, required=True)
@context_options
@click.option("--said", multiple=True, help="What the customer said before, to guess the customer type; repeat.")
@json_option
@limit_option
@threshold_option
@click.pass_context
def respond_command(
    ctx: click.Context,
    /,
    *,
    text: tuple[str, ...],
    said: tuple[str, ...],
    as_json: bool,
    limit: int,
    threshold: float | None,
    **context: Any,
) -> None:
    """Say what to answer to TEXT in this call; `-` reads one utterance a line."""
    from collectscript.report import answer_json

    kb = load_kb(ctx.obj)
    known = context_of(context)
    if said:
        known = kb.guess_customer(said).fill(known)
    if text == ("-",):

        def answer_line(line: str) -> tuple[dict[str, Any], bool]:
            found = kb.respond(line, known, limit=limit, threshold=threshold)
            return answer_json(found, stamp(kb)), found.match.matched or bool(found.stops)

        stream(answer_line)
    answer = kb.respond(" ".join(text), known, limit=limit, threshold=threshold)
    if as_json:
        print_json(answer_json(answer, stamp(kb)))
    else:
        click.echo(text_writer(kb).answer(answer))
    sys.exit(ExitStatus.OK if answer.match.matched or answer.stops else ExitStatus.NOTHING)


@click.command("show")
@click.argument("name")
@json_option
@click.pass_context
def show_command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show one objection or compliance rule, by id or by title."""
    from collectscript.report import objection_json

    kb = load_kb(ctx.obj)
    by_title = {entry.title: entry.id for entry in kb}
    rule = next((one for one in kb.rules.values() if name in {one.id, one.title}), None)
    if rule is not None and name not in kb and name not in by_title:
        _show_rule(kb, rule, as_json)
        return
    entry = kb[by_title.get(name, name)]
    if as_json:
        print_json(objection_json(entry, stamp(kb)))
    else:
        click.echo(text_writer(kb).objection(entry))


@click.command("list")
@click.option("--group", help="Only this group.")
@click.option("--technique", help="Only entries with a response of this technique, structure or influence.")
@click.option("--customer-type", help="Only entries with a response for this customer type.")
@click.option("--rules", is_flag=True, help="The compliance rules instead, with where each comes from.")
@json_option
@click.pass_context
def list_command(
    ctx: click.Context,
    /,
    *,
    group: str | None,
    technique: str | None,
    customer_type: str | None,
    rules: bool,
    as_json: bool,
) -> None:
    """List the objections, or the compliance rules."""
    from collectscript.model import BUNDLED, CUSTOMER_AXES
    from collectscript.problems import near

    if rules and (group or technique or customer_type):
        fail("--rules lists all rules; leave out --group, --technique and --customer-type")
    kb = load_kb(ctx.obj)
    if rules:
        _list_rules(kb, as_json)
        return
    for value, axes in ((technique, ("technique", "structure", "influence")), (customer_type, CUSTOMER_AXES)):
        known = kb.tables.ids(*axes)
        if value is not None and value not in known:
            fail(f"{value!r} is not an id of facets.tsv{near(value, known)}")
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

        rows = [
            {"id": one.id, "title": one.title, "gloss": one.gloss, "group": one.group, "origin": one.origin}
            for one in entries
        ]
        print_json({"schema": SCHEMA, **stamp(kb), "objections": rows})
    else:
        from collectscript.report import display_width

        for entry in entries:
            pad = " " * max(1, 22 - len(entry.id))
            gap = " " * max(2, 40 - display_width(entry.title))
            origin = "" if entry.origin == BUNDLED else f"  · {entry.origin}"
            click.echo(f"{entry.id}{pad}{entry.title}{gap}{entry.gloss}{origin}")
    sys.exit(ExitStatus.OK if entries else ExitStatus.NOTHING)


@click.command("openers")
@context_options
@json_option
@limit_option
@click.pass_context
def openers_command(ctx: click.Context, /, as_json: bool, limit: int, **context: Any) -> None:
    """Say how to open this call."""
    from collectscript.report import SCHEMA, ranked_json

    kb = load_kb(ctx.obj)
    ranked = kb.openers(context_of(context), limit=limit)
    if as_json:
        print_json({"schema": SCHEMA, **stamp(kb), "openers": [ranked_json(one) for one in ranked]})
    else:
        click.echo(text_writer(kb).ranked(ranked))
    sys.exit(ExitStatus.OK if ranked else ExitStatus.NOTHING)


def _show_rule(kb: KnowledgeBase, rule: ComplianceRule, as_json: bool) -> None:
    from collectscript.verdicts import rule_json, rule_text

    if as_json:
        print_json(rule_json(rule, stamp(kb)))
        return
    axes = ("sector", "party", "role", "channel")
    names = {facet.id: facet.name for facet in kb.tables.facets if facet.facet in axes}
    click.echo(rule_text(rule, {source.key: source for source in kb.corpus.law.sources}, names))


def _list_rules(kb: KnowledgeBase, as_json: bool) -> None:
    from collectscript.model import BUNDLED, SEVERITIES
    from collectscript.report import SCHEMA, display_width
    from collectscript.verdicts import rule_row

    if as_json:
        print_json({"schema": SCHEMA, **stamp(kb), "rules": [rule_row(rule) for rule in kb.rules.values()]})
        return
    for rule in kb.rules.values():
        pad = " " * max(1, 34 - len(rule.id))
        gap = " " * max(2, 40 - display_width(rule.title))
        origin = "" if rule.origin == BUNDLED else f"{gap}· {rule.provenance}"
        click.echo(f"{rule.id}{pad}{SEVERITIES[rule.severity]} {rule.title}{origin}")


def _match_line(kb: KnowledgeBase, line: str, limit: int, threshold: float | None) -> tuple[dict[str, Any], bool]:
    from collectscript.report import match_json

    result = kb.match(line, limit=limit, threshold=threshold)
    return match_json(result, stamp(kb)), result.matched
