"""The index that matching reads: vocabulary, quantised weights and folded utterances; small, plain, exportable.

Scoring is one sum. A text is the set of its keys; every key has a row of one byte for each class; the score of
a class is the sum of its bytes over the text's keys, brought to scale, divided by the text's length, plus the
class's bias. In Python the rows are added as two long integers, of every other byte each, which costs less than a
microsecond.
"""

from __future__ import annotations

import base64
import json
import math
import struct
from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from collectscript.features import LONGEST_WORD, SOUND_WEIGHT, candidates, cut, sound_table
from collectscript.model import NONE
from collectscript.text import Folder

SCHEMA = "collectscript-index/1"
ZERO = 128
"""The byte that stands for the weight 0."""
RARITY_UNIT = 1000
"""Rarities are whole thousandths."""
_ROWS = 256
"""Rows summed at once: a sum of bytes has two bytes of room while rows are added as integers."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns scores into the probability that an entry was said.

    For an entry c the logit is `bias + share * log softmax(c) + lead * (score(c) - score(none)) + size * log2(1 + number
    of known keys)`; `share` and `lead` are not negative, so that a higher score never means less.
    """

    bias: float
    share: float
    lead: float
    size: float
    threshold: float
    """The confidence from which on an entry counts as said, 0..1."""


@dataclass(frozen=True)
class Index:
    """Everything needed to score a text; immutable, safe to share between threads."""

    classes: tuple[str, ...]
    """Objection ids in taxonomy order, then `none`."""
    keys: tuple[str, ...]
    rarity: tuple[int, ...]
    """For each key its weight in the length of a text, in thousandths."""
    rows: bytes
    """For each key one byte a class: 128 + weight / `scale`, the weight already times the key's rarity."""
    scale: float
    biases: tuple[float, ...]
    traditional: Mapping[str, str]
    sounds: Mapping[str, str]
    """Character to the private-use character of its sound."""
    utterances: tuple[tuple[str, ...], ...]
    """For each class its folded utterances; for `none` the folded background."""
    calibration: Calibration
    place: dict[str, int] = field(init=False, repr=False, compare=False)
    """Key to its number."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", {key: number for number, key in enumerate(self.keys)})

    @cached_property
    def folder(self) -> Folder:
        """The folding of this corpus."""
        return Folder(self.traditional)

    @cached_property
    def heard(self) -> dict[int, str]:
        """Table for `str.translate` from characters to sounds."""
        return sound_table(self.sounds)

    @cached_property
    def exact(self) -> dict[str, int]:
        """Folded utterance to the number of its class."""
        return {text: number for number, texts in enumerate(self.utterances) for text in texts}

    @cached_property
    def none(self) -> int:
        """The number of the class `none`."""
        return self.classes.index(NONE)

    def known_keys(self, folded: str) -> list[int]:
        """Return the numbers of the vocabulary's keys that a folded text holds."""
        place = self.place
        return [place[key] for key in cut(folded, self.heard) | candidates(folded) if key in place]

    def scores(self, keys: Iterable[int]) -> list[float]:
        """Return the score of every class for a text given as its key numbers; the order of keys does not matter."""
        numbers = list(keys)
        if not numbers:
            return list(self.biases)
        size, rarity, rows = len(self.classes), self.rarity, self.rows
        half = (size + 1) // 2
        read = int.from_bytes
        mask = read(b"\xff\0" * half, "little")
        sums = [0] * (2 * half)
        squares = 0
        for first in range(0, len(numbers), _ROWS):
            even = odd = 0
            for key in numbers[first : first + _ROWS]:
                row = read(rows[key * size : (key + 1) * size], "little")
                even += row & mask
                odd += row >> 8 & mask
                length = rarity[key]
                squares += length * length
            more = [0] * (2 * half)
            more[::2] = struct.unpack(f"<{half}H", even.to_bytes(2 * half, "little"))
            more[1::2] = struct.unpack(f"<{half}H", odd.to_bytes(2 * half, "little"))
            sums = [value + other for value, other in zip(sums, more, strict=True)] if first else more
        factor = self.scale * RARITY_UNIT / math.sqrt(squares)
        offset = ZERO * len(numbers)
        return [(value - offset) * factor + bias for value, bias in zip(sums, self.biases, strict=False)]

    def to_json(self) -> str:
        """Return the index for other runtimes: one JSON object, rows as base64; schema in docs/matching.md."""
        return json.dumps(self.header() | {"rows": base64.b64encode(self.rows).decode()}, ensure_ascii=False)

    def header(self) -> dict[str, Any]:
        """Return everything but the rows, as JSON values."""
        by_sound: dict[str, str] = {}
        for char, sound in sorted(self.sounds.items()):
            by_sound[sound] = by_sound.get(sound, "") + char
        return {
            "schema": SCHEMA,
            "classes": self.classes,
            "keys": self.keys,
            "rarity": self.rarity,
            "rarity_unit": RARITY_UNIT,
            "zero": ZERO,
            "scale": self.scale,
            "biases": self.biases,
            "longest_word": LONGEST_WORD,
            "sound_weight": SOUND_WEIGHT,
            "traditional": ["".join(self.traditional), "".join(self.traditional.values())],
            "sounds": by_sound,
            "utterances": self.utterances,
            "calibration": {name: getattr(self.calibration, name) for name in Calibration.__slots__},
        }

    @classmethod
    def from_parts(cls, header: Mapping[str, Any], rows: bytes) -> Index:
        """Build an index from what `header` and `rows` hold; the inverse of saving it."""
        return cls(
            classes=tuple(header["classes"]),
            keys=tuple(header["keys"]),
            rarity=tuple(header["rarity"]),
            rows=rows,
            scale=header["scale"],
            biases=tuple(header["biases"]),
            traditional=dict(zip(*header["traditional"], strict=True)),
            sounds={char: sound for sound, chars in header["sounds"].items() for char in chars},
            utterances=tuple(tuple(texts) for texts in header["utterances"]),
            calibration=Calibration(**header["calibration"]),
        )


