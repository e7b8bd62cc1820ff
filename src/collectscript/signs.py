"""Learn to recognise what sounds like a stop: its examples by level, what only sounds alike, and all ordinary speech.

The same learner and index as for objections, and the same features with one more kind: which of the word lists in the
stop's patterns a text holds a word of, so that a weight learned with some words of a list counts for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from collectscript import wording
from collectscript.build import key_weight, quantise
from collectscript.cues import CUE, Cues
from collectscript.features import candidates, cut, sound_table
from collectscript.index import RARITY_UNIT, Calibration, Index
from collectscript.learn import build_vocabulary, fit, prior
from collectscript.model import NONE, Corpus, Stop
from collectscript.patterns import Lexicon
from collectscript.stops import HARMLESS
from collectscript.text import Folder

ORDINARY_EVERY = 1
"""Of what other objections and the background say every third text is learned from: all of them hear no better."""
MIN_EXAMPLES = 2
"""A key must occur in so many examples; those that only ordinary speech has are left out (measured: no worse)."""
CUE_WEIGHT = 1.5
"""How much a list of words counts beside its rarity: .7 to 2.5 hear about as much on sentences kept apart."""
ENTRY_LEVEL = "hint"
"""Level of the utterances of a stop's own objections, which do not say theirs; where there is none, the first."""


def with_signs(corpus: Corpus) -> list[Stop]:
    """Return the stops and pauses that are also learned, because they have examples."""
    return [stop for stop in corpus.safety.stops if any(one.level != HARMLESS for one in stop.examples)]


def build_sign(corpus: Corpus, files: Mapping[str, bytes]) -> Index:
    """Return the index of the one stop or pause of a corpus (see `parts.heard`); deterministic, some seconds."""
    (stop,) = corpus.safety.stops
    traditional = wording.read_folder_table(files, [])
    sounds = wording.read_sounds(files, [])
    folder = Folder(traditional)
    said = sign_texts(stop, corpus, folder)
    classes = tuple(dict.fromkeys([*(one.level for one in stop.examples), NONE]))
    targets = np.asarray([classes.index(level) for level in said.values()], np.int64)
    heard = sound_table(sounds)
    lexicon = Lexicon(folder.fold)
    cues = Cues(stop, corpus.safety.words, lexicon)
    keys = [cut(text, heard) | candidates(text) | cues.keys(lexicon.scan(text)) for text in said]
    counts = Counter(key for level, held in zip(said.values(), keys, strict=True) if level != NONE for key in held)
    kept = {key for key, count in counts.items() if count >= MIN_EXAMPLES}
    keys = [held & kept for held in keys]
    vocabulary = build_vocabulary(keys, _weight)
    design = vocabulary.design(keys)
    weights, biases = fit(design, targets, len(classes), prior(design, targets, len(classes), vocabulary.rarity))
    scale, rows = quantise(weights, vocabulary.rarity)
    return Index(
        classes=classes,
        keys=vocabulary.keys,
        rarity=tuple(round(float(value) * RARITY_UNIT) for value in vocabulary.rarity),
        rows=rows,
        scale=scale,
        biases=tuple(round(float(value), 6) for value in biases),
        traditional=traditional,
        sounds=sounds,
        utterances=tuple(
            tuple(text for text, level in said.items() if level == name and name != NONE) for name in classes
        ),
        # The share of the levels is used as it is: see `safety`.
        calibration=Calibration(0.0, 1.0, 0.0, 0.0, stop.learned or 1.0),
    )


def _weight(key: str) -> float:
    return CUE_WEIGHT if key.startswith(CUE) else key_weight(key)


def sign_texts(stop: Stop, corpus: Corpus, folder: Folder) -> dict[str, str]:
    """Return folded texts, each once, and their levels; `none` for a sample of all other speech in the corpus."""
    said = {folder.fold(text): one.level for one in stop.examples for text in one.texts}
    levels = [one.level for one in stop.examples if one.level != HARMLESS]
    own = ENTRY_LEVEL if ENTRY_LEVEL in levels else levels[0]
    for entry in corpus.objections:
        every = 1 if entry.id in stop.entries else ORDINARY_EVERY
        for text in entry.utterances[::every]:
            said.setdefault(folder.fold(text), own if entry.id in stop.entries else NONE)
    for topic in corpus.background:
        for text in topic.utterances[::ORDINARY_EVERY]:
            said.setdefault(folder.fold(text), NONE)
    said.pop("", None)
    return said
