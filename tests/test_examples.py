"""Every example in the guides runs and gives what stands there."""

from __future__ import annotations

import ast
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import collectscript as cs
from collectscript.cli.base import cli
from collectscript.overlay import CODES
from collectscript.review import CODES as REVIEW_CODES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = {"python", "console"}
KINDS = {*RUN, "", "sh", "markdown"}
"""Kinds of blocks: `sh` sets things up or stands for many calls, no name shows a format or what a file looks like."""


def blocks(path: Path) -> list[tuple[str, str]]:
    """Return the kind and text of every block of a page."""
    return [(found[1], found[2]) for found in FENCE.finditer(path.read_text(encoding="utf-8"))]


PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md"]
GUIDES = [path for path in PAGES if RUN & {kind for kind, _ in blocks(path)}]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with a copy of the examples, in which a reader would try them."""
    shutil.copytree(DOCS / "examples", tmp_path / "docs" / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_examples_run(guide: Path, place: Path, kb: cs.KnowledgeBase) -> None:
    """The Python of a guide runs from top to bottom, its assertions hold; its commands print what is shown.

    Short examples start from a loaded `kb`.
    """
    names: dict[str, object] = {"__name__": guide.name, "cs": cs, "kb": kb}
    for kind, text in blocks(guide):
        if kind == "python":
            exec(compile(text, guide.name, "exec"), names)  # our own documentation
            told(text, names)
        elif kind == "console":
            session(text)


def test_every_block_has_a_kind_that_is_known() -> None:
    """A block of any other kind would be an example that nothing runs."""
    assert [] == [(path.name, kind) for path in PAGES for kind, _ in blocks(path) if kind not in KINDS]


def test_commands_of_the_readme_run(place: Path) -> None:
    """What the README shows for the command line is right use."""
    lines = [line for kind, text in blocks(ROOT / "README.md") if kind == "sh" for line in text.splitlines()]
    commands = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("collectscript ")]

    assert len(commands) >= 5
    for args in commands:
        assert 0 == CliRunner().invoke(cli, args, catch_exceptions=False).exit_code, args


def told(text: str, names: dict[str, object]) -> None:
    """Check lines such as `result.matched  # True`, where a comment that is a value says what comes out."""
    for line in text.splitlines():
        expression, mark, comment = line.partition("#")
        try:
            value = ast.literal_eval(comment.strip())
            code = compile(expression.strip(), "line", "eval")
        except (SyntaxError, ValueError):
            continue
        assert not mark or eval(code, names) == value, line  # our own documentation


def session(text: str) -> None:
    """Run the commands of a console block and compare what they print, `…` standing for anything."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        program, *args = shlex.split(command)
        assert program == "collectscript"
        done = CliRunner().invoke(cli, args, catch_exceptions=False)

        assert done.exit_code in {0, 1}, done.output
        assert shows(done.stdout.rstrip("\n"), expected.rstrip("\n")), (command, done.stdout)


def shows(output: str, expected: str) -> bool:
    """Tell whether an output is as expected, `…` standing for anything, on a line of its own for any lines."""
    pieces = [piece.removesuffix("\n") for piece in re.split(r"\n?…", expected)]
    if not output.startswith(pieces[0]) or (len(pieces) == 1 and output != pieces[0]):
        return False
    at = len(pieces[0])
    for piece in pieces[1:]:
        found = output.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not pieces[-1] or output.endswith(pieces[-1])


def test_the_example_overlay_is_clean(place: Path) -> None:
    """The example overlay passes lint; only that ours has changed since may be said of it."""
    done = CliRunner().invoke(cli, ["lint", "docs/examples/acme"], catch_exceptions=False)

    assert [line for line in done.stdout.splitlines() if "CS261" not in line] == []


def test_overlay_rules_are_documented() -> None:
    """The guide for companies lists every rule that only overlays have, word for word."""
    guide = (DOCS / "companies.md").read_text(encoding="utf-8")

    for code, text in (CODES | REVIEW_CODES).items():
        assert f"| {code} | {text} |" in guide
