"""Grow an index by the entries of an overlay, in about a second, without touching what it already knows.

The base is frozen: its keys keep their numbers and rarities, and the bytes of its unchanged classes stay as they are.
Learned are only the columns of classes that gained utterances, against the scores that the other classes give. An
extended class starts from the column it had and is held near it; a new one starts from BM25, as the base did. The
calibration is the base's. Everything is computed in a fixed order, so that the same folders give the same index.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from collectscript.build import key_weight
from collectscript.features import candidates, cut
from collectscript.index import RARITY_UNIT, ZERO, Index
from collectscript.learn import (
    LENGTH,
    MIN_DOCUMENTS,
    PRIOR,
    REGULARISATION,
    SATURATION,
    Design,
    Floats,
    Ints,
    Vocabulary,
    minimise,
)

SAMPLE_EVERY = 12
"""Of the texts that the base knows every twelfth is learned with, counting for twelve (measured: as good as 4)."""
STEPS = 6
"""Quasi-Newton steps; more change the loss by a hundredth and no first place."""
CURVATURE = 0.01
"""Guessed second derivative of the loss by a score: steps are scaled with it, which saves two thirds of them."""
UNSEEN = 0.2
"""How much of a base text's own part in the base's weights is taken back, as if it had not been learned from.

The base knows its own texts better than those it will meet; without this, new entries would win too often. 0 takes
nothing back and costs the unchanged entries two to five points of top-1, above 0.5 the new ones lose as much."""
KEPT_SHARE = 0.5
"""A class that keeps at least this share of its utterances starts from the column it had, else it is new."""
MARGIN = 3.0
"""By so much, for each halving of the base's mean number of texts, the texts of a new class must win more clearly.

With few texts each is explained by what only it has, and too little is learned of what they share. Measured with
thirty entries laid over seventy, top-1 on check phrases: with 15 texts each .48 instead of .10, with 60 .81 instead
of .62 (three entries alone: .58 and .93); the seventy lose one point at most."""
SATURATED = 1.2
"""What a key adds to the mean of BM25 for each class that holds it, before its scarcity."""

Bytes = npt.NDArray[np.uint8]


def grow_index(
    base: Index,
    groups: Mapping[str, tuple[str, ...]],
    *,
    kept: frozenset[str] = frozenset(),
    more_keys: Callable[[str], set[str]] = lambda _: set(),
) -> Index:
    """Return the index of other classes, those that are unchanged as they are in `base`; deterministic.

    Args:
        base: What has been learned.
        groups: Class to its folded texts, in the order of the new index, `none` last. A class that `base` has and
            this lacks is dropped; one that only lost texts keeps its column.
        kept: Classes whose columns stay although they gain texts, which only say what the others are not.
        more_keys: Returns the keys of a text beside those that every index knows.

    """
    classes = tuple(groups)
    utterances = tuple(groups.values())
    before = {name: frozenset(texts) for name, texts in zip(base.classes, base.utterances, strict=True)}
    rows, biases = _carried(base, classes)
    learned: list[int] = []
    new: list[int] = []
    fresh: list[tuple[int, str]] = []
    known: list[tuple[int, str]] = []
    for number, (name, said) in enumerate(groups.items()):
        old = before.get(name, frozenset())
        if len(old.intersection(said)) < max(KEPT_SHARE * len(old), 1):
            new.append(number)
            rows[:, number], biases[number], old = ZERO, 0.0, frozenset()
        added = [(number, text) for text in said if text not in old]
        if added and name not in kept:
            learned.append(number)
        fresh += added
        known += [(number, text) for text in said[::SAMPLE_EVERY] if text in old]
    texts = _Texts.of(base, fresh, known, more_keys)
    keys, rarity = _vocabulary(base, texts)
    grown = np.full((len(keys), len(classes)), ZERO, np.uint8)
    grown[: len(base.keys)] = rows
    if learned:
        vocabulary = Vocabulary(keys, (np.asarray(rarity, np.float32) / RARITY_UNIT).astype(np.float32))
        weights = _Weights(grown, biases, base.scale)
        _start(weights, vocabulary, texts, new, base)
        shifts = _learn(vocabulary, texts, weights, learned, _margins(base, texts, new))
        for number, shift in zip(learned, shifts, strict=True):
            biases[number] = round(biases[number] + float(shift), 6)
    return Index(
        classes=classes,
        keys=keys,
        rarity=rarity,
        rows=grown.tobytes(),
        scale=base.scale,
        biases=tuple(biases),
        traditional=base.traditional,
        sounds=base.sounds,
        utterances=utterances,
        calibration=base.calibration,
    )


def _carried(base: Index, classes: Sequence[str]) -> tuple[Bytes, list[float]]:
    """Return the base's rows and biases in the order of the new classes; a class it does not know says nothing."""
    number = {name: place for place, name in enumerate(base.classes)}
    old = np.frombuffer(base.rows, np.uint8).reshape(len(base.keys), len(base.classes))
    rows = np.full((len(base.keys), len(classes)), ZERO, np.uint8)
    known = [place for place, name in enumerate(classes) if name in number]
    rows[:, known] = old[:, [number[classes[place]] for place in known]]
    return rows, [base.biases[number[name]] if name in number else 0.0 for name in classes]


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is learned from: all new texts, then a sample of those that the base knows."""

    keys: list[set[str]]
    targets: Ints
    counts: Floats
    """How many texts each stands for."""
    fresh: int
    """The first so many are new."""

    @classmethod
    def of(
        cls,
        base: Index,
        fresh: Sequence[tuple[int, str]],
        known: Sequence[tuple[int, str]],
        more_keys: Callable[[str], set[str]],
    ) -> _Texts:
        rows = (*fresh, *known)
        known_keys = base.place.keys()
        keys = [cut(text, base.heard) | (candidates(text) & known_keys) | more_keys(text) for _, text in rows]
        counts = np.ones(len(rows), np.float32)
        counts[len(fresh) :] = SAMPLE_EVERY
        return cls(keys, np.asarray([number for number, _ in rows], np.int64), counts, len(fresh))


def _vocabulary(base: Index, texts: _Texts) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the base's keys and then those that only the new texts have, with the rarities of all."""
    # No new words of three characters and more: finding them needs a dictionary, and their pairs say nearly the same.
    counts = Counter(key for keys in texts.keys[: texts.fresh] for key in keys.difference(base.place))
    new = sorted(key for key, count in counts.items() if count >= MIN_DOCUMENTS)
    total = 1 + sum(len(group) for group in base.utterances) + texts.fresh
    rarity = [round((math.log(total / (1 + counts[key])) + 1) * key_weight(key) * RARITY_UNIT) for key in new]
    return (*base.keys, *new), (*base.rarity, *rarity)


