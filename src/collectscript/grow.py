"""Grow an index by the entries of an overlay, in a fraction of a second, without touching what it already knows.

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
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

from collectscript.build import key_weight
from collectscript.columns import fit_columns
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
)

SAMPLE_EVERY = 24
"""Of the texts that the base knows every 24th is learned with, counting for 24.

Measured with thirty entries of sixty texts laid over seventy, top-1 on check phrases of the thirty and of the seventy:
every 4th .828 and .939, every 12th .838 and .936, every 24th .835 and .934, every 48th .838 and .933."""
UNSEEN = 0.2
"""How much of a base text's own part in the base's weights is taken back, as if it had not been learned from.

The base knows its own texts better than those it will meet; without this, new entries would win too often: 0 takes
nothing back and costs the unchanged entries two of a thousand first places."""
KEPT_SHARE = 0.5
"""A class that keeps at least this share of its utterances starts from the column it had, else it is new."""
MARGIN = 3.0
"""By so much, for each halving of the base's mean number of texts, the texts of a new class must win more clearly.

With few texts each is explained by what only it has, and too little is learned of what they share. Measured with
thirty entries laid over seventy, top-1 on check phrases: with 15 texts each .51 instead of .10, with 60 .83 instead
of .60, with all of theirs .94 either way; the seventy lose one point and a half at most (.933 instead of .947)."""
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
    fresh_keys = [cut(text, base.heard) | more_keys(text) for _, text in fresh]
    keys, rarity = _vocabulary(base, fresh_keys)
    grown = np.full((len(keys), len(classes)), ZERO, np.uint8)
    grown[: len(base.keys)] = rows
    if learned:
        both = [cutting | candidates(text) for cutting, (_, text) in zip(fresh_keys, fresh, strict=True)]
        both += [cut(text, base.heard) | more_keys(text) | candidates(text) for _, text in known]
        place = base.place | {key: number for number, key in enumerate(keys[len(base.keys) :], len(base.keys))}
        texts = _Texts.of(both, [number for number, _ in (*fresh, *known)], len(fresh), place, rarity)
        weights = _Weights(grown, biases, base.scale)
        _start(weights, texts, new, base)
        shifts = _learn(texts, weights, learned, _margins(base, texts, new))
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

    design: Design
    """Texts as rows of length 1, their keys as columns."""
    rarity: Floats
    """How much each key speaks for being rare."""
    targets: Ints
    counts: Floats
    """How many texts each stands for."""
    fresh: int
    """The first so many are new."""

    @classmethod
    def of(
        cls,
        texts: Sequence[set[str]],
        targets: Sequence[int],
        fresh: int,
        place: Mapping[str, int],
        rarity: Sequence[int],
    ) -> _Texts:
        """Number the keys of texts by their place in the vocabulary; those that are not in it are left out."""
        found = np.fromiter(map(place.get, chain.from_iterable(texts), repeat(-1)), np.int64)
        rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])[found >= 0]
        # Sets have no order: the cells are put into one, so that sums come out the same each time.
        cells = np.sort(rows * len(place) + found[found >= 0])
        rows, columns = cells // len(place), cells % len(place)
        starts = np.searchsorted(rows, np.arange(len(texts) + 1))
        weights = (np.asarray(rarity, np.float32) / RARITY_UNIT).astype(np.float32)
        values = weights[columns]
        norms = np.sqrt(np.bincount(rows, weights=values.astype(np.float64) ** 2, minlength=len(texts)))
        values /= norms[rows].astype(np.float32)
        counts = np.ones(len(texts), np.float32)
        counts[fresh:] = SAMPLE_EVERY
        design = Design(starts, columns, values, (len(texts), len(place)))
        return cls(design, weights, np.asarray(targets, np.int64), counts, fresh)

    def fresh_cells(self) -> tuple[Ints, Ints]:
        """Return the rows and columns of the cells of new texts."""
        end = int(self.design.starts[self.fresh])
        rows = np.repeat(np.arange(self.fresh), np.diff(self.design.starts[: self.fresh + 1]))
        return rows, self.design.columns[:end]


def _vocabulary(base: Index, fresh: Sequence[set[str]]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the base's keys and then those that only the new texts have, with the rarities of all."""
    # No new words of three characters and more: finding them needs a dictionary, and their pairs say nearly the same.
    counts = Counter(chain.from_iterable(keys.difference(base.place) for keys in fresh))
    new = sorted(key for key, count in counts.items() if count >= MIN_DOCUMENTS)
    total = 1 + sum(len(group) for group in base.utterances) + len(fresh)
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


