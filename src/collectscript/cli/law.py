"""Commands about what may be said and when: check, may-contact."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collectscript.cli.base import ExitStatus, fail, json_option, load_kb, print_json, stamp, stdin_lines

if TYPE_CHECKING:
    from collectscript.checking import Finding
    from collectscript.contact import Contact
    from collectscript.knowledge import KnowledgeBase

_PATH = re.compile(r"[^\s\u3000-\u9fff]+\.(?:md|markdown|txt|tsv|tab)|(?:\.{0,2}|~)/[^\s\u3000-\u9fff]*", re.IGNORECASE)
"""What somebody writes who means a file."""
_COLUMNS = ("at", "answered", "channel", "party", "number", "refused", "invalid", "inbound")
_FLAGS = ("answered", "refused", "invalid", "inbound")
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0", ""})


def _call_options(command: Any) -> Any:
    """Add the options that say to whom, about what, by whom and how."""
    options = [
        click.option("--sector", help="Sector, an id of facets.tsv."),
        click.option("--party", help="To whom: debtor, third-party, company, guarantor, representative."),
        click.option("--role", help="By whom: creditor, agency, lawyer."),
        click.option("--channel", help="How: phone, sms, wechat, ..."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command("check")
@click.argument("text", nargs=-1)
@click.option("--file", "file", type=click.Path(path_type=Path), help="Check a file: Markdown, tab-separated or plain.")
@_call_options
@json_option
@click.pass_context
def check_command(
    ctx: click.Context, /, *, text: tuple[str, ...], file: Path | None, as_json: bool, **call: str | None
) -> None:
    """Check TEXT, or a file, against the compliance rules; `-` reads one text a line, prints one JSON object a line.

    The exit status is 1 when something is forbidden or something required is missing, 0 for cautions alone.
    """
    if bool(text) == (file is not None):
        fail("give either TEXT or --file PATH")
    kb = load_kb(ctx.obj)
    if file is not None:
        bad = _check_file(kb, file, call, as_json)
    elif text == ("-",):
        bad = _check_lines(kb, call)
    else:
        bad = _check_text(kb, " ".join(text), call, as_json)
    sys.exit(ExitStatus.NOTHING if bad else ExitStatus.OK)


@click.command("may-contact")
@click.option("--at", help="The moment with its time zone, 2026-11-25T21:00+08:00; default: now, here.")
@click.option(
    "--history",
    type=click.Path(path_type=Path),
    help="Contacts so far, tab-separated with a header: at, answered, and of channel, party, number, refused, invalid, "
    "inbound what is known.",
)
@click.option("--party", default="debtor", show_default=True, help="Whom, an id of facets.tsv.")
@click.option("--sector", help="About what, an id of facets.tsv.")
@click.option("--channel", default="phone", show_default=True, help="How, an id of facets.tsv.")
@click.option("--number", help="The number to be called; attempts are counted for each.")
@click.option("--visitors", type=int, help="People who go, for a visit.")
@click.option("--pack", default="cn", show_default=True, help="The jurisdiction.")
@json_option
@click.pass_context
def may_contact_command(
    ctx: click.Context, /, *, at: str | None, history: Path | None, as_json: bool, **question: Any
) -> None:
    """Say whether somebody may be contacted now, why not, and from when.

    The exit status is 0 when it is allowed and 1 when it is not.
    """
    from collectscript.contact import may_contact
    from collectscript.verdicts import permission_json, permission_text

    moment = _moment("--at", at) if at is not None else datetime.now().astimezone()
    permission = may_contact(moment, _history(history) if history else (), **question)
    if as_json:
        print_json(permission_json(permission, stamp(load_kb(ctx.obj))))
    else:
        click.echo(permission_text(permission))
    sys.exit(ExitStatus.OK if permission.allowed else ExitStatus.NOTHING)


# -- check -------------------------------------------------------------------------------------------------


def _check_text(kb: KnowledgeBase, text: str, call: dict[str, str | None], as_json: bool) -> bool:
    from collectscript.verdicts import check_json, unlawful

    if _PATH.fullmatch(text):
        hint = "check takes text" if Path(text).exists() else "no such file, and check takes text"
        fail(f"{text} looks like a file: {hint}; write --file {text}")
    findings = kb.check(text, **call)
    if as_json:
        print_json(check_json(text, findings, stamp(kb)))
    else:
        _print_findings(kb, [(f"{one.start}-{one.end} ", one) for one in findings])
    return unlawful(findings)


def _check_lines(kb: KnowledgeBase, call: dict[str, str | None]) -> bool:
    """Answer every line of stdin at once; tell whether any of them is unlawful."""
    from collectscript.verdicts import check_json, unlawful

    bad = False
    for line in stdin_lines():
        findings = kb.check(line, **call)
        bad = unlawful(findings) or bad
        print_json(check_json(line, findings, stamp(kb)))
    return bad


def _check_file(kb: KnowledgeBase, file: Path, call: dict[str, str | None], as_json: bool) -> bool:
    from collectscript.documents import pieces, place
    from collectscript.report import SCHEMA
    from collectscript.verdicts import finding_json, unlawful

    text = _read(file)
    found: list[tuple[int, int, int, Finding]] = []
    for piece in pieces(file.name, text):
        for finding in kb.check(piece.text, **call):
            line, column = place(text, piece.start + finding.start)
            found.append((piece.start, line, column, finding))
    if as_json:
        findings = [
            finding_json(one) | {"start": start + one.start, "end": start + one.end, "line": line, "column": column}
            for start, line, column, one in found
        ]
        print_json({"schema": SCHEMA, **stamp(kb), "file": str(file), "findings": findings})
    else:
        _print_findings(kb, [(f"{file}:{line}:{column}: ", one) for _, line, column, one in found])
    return unlawful([one for *_, one in found])


def _print_findings(kb: KnowledgeBase, found: list[tuple[str, Finding]]) -> None:
    from collectscript.verdicts import finding_text

    sources = {source.key: source for source in kb.corpus.law.sources} if found else {}
    for where, finding in found:
        click.echo(finding_text(finding, where, sources))
    click.echo(f"{len(found)} finding(s)", err=True)


# -- may-contact ---------------------------------------------------------------------------------------------


def _history(file: Path) -> list[Contact]:
    """Read a table of contacts; wrong use names the file and line."""
    from collectscript.contact import Contact

    rows = [line.split("\t") for line in _read(file).split("\n")]
    header = rows[0]
    unknown = [name for name in header if name not in _COLUMNS]
    if unknown or header[:2] != ["at", "answered"]:
        fail(f"{file}:1: the header is {' | '.join(header)}; write at, answered and of {', '.join(_COLUMNS[2:])}")
    contacts: list[Contact] = []
    for number, cells in enumerate(rows[1:], 2):
        if cells == [""]:
            continue
        if len(cells) != len(header):
            fail(f"{file}:{number}: {len(cells)} columns where the header has {len(header)}")
        row = dict(zip(header, cells, strict=True))
        yes = {name for name in _FLAGS if _flag(f"{file}:{number}: {name}", row.get(name, ""))}
        contacts.append(
            Contact(
                at=_moment(f"{file}:{number}: at", row["at"]),
                answered="answered" in yes,
                channel=row.get("channel") or "phone",
                party=row.get("party") or "debtor",
                number=row.get("number") or None,
                refused="refused" in yes,
                invalid="invalid" in yes,
                inbound="inbound" in yes,
            )
        )
    return contacts


def _flag(where: str, value: str) -> bool:
    if value.lower() not in _YES | _NO:
        fail(f"{where} {value!r}; write yes or no")
    return value.lower() in _YES


def _moment(where: str, value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        fail(f"{where} {value!r} is no moment; write 2026-11-25T21:00+08:00")


def _read(file: Path) -> str:
    """Return the text of a UTF-8 file; anything else is wrong use."""
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        fail(f"{file}:{line}: byte {data[error.start]:#04x} is not UTF-8; convert the file to UTF-8")
