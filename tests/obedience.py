"""Everything the corpus gives to say, and the calls it may be said in, for the test that all of it is lawful."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from collectscript.checking import Checker, Finding
from collectscript.index import Index
from collectscript.model import Corpus, Law, Response, Scope, Tables
from collectscript.slots import fill
from collectscript.verdicts import unlawful

AXES = ("sectors", "parties", "roles", "channels")
DEBTORS = ("debtor",)
FROM_THIRD_PARTIES = frozenset({"debtor-unavailable", "family-answers", "third-party-objects", "wrong-number"})
QUOTED = re.compile("“([^“”]+)”")
FACETS = ("sector", "party", "role", "channel")
VALUES = {
    "customer_name": "王女士",
    "agent": "李敏",
    "company": "示例服务有限公司",
    "creditor": "示例银行",
    "callback_number": "95000",
    "official_channel": "官方APP",
    "amount": "1,280.50元",
    "principal": "1,200.00元",
    "interest": "60.50元",
    "late_fee": "20.00元",
    "due_date": "11月10日",
    "deadline": "11月25日",
    "promise_date": "11月28日",
    "days_overdue": "12",
    "instalments": "3",
    "address": "3栋502",
}
"""Plain values; the other slots read 【label】."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something to say, where it stands, and in which calls it may be said; an empty axis means in all of them."""

    where: str
    text: str
    scope: Scope


def said(corpus: Corpus) -> Iterator[Line]:
    """Yield every text the corpus offers, with open slots.

    A part of a response is whole sentences of it, and sentences are checked one by one: the whole stands for its parts.
    Notes for the second turn and advice tell the collector what to do; what is said stands in quotation marks.
    """
    for response in responses(corpus):
        where = f"{response.path}:{response.line}"
        scope = Scope(sectors=response.sectors, parties=response.parties, channels=response.channels)
        yield Line(where, response.template, scope)
        for note in (response.if_yes, response.if_no, response.if_silent):
            for text in QUOTED.findall(note or ""):
                yield Line(where, text, scope)
    for entry in corpus.objections:
        # An objection of somebody who must not be told is answered without a word of a debt.
        scope = Scope(parties=("third-party",) if entry.id in FROM_THIRD_PARTIES else DEBTORS)
        for text in (entry.say_first, entry.ask_first, *(one.instead for one in entry.never)):
            yield Line(entry.path, text, scope)
        for distinction in entry.distinctions:
            yield Line(entry.path, distinction.question, Scope(parties=DEBTORS))
    for stop in corpus.safety.stops:
        for one in stop.never:
            yield Line(stop.path, one.instead, Scope(parties=DEBTORS))
    for rule in corpus.law.rules:
        for advice in rule.instead:
            for text in QUOTED.findall(advice):
                yield Line(rule.path, text, Scope(parties=DEBTORS))


def responses(corpus: Corpus) -> Iterator[Response]:
    """Yield every response, opener, closing, follow-up, message and word of a stop or pause."""
    for entry in corpus.objections:
        yield from entry.responses
    for _, scripts in corpus.scripts:
        yield from scripts
    for stop in corpus.safety.stops:
        yield from stop.responses


class Court:
    """Finds what is unlawful in a line in any call that it is for.

    A line is first checked under laws without exceptions, one for each way in which parties are treated alike: what
    that finds nothing in is lawful in every call with them. Only what it finds something in is checked in every call.
    """

    def __init__(self, law: Law, tables: Tables, index: Index) -> None:
        self._tables = tables
        self._plain = Checker(law, tables, index)
        strict = {party: _strict(law, party) for party in tables.ids("party")}
        self._alike = {
            party: next(first for first, other in strict.items() if other == one) for party, one in strict.items()
        }
        self._strict = {first: Checker(strict[first], tables, index) for first in set(self._alike.values())}

    def unlawful(self, line: Line) -> list[str]:
        """Return what is forbidden or missing, one string for each finding and party, with a call that has it."""
        found: dict[tuple[str, str, str], str] = {}
        labels = {slot.id: slot.label for slot in self._tables.slots}
        parties = line.scope.parties or self._tables.ids("party")
        for text in dict.fromkeys(fill(line.text, texts, labels)[0] for texts in ({}, VALUES)):
            labelled = text == fill(line.text, {}, labels)[0]
            for first in dict.fromkeys(self._alike[party] for party in parties):
                if self._strict[first].check(text, party=first):
                    for party in [one for one in parties if self._alike[one] == first]:
                        for call in self._calls(line.scope, party):
                            for finding in self._plain.check(text, **call):
                                # A name may be anything: whether an opener is whole is seen with the labels of its slots.
                                if unlawful([finding]) and (finding.end or labelled):
                                    key = (finding.rule.id, finding.text, party)
                                    found.setdefault(key, _told(line, finding, call))
        return list(found.values())

    def _calls(self, scope: Scope, party: str) -> Iterator[dict[str, str | None]]:
        axes: list[Iterable[str | None]] = []
        for axis, facet in zip(AXES, FACETS, strict=True):
            listed = getattr(scope, axis)
            axes.append([party] if facet == "party" else listed or (None, *self._tables.ids(facet)))
        for values in product(*axes):
            yield dict(zip(FACETS, values, strict=True))


def _strict(law: Law, party: str) -> Law:
    """Return a law in which every rule binds everybody and every pattern for this party is for every call with it."""
    rules = []
    for rule in law.rules:
        patterns = [
            replace(pattern, scope=Scope())
            for pattern in rule.patterns
            if not pattern.scope.parties or party in pattern.scope.parties
        ]
        rules.append(replace(rule, patterns=tuple(patterns), bindings=()))
    return replace(law, rules=tuple(rules))


def _told(line: Line, finding: Finding, call: dict[str, str | None]) -> str:
    named = ", ".join(f"{name}={value}" for name, value in call.items() if value)
    return f"{line.where}: {finding.rule.id} ({finding.fired}) in {finding.text!r} of {line.text!r} [{named}]"
