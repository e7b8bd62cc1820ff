"""Reading plain lines quickly gives what the Markdown parser gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collectscript.files import find_data
from collectscript.markdown import Section, _Builder, read_document
from collectscript.problems import Problem


def shape(section: Section) -> tuple[object, ...]:
    """Return everything a section holds, as comparable values."""
    items = (section.paragraphs, section.bullets, section.steps, section.quotes, section.tables)
    return (section.title, section.level, section.line, *items, [shape(one) for one in section.children])


def both(body: str) -> tuple[bool, Section, Section, list[Problem], list[Problem]]:
    """Read a body both ways."""
    quick, slow = Section("", 0, 1), Section("", 0, 1)
    quick_problems: list[Problem] = []
    slow_problems: list[Problem] = []
    plain = _Builder("a.md", quick_problems, 0).build_plain(quick, body)
    _Builder("a.md", slow_problems, 0).build(slow, body)
    return plain, quick, slow, quick_problems, slow_problems


STARTS = ["", "- ", "1. ", "12. ", "> ", "# ", "## ", "### ", "  ", "-", "* ", "```", "<b>", "| a | b |", "---", "\t"]
TEXTS = [
    "",
    "话",
    "a b",
    "1号还",
    "2026. x",
    "3) x",
    "# x",
    "> x",
    "- x",
    "12",
    "x #",
    "*x*",
    "&amp;",
    "[a]: b",
    "：",
    ":-",
    "\u3000x ",
]
LINES = st.builds(lambda start, text: start + text, st.sampled_from(STARTS), st.sampled_from(TEXTS))


@given(st.lists(LINES, max_size=8))
@example(["- a", "", "- b", "c"])
@example(["a", "2. b"])
@example(["> a", "b"])
@example(["# a #"])
def test_plain_lines_read_alike(lines: list[str]) -> None:
    """Whatever the quick way accepts, it reads as the parser does."""
    plain, quick, slow, quick_problems, slow_problems = both("\n".join(lines))

    if plain:
        assert shape(quick) == shape(slow)
        assert quick_problems == slow_problems


def corpus_files() -> list[Path]:
    """Return every Markdown file of the shipped corpus."""
    return sorted(find_data().rglob("*.md"))


def test_corpus_reads_alike() -> None:
    """Every file of the corpus reads the same both ways, and nearly all are plain."""
    plain = 0
    for path in corpus_files():
        body = path.read_text(encoding="utf-8").partition("\n---\n")[2]
        accepted, quick, slow, quick_problems, slow_problems = both(body)
        plain += accepted
        if accepted:
            assert shape(quick) == shape(slow), path
            assert quick_problems == slow_problems, path

    assert plain > 0.9 * len(corpus_files())


@pytest.mark.parametrize("body", ["- a\n  - b", "- a\nb", "1) a", "```\n# a\n```", "a\n- b", "* a", "| a |\n|---|"])
def test_other_markdown_goes_to_the_parser(body: str) -> None:
    """Nesting, lazy lines and any other markup are left to the parser."""
    assert not both(body)[0]


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    """An item's line counts the head."""
    document = read_document("a.md", "---\nid: a\n---\n\n# 题\n\n- 一\n".encode())

    assert document.root.children[0].bullets[0].line == 7