@dataclass(frozen=True, slots=True)
class _Weights:
    """Weights as the index keeps them."""

    rows: Bytes
    biases: Sequence[float]
    scale: float


def _mean_texts(base: Index) -> float:
    """Return how many texts an entry of the base has."""
    sizes = [len(texts) for texts in base.utterances]
    return (sum(sizes) - sizes[base.none]) / max(len(sizes) - 1, 1)


def _margins(base: Index, texts: _Texts, new: Sequence[int]) -> dict[int, float]:
    """Return by how much the texts of each new class must win more clearly."""
    counts = Counter(int(number) for number in texts.targets[: texts.fresh])
    mean = max(_mean_texts(base), 1.0)
    return {number: MARGIN * max(0.0, math.log2(mean / counts[number])) for number in new if counts[number]}


def _start(weights: _Weights, vocabulary: Vocabulary, texts: _Texts, new: Sequence[int], base: Index) -> None:
    """Write into the columns of new classes what BM25 gives them, as `learn.prior` gave the base's.

    Which classes of the base hold a key is not kept; those whose weight for it is positive stand for them.
    """
    place = {key: number for number, key in enumerate(vocabulary.keys)}
    column = {number: place for place, number in enumerate(new)}
    found = np.zeros((len(vocabulary.keys), len(new)), np.float32)
    for keys, target in zip(texts.keys[: texts.fresh], texts.targets, strict=False):
        if int(target) in column:
            found[[place[key] for key in keys if key in place], column[int(target)]] += 1
    holders = np.zeros(len(vocabulary.keys), np.float32)
    rows = np.frombuffer(base.rows, np.uint8).reshape(len(base.keys), len(base.classes))
    holders[: len(base.keys)] = (rows > ZERO).sum(axis=1)
    holders += (found > 0).sum(axis=1)
    classes = weights.rows.shape[1]
    scarcity = np.log(1 + np.maximum(classes - holders + 0.5, 0.5) / (holders + 0.5))[:, None]
    sample = [len(base.place.keys() & keys) for keys in texts.keys[texts.fresh :]]
    mean = max(_mean_texts(base) * sum(sample) / max(len(sample), 1), 1.0)
    damped = SATURATION * (1 - LENGTH + LENGTH * found.sum(axis=0) / mean)
    value = scarcity * (found * (SATURATION + 1) / (found + damped) - SATURATED * (holders / classes)[:, None])
    weights.rows[:, list(new)] = np.clip(np.rint(PRIOR * value / weights.scale) + ZERO, 0, 255).astype(np.uint8)


