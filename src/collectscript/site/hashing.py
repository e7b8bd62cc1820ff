"""A small hash of texts that a browser computes alike, so that own utterances are known without being sent."""

from __future__ import annotations

BITS = 36
"""With twenty thousand utterances one text in three million is taken for one of them by mistake."""
_MASK = 0xFFFFFFFF


def text_hash(text: str) -> int:
    """Return a hash of `BITS` bits over the UTF-16 code units of a text."""
    data = text.encode("utf-16-le", "surrogatepass")
    first, second = 0x811C9DC5, 0x9E3779B9
    for at in range(0, len(data), 2):
        unit = data[at] | data[at + 1] << 8
        first = (first ^ unit) * 0x01000193 & _MASK
        second = (second + unit) * 0x85EBCA6B & _MASK
        second ^= second >> 13
    return (first << (BITS - 32)) | (second >> (64 - BITS))
