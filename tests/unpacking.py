"""Reads what `site.squeeze` and `site.coder` write, as the scripts of the pages do."""

from __future__ import annotations

import base64
import bz2
from collections.abc import Callable
from itertools import accumulate
from typing import Any

from collectscript.site.coder import DIRECT, PRECISION, frequencies, step
from collectscript.site.squeeze import FIRST_HAN, HAN, SHORT


def unsqueezed(packed: str) -> str:
    """Return the text behind what `squeezed` returned."""
    data = bz2.decompress(base64.b64decode(packed))
    units: list[int] = []
    rest = iter(data[1 + 2 * data[0] :])
    for byte in rest:
        if byte < SHORT:
            units.append(int.from_bytes(data[1 + 2 * byte : 3 + 2 * byte], "big"))
        elif byte < SHORT + HAN:
            units.append(FIRST_HAN + (byte - SHORT) * 256 + next(rest))
        else:
            units.append(next(rest) * 256 + next(rest))
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le")


def reader(packed: dict[str, Any], part: int = 0) -> Callable[[str], int]:
    """Return what reads the next number in a context from a part of a stream."""
    data = iter(base64.b64decode(packed["bits"])[sum(packed["sizes"][:part]) :])
    state = next(data) << 16 | next(data) << 8 | next(data)
    whole = (1 << PRECISION) - 1

    def refilled(value: int) -> int:
        while value < 1 << 16:
            value = value << 8 | next(data)
        return value

    def raw(size: int) -> int:
        nonlocal state
        value = 0
        for left in range(size, 0, -PRECISION):
            bits = min(left, PRECISION)
            value = value << bits | state & (1 << bits) - 1
            state = refilled(state >> bits)
        return value

    def read(name: str) -> int:
        nonlocal state
        shares = frequencies([step(ord(letter) - ord("(")) for letter in packed["codes"][name]])
        starts = [0, *accumulate(shares)]
        place = state & whole
        symbol = next(n for n, end in enumerate(starts[1:]) if place < end)
        state = refilled(shares[symbol] * (state >> PRECISION) + place - starts[symbol])
        if symbol < DIRECT:
            return symbol
        size = symbol - DIRECT - 1
        return (1 << size) + raw(size)

    return read
