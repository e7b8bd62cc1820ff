"""Which word lists of a stop's patterns a text holds a word of, as keys beside those of `features`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collectscript.model import Stop
from collectscript.patterns import Lexicon, Span, elements_of

CUE = "§"
"""Begins the key of a word list; folding drops it, so it cannot come from a text."""
SMALLEST = 3
"""Words that a list must have: fewer say no more than themselves."""


class Cues:
    """The word classes of the safety files and every list of alternatives in one stop's patterns, each with a key.

    The keys are numbered in file order: the same files give the same keys when weights are learned and when they are
    used.
    """

    def __init__(self, stop: Stop, words: Iterable[tuple[str, Sequence[str]]], lexicon: Lexicon) -> None:
        self._keys: dict[int, str] = {}
        classes = {name: tuple(listed) for name, listed in words}
        for name, words_of_class in classes.items():
            self._add(lexicon, words_of_class, False, f"{CUE}{name}")
        patterns = [*(signal.pattern for signal in stop.signals), *stop.silence]
        for number, pattern in enumerate(patterns):
            for place, (listed, numbers) in enumerate(elements_of(pattern, classes)):
                self._add(lexicon, listed, numbers, f"{CUE}{number}.{place}")

    def _add(self, lexicon: Lexicon, words: Sequence[str], numbers: bool, key: str) -> None:
        if len(words) >= SMALLEST:
            # The same words in two places are one list, named after the first.
            self._keys.setdefault(lexicon.element(words, numbers=numbers), key)

    def keys(self, found: Mapping[int, Sequence[Span]], first: int = 0, last: int | None = None) -> set[str]:
        """Return the keys of the lists of which a word stands in `first` to `last` of a text that was scanned."""
        keys = self._keys
        return {
            keys[element]
            for element, spans in found.items()
            if element in keys and any(first <= start and (last is None or end <= last) for start, end in spans)
        }
