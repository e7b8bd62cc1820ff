"""Pack the index of the matcher for the browser: lossless, small, read by `static/js/unpack.js`.

What the page needs of an index is a vocabulary, one row of small integers for each key, and which texts are own
utterances. Each is turned into a sequence of small symbols; every symbol has a context, every context its own
canonical Huffman code; the bits travel as base64 in a script file. A general compressor needs half as much
again, because it does not know what the numbers mean.
"""

from __future__ import annotations

import base64
import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from collectscript.index import RARITY_UNIT, ZERO, Index
from collectscript.site.hashing import text_hash
from collectscript.site.writing import SiteError
from collectscript.wording import FIRST_SOUND

Ints = npt.NDArray[np.int64]

LIST = "§"
"""Begins the key of a list of words, see `classes`; folding drops it, so it cannot come from a text."""
DIRECT = 24
"""Numbers below this are symbols of their own; larger ones are a symbol for their length and raw bits."""
_AT_ONCE = 1000
"""Texts that are scored at a time."""
SURE = 1e-6
"""Scores nearer than this may be in another order in a browser."""
HIGH = 3
"""A difference above this speaks for a class."""
BLOCK = 64
"""Rows that the page unpacks together, when a text first holds one of their keys; most are never asked for."""
RARE = 12
"""Groups of keys, by how rare they are, that may have codes of their own."""
SHARED = 8000
"""Symbols for each code that the contexts of a series share."""
_ROUNDS = 8
_FIRST_GROUP = "0"
MOST_EXACT = 2**53
"""The page writes a key as one number, which must stay below this."""
_LAST_SOUND = 0xF8FF
"""End of the private-use area that sounds are written in."""


class BitStream:
    """Symbols in contexts, to be written as one string of bits."""

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

    def packed(self, marks: Sequence[int] = ()) -> dict[str, Any]:
        """Return `{"lengths": {context: code lengths}, "bits": base64}`; a length is a letter, `a` for none.

        With `marks`, numbers of symbols in order, also `"sizes"`: the bits from each of these symbols to the next one.
        """
        contexts, symbols = np.concatenate(self._contexts), np.concatenate(self._symbols)
        codes = np.zeros(len(contexts), np.int64)
        sizes = np.zeros(len(contexts), np.int64)
        raw = contexts < 0
        codes[raw], sizes[raw] = symbols[raw], -contexts[raw]
        lengths: dict[str, str] = {}
        by_context = np.argsort(contexts, kind="stable")
        bounds = np.searchsorted(contexts[by_context], np.arange(len(self._names) + 1))
        for name, number in self._names.items():
            here = by_context[bounds[number] : bounds[number + 1]]
            if not len(here):
                continue
            used = symbols[here]
            length = huffman_lengths(np.bincount(used).tolist())
            table = np.asarray(canonical_codes(length), np.int64)
            codes[here], sizes[here] = table[used], np.asarray(length, np.int64)[used]
            lengths[name] = "".join(chr(ord("a") + size) for size in length)
        found: dict[str, Any] = {"lengths": lengths}
        if marks:
            ends = np.cumsum(sizes)
            found["sizes"] = np.diff((ends - sizes)[list(marks)]).tolist()
        return found | {"bits": base64.b64encode(_bits(codes, sizes)).decode("ascii")}


def huffman_lengths(counts: Sequence[int]) -> list[int]:
    """Return the code length of each symbol, 0 for symbols that do not occur; a lone symbol takes one bit."""
    heap: list[tuple[int, int, tuple[int, ...]]] = [
        (count, symbol, (symbol,)) for symbol, count in enumerate(counts) if count
    ]
    lengths = [0] * len(counts)
    if len(heap) == 1:
        lengths[heap[0][1]] = 1
        return lengths
    heapq.heapify(heap)
    while len(heap) > 1:
        first, second = heapq.heappop(heap), heapq.heappop(heap)
        symbols = first[2] + second[2]
        for symbol in symbols:
            lengths[symbol] += 1
        heapq.heappush(heap, (first[0] + second[0], min(first[1], second[1]), symbols))
    return lengths


def canonical_codes(lengths: Sequence[int]) -> list[int]:
    """Return the canonical code of each symbol: shorter codes first, then smaller symbols."""
    codes = [0] * len(lengths)
    code = last = 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths) if length):
        code <<= length - last
        codes[symbol] = code
        code, last = code + 1, length
    return codes


def _bits(codes: Ints, sizes: Ints) -> bytes:
    """Write codes one after the other, the highest bit first."""
    ends = np.cumsum(sizes)
    position = np.arange(int(ends[-1]))
    shifts = np.repeat(ends, sizes) - 1 - position
    return np.packbits(((np.repeat(codes, sizes) >> shifts) & 1).astype(np.uint8)).tobytes()


