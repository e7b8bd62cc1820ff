"""Learn the weights of the matcher from a corpus: logistic regression over the keys of `features`, with BM25 as prior.

Everything is computed from the corpus alone and deterministically. numpy is imported by this module only, and
this module only when something has to be learned.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MIN_DOCUMENTS = 2
"""A key must occur in so many texts: half of all keys occur once and carry nothing (measured: same quality)."""
REGULARISATION = 0.05
"""Weight in the loss of the squared distance from the prior."""
PRIOR = 2.0
"""How much the prior weighs; 0 is plain logistic regression, which knows too little of rare keys."""
SATURATION, LENGTH = 1.2, 0.75
"""k1 and b of BM25, its usual values."""
STEPS = 45
"""Quasi-Newton steps; top-1 of check phrases no longer rises after about 40."""
MIN_ADDED = 8
"""A key that is added later must occur in so many of the texts that bring it."""
ADDED_STEPS = 12
"""Quasi-Newton steps for the weights of added keys."""
MEMORY = 6
"""Pairs of past steps that the quasi-Newton method remembers."""
_CHUNK = 1 << 12
"""Non-zero cells handled at once: what fits the cache is four times as fast as one pass over all."""


@dataclass(frozen=True, slots=True)
class Design:
    """Texts as rows of weighted keys, in compressed row form and its transpose."""

    starts: Ints
    columns: Ints
    values: Floats
    size: tuple[int, int]

    def transposed(self) -> Design:
        """Return the same cells ordered by column."""
        rows = np.repeat(np.arange(self.size[0]), np.diff(self.starts))
        order = np.argsort(self.columns, kind="stable")
        counts = np.bincount(self.columns, minlength=self.size[1])
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return Design(starts, rows[order], self.values[order], (self.size[1], self.size[0]))

    def times(self, dense: Floats) -> Floats:
        """Return this matrix times a dense one."""
        return Product(self, dense.shape[1]).times(dense)

    def columns_from(self, first: int) -> tuple[Design, Ints]:
        """Return only the columns from `first` on, of the rows that have a cell there, and which rows these are."""
        mask = self.columns >= first
        counts = np.bincount(np.repeat(np.arange(self.size[0]), np.diff(self.starts))[mask], minlength=self.size[0])
        rows = np.flatnonzero(counts)
        starts = np.concatenate([[0], np.cumsum(counts[rows])]).astype(np.int64)
        return Design(starts, self.columns[mask] - first, self.values[mask], (len(rows), self.size[1] - first)), rows


class Product:
    """A design to be multiplied many times, in one buffer; the sums are taken in the order of the cells."""

    def __init__(self, design: Design, width: int) -> None:
        """Prepare for dense matrices of `width` columns."""
        self._design = design
        starts, last = design.starts, 0
        self._pieces: list[tuple[slice, Ints, Ints]] = []
        while last < design.size[0]:
            first = last
            last = int(np.searchsorted(starts, starts[first] + _CHUNK, side="right")) - 1
            last = min(max(last, first + 1), design.size[0])
            filled = first + np.flatnonzero(np.diff(starts[first : last + 1]))
            if len(filled):
                self._pieces.append((slice(starts[first], starts[last]), filled, starts[filled] - starts[first]))
        longest = max((cells.stop - cells.start for cells, _, _ in self._pieces), default=0)
        self._buffer = np.empty((longest, width), np.float32)

    def times(self, dense: Floats) -> Floats:
        """Return the design times a dense matrix."""
        design = self._design
        out = np.zeros((design.size[0], self._buffer.shape[1]), np.float32)
        for cells, filled, starts in self._pieces:
            held = self._buffer[: cells.stop - cells.start]
            np.take(dense, design.columns[cells], axis=0, out=held, mode="clip")
            held *= design.values[cells, None]
            out[filled] = np.add.reduceat(held, starts, axis=0)
        return out


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The keys that count and how much each speaks for being rare."""

    keys: tuple[str, ...]
    rarity: Floats

    def design(self, texts: Sequence[set[str]]) -> Design:
        """Return texts (as their keys) as rows of length 1."""
        place = {key: number for number, key in enumerate(self.keys)}
        starts, columns = [0], []
        for keys in texts:
            columns += sorted(place[key] for key in keys if key in place)
            starts.append(len(columns))
        indices = np.asarray(columns, np.int64)
        values = self.rarity[indices].astype(np.float32)
        bounds = np.asarray(starts, np.int64)
        squares = np.concatenate([[0.0], np.cumsum(values.astype(np.float64) ** 2)])
        norms = np.sqrt(squares[bounds[1:]] - squares[bounds[:-1]])
        norms[norms == 0] = 1
        values /= np.repeat(norms, np.diff(bounds)).astype(np.float32)
        return Design(bounds, indices, values, (len(texts), len(self.keys)))


