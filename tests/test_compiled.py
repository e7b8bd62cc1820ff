"""What is kept of a corpus between starts: an edit relearns only what it touches."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import copy_tiny

from collectscript import compiled
from collectscript.compiled import compile_corpus


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv("COLLECTSCRIPT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def parts(cache: Path) -> set[str]:
    return {path.name for path in cache.glob("part-*")}


def test_a_changed_answer_leaves_matching_as_it_was(cache: Path, tmp_path: Path) -> None:
    """What customers say is not learned again because an answer was reworded; what may be said is."""
    corpus = copy_tiny(tmp_path / "corpus")
    before = compile_corpus(corpus)
    known = parts(cache)
    entry = corpus / "objections" / "forgot.md"
    text = entry.read_text(encoding="utf-8")
    entry.write_text(text.replace("1. 接住：", "1. 接住：好的，"), encoding="utf-8")

    after = compile_corpus(corpus)

    assert after.content_hash != before.content_hash
    assert len(parts(cache) - known) == 1
    assert after.index.rows == before.index.rows
    assert after.objection("forgot").responses != before.objection("forgot").responses


def test_a_new_utterance_is_learned(cache: Path, tmp_path: Path) -> None:
    """A new sentence of a customer gives a new index."""
    corpus = copy_tiny(tmp_path / "corpus")
    compile_corpus(corpus)
    known = parts(cache)
    entry = corpus / "objections" / "forgot.md"
    text = entry.read_text(encoding="utf-8")
    entry.write_text(text.replace("### 常见说法\n\n", "### 常见说法\n\n- 脑子一热给忙没了\n"), encoding="utf-8")

    index = compile_corpus(corpus).index

    assert len(parts(cache)) == len(known) + 1
    assert index.classes[index.exact["脑子一热给忙没了"]] == "forgot"


def test_the_cache_keeps_the_newest(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms of corpora as they were many edits ago are deleted."""
    monkeypatch.setattr(compiled, "_KEPT_FORMS", 2)
    corpus = copy_tiny(tmp_path / "corpus")
    entry = corpus / "objections" / "forgot.md"
    for _ in range(4):
        entry.write_text(entry.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        compile_corpus(corpus)

    assert len(list(cache.glob("form-*"))) == 2
