"""Scenarios: what must and must not come first in a call, and why.

`own.tsv` was written beside the ranking, before each row was first run; all of it holds. `held-out.tsv` was written by
someone who did not know the weights and is never tuned for row by row; it is asked for a share.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

import collectscript as cs
from collectscript.scoring import FIRMNESS

Scenario = Mapping[str, str]

FOLDER = Path(__file__).parent / "cases" / "scenarios"
COUNTS = {"days_overdue", "promises_broken", "call_number"}
HELD_OUT_AT_LEAST = 0.9


def read_scenarios(name: str) -> list[Scenario]:
    """Read one file of scenarios: id, pair, utterance, context, must, must_not, why."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def context_of(text: str) -> cs.Context:
    """Read a context such as `party=debtor;days_overdue=12`."""
    values: dict[str, object] = {}
    for pair in filter(None, text.split(";")):
        name, value = pair.split("=")
        if name in COUNTS:
            values[name] = int(value)
        elif name == "used":
            values[name] = tuple(value.split("|"))
        elif name == "identity_verified":
            values[name] = value == "true"
        else:
            values[name] = value
    return cs.Context(**values)


def holds(condition: str, response: cs.Response) -> bool:
    """Tell whether a response meets a condition such as `firmness>=steady` or `goal=date|part`."""
    for sign in (">=", "<="):
        if sign in condition:
            name, value = condition.split(sign)
            step, bound = FIRMNESS.index(getattr(response, name)), FIRMNESS.index(value)
            return step >= bound if sign == ">=" else step <= bound
    name, value = condition.split("=")
    values = set(value.split("|"))
    if name == "party":
        return (
            response.parties == ("debtor",)
            if value == "debtor-only"
            else not response.parties or bool(values & set(response.parties))
        )
    if name == "sector":
        return not response.sectors or bool(values & set(response.sectors))
    if name == "customer":
        return bool(values & set(response.customer_types))
    return getattr(response, name) in values


def passes(scenario: Scenario, response: cs.Response) -> bool:
    """Tell whether the first response is what a scenario asks for and no plain mistake."""
    must, must_not = (list(filter(None, scenario[name].split(";"))) for name in ("must", "must_not"))
    return all(holds(one, response) for one in must) and not any(holds(one, response) for one in must_not)


def first_response(kb: cs.KnowledgeBase, scenario: Scenario) -> cs.Response:
    """Return what is said first in a scenario."""
    return kb.respond(scenario["utterance"], context_of(scenario["context"])).responses[0].response


def wrong_ones(kb: cs.KnowledgeBase, scenarios: Iterable[Scenario]) -> list[str]:
    """Return what is wrong with the first responses of scenarios."""
    firsts = [(one, first_response(kb, one)) for one in scenarios]
    return [f"{one['id']}: {response.id}; {one['why']}" for one, response in firsts if not passes(one, response)]


def by_pair(scenarios: Iterable[Scenario]) -> dict[str, list[Scenario]]:
    """Group the scenarios that form pairs."""
    pairs: dict[str, list[Scenario]] = defaultdict(list)
    for one in scenarios:
        if one["pair"]:
            pairs[one["pair"]].append(one)
    return pairs


def test_own_scenarios_hold(kb: cs.KnowledgeBase) -> None:
    """Every scenario of our own has a right response first."""
    scenarios = read_scenarios("own.tsv")

    assert len(scenarios) >= 120
    assert [] == wrong_ones(kb, scenarios)


def test_held_out_scenarios_hold_in_the_main(kb: cs.KnowledgeBase) -> None:
    """Nine in ten scenarios of somebody who did not know the weights have a right response first."""
    scenarios = read_scenarios("held-out.tsv")
    wrong = wrong_ones(kb, scenarios)

    assert len(scenarios) >= 80
    assert len(wrong) <= (1 - HELD_OUT_AT_LEAST) * len(scenarios), wrong


@pytest.mark.parametrize(("name", "count"), [("own.tsv", 30), ("held-out.tsv", 20)])
def test_pairs_differ(kb: cs.KnowledgeBase, name: str, count: int) -> None:
    """Two calls that differ in one field that matters have different first responses."""
    pairs = by_pair(read_scenarios(name))
    firsts = {pair: {first_response(kb, one).id for one in ones} for pair, ones in pairs.items()}

    assert len(pairs) >= count
    assert [] == [pair for pair, ids in firsts.items() if len(ids) == 1]


def test_pairs_differ_in_one_field() -> None:
    """The two calls of a pair share their words and all of the context but one field."""
    for pair, (first, second) in by_pair(read_scenarios("own.tsv")).items():
        one, other = (context_of(scenario["context"]).model_dump() for scenario in (first, second))

        assert first["utterance"] == second["utterance"], pair
        assert 1 == sum(one[name] != other[name] for name in one), pair
