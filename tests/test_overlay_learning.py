"""Learning an overlay: products in one buffer, a few columns fitted while the others stay."""

from __future__ import annotations

import numpy as np
import pytest

from collectscript import columns
from collectscript.codec import decode, encode
from collectscript.columns import Product, fit_columns
from collectscript.learn import Design
from collectscript.model import Binding, Scope


def design(rows: int, keys: int, seed: int) -> Design:
    """Return random texts, some of them without any key."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 9, rows) * rng.integers(0, 2, rows)
    cells = [np.sort(rng.choice(keys, size, replace=False)) for size in sizes]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Design(starts, np.concatenate(cells).astype(np.int64), rng.random(starts[-1], np.float32), (rows, keys))


@pytest.mark.parametrize("rows", [1, 40, 3000])
def test_product_is_the_same_sum(rows: int) -> None:
    """To the last bit, rows without cells included."""
    known = design(rows, 50, rows)
    dense = np.random.default_rng(1).random((50, 7), np.float32)
    assert np.array_equal(Product(known, 7).times(dense), known.times(dense))


def loss(known: Design, targets: np.ndarray, counts: np.ndarray, scores: np.ndarray, moves: np.ndarray) -> float:
    """Return what is to be small, summed plainly."""
    high = scores.max(axis=1, keepdims=True)
    logs = np.log(np.exp(scores - high).sum(axis=1)) + high[:, 0]
    told = scores[np.arange(len(targets)), targets]
    return float((counts * (logs - told)).sum() + columns.REGULARISATION / 2 * (moves**2).sum())


def test_learned_columns_come_near_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five steps win nine tenths of what two hundred do, on texts without any sense; only the scores of learned classes move."""
    rng = np.random.default_rng(3)
    known, targets = design(400, 60, 2), rng.integers(0, 6, 400)
    counts = np.where(np.arange(400) < 250, 1, 24).astype(np.float32)
    scores = rng.normal(0, 2, (400, 6)).astype(np.float32)

    def after() -> float:
        moves, shifts = fit_columns(known, targets, counts, scores, [1, 4])
        now = scores.copy()
        now[:, [1, 4]] += known.times(moves) + shifts
        return loss(known, targets, counts, now, moves)

    begun, few = loss(known, targets, counts, scores, np.zeros(1)), after()
    monkeypatch.setattr(columns, "STEPS", 200)
    best = after()
    assert best <= few < begun
    assert few - best < 0.1 * (begun - best)


def test_nothing_to_learn_from() -> None:
    """Texts without keys move the biases alone."""
    none = Design(np.zeros(4, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), (3, 2))
    moves, shifts = fit_columns(none, np.asarray([0, 1, 1]), np.ones(3, np.float32), np.zeros((3, 2), np.float32), [1])
    assert not moves.any()
    assert shifts[0] > 0


def test_lines_are_read_back() -> None:
    """A value comes back as it was; a line of another form is refused."""
    binding = Binding(Scope(("property",), (), (), ("sms", "phone")), None, "理由")
    assert decode(Binding, encode(binding)) == binding
    with pytest.raises(ValueError, match="Binding has 3 fields, not 2"):
        decode(Binding, encode(binding)[:2])
