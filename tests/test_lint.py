"""Every numbered rule has one example that breaks it, and reports exactly that."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from collectscript import wording
from collectscript.corpus import read_files, read_folder
from collectscript.lint import lint, rules

CASES = Path(__file__).parent / "cases" / "lint"


def problems_of(folder: Path) -> set[str]:
    """Return everything that reading and linting a corpus folder reports."""
    files = read_files(folder)
    corpus, problems = read_folder(files)
    return {str(problem) for problem in [*problems, *lint(corpus, wording.read_folder(files))]}


def change(folder: Path, edit: dict[str, str]) -> None:
    """Apply one edit of a case to a corpus folder."""
    file = folder / edit["file"]
    if "bytes" in edit:
        file.write_bytes(edit["bytes"].encode("latin-1"))
    elif "content" in edit:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(edit["content"].encode())
    else:
        text = file.read_bytes().decode()
        assert text.count(edit["find"]) >= 1, f"{edit['find']!r} is not in {edit['file']}"
        file.write_bytes(text.replace(edit["find"], edit["replace"], 1).encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("case", sorted(CASES.glob("*.toml")), ids=lambda path: path.stem)
def test_rule_reports_its_example(tiny: Path, case: Path) -> None:
    """The edit of a case adds exactly the problems the case lists."""
    spec = tomllib.loads(case.read_text(encoding="utf-8"))
    before = problems_of(tiny)

    for edit in spec["edit"]:
        change(tiny, edit)

    added = problems_of(tiny) - before
    assert sorted(spec["expect"]) == sorted(added)
    assert any(f" {case.stem.partition('-')[0]} " in line for line in spec["expect"])


def test_every_rule_has_a_case() -> None:
    """No rule is without an example, no example without a rule."""
    assert {rule.code for rule in rules()} == {case.stem.partition("-")[0] for case in CASES.glob("*.toml")}


def test_all_problems_are_reported_at_once(tiny: Path) -> None:
    """Problems of several files come in one report, ordered by path and line."""
    change(tiny, {"file": "objections/forgot.md", "find": "- 技巧：赞美", "replace": "- 技巧：赞扬"})
    change(tiny, {"file": "objections/already-paid.md", "find": "id: already-paid", "replace": "id: already-payed"})

    _, problems = read_folder(read_files(tiny))

    codes = [problem.code for problem in problems]
    assert {"CS011", "CS012", "CS018"} <= set(codes)
    assert problems == sorted(problems)
