"""Make characters visible that would change how the text around them is shown."""

from __future__ import annotations

import unicodedata

STEERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u2028\u2029")
"""Characters that turn the direction of a text, or end its line."""
SHOWN = "\ufffd"
"""What is shown in their place."""


def visible(text: str) -> str:
    """Return the text with control characters, direction marks and lone surrogates replaced; lines stay lines."""
    if text.isprintable() and STEERING.isdisjoint(text):
        return text
    return "".join(
        SHOWN if char in STEERING or (unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t") else char
        for char in text
    )
