"""The accent colour of a site: checked, and darkened or lightened until text in it can be read."""

from __future__ import annotations

import re

from collectscript.errors import InvalidValue

DEFAULT = "#0f6b5c"
"""A calm green, far from the red of warnings."""
READABLE = 4.5
"""Contrast that WCAG 2 AA asks of text."""
LIGHT_GROUND = "#eef2f0"
"""The darkest ground that accent text stands on in the light theme; static/css/site.css uses the same."""
DARK_GROUND = "#26302d"
"""The lightest ground that accent text stands on in the dark theme."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
Colour = tuple[float, float, float]
"""Red, green and blue, 0..255."""


def theme_css(accent: str) -> str:
    """Return the style sheet with the accent's variables for both themes.

    Raises `InvalidValue` when `accent` is not written as #rgb or #rrggbb.
    """
    if not _HEX.fullmatch(accent):
        msg = f"accent {accent!r} is not a colour; write it as #rrggbb, for example {DEFAULT}"
        raise InvalidValue(msg)
    light = readable(accent, LIGHT_GROUND, towards="#000000")
    dark = readable(accent, DARK_GROUND, towards="#ffffff")
    return (
        f":root {{ --accent: {light}; --on-accent: #ffffff; }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ --accent: {dark}; "
        "--on-accent: #10201c; } }\n"
        f":root[data-theme=dark] {{ --accent: {dark}; --on-accent: #10201c; }}\n"
    )


def readable(colour: str, ground: str, towards: str) -> str:
    """Return the colour, moved towards black or white until it can be read on `ground` and with the opposite on it."""
    start, end, below = _rgb(colour), _rgb(towards), _rgb(ground)
    opposite = _rgb("#ffffff") if towards == "#000000" else _rgb("#10201c")
    mixed = start
    for step in range(101):
        share = step / 100
        mixed = (
            start[0] + (end[0] - start[0]) * share,
            start[1] + (end[1] - start[1]) * share,
            start[2] + (end[2] - start[2]) * share,
        )
        if contrast(mixed, below) >= READABLE and contrast(mixed, opposite) >= READABLE:
            break
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, 1..21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(colour: str) -> Colour:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
