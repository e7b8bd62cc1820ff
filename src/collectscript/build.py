"""Make the index of a corpus: collect its texts, learn weights, calibrate confidence on held-out folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from collectscript import wording
from collectscript.features import SOUND_WEIGHT, candidates, cut, sound_table
from collectscript.index import RARITY_UNIT, ZERO, Calibration, Index
from collectscript.learn import Design, Floats, Ints, Vocabulary, build_vocabulary, fit
from collectscript.model import NONE, Corpus
from collectscript.text import Folder

FOLDS = 4
"""Parts of the corpus; each is scored by weights that were learned without it."""
PAIRS_EVERY = 3
"""For calibration every third held-out utterance is also joined with another, as a turn with two objections."""
PRECISION_WANTED = 0.9
"""The shipped threshold is the lowest confidence at which held-out matches are right so often."""


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
    keyed = _Keyed(texts, sound_table(sounds), dictionary_words(texts))
    vocabulary = keyed.vocabulary(range(len(texts)))
    weights, biases = fit(vocabulary.design(keyed.keys), targets, len(classes))
    calibration = _calibrate(keyed, targets, len(classes))
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
    """The texts of a corpus with their keys."""

    def __init__(self, texts: Sequence[str], heard: Mapping[int, str], words: frozenset[str]) -> None:
        self.texts = texts
        self.heard = heard
        self.words = words
        self.keys = [self.cut(text) for text in texts]

    def cut(self, text: str) -> set[str]:
        return cut(text, self.heard) | (candidates(text) & self.words)

    def vocabulary(self, numbers: Sequence[int] | range) -> Vocabulary:
        return build_vocabulary([self.keys[number] for number in numbers], _key_weight)


def _key_weight(key: str) -> float:
    first, last = wording.FIRST_SOUND, wording.FIRST_SOUND + 0x18FF
    return SOUND_WEIGHT if any(first <= ord(char) <= last for char in key) else 1.0


# -- calibration -----------------------------------------------------------------------------------------


def _calibrate(keyed: _Keyed, targets: Ints, classes: int) -> Calibration:
    """Fit the calibration on scores of utterances, joined pairs and background that the weights have not seen."""
    folds = np.arange(len(targets)) % FOLDS
    with ThreadPoolExecutor(max_workers=2) as pool:
        # numpy lets go of the interpreter lock in its loops, so two folds run side by side.
        parts = list(pool.map(lambda fold: _held_out(keyed, targets, classes, folds == fold), range(FOLDS)))
    features = np.concatenate([part[0] for part in parts])
    right = np.concatenate([part[1] for part in parts])
    first = np.concatenate([part[2] for part in parts])
    bias, share, lead, size = fit_calibration(features, right)
    confidence = 1 / (1 + np.exp(-(features @ np.asarray([share, lead, size]) + bias)))
    return Calibration(bias, share, lead, size, _threshold(confidence[first], right[first]))


def _held_out(
    keyed: _Keyed, targets: Ints, classes: int, held: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return calibration features of the first three classes of each held-out text, whether right, whether first."""
    known = np.flatnonzero(~held)
    vocabulary = keyed.vocabulary([int(number) for number in known])
    design = vocabulary.design([keyed.keys[number] for number in known])
    weights, biases = fit(design, targets[known], classes)
    numbers = np.flatnonzero(held)
    texts = [keyed.keys[number] for number in numbers]
    wanted = [{int(targets[number])} for number in numbers]
    for position in range(0, len(numbers) - 1, PAIRS_EVERY):
        # The partner lies half the fold away, hence in another entry; the order is fixed.
        pair = numbers[position], numbers[(position + len(numbers) // 2) % len(numbers)]
        texts.append(keyed.cut(keyed.texts[pair[0]] + keyed.texts[pair[1]]))
        wanted.append({int(targets[pair[0]]), int(targets[pair[1]])})
    queries = vocabulary.design(texts)
    return _candidates(queries, queries.times(weights) + biases, wanted, classes - 1)


def _candidates(
    queries: Design, scores: Floats, wanted: Sequence[set[int]], none: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    sizes = np.log2(1.0 + np.diff(queries.starts))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_share = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    entries = scores.copy()
    entries[:, none] = -np.inf
    order = np.argsort(-entries, axis=1, kind="stable")[:, :3]
    features: list[tuple[float, float, float]] = []
    right: list[float] = []
    for row, best in enumerate(order):
        for number in best:
            lead = float(scores[row, number] - scores[row, none])
            features.append((float(log_share[row, number]), lead, float(sizes[row])))
            right.append(float(int(number) in wanted[row]))
    first = np.arange(len(right)) % 3 == 0
    return np.asarray(features), np.asarray(right), first


def fit_calibration(
    features: npt.NDArray[np.float64], right: npt.NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return (bias, share, lead, size) of a logistic regression whose share and lead are not negative."""
    design = np.column_stack([np.ones(len(right)), features])
    free = [0, 1, 2, 3]
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


def _threshold(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> float:
    """Return the lowest confidence, in hundredths, at which first matches are right often enough."""
    for hundredth in range(5, 100):
        accepted = confidence >= hundredth / 100
        if accepted.any() and float(right[accepted].mean()) >= PRECISION_WANTED:
            return hundredth / 100
    return 0.99


__all__ = ["build_index", "dictionary_words", "fit_calibration", "quantise"]
