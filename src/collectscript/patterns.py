"""Explicit patterns over folded Chinese: words, word classes and gaps, found in linear time without regular expressions.

A pattern is a line of elements between spaces. An element is words of which one must stand there, `停水/停电`, or a
word class, `{家人}`; `{数}` is any number and `^` before an element means that the sentence begins with it. Between
two elements stands how far apart they may be:

    A B       at most 3 characters, in the same clause
    A … B     at most 15 characters, commas or not
    A …… B    anywhere later in the sentence
    A ＋ B     anywhere in the sentence, in any order

and after `！` come words with which the pattern does not hold: `法院 … 查封 ！ 判决/可能`. A word with 你 stands for the
same with the polite 您 too; a word with 您 stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from collectscript.text import DIGIT

BREAK = "，"
"""Stands between the clauses of a folded sentence; folding drops it, so it cannot come from a word."""
NUMBER = "数"
"""The class that every number belongs to."""
NEAR = 3
"""Characters that may stand between two elements with nothing between them."""
WIDE = 15
"""Characters that may stand between two elements with `…` between them."""
MAX_ELEMENTS = 6
MANY = 1000
"""Words that a number is worth when the rarest element of a pattern is sought."""
_NUMBERS = re.compile(
    r"0|[一二三四五六七八九十百千万亿两几半]{2,}|[一二三四五六七八九十两几](?=[元块万千百折期年月天日个次遍分成倍通条号岁])"
)
"""Digits (which folding makes one 0), Chinese figures, and a single Chinese digit before something that is counted."""
_CLASS = re.compile(r"\{([^{}]+)\}")
_GAPS = {"…": "wide", "……": "sentence", "＋": "any", "+": "any"}
_NOT = frozenset({"！", "!"})

Span = tuple[int, int]
Chain = tuple[Span, ...]
"""Where the elements of a pattern stand, in order of the text."""


class PatternError(ValueError):
    """A pattern cannot be read; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Step:
    """One element of a pattern."""

    element: int
    """Its number in the lexicon."""
    gap: str
    """How far it may stand from the element before: near, wide, sentence or any."""
    first: bool
    """Whether the sentence must begin with it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, compiled against a lexicon."""

    runs: tuple[tuple[Step, ...], ...]
    """Sequences, each of which must be found; their order does not matter."""
    without: tuple[int, ...]
    """Elements of which none may stand in the sentence."""
    needed: frozenset[int]
    """All elements that must be there."""

    def possible(self, found: Mapping[int, Sequence[Span]]) -> bool:
        """Tell whether a sentence holds all words that the pattern needs and none that it excludes."""
        return self.needed <= found.keys() and not any(element in found for element in self.without)

    def chains(self, text: str, found: Mapping[int, Sequence[Span]]) -> Iterator[Chain]:
        """Yield the places where the pattern holds in a folded sentence, from what `Lexicon.scan` found in it."""
        if not self.possible(found):
            return
        ways = [_run(run, text, found) for run in self.runs]
        if all(ways):
            if len(ways) == 1:
                yield from ways[0]
            else:
                # Of sequences in any order the nearest places are as good as all combinations.
                for first in ways[0]:
                    rest = [min(way, key=lambda one: abs(one[0][0] - first[0][0])) for way in ways[1:]]
                    yield tuple(sorted(span for chain in (first, *rest) for span in chain))


