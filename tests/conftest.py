"""Shared fixtures: the shipped corpus, loaded once, and a tiny corpus to break and to learn in a second."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import collectscript as cs
from collectscript.corpus import load_corpus
from collectscript.files import find_data
from collectscript.model import Corpus
from collectscript.site import site_files
from collectscript.tables import OWNER_FILES

TINY = Path(__file__).parent / "corpora" / "tiny"


@pytest.fixture(scope="session")
def kb() -> cs.KnowledgeBase:
    """The shipped corpus."""
    return cs.load()


@pytest.fixture(scope="session")
def shipped_site(kb: cs.KnowledgeBase) -> dict[str, bytes]:
    """The files of the site of the shipped corpus, made once."""
    return site_files(kb, law_date="2026-11-22")


@pytest.fixture(scope="session")
def shipped() -> Corpus:
    """The shipped corpus, read without learning."""
    return load_corpus(find_data())


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A corpus folder of four entries with the shipped owner files and word lists, free to be changed."""
    return copy_tiny(tmp_path / "corpus")


@pytest.fixture(scope="session")
def tiny_kb(tmp_path_factory: pytest.TempPathFactory) -> cs.KnowledgeBase:
    """The tiny corpus, loaded once."""
    return cs.load(copy_tiny(tmp_path_factory.mktemp("tiny") / "corpus"))


def copy_tiny(target: Path) -> Path:
    """Copy the tiny corpus and the shipped owner files to a new folder."""
    shutil.copytree(TINY, target)
    data = find_data()
    for name in OWNER_FILES:
        shutil.copy(data / name, target / name)
    shutil.copytree(data / "wording", target / "wording")
    return target
