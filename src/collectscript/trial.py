"""Try an objection before it is handed in: what it matches, what others would take from it, what it would break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collectscript.compiled import compile_files
from collectscript.corpus import read_folder
from collectscript.errors import CorpusError
from collectscript.files import read_files
from collectscript.grow import grow_index
from collectscript.index import Index
from collectscript.layers import groups, located, read_overlay
from collectscript.markdown import read_document
from collectscript.match import Matcher
from collectscript.model import NONE, Corpus, Objection
from collectscript.overlay import Layers, lay

FOLDS = 4
"""Every utterance is judged once by an index that has not learned it; a quarter of them is left out at a time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one text."""

    text: str
    expected: str
    """The objection it should be, or `none`."""
    found: str
    """The first match when it counts, else `none`."""
    confidence: float
    """Of the first match; 0 when nothing speaks for any entry."""
    line: int
    """Line of the text in its file; 0 when it is not known."""

    @property
    def right(self) -> bool:
        """Whether it was answered as expected."""
        return self.found == self.expected


@dataclass(frozen=True, slots=True)
class Trial:
    """What an entry does to the corpus, and the corpus to it."""

    entry_id: str
    checks: tuple[Verdict, ...]
    """The check phrases that the file brings."""
    left_out: tuple[Verdict, ...]
    """Its utterances, each judged without having been learned."""
    broken: tuple[tuple[str, Verdict], ...]
    """Check phrases that were there before, by their entry, and are not answered rightly any more."""

    @property
    def stolen(self) -> tuple[Verdict, ...]:
        """Utterances that another entry would take."""
        return tuple(one for one in self.left_out if not one.right and one.found != NONE)


def try_entry(before: Index, base: Corpus, corpus: Corpus, entry_id: str, own: Sequence[str]) -> Trial:
    """Try one entry.

    Args:
        before: The index without what is tried.
        base: The corpus of that index.
        corpus: The corpus with what is tried.
        entry_id: The objection that is new, extended or replaced.
        own: The utterances that are tried: all of a new entry, those that an extension adds.

    """
    folder = before.folder
    said = {entry.id: tuple(folder.fold(text) for text in entry.utterances) for entry in corpus.objections}
    said[NONE] = tuple(folder.fold(text) for topic in corpus.background for text in topic.utterances)
    entries = {entry.id: entry for entry in corpus.objections}
    before_entries = {entry.id: entry for entry in base.objections}
    old = _matcher(before, before_entries, base)
    known = {(entry.id, check.text) for entry in base.objections for check in entry.checks}
    new = _matcher(grow_index(before, said), entries, corpus)
    return Trial(
        entry_id=entry_id,
        checks=tuple(
            _judge(new, check.text, check.expected, check.line)
            for check in entries[entry_id].checks
            if (entry_id, check.text) not in known
        ),
        left_out=tuple(_left_out(before, corpus, said, entry_id, own)),
        broken=tuple(_broken(old, new, base.objections)),
    )


def try_in_corpus(folder: Path, key: str) -> Trial:
    """Try a file of a corpus; the rest of the corpus is learned without it, once.

    Raises `CorpusError` when the corpus is not valid.
    """
    files = read_files(folder)
    corpus, problems = read_folder(files)
    if problems:
        raise CorpusError(problems)
    base = compile_files({name: content for name, content in files.items() if name != key})
    entry = next(entry for entry in corpus.objections if entry.path == key)
    return try_entry(base.index, base.corpus(), corpus, entry.id, entry.utterances)


def try_in_overlay(folder: Path, below: Sequence[Path], overlay: Path, key: str) -> Trial:
    """Try a file of an overlay over a corpus and the overlays below; the rest of the overlay is learned without it.

    Raises `CorpusError` when the corpus or an overlay is not valid.
    """
    files = read_files(folder)
    base = compile_files(files)
    index = base.index
    layers = Layers.of(base.corpus(), files, {text: index.classes[number] for text, number in index.exact.items()})
    for path in below:
        layers = _laid(layers, path, read_overlay(path), index)
    own = read_overlay(overlay)
    rest = _laid(layers, overlay, {name: content for name, content in own.items() if name != key}, index)
    after = _laid(layers, overlay, own, index)
    fields = read_document(key, own[key]).fields
    target = next(fields[name].text for name in ("extends", "replaces", "id") if name in fields)
    entry = next(entry for entry in after.corpus.objections if entry.id == target)
    known = next((set(entry.utterances) for entry in rest.corpus.objections if entry.id == target), set())
    tried = [text for text in entry.utterances if text not in known]
    return try_entry(grow_index(index, groups(base, rest.corpus)), rest.corpus, after.corpus, target, tried)


def _laid(layers: Layers, path: Path, files: Mapping[str, bytes], index: Index) -> Layers:
    laid, problems = lay(layers, files, index.folder)
    if problems:
        raise CorpusError(located(problems, path))
    return laid


def _left_out(
    before: Index, corpus: Corpus, said: Mapping[str, tuple[str, ...]], entry_id: str, own: Sequence[str]
) -> Iterable[Verdict]:
    fold = before.folder.fold
    entries = {entry.id: entry for entry in corpus.objections}
    for number in range(min(FOLDS, len(own))):
        out = own[number::FOLDS]
        folded = {fold(text) for text in out}
        kept = tuple(text for text in said[entry_id] if text not in folded)
        matcher = _matcher(grow_index(before, {**said, entry_id: kept}), entries, corpus)
        for text in out:
            yield _judge(matcher, text, entry_id, 0)


def _broken(old: Matcher, new: Matcher, entries: Iterable[Objection]) -> Iterable[tuple[str, Verdict]]:
    for entry in entries:
        for check in entry.checks:
            after = _judge(new, check.text, check.expected, check.line)
            if not after.right and _judge(old, check.text, check.expected, check.line).right:
                yield entry.id, after


def _matcher(index: Index, entries: Mapping[str, Objection], corpus: Corpus) -> Matcher:
    concerns = dict(corpus.tables.concerns)
    return Matcher(index, entries.__getitem__, lambda one: concerns.get(one, "other"))


def _judge(matcher: Matcher, text: str, expected: str, line: int) -> Verdict:
    result = matcher.match(text, limit=1)
    first = result.matches[0] if result.matches else None
    found = first.objection.id if first is not None and result.matched else NONE
    return Verdict(text, expected, found, first.confidence if first is not None else 0.0, line)