class Lexicon:
    """All words of all patterns, found in one pass over a text."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self._fold = fold
        self._elements: dict[tuple[frozenset[str], bool], int] = {}
        self._sizes: list[int] = []
        self._single: dict[str, list[int]] = {}
        self._pairs: dict[str, dict[str, list[int]]] = {}
        self._numbers: list[int] = []

    def element(self, words: Iterable[str], *, numbers: bool = False) -> int:
        """Return the number of an element: any of these words, or any number.

        Raises `PatternError` for a word of which nothing is left after folding.
        """
        folded = frozenset(self._folded(word) for word in words)
        key = (folded, numbers)
        if key not in self._elements:
            self._elements[key] = len(self._elements)
            self._sizes.append(len(folded) + MANY * numbers)
            for word in sorted(folded):
                self._add(word, self._elements[key])
            if numbers:
                self._numbers.append(self._elements[key])
        return self._elements[key]

    def size(self, element: int) -> int:
        """Return how many words an element has; one that takes any number counts as many."""
        return self._sizes[element]

    def scan(self, text: str) -> dict[int, list[Span]]:
        """Return for each element the places where it stands in a folded text, in order."""
        found: dict[int, list[Span]] = {}
        single, pairs = self._single, self._pairs
        for at in range(len(text)):
            for element in single.get(text[at], ()):
                found.setdefault(element, []).append((at, at + 1))
            longer = pairs.get(text[at : at + 2])
            if longer:
                for word, elements in longer.items():
                    if text.startswith(word, at):
                        for element in elements:
                            found.setdefault(element, []).append((at, at + len(word)))
        if self._numbers:
            for number in _NUMBERS.finditer(text):
                for element in self._numbers:
                    found.setdefault(element, []).append(number.span())
        return found

    def _folded(self, word: str) -> str:
        folded = self._fold(word)
        if not folded:
            msg = f"{word!r} has no characters to find; write words"
            raise PatternError(msg)
        if folded == DIGIT:
            msg = f"{word!r}: every number reads the same; write words around it, or {{{NUMBER}}} for any number"
            raise PatternError(msg)
        return folded

    def _add(self, word: str, element: int) -> None:
        if len(word) == 1:
            self._single.setdefault(word, []).append(element)
        else:
            self._pairs.setdefault(word[:2], {}).setdefault(word, []).append(element)


def compile_pattern(text: str, classes: Mapping[str, Sequence[str]], lexicon: Lexicon) -> Pattern:
    """Compile one pattern line.

    Raises `PatternError` when it is not in the notation of this module, or names a class that is not in `classes`.
    """
    tokens = text.split()
    positive, without = _split_without(tokens)
    runs: list[list[Step]] = [[]]
    gap = "near"
    waiting = True
    for token in positive:
        if token in _GAPS:
            if waiting:
                msg = f"{token!r} without an element before it; write elements between the gaps"
                raise PatternError(msg)
            gap, waiting = _GAPS[token], True
            continue
        if gap == "any":
            runs.append([])
        first = token.startswith("^")
        words, numbers = words_of(token.removeprefix("^"), classes)
        runs[-1].append(Step(lexicon.element(words, numbers=numbers), gap, first))
        gap, waiting = "near", False
    if waiting:
        msg = "a pattern ends with an element; write for example 停水/停电 … 物业费"
        raise PatternError(msg)
    if sum(len(run) for run in runs) > MAX_ELEMENTS:
        msg = f"more than {MAX_ELEMENTS} elements; write two patterns"
        raise PatternError(msg)
    excluded: list[int] = []
    for token in without:
        words, numbers = words_of(token, classes)
        excluded.append(lexicon.element(words, numbers=numbers))
    needed = frozenset(step.element for run in runs for step in run)
    return Pattern(tuple(tuple(run) for run in runs), tuple(excluded), needed)


def elements_of(text: str, classes: Mapping[str, Sequence[str]]) -> list[tuple[list[str], bool]]:
    """Return the words of each element that a pattern asks for, and whether it takes any number."""
    positive, _ = _split_without(text.split())
    return [words_of(token.removeprefix("^"), classes) for token in positive if token not in _GAPS]


def words_of(element: str, classes: Mapping[str, Sequence[str]]) -> tuple[list[str], bool]:
    """Return the words of one element, and whether it takes any number; `PatternError` when it cannot be read."""
    words: list[str] = []
    numbers = False
    for one in element.split("/"):
        named = _CLASS.fullmatch(one)
        if named and named[1] == NUMBER:
            numbers = True
        elif named and named[1] in classes:
            words += classes[named[1]]
        elif named:
            msg = f"word class {one} is not defined; add it to 词组 or to words.tsv"
            raise PatternError(msg)
        elif not one or re.search(r"[{}…＋+！!^]", one):
            msg = f"element {element!r}; write words between '/', or a class like {{家人}}"
            raise PatternError(msg)
        else:
            words.append(one)
    return words + [word.replace("你", "您") for word in words if "你" in word], numbers


def same_clause(text: str, first: int, last: int) -> bool:
    """Tell whether no clause ends between two places of a folded sentence."""
    return text.find(BREAK, first, last) < 0


def _split_without(tokens: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    for place, token in enumerate(tokens):
        if token in _NOT:
            return tokens[:place], tokens[place + 1 :]
    return tokens, ()


def _run(run: Sequence[Step], text: str, found: Mapping[int, Sequence[Span]]) -> list[Chain]:
    """Return for each possible last element the tightest way to reach it."""
    ways: list[Chain] = [(span,) for span in found[run[0].element] if not run[0].first or span[0] == 0]
    for step in run[1:]:
        reached: list[Chain] = []
        for span in found[step.element]:
            best: Chain | None = None
            for way in ways:
                if _follows(way[-1], span, step, text) and (best is None or way[0][0] >= best[0][0]):
                    best = way
            if best is not None:
                reached.append((*best, span))
        ways = reached
    return ways


def _follows(before: Span, span: Span, step: Step, text: str) -> bool:
    distance = span[0] - before[1]
    if distance < 0:
        return False
    if step.gap == "sentence":
        return True
    if step.gap == "wide":
        return distance <= WIDE
    return distance <= NEAR and same_clause(text, before[1], span[0])
