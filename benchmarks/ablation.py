"""What each signal adds: learn the corpus again with one thing changed, and measure every set.

Run as `python benchmarks/ablation.py [--only NAME ...] FILE.tsv ...`; each variant takes as long as learning the corpus.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from collectscript import build, learn
from collectscript.corpus import find_data, read_files, read_folder
from collectscript.evaluate import Row, evaluate, read_rows
from collectscript.match import Matcher
from collectscript.model import NONE, Corpus

Change = Callable[[], object]


@contextmanager
def changed(*patches: object) -> Iterator[None]:
    """Apply some patches for a while."""
    for one in patches:
        one.start()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for one in patches:
            one.stop()  # type: ignore[attr-defined]


def without_register(corpus: Corpus) -> Corpus:
    """Take the utterances in the register of real calls out of every entry."""
    return replace(corpus, objections=tuple(replace(entry, spoken=()) for entry in corpus.objections))


def without_background(corpus: Corpus) -> Corpus:
    """Keep one background sentence in thirty."""
    topics = (replace(topic, utterances=topic.utterances[::30]) for topic in corpus.background)
    return replace(corpus, background=tuple(topics))


def same(corpus: Corpus) -> Corpus:
    """Change nothing."""
    return corpus


VARIANTS: dict[str, tuple[Callable[[Corpus], Corpus], tuple[object, ...]]] = {
    "as shipped": (same, ()),
    "no words": (same, (patch.object(build, "dictionary_words", lambda _: frozenset()),)),
    "no dialect words": (same, (patch.object(build.wording, "read_dialects", lambda *_: []),)),
    "no sounds": (same, (patch.object(build.wording, "read_sounds", lambda *_: {}),)),
    "sounds at full voice": (same, (patch.object(build, "SOUND_WEIGHT", 1.0),)),
    "no prior (plain logistic regression)": (same, (patch.object(learn, "PRIOR", 0.0),)),
    "prior alone (BM25, entries as documents)": (
        same,
        (patch.object(learn, "STEPS", 0), patch.object(build.wording, "read_dialects", lambda *_: [])),
    ),
    "no utterances in the register of real calls": (without_register, ()),
    "a thirtieth of the background": (without_background, ()),
}


def variant(name: str, corpus: Corpus, files: dict[str, bytes], sets: list[tuple[str, list[Row]]]) -> str:
    """Return one row of the table."""
    change, patches = VARIANTS[name]
    shown = change(corpus)
    steps = 0 if name.startswith("prior alone") else learn.STEPS
    original = learn.fit
    fit = patch.object(build, "fit", lambda *args: original(*args, steps=steps))
    with changed(*patches, fit):
        index = build.build_index(shown, files)
    entries = {entry.id: entry for entry in shown.objections}
    matcher = Matcher(index, entries.__getitem__, corpus.tables.concern)
    cells = []
    for _, rows in sets:
        report = evaluate(rows, lambda text: matcher.match(text, limit=3))
        values = [report.top1, report.top3] if report.top1 is not None else []
        values += [report.auroc] if report.auroc is not None else []
        cells.append(" / ".join(f"{value:.3f}" for value in values if value is not None))
    return f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, help="labelled files; joined with + they are one set")
    parser.add_argument("--only", nargs="*", choices=list(VARIANTS), help="only these variants")
    options = parser.parse_args()
    files = read_files(find_data())
    corpus, _ = read_folder(files)
    known = [entry.id for entry in corpus.objections]
    checks = [
        Row(check.line, check.text, frozenset() if check.expected == NONE else frozenset({check.expected}), ())
        for entry in corpus.objections
        for check in entry.checks
    ]
    sets = [("check phrases", checks)]
    for name in options.files:
        parts = [Path(part) for part in str(name).split("+")]
        sets.append(("+".join(part.stem for part in parts), [row for part in parts for row in read_rows(part, known)]))
    print("| variant | " + " | ".join(name for name, _ in sets) + " |")
    print("|---" * (len(sets) + 1) + "|")
    for name in options.only or VARIANTS:
        print(variant(name, corpus, files, sets), flush=True)


if __name__ == "__main__":
    main()
