"""The learned parts of a compiled corpus, each kept by what it is learned from: an edit relearns only what it touches.

A learner is given a corpus without everything it has no use for, and what it makes is found by the content of that
corpus and by the learner's code. It cannot read what its name does not tell of, so nothing stale is ever used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from collectscript.codec import encode
from collectscript.index import Index, from_files, to_files
from collectscript.model import Corpus, Law, Objection, Response, Safety, Stop, Tables

Files = Mapping[str, bytes]
PREFIX = "part-"
"""Begins the names of the folders of learned parts."""
_NO_TABLES = Tables((), (), (), (), (), (), ())
Save = Callable[[Path, Mapping[str, bytes]], None]


def said(corpus: Corpus) -> Corpus:
    """Return what customers say: utterances, check phrases and background, without rules and answers."""
    return _without_texts(replace(corpus, law=Law(), safety=Safety(), objections=_spoken(corpus)))


def heard(corpus: Corpus, stop: Stop) -> Corpus:
    """Return the examples of one stop, beside what customers say otherwise."""
    known = replace(
        stop, title="", when="", signals=(), silence=(), misheard=(), responses=(), order=(), never=(), record=(),
        hand_over="", sources=(), basis=(),
    )  # fmt: skip
    objections = tuple(replace(entry, checks=()) for entry in _spoken(corpus))
    safety = Safety(stops=(known,))
    return _without_texts(replace(corpus, law=Law(), safety=safety, objections=objections))


def sayable(corpus: Corpus) -> Corpus:
    """Return what is learned of the compliance rules: their phrases, and everything the corpus says itself."""
    objections = tuple(
        replace(entry, typical=(), spoken=(), rare=(), checks=(), responses=_anywhere(entry.responses))
        for entry in corpus.objections
    )
    scripts = tuple((kind, _anywhere(responses)) for kind, responses in corpus.scripts)
    stops = tuple(
        replace(stop, signals=(), silence=(), misheard=(), examples=(), responses=_anywhere(stop.responses))
        for stop in corpus.safety.stops
    )
    known = replace(corpus, objections=objections, scripts=scripts, safety=Safety(stops=stops))
    return replace(known, tables=replace(_NO_TABLES, slots=corpus.tables.slots), pages=(), content_hash="")


def kept(
    folder: Path, corpus: Corpus, files: Files, *, code: str, learn: Callable[[Corpus, Files], Index], save: Save
) -> Index:
    """Return what `learn` makes of a corpus and its word lists, from `folder` or made now and saved there.

    Args:
        folder: Where learned parts are kept.
        corpus: The corpus, without what `learn` must not look at.
        files: The files of the corpus; only those under `wording/` are given to `learn`.
        code: A hash of the learner's code.
        learn: Makes the index.
        save: Writes files into a new folder, all at once or not at all.

    """
    words = {path: content for path, content in files.items() if path.startswith("wording/")}
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps(encode(corpus), ensure_ascii=False).encode(errors="surrogatepass"))
    for path, content in sorted(words.items()):
        digest.update(b"\0" + path.encode() + b"\0" + content)
    target = folder / f"{PREFIX}{digest.hexdigest()}-{code}"
    try:
        return Index.from_parts(*from_files(lambda name: (target / name).read_bytes()))
    except (OSError, ValueError):
        index = learn(corpus, words)
        save(target, to_files(index.header(), index.rows))
        return index


def _anywhere(responses: tuple[Response, ...]) -> tuple[Response, ...]:
    """Return responses without the line they stand on."""
    return tuple(replace(response, line=0) for response in responses)


def _spoken(corpus: Corpus) -> tuple[Objection, ...]:
    return tuple(
        replace(
            entry, title="", gloss="", group="", boundary="", say_first="", ask_first="", never_say="", meaning="",
            find_out=(), distinctions=(), responses=(), never=(), threshold=None,
            checks=tuple(replace(check, known_failure=None, line=0) for check in entry.checks),
        )
        for entry in corpus.objections
    )  # fmt: skip


def _without_texts(corpus: Corpus) -> Corpus:
    return replace(corpus, tables=_NO_TABLES, scripts=(), pages=(), content_hash="")