def packed(index: Index) -> dict[str, Any]:
    """Return an index as JSON values without the folding and sounds, which it shares with the index it stands beside."""
    header = index.header()
    shared = {"traditional", "sounds"}
    return {name: value for name, value in header.items() if name not in shared} | {
        "rows": base64.b64encode(index.rows).decode()
    }


def unpacked(values: Mapping[str, Any], beside: Index) -> Index:
    """Build an index from what `packed` made of one; the inverse of it."""
    return replace(
        beside,
        classes=tuple(values["classes"]),
        keys=tuple(values["keys"]),
        rarity=tuple(values["rarity"]),
        rows=base64.b64decode(values["rows"]),
        scale=values["scale"],
        biases=tuple(values["biases"]),
        utterances=tuple(tuple(texts) for texts in values["utterances"]),
        calibration=Calibration(**values["calibration"]),
    )


def to_files(header: Mapping[str, Any], rows: bytes) -> dict[str, bytes]:
    """Return what `Index.header` and `rows` hold as files: name to content; long lists are kept out of the JSON.

    Parsing seventy thousand strings as JSON would take half of a start.
    """
    lists = {"keys", "rarity", "utterances"}
    rest = {name: value for name, value in header.items() if name not in lists}
    return {
        "index.json": json.dumps(rest, ensure_ascii=False).encode(),
        "index.keys": "\n".join(header["keys"]).encode(),
        "index.rarity": array("I", header["rarity"]).tobytes(),
        "index.said": "\n\n".join("\n".join(texts) for texts in header["utterances"]).encode(),
        "index.rows": rows,
    }


def from_files(read: Callable[[str], bytes]) -> tuple[dict[str, Any], bytes]:
    """Return header and rows of an index from its files; the inverse of `to_files`."""
    header: dict[str, Any] = json.loads(read("index.json"))
    header["keys"] = read("index.keys").decode().split("\n")
    header["rarity"] = array("I", read("index.rarity")).tolist()
    said = read("index.said").decode().split("\n\n")
    header["utterances"] = [texts.split("\n") if texts else [] for texts in said]
    return header, read("index.rows")