def _learn(
    vocabulary: Vocabulary, texts: _Texts, weights: _Weights, learned: Sequence[int], margins: Mapping[int, float]
) -> Floats:
    """Write the bytes of the learned columns into the rows and return by how much their biases move."""
    design = vocabulary.design(texts.keys)
    used = np.zeros(len(weights.rows), bool)
    used[design.columns] = True
    narrowed = np.cumsum(used) - 1
    narrow = Design(design.starts, narrowed[design.columns], design.values, (len(texts.keys), int(used.sum())))
    unit = np.float32(weights.scale) / vocabulary.rarity[used, None]
    started = (weights.rows[used].astype(np.float32) - ZERO) * unit
    scores = narrow.times(started) + np.asarray(weights.biases, np.float32)
    _take_back(scores[texts.fresh :], texts.targets[texts.fresh :])
    for number, margin in margins.items():
        scores[: texts.fresh, number] -= np.where(texts.targets[: texts.fresh] == number, np.float32(margin), 0)
    moves, shifts = _fit(narrow, texts, scores, learned)
    moved = np.rint((started[:, learned] + moves) / unit) + ZERO
    weights.rows[np.ix_(np.flatnonzero(used), np.asarray(learned))] = np.clip(moved, 0, 255).astype(np.uint8)
    return shifts


def _take_back(scores: Floats, targets: Ints) -> None:
    """Lower, in place, the base's scores for its own texts to about what unseen texts would get.

    At the optimum the weights are the sum of all texts times (wanted - given share) / REGULARISATION, so a text of
    length 1 has moved its own scores by that much; `UNSEEN` of it, since the others would have moved in its place.
    """
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(targets)), targets] -= 1
    scores += np.float32(UNSEEN / REGULARISATION) * shares


def _fit(design: Design, texts: _Texts, scores: Floats, learned: Sequence[int]) -> tuple[Floats, Floats]:
    """Return by how much the weights and biases of the learned classes must move to fit the texts best."""
    others = np.ones(scores.shape[1], bool)
    others[list(learned)] = False
    top = scores.max(axis=1)
    # The scores of the other classes stay, so they enter only through the sum of their exponentials.
    frozen = np.exp(scores[:, others] - top[:, None]).sum(axis=1)
    begin = scores[:, list(learned)] - top[:, None]
    wanted = np.zeros_like(begin)
    for column, number in enumerate(learned):
        wanted[:, column] = np.where(texts.targets == number, texts.counts, 0)
    counts = texts.counts[:, None]
    transposed = design.transposed()
    shape = (design.size[1], len(learned))
    cells = shape[0] * shape[1]
    mass = np.bincount(
        design.columns,
        weights=design.values**2 * np.repeat(texts.counts, np.diff(design.starts)),
        minlength=shape[0],
    )
    stride = (1 / np.sqrt(REGULARISATION + CURVATURE * mass)).astype(np.float32)[:, None]

    def loss(point: Floats) -> tuple[float, Floats]:
        moves, shifts = point[:cells].reshape(shape) * stride, point[cells:]
        now = begin + design.times(moves) + shifts
        high = np.maximum(now.max(axis=1), 0)
        shares = np.exp(now - high[:, None])
        sums = shares.sum(axis=1) + frozen * np.exp(-high)
        value = float((texts.counts * (np.log(sums) + high)).sum(dtype=np.float64))
        value -= float((now * wanted).sum(dtype=np.float64))
        # Summed in one order: the inner product of BLAS depends on the number of threads.
        value += 0.5 * REGULARISATION * float(np.multiply(moves, moves, dtype=np.float64).sum())
        slope = counts * (shares / sums[:, None]) - wanted
        moved = (transposed.times(slope) + REGULARISATION * moves) * stride
        return value, np.concatenate([moved.ravel(), slope.sum(axis=0)])

    point = minimise(loss, np.zeros(cells + len(learned), np.float32), STEPS)
    return point[:cells].reshape(shape) * stride, point[cells:]
