"""Values for the slots of a text: checked, formatted in Chinese, filled in as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from collectscript.errors import InvalidValue, MissingFacts
from collectscript.problems import near

if TYPE_CHECKING:
    from collectscript.model import Slot

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""A slot in a text; its group is the id."""
_CENT = Decimal("0.01")
_MONEY = re.compile(r"-?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,2})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
WORDED = frozenset({"text", "fees"})
"""Types whose values hold words of the caller."""
TYPES = ("text", "money", "integer", "date", "fees", "plan")
"""What the values of a slot may be."""

Money = Decimal | str | int
"""A sum of money; never a float, which cannot hold cents."""


class Facts:
    """What is known of this account, as values of the slots in `data/slots.tsv`; immutable.

    Money is a `Decimal`, string or int in yuan, to the cent, not negative; dates are `date` or `YYYY-MM-DD`; counts
    are ints. `fee_lines` is a sequence of (name, basis, sum), where a deduction has a negative sum; `plan` is a
    sequence of (date, sum) in order of the dates. Everything else is text and stays as it is: braces, markup or
    control characters in a value are never evaluated.

    Args:
        extra: Values of slots of one's own (those of an overlay), by id: text as it is, `Decimal` as money, `date`
            as a date, int as a number.
        strict: Whether a text with a slot that has no value is an error (`MissingFacts`) instead of reading 【label】.
        **values: Slot id to value; None is no value.

    Raises:
        InvalidValue: An unknown name (the near ones are named), a value that does not fit its slot, or values that
            contradict each other: fee lines that do not add up to `amount`, a plan that does not add up to `balance`
            (or, without one, `amount`), another number of `instalments` than the plan has.
        TypeError: Money given as a float.

    """

    def __init__(self, *, extra: Mapping[str, object] | None = None, strict: bool = False, **values: Any) -> None:
        slots = {slot.id: slot for slot in _slots()}
        self._raw: dict[str, Any] = {}
        self._strict = strict
        texts: dict[str, str] = {}
        for name, value in values.items():
            if name not in slots:
                msg = f"unknown fact {name!r}{near(name, slots)}; put slots of your own into extra={{...}}"
                raise InvalidValue(msg)
            if value is None:
                continue
            self._raw[name], texts[name] = _READERS[slots[name].type](name, value)
        for name, value in (extra or {}).items():
            if name in slots:
                msg = f"extra slot {name!r} is one of slots.tsv; write Facts({name}=...)"
                raise InvalidValue(msg)
            texts[name] = _own(name, value)
        self._texts = texts
        self._own = frozenset(extra or ())
        self._check_signs()
        self._check_sums()

    @property
    def strict(self) -> bool:
        """Whether a slot without a value is an error."""
        return self._strict

    @property
    def texts(self) -> Mapping[str, str]:
        """Slot id to the text that fills it."""
        return self._texts

    @property
    def own(self) -> frozenset[str]:
        """Ids of the slots given as `extra`."""
        return self._own

    def get(self, name: str) -> Any:
        """Return the value of a slot as Decimal, date, int, tuple or str; None when there is none."""
        return self._raw.get(name)

    def require(self, text_id: str, missing: Sequence[str]) -> None:
        """Raise `MissingFacts` when these facts are strict and a text misses values."""
        if self._strict and missing:
            msg = f"{text_id} needs {', '.join(missing)}; give the values or leave out strict=True"
            raise MissingFacts(msg)

    def _check_signs(self) -> None:
        for slot, value in self._raw.items():
            sums = [part[-1] for part in value] if slot == "plan" else [value]
            least = _CENT if slot == "plan" else 1 if slot == "instalments" else 0
            # Days overdue are negative before the due date; a fee line may be a deduction.
            counted = slot != "days_overdue" and all(isinstance(one, Decimal | int) for one in sums)
            if counted and any(one < least for one in sums):
                msg = f"{slot} must be {least} or more, not {next(one for one in sums if one < least)}"
                raise InvalidValue(msg)

    def _check_sums(self) -> None:
        raw = self._raw
        whole = "balance" if "plan" in raw and "balance" in raw else "amount"
        parts = {
            "fee_lines": ("amount", [line[-1] for line in raw.get("fee_lines", ())]),
            "plan": (whole, [part[-1] for part in raw.get("plan", ())]),
        }
        if "part_amount" in raw and "balance" in raw:
            parts["part_amount and balance"] = ("amount", [raw["part_amount"], raw["balance"]])
        for name, (total, sums) in parts.items():
            found = sum(sums)
            if sums and total in raw and found != raw[total]:
                msg = f"{name} add up to {format_money(found)}, not to {total} {format_money(raw[total])}; correct one of them"
                raise InvalidValue(msg)
        contained = sum(raw.get(name, 0) for name in ("principal", "interest", "late_fee"))
        for name, value in (
            ("principal, interest and late_fee", contained),
            ("part_amount", raw.get("part_amount", 0)),
        ):
            if "amount" in raw and value > raw["amount"]:
                msg = f"{name} come to {format_money(value)}, more than amount {format_money(raw['amount'])}"
                raise InvalidValue(msg)
        plan = raw.get("plan", ())
        if plan and raw.get("instalments", len(plan)) != len(plan):
            msg = f"instalments is {raw['instalments']}, but the plan has {len(plan)} parts; correct one of them"
            raise InvalidValue(msg)
        if any(later[0] <= earlier[0] for earlier, later in pairwise(plan)):
            msg = "plan: its dates must rise; write the parts in order of their dates"
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

    return SLOT.sub(put, template), tuple(dict.fromkeys(missing))


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
    # Decimal itself also reads '1_000', '1e3' and 'NaN', which no one means by a sum.
    text = format(value.normalize(), "f") if isinstance(value, Decimal) else value
    text = str(text) if isinstance(text, int) else text
    if not isinstance(text, str) or not _MONEY.fullmatch(text.removesuffix("元")):
        msg = f"{name} {value!r} is not a sum in yuan with at most two decimals; write for example '1280.50'"
        raise InvalidValue(msg)
    amount = Decimal(text.removesuffix("元").replace(",", "")).quantize(_CENT)
    return amount, format_money(amount)


def _date(name: str, value: Any) -> tuple[date, str]:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if _DATE.fullmatch(value) else value
        except ValueError:
            msg = f"{name} {value!r}: there is no such day; write YYYY-MM-DD"
            raise InvalidValue(msg) from None
    if not isinstance(value, date):
        msg = f"{name} {value!r} is not a date; write YYYY-MM-DD or pass datetime.date"
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


def _own(name: str, value: object) -> str:
    """Return the text of a slot that is not in slots.tsv, written by the type of its value."""
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, Decimal):
        return _money(name, value)[1]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    msg = f"extra slot {name!r} must be a string, Decimal, date or int, not {type(value).__name__}"
    raise InvalidValue(msg)


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
