"""Write frozen dataclasses of the model as plain JSON lists and read them back, by their type hints."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
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
    found: T = _reader(typing.cast("typing.Hashable", kind))(data)
    return found


Reader = Callable[[Any], Any]
"""Makes a value of what `encode` made of one."""


@cache
def _reader(kind: Any) -> Reader:
    """Return what makes a dataclass; which fields hold more than text and numbers is looked up once."""
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    size = len(names)
    deep = [(place, reader) for place, name in enumerate(names) if (reader := _value_reader(hints[name]))]

    def read(data: list[Any]) -> Any:
        if len(data) != size:
            msg = f"{kind.__name__} has {size} fields, not {len(data)}"
            raise ValueError(msg)
        values = data.copy()
        for place, reader in deep:
            if values[place] is not None:
                values[place] = reader(values[place])
        return kind(*values)

    return read


@cache
def _value_reader(hint: Any) -> Reader | None:
    """Return what makes a value of a type hint; None when it is as it was written."""
    if isinstance(hint, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not type(None))
    if dataclasses.is_dataclass(hint):
        return _reader(typing.cast("typing.Hashable", hint))
    if typing.get_origin(hint) is not tuple:
        return None
    items = typing.get_args(hint)
    readers = [_value_reader(one) for one in items if one is not Ellipsis]
    if items[-1] is not Ellipsis:
        return lambda data: tuple(one if read is None else read(one) for read, one in zip(readers, data, strict=True))
    one = readers[0]
    return tuple if one is None else lambda data: tuple([one(item) for item in data])
