"""Write frozen dataclasses of the model as plain JSON lists and read them back, by their type hints."""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def encode(value: Any) -> Any:
    """Return a dataclass as the list of its fields, tuples as lists, everything else as it is."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [encode(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, tuple):
        return [encode(one) for one in value]
    return value


def decode(kind: type[T], data: list[Any]) -> T:
    """Build a dataclass from what `encode` made of one."""
    hints = _hints(typing.cast("typing.Hashable", kind))
    return kind(*[_value(hint, one) for hint, one in zip(hints, data, strict=True)])


@cache
def _hints(kind: Any) -> tuple[Any, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(hints[field.name] for field in dataclasses.fields(kind))


@cache
def _item_kinds(hint: Any) -> tuple[Any, ...] | None:
    """Return the item type hints of a tuple hint (one, then Ellipsis, for any number), None for other hints."""
    return typing.get_args(hint) if typing.get_origin(hint) is tuple else None


def _value(hint: Any, data: Any) -> Any:
    if not isinstance(data, list):
        return data
    if isinstance(hint, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    items = _item_kinds(hint)
    if items is None:
        return decode(hint, data)
    if items[-1] is Ellipsis:
        return tuple(data) if items[0] is str else tuple(_value(items[0], one) for one in data)
    return tuple(_value(kind, one) for kind, one in zip(items, data, strict=True))
