"""Values for slots: checked, written as they are read out, never evaluated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectscript as cs
from collectscript.slots import fill, format_money

LABELS = {"amount": "应还金额", "due_date": "到期日"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1280.5", "1,280.50元"),
        (Decimal("1280.50"), "1,280.50元"),
        (3000, "3,000元"),
        ("3,000元", "3,000元"),
        ("0.01", "0.01元"),
    ],
)
def test_money_is_read_out(value: object, text: str) -> None:
    """Sums have thousands separators, and cents only where there are some."""
    assert text == cs.Facts(amount=value).texts["amount"]


@pytest.mark.parametrize("value", [1280.5, True])
def test_money_is_never_a_float(value: object) -> None:
    """A float cannot hold cents and is a TypeError."""
    with pytest.raises(TypeError, match="amount"):
        cs.Facts(amount=value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "1.234"),
        ("amount", "abc"),
        ("amount", "NaN"),
        ("amount", "Infinity"),
        ("due_date", "10/11/2026"),
        ("due_date", 20261110),
        ("days_overdue", "12"),
        ("days_overdue", True),
        ("company", 3),
        ("fee_lines", []),
        ("fee_lines", [("利息", "20")]),
        ("plan", 5),
        ("amount", "-5"),
        ("amount", "1_000"),
        ("amount", "1e3"),
        ("amount", "1,00"),
        ("amount", ""),
        ("amount", "9" * 400),
        ("amount", None.__class__),
        ("due_date", "2026-02-30"),
        ("due_date", "20261110"),
        ("due_date", "2026-W46-2"),
        ("instalments", 0),
        ("promises_broken", -1),
        ("plan", [("2026-12-01", "0")]),
        ("plan", [("2026-12-01", "300"), ("2026-12-01", "300")]),
        ("plan", "2026-12-01"),
        ("fee_lines", [("利息", "按合同", 1, 2)]),
        ("fee_lines", {"利息": 3}),
    ],
)
def test_unfit_values_are_named(name: str, value: object) -> None:
    """A value that does not fit its slot is an InvalidValue that names the slot."""
    with pytest.raises(cs.InvalidValue, match=name):
        cs.Facts(**{name: value})


def test_unknown_fact_names_the_near_ones() -> None:
    """A mistyped slot name is refused, and the right one is suggested."""
    with pytest.raises(cs.InvalidValue, match="amount"):
        cs.Facts(ammount="3")


def test_dates_and_counts() -> None:
    """Dates read as month and day; a date may be text or a date."""
    facts = cs.Facts(due_date=date(2026, 11, 10), deadline="2026-12-01", days_overdue=12)

    assert {"due_date": "11月10日", "deadline": "12月1日", "days_overdue": "12"} == dict(facts.texts)


def test_fee_lines_add_up() -> None:
    """Fee lines that do not add up to the sum are an error that shows both sums."""
    lines = [("本金", "", "3000"), ("利息", "按合同", "178.40")]

    assert "本金3,000元、利息178.40元（按合同）" == cs.Facts(amount="3178.40", fee_lines=lines).texts["fee_lines"]
    with pytest.raises(cs.InvalidValue, match=r"3,178\.40元.*3,200元"):
        cs.Facts(amount="3200", fee_lines=lines)


def test_plan_adds_up() -> None:
    """The parts of a plan must add up to the sum."""
    with pytest.raises(cs.InvalidValue, match="plan"):
        cs.Facts(amount="900", plan=[("2026-12-01", "300"), ("2027-01-01", "300")])


@given(st.decimals("0.01", "99999999", places=2), st.integers(1, 36))
def test_instalments_add_up_to_the_cent(total: Decimal, count: int) -> None:
    """Parts are equal to the cent, the rest is in the last, and together they are the sum."""
    if total < Decimal("0.01") * count:
        with pytest.raises(cs.InvalidValue):
            cs.instalments(total, count)
        return

    parts = cs.instalments(total, count)

    assert total == sum(parts)
    assert count == len(parts)
    assert len(set(parts[:-1])) <= 1
    assert 0 <= parts[-1] - parts[0] < Decimal("0.01") * count


@given(st.text())
def test_values_stay_literal(value: str) -> None:
    """Braces, percent signs and anything else in a value are text, filled in once."""
    text, missing = fill("您好{company}，{amount}", {"company": value}, LABELS)

    assert f"您好{value}，【应还金额】" == text
    assert ("amount",) == missing


@pytest.mark.parametrize(
    "values",
    [
        {"amount": "900", "plan": [("2026-12-01", "450"), ("2027-01-01", "450")], "instalments": 3},
        {"amount": "900", "balance": "600", "plan": [("2026-12-01", "450"), ("2027-01-01", "450")]},
        {"amount": "900", "part_amount": "300", "balance": "500"},
        {"amount": "900", "part_amount": "901"},
        {"amount": "900", "principal": "800", "interest": "90", "late_fee": "10.01"},
    ],
)
def test_facts_that_contradict_each_other(values: dict[str, object]) -> None:
    """Sums and counts that do not agree are an error that says which."""
    with pytest.raises(cs.InvalidValue, match=r"add up to|more than amount|instalments is 3"):
        cs.Facts(**values)


def test_facts_that_agree() -> None:
    """A deduction among the fee lines, a plan for the balance and days before the due date are all in order."""
    facts = cs.Facts(
        amount="900",
        part_amount="300",
        balance="600",
        fee_lines=[("本金", "", "1000"), ("已减免", "批准单", "-100")],
        plan=[("2026-12-01", "300"), ("2027-01-01", "300")],
        instalments=2,
        days_overdue=-3,
    )

    assert "12月1日300元、1月1日300元" == facts.texts["plan"]
    assert "本金1,000元、已减免-100元（批准单）" == facts.texts["fee_lines"]


def test_strict_facts() -> None:
    """Strict facts refuse a text that misses a value and name it; others list it."""
    with pytest.raises(cs.MissingFacts, match="forgot/now needs amount"):
        cs.Facts(strict=True).require("forgot/now", ("amount",))

    cs.Facts().require("forgot/now", ("amount",))
    cs.Facts(strict=True).require("forgot/now", ())


def test_missing_slots_read_as_their_label() -> None:
    """A slot without a value reads 【label】 and is listed once."""
    assert ("【应还金额】和【应还金额】", ("amount",)) == fill("{amount}和{amount}", {}, LABELS)


def test_own_slots() -> None:
    """Slots of one's own go into extra, written by the type of their value."""
    extra = {"acme_tower": "A座", "acme_fee": Decimal("12.5"), "acme_day": date(2026, 12, 1), "acme_floor": 3}

    assert ["A座", "12.50元", "12月1日", "3"] == [cs.Facts(extra=extra).texts[name] for name in extra]


@pytest.mark.parametrize("value", [1.5, None, ["A座"], True])
def test_own_slots_of_other_types(value: object) -> None:
    """A value of any other type is refused, and the slot is named."""
    with pytest.raises(cs.InvalidValue, match="acme_tower"):
        cs.Facts(extra={"acme_tower": value})


def test_own_slots_do_not_shadow() -> None:
    """A slot of slots.tsv is given by its name, where its value is checked."""
    with pytest.raises(cs.InvalidValue, match=r"Facts\(amount="):
        cs.Facts(extra={"amount": "12"})


def test_money_format_of_large_sums() -> None:
    """Large sums keep their separators."""
    assert "12,345,678.90元" == format_money(Decimal("12345678.90"))
