"""An entropy coder for small symbols in contexts, read by `static/js/coder.js`.

It is a range coder in the form known as rANS: a symbol takes as many bits as it is rare in its context, in fractions of a
bit. (Huffman codes, which take whole bits, weigh a twentieth more here.) How frequent a symbol is travels in steps of a
quarter of an octave, one letter each.
"""

from __future__ import annotations

import base64
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

DIRECT = 24
"""Numbers below this are symbols of their own; larger ones are a symbol for their length and raw bits."""
PRECISION = 10
"""Frequencies of a context are parts of two to this power. With more, a stream weighs two thousandths less, and the
tables of a browser no longer fit where it reads them fast."""
_WHOLE = 1 << PRECISION
_STATE = 24
"""Bits that the state of the coder never exceeds; eight less is the least it holds between two symbols."""
_NEVER = "("
"""Letter of a symbol that does not occur; no quote, no backslash and no letter beyond ASCII follows within 50 letters."""


def step(level: int) -> int:
    """Return 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20 ...: four steps an octave."""
    return level if level < 4 else (4 + level % 4) << (level // 4 - 1)


_STEPS = [step(level) for level in range(4 * (PRECISION - 1) + 1)]
_MIDDLES = [low * high for low, high in pairwise(_STEPS)]
"""Squares of the bounds between steps."""


class SymbolStream:
    """Symbols in contexts, to be written as one string of bytes."""

    def __init__(self) -> None:
        self._contexts: list[Ints] = []
        self._symbols: list[Ints] = []
        self._names: dict[str, int] = {}

    def context(self, name: str) -> int:
        """Return the number of a context, new at its first use."""
        return self._names.setdefault(name, len(self._names))

    def add(self, contexts: Ints | Sequence[int], symbols: Ints | Sequence[int]) -> None:
        """Append symbols; a context below zero stands for that many raw bits."""
        self._contexts.append(np.asarray(contexts, np.int64))
        self._symbols.append(np.asarray(symbols, np.int64))

    def add_numbers(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Append numbers from 0 on, each with the name of its context."""
        self.add(*self.numbers(pairs))

    def numbers(self, pairs: Iterable[tuple[str, int]]) -> tuple[list[int], list[int]]:
        """Return contexts and symbols of numbers from 0 on, each with the name of its context."""
        contexts: list[int] = []
        symbols: list[int] = []
        for name, number in pairs:
            contexts.append(self.context(name))
            if number < DIRECT:
                symbols.append(number)
                continue
            size = number.bit_length()
            symbols.append(DIRECT + size)
            contexts.append(1 - size)
            symbols.append(number - (1 << (size - 1)))
        return contexts, symbols

    def packed(self, marks: Sequence[int] = (0,)) -> dict[str, Any]:
        """Return `{"codes": {context: frequencies}, "bits": base64, "sizes": ...}`; a frequency is a letter, see `levels`.

        `marks` are the numbers of symbols, in order and from 0 on, that can be read without those before; `sizes` are the
        bytes from each to the next one.
        """
        contexts, symbols = np.concatenate(self._contexts), np.concatenate(self._symbols)
        shares = np.ones(len(contexts), np.int64)
        starts = symbols.copy()
        sizes = np.where(contexts < 0, -contexts, PRECISION)
        written: dict[str, str] = {}
        by_context = np.argsort(contexts, kind="stable")
        bounds = np.searchsorted(contexts[by_context], np.arange(len(self._names) + 1))
        for name, number in self._names.items():
            here = by_context[bounds[number] : bounds[number + 1]]
            if not len(here):
                continue
            used = symbols[here]
            found = levels(np.bincount(used).tolist())
            share = np.asarray(frequencies([_STEPS[level] for level in found]), np.int64)
            shares[here], starts[here] = share[used], (np.cumsum(share) - share)[used]
            written[name] = "".join(chr(ord(_NEVER) + level) for level in found)
        pieces = [
            encoded(shares[first:end].tolist(), starts[first:end].tolist(), sizes[first:end].tolist())
            for first, end in pairwise([*marks, len(contexts)])
        ]
        bits = base64.b64encode(b"".join(pieces)).decode("ascii")
        return {"codes": written, "bits": bits, "sizes": [len(one) for one in pieces]}


def levels(counts: Sequence[int]) -> list[int]:
    """Return for each symbol the step that its frequency is next to, 0 for symbols that do not occur."""
    total = sum(counts)
    return [max(bisect_left(_MIDDLES, (count * _WHOLE / total) ** 2), 1) if count else 0 for count in counts]


def frequencies(parts: Sequence[int]) -> list[int]:
    """Return what frequencies come to as parts of a whole; the browser computes the same."""
    total = sum(parts)
    shares = [max(part * _WHOLE // total, 1) if part else 0 for part in parts]
    shares[shares.index(max(shares))] += _WHOLE - sum(shares)
    return shares


def encoded(shares: Iterable[int], starts: Iterable[int], sizes: Iterable[int]) -> bytes:
    """Return symbols as bytes, each given by its share of a whole of 2 to the `size`, and where this share starts.

    Symbols are written last first, so that they are read first first. Raw bits have shares of 1; more than `PRECISION`
    of them are written in pieces.
    """
    state = 1 << (_STATE - 8)
    out = bytearray()
    backwards = (reversed(list(one)) for one in (shares, starts, sizes))
    for share, start, size in zip(*backwards, strict=True):
        left, rest = size, start
        while left:
            bits = (left - 1) % PRECISION + 1
            most = share << (_STATE - bits)
            while state >= most:
                out.append(state & 255)
                state >>= 8
            state = (state // share << bits) + state % share + (rest & (1 << bits) - 1)
            left -= bits
            rest >>= bits
    out += state.to_bytes(_STATE // 8, "little")
    return bytes(reversed(out))
