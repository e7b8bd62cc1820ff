"""Load a corpus with overlays on top: each is read strictly, merged, learned against the frozen base, and cached."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from collectscript.compiled import (
    Compiled,
    Made,
    OwnRules,
    cache_folder,
    code_hash,
    compile_files,
    compiled_name,
    prune,
    read_form,
    write,
)
from collectscript.errors import CorpusError, CorpusNotFound
from collectscript.files import content_hash, read_files
from collectscript.model import NONE, Corpus
from collectscript.problems import Problem

MANIFEST = "overlay.md"
"""The file that makes a folder an overlay."""
CACHE_PREFIX = "overlay-"
KEPT = 16
"""Compiled overlays that the cache keeps, the newest; every edit of an overlay makes one of some megabytes."""
_MAKERS = ("authority", "columns", "grow", "grow_rules", "layers", "lint", "overlay", "slots", "tightening")
"""Modules beside those of the base whose change changes what is made of an overlay."""


def compile_layers(folder: Path, overlays: Sequence[Path]) -> Compiled:
    """Return the compiled form of a corpus folder with overlays over it, later over earlier.

    Raises:
        CorpusNotFound: An overlay is not a folder.
        CorpusError: The corpus or an overlay is not valid; the error lists every problem, and nothing is loaded.

    """
    base_files = read_files(folder)
    if not overlays:
        return compile_files(base_files)
    read = [(path, read_overlay(path)) for path in overlays]
    target = cache_folder() / _name(base_files, [files for _, files in read])
    found = read_form(target)
    if found is not None:
        return found
    made = _make(base_files, read)
    write(made, target)
    prune(target.parent, CACHE_PREFIX, KEPT)
    return Compiled(*made)


def read_overlay(folder: Path) -> dict[str, bytes]:
    """Return the files of an overlay folder; `CorpusNotFound` when there is none."""
    if not folder.is_dir():
        reason = "is not a folder" if folder.exists() else "does not exist"
        msg = f"no overlay at {folder}: it {reason}"
        raise CorpusNotFound(msg)
    return read_files(folder)


def overlay_of(path: Path) -> Path | None:
    """Return the overlay folder that a path lies in, as the user would write it; None when it lies in none."""
    here, place = Path.cwd(), path.resolve()
    for folder in (place, *place.parents):
        if (folder / MANIFEST).is_file():
            return folder.relative_to(here) if folder.is_relative_to(here) else folder
    return None


def located(problems: Sequence[Problem], folder: Path) -> list[Problem]:
    """Return problems of an overlay with its folder before their paths."""
    return [Problem((folder / one.path).as_posix(), one.line, one.code, one.message) for one in problems]


def _make(base_files: Mapping[str, bytes], overlays: Sequence[tuple[Path, Mapping[str, bytes]]]) -> Made:
    # Reading and learning need markdown-it-py and numpy; a start from the compiled form needs neither.
    from collectscript.grow import grow_index
    from collectscript.overlay import Layers, lay

    base = compile_files(base_files)
    index = base.index
    said = {text: index.classes[number] for text, number in index.exact.items()}
    layers = Layers.of(base.corpus(), base_files, said)
    problems: list[Problem] = []
    for path, files in overlays:
        layers, found = lay(layers, files, index.folder)
        problems += located(found, path)
    if problems:
        raise CorpusError(problems)
    own = None
    if layers.corpus.law is not base.law:
        from collectscript.grow_rules import grow_phrases

        own = OwnRules(layers.rules.ours, layers.rules.own_law(), grow_phrases(base.phrases, layers.rules))
    return base.remade(layers.corpus, grow_index(index, groups(base, layers.corpus)), own)


def groups(base: Compiled, corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """Return the folded utterances of every objection, in taxonomy order, and then the background as `none`.

    Those of entries that are the base's own are not folded again.
    """
    index = base.index
    before = dict(zip(index.classes, index.utterances, strict=True))
    same = {id(base.objection(entry_id)) for entry_id in base.ids}
    fold = index.folder.fold
    found = {
        entry.id: before[entry.id] if id(entry) in same else tuple(fold(text) for text in entry.utterances)
        for entry in corpus.objections
    }
    found[NONE] = tuple(fold(text) for topic in corpus.background for text in topic.utterances)
    return found


def _name(base_files: Mapping[str, bytes], overlays: Sequence[Mapping[str, bytes]]) -> str:
    parts = [compiled_name(base_files), code_hash(_MAKERS), *(content_hash(files) for files in overlays)]
    return CACHE_PREFIX + hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
