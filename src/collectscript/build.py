"""Make the index of a corpus: collect its texts, learn weights, calibrate confidence on texts kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from collectscript import wording
from collectscript.dialects import rewritten
from collectscript.features import SOUND_WEIGHT, candidates, cut, sound_table
from collectscript.index import RARITY_UNIT, ZERO, Calibration, Index
from collectscript.learn import Floats, build_vocabulary, extend, fit, prior
from collectscript.model import NONE, Corpus
from collectscript.text import Folder

HELD_OUT_EVERY = 12
"""Every twelfth background sentence is kept from learning, to see how the weights judge what they do not know."""
CANDIDATES = 3
"""Classes of each trial that calibration looks at."""
PAIRS_EVERY = 4
"""For calibration every fourth check phrase is also joined with another, as a turn with two objections."""
FALSE_ALARMS = 0.05
"""The shipped threshold lets through at most this share of the near misses kept apart: check phrases that belong to
no entry, and background. They are harder than ordinary talk, of which far less gets through."""


def build_index(corpus: Corpus, files: Mapping[str, bytes]) -> Index:
    """Learn the index of a corpus read from `files`; deterministic, tens of seconds for a hundred entries."""
    traditional = wording.read_folder_table(files, [])
    sounds = wording.read_sounds(files, [])
    folder = Folder(traditional)
    classes = (*(entry.id for entry in corpus.objections), NONE)
    utterances = [tuple(folder.fold(text) for text in entry.utterances) for entry in corpus.objections]
    utterances.append(tuple(folder.fold(text) for topic in corpus.background for text in topic.utterances))
    texts = [text for group in utterances for text in group]
    targets = np.asarray([number for number, group in enumerate(utterances) for _ in group], np.int64)
    keyed = _Keyed(sound_table(sounds), dictionary_words(texts))
    learned = [number for number in range(len(texts)) if not held_out(number, int(targets[number]), len(classes) - 1)]
    keys = [keyed.cut(texts[number]) for number in learned]
    vocabulary = build_vocabulary(keys, key_weight)
    design = vocabulary.design(keys)
    start = prior(design, targets[learned], len(classes), vocabulary.rarity)
    weights, biases = fit(design, targets[learned], len(classes), start)
    elsewhere = rewritten([texts[number] for number in learned], wording.read_dialects(files, folder, []))
    vocabulary, weights = extend(
        vocabulary,
        weights,
        biases,
        [keyed.cut(text) for _, text in elsewhere],
        targets[learned][[place for place, _ in elsewhere]],
        weight=key_weight,
        documents=len(learned),
    )
    apart = [texts[number] for number in range(len(texts)) if held_out(number, int(targets[number]), len(classes) - 1)]
    trials = trial_texts(corpus, classes, apart)
    queries = vocabulary.design([keyed.cut(folder.fold(text)) for text, _ in trials])
    sizes = known_sizes([int(size) for size in np.diff(queries.starts)])
    calibration = calibrate(sizes, queries.times(weights) + biases, [wanted for _, wanted in trials])
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
        utterances=tuple(utterances),
        calibration=calibration,
    )


def dictionary_words(texts: Sequence[str]) -> frozenset[str]:
    """Return the words of three and four characters that jieba finds in the texts: the matcher's own dictionary."""
    import jieba

    jieba.setLogLevel("ERROR")
    cutter = jieba.Tokenizer()
    return frozenset(word for text in texts for word in cutter.cut(text, HMM=False) if 3 <= len(word) <= 4)


def quantise(weights: Floats, rarity: Floats) -> tuple[float, bytes]:
    """Return (scale, rows): weights times rarity as one byte each, so that they add up without multiplying."""
    scaled = weights * rarity[:, None]
    scale = round(float(np.abs(scaled).max()) / (ZERO - 1), 9) or 1.0
    rows = np.clip(np.rint(scaled / scale) + ZERO, 0, 255).astype(np.uint8)
    return scale, rows.tobytes()


class _Keyed:
    """Cuts folded texts into keys, with the sounds and words of one corpus."""

    def __init__(self, heard: Mapping[int, str], words: frozenset[str]) -> None:
        self._heard = heard
        self._words = words

    def cut(self, text: str) -> set[str]:
        return cut(text, self._heard) | (candidates(text) & self._words)


