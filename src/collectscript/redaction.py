"""Mask what identifies a person in a text before it is written anywhere.

Numbers are found however they are written: with spaces or hyphens, full-width, with invisible characters between the
digits, or digit by digit in Chinese as speech recognition writes them (一三八零零一三八零零零). Sums, dates and days
stay, since they say what a sentence is about. What no form gives away (an address, a nickname) is not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

EMAIL = "【邮箱】"
PLATE = "【车牌】"
ID_CARD = "【证件号】"
BANK_CARD = "【卡号】"
PHONE = "【电话】"
NAME = "【姓名】"

_GAP = r"[ .·\-–—]?"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_BIRTHDAY = r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_SPOKEN = "零〇一幺二两三四五六七八九"
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (EMAIL, re.compile(r"[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", re.ASCII)),
    (
        PLATE,
        re.compile(
            rf"[{_PROVINCES}][A-HJ-NP-Z]{_GAP}(?=[A-Z]{{0,5}}[0-9])[A-HJ-NP-Z0-9]{{4,6}}[学警挂港澳]?(?![A-Z0-9])",
            re.IGNORECASE,
        ),
    ),
    (ID_CARD, re.compile(rf"(?<![0-9])[0-9]{{6}}{_GAP}{_BIRTHDAY}{_GAP}[0-9]{{3}}[0-9Xx](?![0-9])")),
    (ID_CARD, re.compile(rf"(?<![0-9])[0-9](?:{_GAP}[0-9]){{16}}{_GAP}[Xx](?![0-9A-Za-z])")),
    (ID_CARD, re.compile(r"(?<![0-9])[0-9]{6}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}(?![0-9])")),
    (BANK_CARD, re.compile(r"(?<![0-9])[0-9]{4}(?:[ -][0-9]{4}){2,3}(?:[ -]?[0-9]{1,7})?(?![0-9])")),
    (PHONE, re.compile(rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])")),
    (PHONE, re.compile(r"(?<![0-9])[(（]?0[1-9][0-9]{1,2}[)）]?[ -]?[2-9][0-9]{2,3}[ -]?[0-9]{4}(?![0-9])")),
    (PHONE, re.compile(r"(?<![0-9])[48]00[ -]?[0-9]{3,4}[ -]?[0-9]{3,4}(?![0-9])")),
    (BANK_CARD, re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){11,}(?![0-9])")),
    # Seven or eight digits may be a sum or a day: only a word before them makes them a number to call.
    (PHONE, re.compile(r"(?<=[话机号打码])[是为:： ]{0,2}[2-9][0-9]{2,3}[ -]?[0-9]{4}(?![0-9.])")),
    (BANK_CARD, re.compile(rf"[{_SPOKEN}0-9](?: ?[{_SPOKEN}0-9]){{14,}}")),
    (PHONE, re.compile(rf"[{_SPOKEN}](?: ?[{_SPOKEN}0-9]){{6,}}|[0-9](?: ?[{_SPOKEN}0-9]){{10,}}")),
)
"""What is masked with what, in this order: a number is taken by the first rule that finds it."""


def redact(text: str, names: Iterable[str] = ()) -> str:
    """Return `text` with phone, identity card and bank card numbers, e-mail addresses, plates and names masked.

    Each is replaced by what it was, as 【电话】. Redacting twice changes nothing.

    Args:
        text: Anything; any string is accepted.
        names: Names to mask, as the caller knows them; spaces within a name do not matter.

    Raises:
        TypeError: `text` is not a string, or `names` is one string or holds something else.

    """
    _check_types(text, names)
    plain, places = _plain(text)
    spans: list[tuple[int, int, str]] = []
    for label, rule in (*_RULES, *_name_rules(names)):
        for found in rule.finditer(plain):
            spans.append((places[found.start()], places[found.end() - 1] + 1, label))
        # What one rule took is gone for the next ones; the length stays, so that places stay right.
        plain = rule.sub(lambda found: "\0" * len(found[0]), plain)
    out, at = [], 0
    for start, end, label in sorted(spans):
        out += [text[at:start], label]
        at = max(at, end)
    return "".join([*out, text[at:]])


def _check_types(text: object, names: object) -> None:
    if not isinstance(text, str):
        msg = f"text must be str, not {type(text).__name__}"
        raise TypeError(msg)
    if isinstance(names, str):
        msg = "names must be several strings, not one str; write names=('王丽',)"
        raise TypeError(msg)


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Return the text in compatibility form without invisible characters, and where each character came from."""
    if text.isascii():
        return text, range(len(text))
    chars: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if unicodedata.category(char) == "Cf":
            continue
        for one in unicodedata.normalize("NFKC", char):
            # Digits of every script and every kind of space read alike.
            plain = str(unicodedata.digit(one)) if one.isdigit() else " " if one.isspace() else one
            chars.append(plain)
            places.append(place)
    return "".join(chars), places


def _name_rules(names: Iterable[str]) -> list[tuple[str, re.Pattern[str]]]:
    rules: list[tuple[str, re.Pattern[str]]] = []
    for name in sorted(set(names), key=len, reverse=True):
        letters = [re.escape(char) for char in _plain(name)[0] if not char.isspace()]
        if letters:
            rules.append((NAME, re.compile(" ?".join(letters))))
    return rules
