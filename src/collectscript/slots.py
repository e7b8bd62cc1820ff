"""Values for the slots of a text: checked, formatted in Chinese, filled in as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from collectscript.errors import InvalidValue
from collectscript.problems import near

if TYPE_CHECKING:
    from collectscript.model import Slot

_SLOT = re.compile(r"\{([a-z_]+)\}")
_CENT = Decimal("0.01")

Money = Decimal | str | int
"""A sum of money; never a float, which cannot hold cents."""


class Facts:
    """What is known of this account, as values of the slots in `data/slots.tsv`.

    Money is a `Decimal`, string or int in yuan; dates are `date` or `YYYY-MM-DD`; counts are ints; `fee_lines` is a
    sequence of (name, basis, sum) and must add up to `amount` when both are given; `plan` is a sequence of (date,
    sum) and must add up to `amount` likewise. Slots of one's own go into `extra` as strings.

    Raises:
        InvalidValue: An unknown name (the near ones are named), or a value that does not fit its slot.
        TypeError: Money given as a float.

    """

    def __init__(self, *, extra: Mapping[str, object] | None = None, **values: Any) -> None:
        slots = {slot.id: slot for slot in _slots()}
        self._raw: dict[str, Any] = {}
        texts: dict[str, str] = {}
        for name, value in values.items():
            if name not in slots:
                msg = f"unknown fact {name!r}{near(name, slots)}; put slots of your own into extra={{...}}"
                raise InvalidValue(msg)
            if value is None:
                continue
            self._raw[name], texts[name] = _READERS[slots[name].type](name, value)
        for name, value in (extra or {}).items():
            if not isinstance(value, str):
                msg = f"extra slot {name!r} must be a string, not {type(value).__name__}"
                raise InvalidValue(msg)
            texts[name] = value
        self._texts = texts
        self._check_sums()

    @property
    def texts(self) -> Mapping[str, str]:
        """Slot id to the text that fills it."""
        return self._texts

    def get(self, name: str) -> Any:
        """Return the value of a slot as Decimal, date, int, tuple or str; None when there is none."""
        return self._raw.get(name)

    def _check_sums(self) -> None:
        total = self._raw.get("amount")
        for name in ("fee_lines", "plan"):
            lines = self._raw.get(name)
            if lines and total is not None and sum(line[-1] for line in lines) != total:
                found = sum(line[-1] for line in lines)
                msg = (
                    f"{name} add up to {format_money(found)}, not to amount {format_money(total)}; correct one of them"
                )
                raise InvalidValue(msg)


def fill(template: str, texts: Mapping[str, str], labels: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the text with its slots filled, and the names of slots without a value.

    A slot without a value reads 【its label】. Values are put in as they are: braces in a value stay braces.
    """
    missing: list[str] = []

    def put(found: re.Match[str]) -> str:
        name = found[1]
        if name in texts:
            return texts[name]
        missing.append(name)
        return f"【{labels.get(name, name)}】"

    return _SLOT.sub(put, template), tuple(dict.fromkeys(missing))


def format_money(value: Decimal) -> str:
    """Return a sum in yuan as it is read out: `1,280.50元`, whole yuan without cents."""
    shown = f"{value:,.2f}"
    return f"{shown.removesuffix('.00')}元"


def format_date(value: date) -> str:
    """Return a date as it is read out: `11月10日`."""
    return f"{value.month}月{value.day}日"


def instalments(total: Money, count: int) -> tuple[Decimal, ...]:
    """Split a sum into `count` parts to the cent, the rest in the last.

    Raises `InvalidValue` when `count` is below 1 or the sum has fewer cents than parts.
    """
    amount, _ = _money("total", total)
    if count < 1 or amount < _CENT * count:
        msg = f"cannot split {amount} into {count} parts; the count must be 1 or more and each part at least 0.01"
        raise InvalidValue(msg)
    part = (amount / count).quantize(_CENT, rounding=ROUND_DOWN)
    return (*([part] * (count - 1)), amount - part * (count - 1))


def _slots() -> Sequence[Slot]:
    from collectscript.knowledge import bundled_tables

    return bundled_tables().slots


def _money(name: str, value: Any) -> tuple[Decimal, str]:
    if isinstance(value, float | bool):
        msg = f"{name} must be a Decimal, string or int, not {type(value).__name__}: a float cannot hold cents"
        raise TypeError(msg)
    try:
        amount = Decimal(value.replace(",", "").removesuffix("元") if isinstance(value, str) else value)
        amount = amount.quantize(_CENT) if amount == amount.quantize(_CENT) else Decimal("NaN")
    except (InvalidOperation, TypeError, ValueError):
        amount = Decimal("NaN")
    if not amount.is_finite():
        msg = f"{name} {value!r} is not a sum in yuan with at most two decimals; write for example '1280.50'"
        raise InvalidValue(msg)
    return amount, format_money(amount)


def _date(name: str, value: Any) -> tuple[date, str]:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, date):
        msg = f"{name} is not a date; write YYYY-MM-DD or pass datetime.date"
        raise InvalidValue(msg)
    return value, format_date(value)


def _integer(name: str, value: Any) -> tuple[int, str]:
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"{name} must be an int, not {value!r}"
        raise InvalidValue(msg)
    return value, str(value)


def _text(name: str, value: Any) -> tuple[str, str]:
    if not isinstance(value, str):
        msg = f"{name} must be a string, not {type(value).__name__}"
        raise InvalidValue(msg)
    return value, value


def _lines(name: str, value: Any, width: int, form: str) -> list[tuple[Any, ...]]:
    try:
        lines = [tuple(line) for line in value]
    except TypeError:
        lines = []
    if not lines or any(len(line) != width for line in lines):
        msg = f"{name} must be a sequence of {form}"
        raise InvalidValue(msg)
    return lines


def _fees(name: str, value: Any) -> tuple[tuple[tuple[str, str, Decimal], ...], str]:
    read: list[tuple[str, str, Decimal]] = []
    for title, basis, amount in _lines(name, value, 3, "(name, basis, sum)"):
        read.append((_text(name, title)[0], _text(name, basis)[0], _money(name, amount)[0]))
    shown = "、".join(
        f"{title}{format_money(amount)}" + (f"（{basis}）" if basis else "") for title, basis, amount in read
    )
    return tuple(read), shown


def _plan(name: str, value: Any) -> tuple[tuple[tuple[date, Decimal], ...], str]:
    read: list[tuple[date, Decimal]] = []
    for day, amount in _lines(name, value, 2, "(date, sum)"):
        read.append((_date(name, day)[0], _money(name, amount)[0]))
    return tuple(read), "、".join(f"{format_date(day)}{format_money(amount)}" for day, amount in read)


_READERS = {"money": _money, "date": _date, "integer": _integer, "text": _text, "fees": _fees, "plan": _plan}
