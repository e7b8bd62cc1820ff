"""Word classes of the rules as features: a phrase that nobody has written down may still hold words of a known class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collectscript.model import Law
from collectscript.patterns import Lexicon, Span, elements_of

SMALLEST = 3
"""Words that a class must have: fewer say no more than themselves."""


class WordClasses:
    """Every word class of a law, and every list of alternatives in its patterns, under a name of its own.

    The name is a key beside the characters and pairs of `features`, so that the weight a class earned with some of its
    words counts for all of them.
    """

    def __init__(self, law: Law, lexicon: Lexicon) -> None:
        self._key: dict[int, str] = {}
        shared = dict(law.words)
        for name, words in law.words:
            self._add(lexicon, words, False, f"§{name}")
        for rule in law.rules:
            for name, words in rule.words:
                self._add(lexicon, words, False, f"§{rule.id}·{name}")
        for rule in law.rules:
            known = {**shared, **dict(rule.words)}
            for number, pattern in enumerate(rule.patterns):
                for place, (alternatives, numbers) in enumerate(elements_of(pattern.text, known)):
                    self._add(lexicon, alternatives, numbers, f"§{rule.id}·{number}·{place}")

    def _add(self, lexicon: Lexicon, words: Sequence[str], numbers: bool, key: str) -> None:
        if len(words) >= SMALLEST:
            # The same words under two names are one class, named first.
            self._key.setdefault(lexicon.element(words, numbers=numbers), key)

    def keys(self, found: Mapping[int, Sequence[Span]], first: int = 0, last: int | None = None) -> set[str]:
        """Return the keys of the classes of which a word stands in `first` to `last` of a scanned text."""
        key = self._key
        if first == 0 and last is None:
            return {key[element] for element in found if element in key}
        return {
            key[element]
            for element, spans in found.items()
            if element in key and any(first <= start and (last is None or end <= last) for start, end in spans)
        }