def build_vocabulary(texts: Sequence[set[str]], weight: Callable[[str], float]) -> Vocabulary:
    """Return the keys that occur in at least `MIN_DOCUMENTS` texts, each with its rarity times `weight(key)`."""
    counts = Counter(key for keys in texts for key in keys)
    keys = tuple(sorted(key for key, count in counts.items() if count >= MIN_DOCUMENTS))
    rarity = [_rarity(counts[key], len(texts), weight(key)) for key in keys]
    return Vocabulary(keys, np.asarray(rarity, np.float32))


def _rarity(count: int, documents: int, weight: float) -> float:
    # Rounded to thousandths so that every reader of the index computes with the same numbers.
    return round((math.log((1 + documents) / (1 + count)) + 1) * weight, 3)


def prior(design: Design, targets: Ints, classes: int, rarity: Floats) -> Floats:
    """Return the weights that BM25 gives each key for each class, a class's texts read as one document.

    They are centred over the classes, and divided by the keys' rarity, which `design` multiplies with. Robertson and
    Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
    """
    rows = np.repeat(targets, np.diff(design.starts))
    counts = np.bincount(design.columns * classes + rows, minlength=design.size[1] * classes)
    found = counts.reshape(design.size[1], classes).astype(np.float32)
    lengths = found.sum(axis=0)
    holders = (found > 0).sum(axis=1, keepdims=True)
    scarcity = np.log(1 + (classes - holders + 0.5) / (holders + 0.5))
    damped = SATURATION * (1 - LENGTH + LENGTH * lengths / lengths.mean())
    weights = scarcity * found * (SATURATION + 1) / (found + damped)
    weights -= weights.mean(axis=1, keepdims=True)
    centred: Floats = (PRIOR * weights / rarity[:, None]).astype(np.float32)
    return centred


def fit(design: Design, targets: Ints, classes: int, start: Floats, *, steps: int = STEPS) -> tuple[Floats, Floats]:
    """Return (weights, biases) of the regression of `targets` (class numbers) on `design`.

    The weights are kept near `start`, from which they are improved.
    """
    wanted = np.zeros((design.size[0], classes), np.float32)
    wanted[np.arange(design.size[0]), targets] = 1
    forth, back = Product(design, classes), Product(design.transposed(), classes)
    shape = (design.size[1], classes)
    cells = shape[0] * shape[1]

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, biases = point[:cells].reshape(shape), point[cells:]
        scores = forth.times(weights) + biases
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        sums = shares.sum(axis=1, keepdims=True)
        value = float((np.log(sums[:, 0]) - (scores * wanted).sum(axis=1)).sum(dtype=np.float64))
        away = weights - start
        value += 0.5 * REGULARISATION * _dot(away.ravel(), away.ravel())
        shares /= sums
        shares -= wanted
        slope = back.times(shares)
        slope += REGULARISATION * away
        return value, np.concatenate([slope.ravel(), shares.sum(axis=0)])

    first = np.concatenate([start.ravel(), np.zeros(classes, np.float32)])
    point = minimise(loss, first, steps)
    return point[:cells].reshape(shape), point[cells:]


