"""Learn to recognise what sounds like a stop: its examples by level, against everything that only sounds alike.

The index is that of objections and so is the learner, but without its prior, and the features are characters, pairs
and triples alone. Sounds, and the word lists of the stop's patterns, were measured on other authors' sentences: the
first add nothing, the second take away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from collectscript import wording
from collectscript.build import quantise
from collectscript.features import cut
from collectscript.index import RARITY_UNIT, Calibration, Index
from collectscript.learn import build_vocabulary, fit
from collectscript.model import NONE, Corpus, Stop
from collectscript.stops import HARMLESS
from collectscript.text import Folder

ALIKE = 3
"""An example that only sounds alike, without being a sign, counts for so many: it is what alarms are mistaken for."""
MIN_EXAMPLES = 2
"""A key must occur in so many examples, or, when it is a character or a pair, in `MIN_ORDINARY` ordinary texts."""
MIN_ORDINARY = 14
MIN_TRIPLE = 8
"""The same for triples, of which there are most and each says least."""
PAIR = 2
TRIPLE = 3
ENTRY_LEVEL = "hint"
"""Level of the utterances of a stop's own objections, which do not say theirs; where there is none, the first."""


def with_signs(corpus: Corpus) -> list[Stop]:
    """Return the stops and pauses that are also learned, because they have examples."""
    return [stop for stop in corpus.safety.stops if any(one.level != HARMLESS for one in stop.examples)]


def build_sign(corpus: Corpus, files: Mapping[str, bytes]) -> Index:
    """Return the index of the one stop or pause of a corpus (see `parts.heard`); deterministic, some seconds."""
    (stop,) = corpus.safety.stops
    traditional = wording.read_folder_table(files, [])
    folder = Folder(traditional)
    said = sign_texts(stop, corpus, folder)
    classes = (*dict.fromkeys(one.level for one in stop.examples if one.level != HARMLESS), NONE)
    keys = [sign_keys(text) for text in said]
    examples, ordinary = Counter[str](), Counter[str]()
    for level, held in zip(said.values(), keys, strict=True):
        (ordinary if level == NONE else examples).update(held)
    kept = {key for key, count in examples.items() if count >= (MIN_TRIPLE if len(key) == TRIPLE else MIN_EXAMPLES)}
    kept |= {key for key, count in ordinary.items() if count >= MIN_ORDINARY and len(key) <= PAIR}
    vocabulary = build_vocabulary([held & kept for held in keys], lambda _: 1.0)
    counted = [(held, level) for held, level in zip(keys, said.values(), strict=True) for _ in range(_times(level))]
    design = vocabulary.design([held for held, _ in counted])
    targets = np.asarray([classes.index(_class(level)) for _, level in counted], np.int64)
    flat = np.zeros((len(vocabulary.keys), len(classes)), np.float32)
    weights, biases = fit(design, targets, len(classes), flat)
    scale, rows = quantise(weights, vocabulary.rarity)
    return Index(
        classes=classes,
        keys=vocabulary.keys,
        rarity=tuple(round(float(value) * RARITY_UNIT) for value in vocabulary.rarity),
        rows=rows,
        scale=scale,
        biases=tuple(round(float(value), 6) for value in biases),
        traditional=traditional,
        sounds=wording.read_sounds(files, []),
        utterances=tuple(
            tuple(text for text, level in said.items() if level == (HARMLESS if name == NONE else name))
            for name in classes
        ),
        # The share of the levels is used as it is: see `safety`.
        calibration=Calibration(0.0, 1.0, 0.0, 0.0, stop.learned or 1.0),
    )


def sign_keys(folded: str) -> set[str]:
    """Return the keys of a folded text: characters, pairs with the ends of the text, triples."""
    return cut(folded, {}) | {folded[at : at + TRIPLE] for at in range(len(folded) - TRIPLE + 1)}


def _class(level: str) -> str:
    return NONE if level == HARMLESS else level


def _times(level: str) -> int:
    return ALIKE if level == HARMLESS else 1


def sign_texts(stop: Stop, corpus: Corpus, folder: Folder) -> dict[str, str]:
    """Return folded texts, each once, and their levels; `none` for all other speech in the corpus."""
    said = {folder.fold(text): one.level for one in stop.examples for text in one.texts}
    levels = [one.level for one in stop.examples if one.level != HARMLESS]
    own = ENTRY_LEVEL if ENTRY_LEVEL in levels else levels[0]
    for entry in (one for one in corpus.objections if one.id not in stop.undecided):
        for text in entry.utterances:
            said.setdefault(folder.fold(text), own if entry.id in stop.entries else NONE)
    for topic in corpus.background:
        for text in topic.utterances:
            said.setdefault(folder.fold(text), NONE)
    said.pop("", None)
    return said
