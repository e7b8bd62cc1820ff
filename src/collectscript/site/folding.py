"""The folding of texts as a table, so that every browser folds as this Python does, whatever Unicode it knows."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from collectscript.site.coder import SymbolStream
from collectscript.text import DIGIT, Folder

_UNASSIGNED = frozenset({"Cn", "Co", "Cs"})


_SIZES = 12
"""Sizes of the number before that have a context of their own."""
_HALF = 20
"""Sounds are written in two symbols, of which the second is less than this."""


def packed_folding(table: Mapping[str, Any], sounds: Mapping[str, str]) -> dict[str, Any]:
    """Return what `fold_table` returned and the sounds of characters in few bytes; `static/js/fold.js` reads them.

    Code points stand in order, so that each is written as the distance from the one before. Most of what becomes one other
    character is traditional Chinese; what neighbours become is often near, too.
    """
    stream = SymbolStream()
    lists = {"same": table["same"], "digits": table["digit"], "many": table["from"], "sounds": sounds}
    stream.add_numbers((f"s{at % 2}", number) for at, number in enumerate(table["same"]))
    stream.add_numbers((f"d{at % 2}", number) for at, number in enumerate(table["digit"]))
    stream.add_numbers(_after("f", _distances(table["from"])))
    stream.add_numbers(_after("t", (2 * one if one >= 0 else -2 * one - 1 for one in _distances(table["to"]))))
    by_number = [sound for sound, _ in sorted(Counter(sounds.values()).items(), key=lambda one: (-one[1], one[0]))]
    number = {sound: place for place, sound in enumerate(by_number)}
    chars = sorted(sounds)
    stream.add_numbers(("c", gap) for gap in _distances(chars))
    for char in chars:
        high, low = divmod(number[sounds[char]], _HALF)
        stream.add_numbers([("h", high), (f"l{high}", low)])
    counts = {name: len(listed) for name, listed in lists.items()}
    return {"counts": counts, "long": table["long"], "sounds": "".join(by_number), **stream.packed()}


def _distances(chars: Iterable[str]) -> list[int]:
    codes = [ord(char) for char in chars]
    return [code - before for code, before in zip(codes, [0, *codes], strict=False)]


def _after(name: str, numbers: Iterable[int]) -> Iterable[tuple[str, int]]:
    """Yield numbers, each in the context of the size of the one before."""
    before = 0
    for number in numbers:
        yield f"{name}{min(before.bit_length(), _SIZES)}", number
        before = number


def fold_table(folder: Folder, known: frozenset[str]) -> dict[str, Any]:
    """Return what every code point folds to, as JSON values; those that are not listed are dropped.

    A character that folds to nothing in `known` is listed as folding to itself: either way no key knows it.
    `same` and `digit` are runs as (gap since the last run's end, length) one after the other; `from` and `to` hold
    what becomes one other character, in order; `long` what becomes several.
    """
    same: list[int] = []
    digit: list[int] = []
    pairs: list[tuple[str, str]] = []
    long: dict[str, str] = {}
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        # Nothing unassigned or private is kept; skipping it here saves most of the time.
        if unicodedata.category(char) in _UNASSIGNED:
            continue
        folded = folder.fold(char)
        if folded == DIGIT:
            digit.append(code)
        elif folded == char or (folded and known.isdisjoint(folded)):
            same.append(code)
        elif len(folded) == 1:
            pairs.append((char, folded))
        elif folded:
            long[char] = folded
    return {
        "same": _runs(same),
        "digit": _runs(digit),
        "from": "".join(one for one, _ in pairs),
        "to": "".join(one for _, one in pairs),
        "long": long,
    }


def _runs(codes: list[int]) -> list[int]:
    runs: list[int] = []
    end = 0
    for code in codes:
        if runs and code == end:
            runs[-1] += 1
        else:
            runs += [code - end, 1]
        end = code + 1
    return runs