def extend(
    vocabulary: Vocabulary,
    weights: Floats,
    biases: Floats,
    texts: Sequence[set[str]],
    targets: Ints,
    *,
    weight: Callable[[str], float],
    documents: int,
) -> tuple[Vocabulary, Floats]:
    """Return vocabulary and weights with the keys that only `texts` have; what is known already stays as it is.

    So a text without any of the new keys is scored as before.

    Args:
        vocabulary: The keys that are known.
        weights: Their weights.
        biases: One for each class.
        texts: Further texts, as their keys.
        targets: Their class numbers.
        weight: What a key counts beside its rarity.
        documents: How many texts the known keys were counted in.

    """
    counts = Counter(key for keys in texts for key in keys)
    known = frozenset(vocabulary.keys)
    new = sorted(key for key, count in counts.items() if count >= MIN_ADDED and key not in known)
    if not new:
        return vocabulary, weights
    rarity = [_rarity(counts[key], documents, weight(key)) for key in new]
    whole = Vocabulary((*vocabulary.keys, *new), np.concatenate([vocabulary.rarity, np.asarray(rarity, np.float32)]))
    design = whole.design(texts)
    shape = (len(new), weights.shape[1])
    scores = design.times(np.concatenate([weights, np.zeros(shape, np.float32)])) + biases
    added, rows = design.columns_from(len(known))
    scores = scores[rows]
    wanted = np.zeros_like(scores)
    wanted[np.arange(len(rows)), targets[rows]] = 1
    forth, back = Product(added, shape[1]), Product(added.transposed(), shape[1])

    def loss(point: Floats) -> tuple[float, Floats]:
        now = scores + forth.times(point.reshape(shape))
        now -= now.max(axis=1, keepdims=True)
        shares = np.exp(now)
        sums = shares.sum(axis=1, keepdims=True)
        value = float((np.log(sums[:, 0]) - (now * wanted).sum(axis=1)).sum(dtype=np.float64))
        value += 0.5 * REGULARISATION * _dot(point, point)
        shares /= sums
        shares -= wanted
        return value, (back.times(shares) + REGULARISATION * point.reshape(shape)).ravel()

    point = minimise(loss, np.zeros(shape[0] * shape[1], np.float32), ADDED_STEPS)
    return whole, np.concatenate([weights, point.reshape(shape)])


def minimise(loss: Callable[[Floats], tuple[float, Floats]], point: Floats, steps: int) -> Floats:
    """Minimise a smooth convex function by limited-memory BFGS with a backtracking line search.

    Nocedal and Wright, Numerical Optimization, 2nd edition, algorithm 7.4.
    """
    value, slope = loss(point)
    moves: list[tuple[Floats, Floats, float]] = []
    for _ in range(steps):
        direction = _direction(slope, moves)
        along = _dot(direction, slope)
        length = 1.0 if moves else 1.0 / max(1.0, float(np.abs(slope).sum()) / 50)
        while True:
            trial = point + np.float32(length) * direction
            trial_value, trial_slope = loss(trial)
            if trial_value <= value + 1e-4 * length * along:
                break
            length /= 2
            if length < 1e-6:
                return point
        moved, turned = trial - point, trial_slope - slope
        curvature = _dot(moved, turned)
        if curvature > 1e-10:
            moves = [*moves[-(MEMORY - 1) :], (moved, turned, curvature)]
        point, value, slope = trial, trial_value, trial_slope
    return point


def _direction(slope: Floats, moves: list[tuple[Floats, Floats, float]]) -> Floats:
    direction = -slope
    factors: list[float] = []
    for moved, turned, curvature in reversed(moves):
        factor = _dot(moved, direction) / curvature
        factors.append(factor)
        direction -= np.float32(factor) * turned
    if moves:
        moved, turned, curvature = moves[-1]
        direction *= np.float32(curvature / _dot(turned, turned))
    for (moved, turned, curvature), factor in zip(moves, reversed(factors), strict=True):
        back = _dot(turned, direction) / curvature
        direction += np.float32(factor - back) * moved
    return direction


def _dot(left: Floats, right: Floats) -> float:
    """Return the inner product, summed in double precision and in one order.

    BLAS splits long vectors by the number of threads: the last bits, and with them the index, would depend on it.
    """
    size = 1 << 16
    parts = [
        np.multiply(left[at : at + size], right[at : at + size], dtype=np.float64).sum()
        for at in range(0, len(left), size)
    ]
    return float(sum(parts))
