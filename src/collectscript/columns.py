"""Fit some columns of a regression while the others stay as they are: a few steps of conjugate gradients.

Scores are linear in the weights, so that how far to go along a direction costs no further look at the texts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collectscript.learn import REGULARISATION, Design, Floats, Ints, Product

STEPS = 5
"""Steps; ten win one first place in a hundred of new entries with fifteen texts each, none of those with more."""
TRIES = 8
"""Lengths that are tried for each step, at most; three are usual."""
ENOUGH = 0.1
"""A step is long enough when it leaves this much of the slope along it."""
CURVATURE = 0.01
"""Guessed second derivative of the loss by a score, with which steps are scaled."""


def fit_columns(
    design: Design, targets: Ints, counts: Floats, scores: Floats, learned: Sequence[int]
) -> tuple[Floats, Floats]:
    """Return by how much the weights and biases of the learned classes must move to fit the texts best.

    Preconditioned conjugate gradients after Polak and Ribière; Nocedal and Wright, Numerical Optimization, chapter 5.

    Args:
        design: The texts as rows, with the keys whose weights may move.
        targets: The class of each text.
        counts: How many texts each stands for.
        scores: The scores that all classes have now, one row a text.
        learned: The classes that may move.

    """
    loss, now = _Loss.of(targets, counts, scores, learned)
    forth, back = Product(design, len(learned)), Product(design.transposed(), len(learned))
    weights = design.values.astype(np.float64) ** 2 * np.repeat(counts, np.diff(design.starts))
    mass = np.bincount(design.columns, weights=weights, minlength=design.size[1])
    ease = (1 / (REGULARISATION + CURVATURE * mass)).astype(np.float32)[:, None]
    ease_shift = np.float32(1 / (CURVATURE * float(counts.sum())))
    moves = along = before = np.zeros((design.size[1], len(learned)), np.float32)
    shifts = along_shift = before_shift = np.zeros(len(learned), np.float32)
    size = math.inf
    for _ in range(STEPS):
        slope = loss.slope(now)
        steep, steep_shift = back.times(slope) + REGULARISATION * moves, slope.sum(axis=0)
        eased, eased_shift = ease * steep, ease_shift * steep_shift
        turned = _inner(eased, steep - before) + _inner(eased_shift, steep_shift - before_shift)
        kept = np.float32(max(turned / size, 0.0))
        along, along_shift = kept * along - eased, kept * along_shift - eased_shift
        before, before_shift = steep, steep_shift
        size = _inner(eased, steep) + _inner(eased_shift, steep_shift)
        if not size:
            break
        ahead = forth.times(along) + along_shift
        length = np.float32(loss.length(now, ahead, _inner(moves, along), _inner(along, along)))
        moves, shifts, now = moves + length * along, shifts + length * along_shift, now + length * ahead
    return moves, shifts


@dataclass(frozen=True, slots=True)
class _Loss:
    """What is made small: how badly the scores of the learned classes, beside those that stay, fit the texts."""

    frozen: Floats
    """The sum of the exponentials of the scores that stay, for each text."""
    counts: Floats
    wanted: Floats
    """The shares that are wanted, times the counts."""

    @classmethod
    def of(cls, targets: Ints, counts: Floats, scores: Floats, learned: Sequence[int]) -> tuple[_Loss, Floats]:
        """Return it with the scores of the learned classes, taken from the highest score of each text."""
        others = np.ones(scores.shape[1], bool)
        others[list(learned)] = False
        top = scores.max(axis=1, keepdims=True)
        frozen = np.exp(scores[:, others] - top).sum(axis=1)
        wanted = np.where(targets[:, None] == np.asarray(learned), counts[:, None], np.float32(0))
        return cls(frozen, counts, wanted), scores[:, list(learned)] - top

    def shares(self, scores: Floats) -> Floats:
        """Return how probable each learned class is."""
        high = np.maximum(scores.max(axis=1, keepdims=True), 0)
        found: Floats = np.exp(scores - high)
        found /= found.sum(axis=1, keepdims=True) + self.frozen[:, None] * np.exp(-high)
        return found

    def slope(self, scores: Floats) -> Floats:
        """Return the derivative by each score."""
        return self.shares(scores) * self.counts[:, None] - self.wanted

    def length(self, now: Floats, ahead: Floats, leaning: float, stiff: float) -> float:
        """Return how far to go: Newton's method for one variable, kept within what is known of where the end lies.

        Args:
            now: The scores.
            ahead: By how much a step of length 1 changes them.
            leaning: The inner product of the weights moved so far and the direction.
            stiff: That of the direction with itself.

        """
        start = REGULARISATION * leaning - _inner(ahead, self.wanted)
        length, least, most, begun = 0.0, 0.0, math.inf, 0.0
        for _ in range(TRIES):
            pulled = self.shares(now + np.float32(length) * ahead)
            pulled *= ahead
            mean = pulled.sum(axis=1)
            pulled *= ahead
            slope = start + REGULARISATION * stiff * length + _inner(self.counts, mean)
            bend = REGULARISATION * stiff + _inner(self.counts, pulled.sum(axis=1) - mean**2)
            begun = begun or abs(slope)
            if abs(slope) <= ENOUGH * begun or bend <= 0:
                break
            least, most = (length, most) if slope < 0 else (least, length)
            length -= slope / bend
            if not least < length < most:
                length = 2 * least + 1 if most == math.inf else (least + most) / 2
        return length


def _inner(left: Floats, right: Floats) -> float:
    """Return the inner product, summed in one order: that of BLAS depends on the number of threads."""
    return float(np.multiply(left, right, dtype=np.float64).sum())
