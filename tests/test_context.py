"""The context of a call: known ids only, with a hint at the right one."""

from __future__ import annotations

import pytest

import collectscript as cs


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (-5, "before-due"), (0, "before-due"), (1, "d1-6"), (6, "d1-6"), (7, "d7-10"), (10, "d7-10"), (11, "d11-30"),
        (30, "d11-30"), (31, "d31-90"), (90, "d31-90"), (91, "d91-plus"), (4000, "d91-plus"), (None, None),
    ],
)  # fmt: skip
def test_bands(days: int | None, band: str | None) -> None:
    """Days overdue fall into the bands of the facets; zero and less is before the due date."""
    assert band == cs.Context(days_overdue=days).band


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"party": "debter"}, ["party", "debter", "debtor"]),
        ({"sector": "properti"}, ["sector", "property"]),
        ({"temperament": "livly"}, ["temperament", "livly", "lively"]),
        ({"days_overdue": "12"}, ["days_overdue"]),
        ({"days_overdue": 1.5}, ["days_overdue"]),
        ({"promises_broken": -1}, ["promises_broken", "0"]),
        ({"call_number": 0}, ["call_number", "1"]),
        ({"partty": "debtor"}, ["partty", "party"]),
        ({"channel": 7}, ["channel"]),
    ],
)
def test_wrong_values_are_named(values: dict[str, object], words: list[str]) -> None:
    """An unknown field or value is an InvalidValue naming it and what is near or known."""
    with pytest.raises(cs.InvalidValue) as caught:
        cs.Context(**values)

    assert all(word in str(caught.value) for word in words)


def test_errors_are_value_errors_of_ours() -> None:
    """InvalidValue can be caught as ValueError and as the library's base error."""
    assert issubclass(cs.InvalidValue, ValueError)
    assert issubclass(cs.InvalidValue, cs.CollectscriptError)


def test_context_is_immutable() -> None:
    """A context can be shared; it cannot be changed."""
    context = cs.Context(party="debtor", used=["praising"])

    assert ("praising",) == context.used
    with pytest.raises(ValueError, match="frozen"):
        context.party = "company"  # type: ignore[misc]
