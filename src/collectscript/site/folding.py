"""The folding of texts as a table, so that every browser folds as this Python does, whatever Unicode it knows."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping
from typing import Any

from collectscript.text import DIGIT, Folder

_UNASSIGNED = frozenset({"Cn", "Co", "Cs"})


def sound_groups(sounds: Mapping[str, str]) -> dict[str, str]:
    """Return for each sound the characters that are read so."""
    found: dict[str, str] = {}
    for char, sound in sorted(sounds.items()):
        found[sound] = found.get(sound, "") + char
    return found


def fold_table(folder: Folder, known: frozenset[str]) -> dict[str, Any]:
    """Return what every code point folds to, as JSON values; those that are not listed are dropped.

    A character that folds to nothing in `known` is listed as folding to itself: either way no key knows it.
    `same` and `digit` are runs as (gap since the last run's end, length) one after the other; `from` and `to` hold
    what becomes one other character; `long` what becomes several.
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
