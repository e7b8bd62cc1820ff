"""Write the generated pages of the documentation: `python -m collectscript.docs docs`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from collectscript.apidoc import reference
from collectscript.cli.base import COMMANDS, cli
from collectscript.lint import rules

NOTE = "<!-- Generated: python -m collectscript.docs docs -->\n"


def lint_codes() -> str:
    """Return the table of lint rules."""
    head = "# Lint rules\n\nCS0nn are found while reading and stop a corpus from loading; CS1nn (one entry, one response) and\n"
    head += "CS2nn (the corpus as a whole) are about quality and only `collectscript lint` reports them.\n\n"
    rows = [f"| {rule.code} | {rule.text} |" for rule in rules()]
    return f"{NOTE}{head}" + "\n".join(["| code | rule |", "|---|---|", *rows]) + "\n"


def commands() -> str:
    """Return the help of every command."""
    parts = [f"{NOTE}# Commands\n"]
    for name in ("", *COMMANDS):
        top = click.Context(cli, info_name="collectscript", max_content_width=100, terminal_width=100)
        context = top
        if name:
            command = cli.get_command(top, name)
            assert command is not None
            context = click.Context(command, info_name=name, parent=top, max_content_width=100, terminal_width=100)
        parts.append(f"## collectscript {name}".rstrip() + f"\n\n```\n{context.get_help()}\n```\n")
    return "\n".join(parts)


def api() -> str:
    """Return the reference of everything public."""
    return f"{NOTE}{reference()}"


PAGES = {"lint-codes.md": lint_codes, "cli.md": commands, "api.md": api}
"""Generated page and what makes it."""


def main(folder: Path) -> None:
    """Write every generated page into `folder`."""
    for name, make in PAGES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
