"""What the matcher sees of a text: characters, pairs, words and pairs of sounds, as the keys of one vocabulary.

The same cutting is done when the index is learned and when a text is matched, here and in any other language
that reads the exported index; it is therefore kept to plain substring operations.
"""

from __future__ import annotations

from collections.abc import Mapping

START = "^"
END = "$"
"""Mark the ends of a text; folding drops both characters, so they cannot come from the text."""

SOUND_WEIGHT = 0.5
"""Sounds help misrecognised speech and hurt everything else; they speak with half a voice."""

LONGEST_WORD = 4
"""Longer words add nothing that their parts do not say."""


def sound_table(sounds: Mapping[str, str]) -> dict[int, str]:
    """Return the table for `str.translate` that writes a folded text as its sounds."""
    return {ord(char): code for char, code in sounds.items()}


def cut(folded: str, sounds: Mapping[int, str]) -> set[str]:
    """Return the keys of a folded text that do not depend on a vocabulary: characters, pairs, pairs of sounds."""
    padded = f"{START}{folded}{END}"
    keys = set(folded)
    keys.update([padded[i : i + 2] for i in range(len(padded) - 1)])
    heard = folded.translate(sounds)
    keys.update([heard[i : i + 2] for i in range(len(heard) - 1)])
    return keys


def candidates(folded: str) -> set[str]:
    """Return every substring that may be a word of the vocabulary: three and four characters long."""
    size = len(folded)
    found = {folded[i : i + 3] for i in range(size - 2)}
    found.update([folded[i : i + 4] for i in range(size - 3)])
    return found