# -- the index -------------------------------------------------------------------------------------------


def pack_index(index: Index) -> dict[str, Any]:
    """Return what the page needs to score a text as JSON values; folding and sounds travel by themselves."""
    order, alphabet = _key_order(index.keys)
    rows = np.frombuffer(index.rows, np.uint8).reshape(len(index.keys), -1).astype(np.int64)[order] - ZERO
    return {
        "classes": index.classes,
        "scale": index.scale,
        "rarity_unit": RARITY_UNIT,
        "biases": index.biases,
        "calibration": {name: getattr(index.calibration, name) for name in type(index.calibration).__slots__},
        "alphabet": alphabet,
        "keys": _pack_keys([index.keys[number] for number in order], alphabet),
        "rows": _pack_rows(rows, [index.rarity[number] for number in order], _kinds(index.keys, order, alphabet)),
        "own": _pack_own(index),
    }


def _is_sound(key: str) -> bool:
    return any(FIRST_SOUND <= ord(char) <= _LAST_SOUND for char in key)


def _key_order(keys: Sequence[str]) -> tuple[list[int], str]:
    """Return the order in which keys travel, and their characters, the most frequent first; word lists come last."""
    counts = Counter("".join(key for key in keys if not key.startswith(LIST)))
    alphabet = sorted(counts, key=lambda char: (-counts[char], char))
    place = {char: number for number, char in enumerate(alphabet)}

    def rank(number: int) -> tuple[bool, int, bool, list[int]]:
        key = keys[number]
        if key.startswith(LIST):
            return True, 0, False, [number]
        return False, len(key), _is_sound(key), [place[char] for char in key]

    return sorted(range(len(keys)), key=rank), "".join(alphabet)


def _pack_keys(keys: Sequence[str], alphabet: str) -> dict[str, Any]:
    """Write sorted keys as the distance of each from the one before, in groups of one length and kind."""
    if len(alphabet) ** max((len(key) for key in keys if not key.startswith(LIST)), default=0) >= MOST_EXACT:
        msg = f"an index with {len(alphabet)} characters has keys that are too long to be written as numbers"
        raise SiteError(msg)
    place = {char: number for number, char in enumerate(alphabet)}
    groups: dict[tuple[int, bool], list[list[int]]] = {}
    for key in keys:
        if not key.startswith(LIST):
            groups.setdefault((len(key), _is_sound(key)), []).append([place[char] for char in key])
    stream = BitStream()
    for (length, sound), members in groups.items():
        stream.add_numbers(_distances(f"{length}{'s' if sound else 'w'}", members))
    shape = [[length, sound, len(members)] for (length, sound), members in groups.items()]
    # The names of word lists look like no other key and are few.
    return {"groups": shape, "lists": [key for key in keys if key.startswith(LIST)], **stream.packed()}


def _distances(name: str, members: Sequence[Sequence[int]]) -> Iterable[tuple[str, int]]:
    before = [-1] * len(members[0])
    for member in members:
        fresh = False
        for at, value in enumerate(member):
            # How frequent the character before is says how far apart its followers lie.
            dense = min(member[at - 1].bit_length(), 9) if at else 0
            if fresh:
                yield f"{name}{at}f{dense}", value
            else:
                yield f"{name}{at}d{dense}", value - before[at]
                fresh = value != before[at]
        before = list(member)


def _kinds(keys: Sequence[str], order: Sequence[int], alphabet: str) -> list[tuple[bool, str]]:
    """Return for each key whether it is a sound, and the context of its rarity: how frequent its characters are."""
    place = {char: number for number, char in enumerate(alphabet)}
    found: list[tuple[bool, str]] = []
    for number in order:
        if keys[number].startswith(LIST):
            found.append((False, "list"))
            continue
        sizes = [place[char].bit_length() for char in keys[number]]
        sound = _is_sound(keys[number])
        found.append((sound, f"{len(sizes)}{'s' if sound else 'w'}{min(max(sizes), 10)}m{min(*sizes, 8) // 2}"))
    return found


