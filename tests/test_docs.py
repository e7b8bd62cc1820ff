"""The documentation says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import collectscript as cs
from collectscript import entries
from collectscript.cli.base import COMMANDS
from collectscript.docs import PAGES
from collectscript.lint import rules
from collectscript.tables import OWNER_FILES

ROOT = Path(__file__).parents[1]
FORMAT = (ROOT / "docs" / "entry-format.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_pages_are_current(name: str) -> None:
    """The generated pages are what the code makes of them now."""
    assert PAGES[name]() == (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_entry_format_names_everything() -> None:
    """The entry format names every section, field, note and owner file that the reader knows."""
    known = [*entries.SECTIONS, *entries.UTTERANCE_SECTIONS, *entries.CHECK_SECTIONS, *entries.FIELDS]
    known += [*entries.OTHER_FIELDS, *entries.NOTES, *OWNER_FILES]

    assert [] == [name for name in known if name not in FORMAT]


def test_author_page_names_every_section_and_field() -> None:
    """The authors' page has the same sections and fields."""
    page = (ROOT / "data" / "README.md").read_text(encoding="utf-8")

    assert [] == [name for name in (*entries.SECTIONS, *entries.FIELDS, *entries.NOTES) if name not in page]


def test_rule_numbers_in_the_format_exist() -> None:
    """Every CS number in the entry format is a rule."""
    assert set(re.findall(r"CS\d{3}", FORMAT)) <= {rule.code for rule in rules()}


def test_commands_in_the_readme_exist() -> None:
    """The README's commands are commands."""
    used = set(re.findall(r"^collectscript ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))

    assert used
    assert used <= set(COMMANDS)


def test_python_in_the_readme_runs(kb: cs.KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's example runs and gives what its comments say."""
    monkeypatch.setattr(cs, "load", lambda: kb, raising=False)
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, object] = {}

    exec(code[1], names)  # our own README

    assert names["result"].matched  # type: ignore[attr-defined]
    assert "already-paid" == names["result"].matches[0].objection.id  # type: ignore[attr-defined]
    assert names["answer"].responses[0].reasons  # type: ignore[attr-defined]


def test_links_between_documents_exist() -> None:
    """Every relative link of a document leads to a file."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "data" / "README.md"]
    dead = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]

    assert [] == dead