def held_out(number: int, target: int, none: int) -> bool:
    """Tell whether text `number` of class `target` is kept from learning."""
    return target == none and number % HELD_OUT_EVERY == 0


def key_weight(key: str) -> float:
    """Return how much a key counts beside its rarity: sounds count half."""
    first, last = wording.FIRST_SOUND, wording.FIRST_SOUND + 0x18FF
    return SOUND_WEIGHT if any(first <= ord(char) <= last for char in key) else 1.0


# -- calibration -----------------------------------------------------------------------------------------


def trial_texts(corpus: Corpus, classes: Sequence[str], background: Sequence[str]) -> list[tuple[str, set[int]]]:
    """Return texts that nothing was learned from, each with the classes that were said in it.

    They are the check phrases, which their authors wrote without seeing the utterances; some of them joined in
    pairs, as turns with two objections; and the background sentences that were held out.
    """
    number = {name: place for place, name in enumerate(classes)}
    checks = [
        (check.text, {number[check.expected]} if check.expected != NONE else set())
        for entry in corpus.objections
        for check in entry.checks
        if check.expected in number
    ]
    said = [check for check in checks if check[1]]
    half = len(said) // 2
    # The partner lies half the list away, hence in another group; the order is fixed.
    pairs = [
        (said[place][0] + said[(place + half) % len(said)][0], said[place][1] | said[(place + half) % len(said)][1])
        for place in range(0, len(said), PAIRS_EVERY)
    ]
    return [*checks, *pairs, *((text, set()) for text in background)]


def known_sizes(keys: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return the sizes that calibration looks at, from the number of known keys of each text."""
    return np.log2(1.0 + np.asarray(keys, np.float64))


def calibrate(sizes: npt.NDArray[np.float64], scores: Floats, wanted: Sequence[set[int]]) -> Calibration:
    """Fit confidence on texts that nothing was learned from.

    Args:
        sizes: `known_sizes` of the texts.
        scores: A score for each text and class; the last class is `none`.
        wanted: The classes that were said in each text.

    """
    none = scores.shape[1] - 1
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_share = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    entries = scores.copy()
    entries[:, none] = -np.inf
    order = np.argsort(-entries, axis=1, kind="stable")[:, :CANDIDATES]
    features: list[tuple[float, ...]] = []
    right: list[float] = []
    for row, best in enumerate(order):
        for number in best:
            lead = float(scores[row, number] - scores[row, none])
            features.append((float(log_share[row, number]), lead, float(sizes[row])))
            right.append(float(int(number) in wanted[row]))
    values = fit_calibration(np.asarray(features), np.asarray(right))
    confidence = 1 / (1 + np.exp(-(np.asarray(features)[::CANDIDATES] @ np.asarray(values[1:]) + values[0])))
    out = np.asarray([not one for one in wanted])
    return Calibration(*values, _threshold(confidence[out]))


def fit_calibration(
    features: npt.NDArray[np.float64], right: npt.NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return (bias, share, lead, size) of a logistic regression whose share and lead are not negative."""
    design = np.column_stack([np.ones(len(right)), features])
    free = list(range(design.shape[1]))
    while True:
        point = _logistic(design[:, free], right)
        negative = [column for column, value in zip(free, point, strict=True) if column in {1, 2} and value < 0]
        if not negative:
            break
        free = [column for column in free if column not in negative]
    full = dict(zip(free, point, strict=True))
    bias, share, lead, size = (round(float(full.get(column, 0.0)), 6) for column in range(4))
    return bias, share, lead, size


def _logistic(design: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Newton's method for logistic regression; a handful of columns."""
    point = np.zeros(design.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-(design @ point)))
        slope = design.T @ (chance - right) + 1e-6 * point
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + 1e-6 * np.eye(len(point))
        step = np.linalg.solve(curve, slope)
        point -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    return point


def _threshold(confidence: npt.NDArray[np.float64]) -> float:
    """Return the lowest confidence, in hundredths, that few enough of these out-of-scope texts reach."""
    for hundredth in range(5, 100):
        if float((confidence >= hundredth / 100).mean()) <= FALSE_ALARMS:
            return hundredth / 100
    return 0.99


__all__ = [
    "build_index", "calibrate", "dictionary_words", "fit_calibration", "held_out", "key_weight", "known_sizes", "quantise",
    "trial_texts",
]  # fmt: skip