def _pack_rows(rows: Ints, rarity: Sequence[int], kinds: Sequence[tuple[bool, str]]) -> dict[str, Any]:
    """Write each row as its most frequent value and what differs from it, in blocks that can be read alone."""
    levels = [sorted({r for r, (s, _) in zip(rarity, kinds, strict=True) if s is sound}) for sound in (False, True)]
    for one in levels:
        one.reverse()
    level = [{value: number for number, value in enumerate(one)} for one in levels]
    ranks = [level[sound][value] for value, (sound, _) in zip(rarity, kinds, strict=True)]
    base = np.asarray([np.bincount(row + ZERO, minlength=2 * ZERO).argmax() - ZERO for row in rows], np.int64)
    differs = rows - base[:, None]
    # Classes that differ often come first, so that distances between them are short.
    order = np.argsort(-(differs != 0).sum(axis=0), kind="stable")
    differs = differs[:, order]
    counts = (differs != 0).sum(axis=1)
    at_row, at_class = np.nonzero(differs)
    values = differs[at_row, at_class]
    first = np.concatenate([[True], at_row[1:] != at_row[:-1]])
    before = np.where(first, -1, np.concatenate([[-1], at_class[:-1]]))
    value_before = np.where(first, 0, np.concatenate([[0], values[:-1]]))
    starts = np.flatnonzero(first)
    rank = np.arange(len(values)) - np.repeat(starts, np.diff([*starts.tolist(), len(values)]))
    left = counts[at_row] - rank
    high = np.asarray(values > HIGH, np.int64)
    risen = np.asarray(np.cumsum(high) - high, np.int64)
    risen -= np.repeat(risen[starts], np.diff([*starts.tolist(), len(values)]))
    rare = np.searchsorted(steps := _steps(rarity), np.asarray(rarity), side="right")[at_row]
    gap_context = row_gap_context(left, before)
    value_context = row_value_context(counts[at_row], base[at_row], value_before, risen, rare)
    stream = BitStream()
    heads = stream.numbers(_heads(ranks, [name for _, name in kinds], base.tolist(), counts.tolist()))
    # Raw bits belong to the number before them; each row begins with three numbers.
    head_rows = (np.cumsum(np.asarray(heads[0]) >= 0) - 1) // 3
    gap_group, gap_groups = shared_codes(gap_context, gaps := at_class - before - 1, most=32)
    value_group, value_groups = shared_codes(value_context, changes := _zigzag(values), most=64)
    names = [stream.context(f"g{number}") for number in range(int(gap_group.max(initial=-1)) + 1)]
    value_names = [stream.context(f"v{number}") for number in range(int(value_group.max(initial=-1)) + 1)]
    contexts = np.stack([np.asarray(names)[gap_group], np.asarray(value_names)[value_group]], axis=1)
    symbols = np.stack([gaps, changes], axis=1)
    owners = np.concatenate([head_rows, np.repeat(at_row, 2)])
    by_row = np.argsort(owners, kind="stable")
    stream.add(
        np.concatenate([heads[0], contexts.ravel()])[by_row], np.concatenate([heads[1], symbols.ravel()])[by_row]
    )
    marks = np.searchsorted(owners[by_row], np.arange(0, len(rows), BLOCK)).tolist()
    return {
        "levels": levels,
        "order": order.tolist(),
        "steps": steps,
        "rare": RARE,
        "block": BLOCK,
        "groups": {"g": gap_groups, "v": value_groups},
        **stream.packed(marks),
    }


