"""Say what customers say in the words of a dialect, so that the matcher learns words that no entry has.

Rewriting happens while learning only. A sentence of a customer is never rewritten: folding it to standard words would
lose the place of its characters, and words like 系 mean something else in standard Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Dialect = Mapping[str, Sequence[str]]
"""Standard word to the words of one region for it, all folded."""


def rewritten(texts: Sequence[str], dialects: Sequence[Dialect]) -> list[tuple[int, str]]:
    """Return (number, rewritten text) for the texts that have a word to replace, each in the words of one region.

    Regions take turns, and where a region has several words for one, these take turns too; in a fixed order, so that
    the same texts always give the same.

    Args:
        texts: Folded texts.
        dialects: The words of each region.

    """
    patterns = [_any_of(dialect) for dialect in dialects]
    found: list[tuple[int, str]] = []
    for number, text in enumerate(texts if dialects else ()):
        turn, region = divmod(number, len(dialects))
        said = _replaced(text, patterns[region], dialects[region], turn)
        if said != text:
            found.append((number, said))
    return found


def _replaced(text: str, pattern: re.Pattern[str], words: Dialect, turn: int) -> str:
    return pattern.sub(lambda found: words[found[0]][turn % len(words[found[0]])], text)


def _any_of(dialect: Dialect) -> re.Pattern[str]:
    # The longest first: 忘了 is not 忘 and 了. Nothing is replaced twice.
    return re.compile("|".join(re.escape(word) for word in sorted(dialect, key=lambda word: (-len(word), word))))