def _start(weights: _Weights, texts: _Texts, new: Sequence[int], base: Index) -> None:
    """Write into the columns of new classes what BM25 gives them, as `learn.prior` gave the base's.

    Which classes of the base hold a key is not kept; those whose weight for it is positive stand for them.
    """
    if not new:
        return
    column = np.full(weights.rows.shape[1], -1)
    column[list(new)] = np.arange(len(new))
    rows, columns = texts.fresh_cells()
    owners = column[texts.targets[rows]]
    held, place = np.unique(columns[owners >= 0], return_inverse=True)
    cells = np.bincount(place * len(new) + owners[owners >= 0], minlength=len(held) * len(new))
    found = cells.reshape(len(held), len(new)).astype(np.float32)
    holders = np.zeros(len(weights.rows), np.float32)
    known = np.frombuffer(base.rows, np.uint8).reshape(len(base.keys), len(base.classes))
    holders[: len(base.keys)] = (known > ZERO).sum(axis=1)
    holders[held] += (found > 0).sum(axis=1)
    classes = weights.rows.shape[1]
    scarcity = np.log(1 + np.maximum(classes - holders + 0.5, 0.5) / (holders + 0.5))
    general = -scarcity * SATURATED * (holders / classes)
    known_rows = np.diff(texts.design.starts)[texts.fresh :]
    mean = max(_mean_texts(base) * float(known_rows.mean() if len(known_rows) else 0), 1.0)
    damped = SATURATION * (1 - LENGTH + LENGTH * found.sum(axis=0) / mean)
    value = scarcity[held, None] * found * (SATURATION + 1) / (found + damped) + general[held, None]
    weights.rows[:, list(new)] = _bytes(PRIOR * general / weights.scale)[:, None]
    weights.rows[np.ix_(held, np.asarray(new))] = _bytes(PRIOR * value / weights.scale)


def _bytes(weights: Floats) -> Bytes:
    """Return weights in units of the scale as the index keeps them."""
    found: Bytes = np.clip(np.rint(weights) + ZERO, 0, 255).astype(np.uint8)
    return found


def _learn(texts: _Texts, weights: _Weights, learned: Sequence[int], margins: Mapping[int, float]) -> Floats:
    """Write the bytes of the learned columns into the rows and return by how much their biases move."""
    design = texts.design
    used, columns = np.unique(design.columns, return_inverse=True)
    narrow = Design(design.starts, columns, design.values, (design.size[0], len(used)))
    unit = np.float32(weights.scale) / texts.rarity[used, None]
    started = (weights.rows[used].astype(np.float32) - ZERO) * unit
    scores = narrow.times(started) + np.asarray(weights.biases, np.float32)
    _take_back(scores[texts.fresh :], texts.targets[texts.fresh :])
    for number, margin in margins.items():
        scores[: texts.fresh, number] -= np.where(texts.targets[: texts.fresh] == number, np.float32(margin), 0)
    # What no new text holds stays as it began: those texts alone say what the learned classes are.
    said = np.zeros(design.size[1], bool)
    said[texts.fresh_cells()[1]] = True
    moving = np.flatnonzero(said[used])
    moves, shifts = fit_columns(_only(narrow, moving), texts.targets, texts.counts, scores, learned)
    moved = started[np.ix_(moving, np.asarray(learned))] + moves
    weights.rows[np.ix_(used[moving], np.asarray(learned))] = _bytes(moved / unit[moving])
    return shifts


def _only(design: Design, columns: Ints) -> Design:
    """Return a design with some of its columns."""
    number = np.full(design.size[1], -1)
    number[columns] = np.arange(len(columns))
    found = number[design.columns]
    kept = np.concatenate([[0], np.cumsum(found >= 0)])
    return Design(kept[design.starts], found[found >= 0], design.values[found >= 0], (design.size[0], len(columns)))


def _take_back(scores: Floats, targets: Ints) -> None:
    """Lower, in place, the base's scores for its own texts to about what unseen texts would get.

    At the optimum the weights are the sum of all texts times (wanted - given share) / REGULARISATION, so a text of
    length 1 has moved its own scores by that much; `UNSEEN` of it, since the others would have moved in its place.
    """
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(targets)), targets] -= 1
    scores += np.float32(UNSEEN / REGULARISATION) * shares