def shared_codes(contexts: Ints, symbols: Ints, most: int) -> tuple[Ints, str]:
    """Return for each symbol the code it is written in, and for each context its code as one character.

    Contexts in which about the same symbols occur share a code: a table for each would weigh more than it saves. Contexts
    and codes take turns to choose each other, at most `_ROUNDS` times.
    """
    if not len(symbols):
        return symbols, ""
    size = int(symbols.max()) + 1
    counts = np.bincount(contexts * size + symbols, minlength=(int(contexts.max()) + 1) * size).reshape(-1, size)
    used = np.flatnonzero(counts.sum(axis=1))
    seen = counts[used].astype(np.float64)
    many = min(most, 1 + len(symbols) // SHARED)
    by_mean = np.argsort(seen @ np.arange(size) / seen.sum(axis=1), kind="stable")
    passed = np.cumsum(seen[by_mean].sum(axis=1))
    code = np.empty(len(used), np.int64)
    code[by_mean] = np.minimum(passed * many // passed[-1], many - 1).astype(np.int64)
    for _ in range(_ROUNDS):
        # A little of everything keeps a symbol that a code has not seen from being impossible.
        held = np.stack([seen[code == number].sum(axis=0) for number in range(many)]) + 0.02
        code = (seen @ -np.log2(held / held.sum(axis=1, keepdims=True)).T).argmin(axis=1)
    known = np.full(len(counts), -1, np.int64)
    known[used] = code
    letters = [_FIRST_GROUP]
    for number in known.tolist():
        # A context that does not occur says what the one before says, which weighs nothing.
        letters.append(letters[-1] if number < 0 else chr(ord(_FIRST_GROUP) + number))
    return known[contexts], "".join(letters[1:])


def _steps(rarity: Sequence[int]) -> list[int]:
    """Return the bounds between groups of keys of about the same number, by how rare they are."""
    ordered = sorted(rarity)
    return sorted({ordered[len(ordered) * number // RARE] for number in range(1, RARE)})


def _heads(
    ranks: Sequence[int], kinds: Sequence[str], base: Sequence[int], counts: Sequence[int]
) -> Iterable[tuple[str, int]]:
    for rank, kind, value, count in zip(ranks, kinds, base, counts, strict=True):
        yield f"r{kind}", rank
        yield f"b{min(rank.bit_length(), 9)}", -2 * value - 1 if value < 0 else 2 * value
        yield f"c{min(rank, 31)}b{min(abs(value), 2)}", count


def row_gap_context(left: Ints, before: Ints) -> Ints:
    """Return the context of a distance: how many differences are left, and where the one before stands."""
    return np.asarray(np.minimum(left, 30) * 128 + np.minimum(before + 1, 127), np.int64)


def row_value_context(count: Ints, base: Ints, before: Ints, risen: Ints, rare: Ints) -> Ints:
    """Return the context of a difference: how many there are, the row's base, the differences before, how rare the key is.

    Of the differences, the last one counts and whether some class has risen high already: most keys speak for one class.
    """
    many = np.asarray([_many(number) for number in range(int(count.max(initial=0)) + 1)])[count]
    last = np.where(before > HIGH, 3, np.clip(before, -2, 2)) + 2
    row = (many * 3 + np.minimum(np.abs(base), 2)) * RARE + rare
    return np.asarray((row * 6 + last) * 2 + np.minimum(risen, 1), np.int64)


def _many(count: int) -> int:
    """Return the size of a count in steps that a browser computes alike: 1, 2, 3, 4-5, 6-7, 8-11, ..."""
    size = count.bit_length()
    return count if size < 2 else 2 * size + (count >> (size - 2) & 1) - 2


def _zigzag(values: Ints) -> Ints:
    """Return 0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ..."""
    return np.asarray(np.where(values < 0, -2 * values - 1, 2 * values), np.int64)


def _pack_own(index: Index) -> dict[str, Any]:
    """Write the hash of every own utterance in order, with its class where another one scores highest.

    Nearly all score highest for their own, which the page computes; to write it each time costs a third of the hash.
    """
    own = sorted((text_hash(text), text, number) for text, number in index.exact.items())
    stream = BitStream()
    before = 0
    contexts: list[int] = []
    symbols: list[int] = []
    highest = _highest(index, [text for _, text, _ in own])
    for (value, _, number), best in zip(own, highest, strict=True):
        size = (value - before).bit_length()
        contexts.append(stream.context("size"))
        symbols.append(size)
        if size > 1:
            # The first bit of a number is always one and needs no writing.
            contexts.append(1 - size)
            symbols.append(value - before - (1 << (size - 1)))
        contexts.append(stream.context("class"))
        symbols.append(0 if best == number else 1 + number)
        before = value
    stream.add(contexts, symbols)
    return {"count": len(own), **stream.packed()}


def _highest(index: Index, texts: Sequence[str]) -> list[int]:
    """Return for each folded text the class that scores highest, or -1 when a second is too close to be sure."""
    rows = np.frombuffer(index.rows, np.uint8).reshape(len(index.keys), -1)
    rarity = np.asarray(index.rarity, np.float64)
    found: list[int] = []
    for first in range(0, len(texts), _AT_ONCE):
        held = [index.known_keys(text) for text in texts[first : first + _AT_ONCE]]
        sizes = np.asarray([len(keys) for keys in held])
        keys = np.asarray([key for one in held for key in one], np.int64)
        starts = np.cumsum(sizes) - sizes
        some = sizes > 0
        scores = np.tile(np.asarray(index.biases), (len(held), 1))
        if some.any():
            sums = np.add.reduceat(rows[keys], starts[some], dtype=np.int64) - ZERO * sizes[some, None]
            squares = np.add.reduceat(rarity[keys] ** 2, starts[some])
            scores[some] += sums * (index.scale * RARITY_UNIT / np.sqrt(squares))[:, None]
        best = scores.argmax(axis=1)
        ordered = np.sort(scores, axis=1)
        sure = ordered[:, -1] - ordered[:, -2] > SURE if scores.shape[1] > 1 else np.zeros(len(held), bool)
        found += np.where(sure, best, -1).tolist()
    return found
