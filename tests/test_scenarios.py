"""Scenarios: what must and must not come first in a call, written by someone who did not know the weights."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import collectscript as cs
from collectscript.respond import FIRMNESS

COUNTS = {"days_overdue", "promises_broken", "call_number"}
PASS_AT_LEAST = 0.9

with (Path(__file__).parent / "cases" / "scenarios" / "held-out.tsv").open(encoding="utf-8", newline="") as _file:
    SCENARIOS = list(csv.DictReader(_file, delimiter="\t"))


def context_of(text: str) -> cs.Context:
    """Read a context such as `party=debtor;days_overdue=12`."""
    values: dict[str, object] = {}
    for pair in filter(None, text.split(";")):
        name, value = pair.split("=")
        values[name] = int(value) if name in COUNTS else (value,) if name == "used" else value
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


def passes(scenario: Mapping[str, str], response: cs.Response) -> bool:
    """Tell whether the first response is what a scenario asks for and no plain mistake."""
    must, must_not = (list(filter(None, scenario[name].split(";"))) for name in ("must", "must_not"))
    return all(holds(one, response) for one in must) and not any(holds(one, response) for one in must_not)


def test_first_response_is_right(kb: cs.KnowledgeBase) -> None:
    """Nine in ten scenarios have a right response first."""
    firsts = [
        (one, kb.respond(one["utterance"], context_of(one["context"])).responses[0].response) for one in SCENARIOS
    ]
    wrong = [f"{one['id']}: {response.id}; {one['why']}" for one, response in firsts if not passes(one, response)]

    assert len(SCENARIOS) >= 80
    assert len(wrong) <= (1 - PASS_AT_LEAST) * len(SCENARIOS), wrong


def test_pairs_differ(kb: cs.KnowledgeBase) -> None:
    """Two calls that differ in one field that matters have different first responses."""
    pairs: dict[str, list[str]] = defaultdict(list)
    for one in SCENARIOS:
        if one["pair"]:
            found = kb.respond(one["utterance"], context_of(one["context"])).responses[0]
            pairs[one["pair"]].append(found.response.id)

    assert len(pairs) >= 20
    assert [] == [name for name, ids in pairs.items() if len(set(ids)) == 1]
