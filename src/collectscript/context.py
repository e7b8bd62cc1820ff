"""What is known of a call: who is on the line, since when, how often, what kind of customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, StrictBool, StrictInt, StrictStr, ValidationError

from collectscript.errors import InvalidValue
from collectscript.problems import near

if TYPE_CHECKING:
    from collectscript.model import Response, Tables

_BAND_ENDS = ((0, "before-due"), (6, "d1-6"), (10, "d7-10"), (30, "d11-30"), (90, "d31-90"))
_TAGGED = {
    "party": "party",
    "sector": "sector",
    "temperament": "temperament",
    "psychology": "psychology",
    "attitude": "attitude",
    "situation": "situation",
    "pattern": "pattern",
    "channel": "channel",
}
"""Fields whose values are ids of a facet of the same axis."""


class Context(BaseModel):
    """What is known of this call; every field is optional and None means unknown, which ranks neutrally.

    Raises `InvalidValue` for an unknown field or a value that is not an id of `data/facets.tsv`, naming near ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    party: StrictStr | None = None
    """Who is on the line: debtor, third-party, company, guarantor or representative."""
    sector: StrictStr | None = None
    days_overdue: StrictInt | None = None
    """Days since the due date; zero or less is before the due date."""
    call_number: StrictInt | None = None
    """Which call on this matter, from 1."""
    promises_broken: StrictInt | None = None
    """Promises not kept so far, 0 or more."""
    temperament: StrictStr | None = None
    psychology: StrictStr | None = None
    attitude: StrictStr | None = None
    situation: StrictStr | None = None
    pattern: StrictStr | None = None
    channel: StrictStr | None = None
    identity_verified: StrictBool | None = None
    """Whether it is proven who is on the line; False pauses everything but verifying, None (not said) changes nothing."""
    used: tuple[StrictStr, ...] = ()
    """Techniques and response ids already used in this call."""

    def __init__(self, **values: Any) -> None:
        if isinstance(values.get("used"), list):
            values["used"] = tuple(values["used"])
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InvalidValue(_explain(error)) from None
        self._check()

    @property
    def band(self) -> str | None:
        """The band of `days_overdue`, None when unknown."""
        if self.days_overdue is None:
            return None
        return next((band for end, band in _BAND_ENDS if self.days_overdue <= end), "d91-plus")

    @property
    def customer_types(self) -> tuple[str, ...]:
        """All customer types given, temperament first."""
        axes = (self.temperament, self.psychology, self.attitude, self.situation, self.pattern)
        return tuple(tag for tag in axes if tag is not None)

    def after(self, response: Response) -> Context:
        """Return the context of the same call once this response was said: it and its technique count as used."""
        return Context(**self.model_dump() | {"used": (*self.used, response.id, response.technique)})

    def check_tags(self, tables: Tables, *, own: bool = True) -> None:
        """Raise `InvalidValue` for a value that is not an id of these tables, naming near ones.

        Args:
            tables: The owner files of a corpus.
            own: Whether tags of overlays, which have a dot, are checked too.

        """
        for field, axis in _TAGGED.items():
            value = getattr(self, field)
            known = tables.ids(axis)
            if value is not None and value not in known and (own or "." not in value):
                hint = near(value, known) or f"; known: {', '.join(known)}"
                msg = f"{field} {value!r} is not an id of facets.tsv{hint}"
                raise InvalidValue(msg)

    def _check(self) -> None:
        from collectscript.knowledge import bundled_tables

        # Only the knowledge base knows the tags of its overlays (acme.vip); it checks them when it ranks.
        self.check_tags(bundled_tables(), own=False)
        for field, least in (("call_number", 1), ("promises_broken", 0)):
            value = getattr(self, field)
            if value is not None and value < least:
                msg = f"{field} must be {least} or more, not {value}"
                raise InvalidValue(msg)


def _explain(error: ValidationError) -> str:
    parts: list[str] = []
    for one in error.errors():
        field = str(one["loc"][0]) if one["loc"] else ""
        if one["type"] == "extra_forbidden":
            parts.append(f"unknown field {field!r}{near(field, Context.model_fields)}")
        else:
            parts.append(f"{field} {one['input']!r}: {one['msg'].lower()}")
    return "; ".join(parts)
