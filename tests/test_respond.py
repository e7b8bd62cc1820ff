"""Ranking: who is on the line comes first, then promises, calendar and person; every rank has its reasons."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import collectscript as cs
from collectscript.scoring import CALM_GOALS, FIRMNESS, GENTLE

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
SECTORS = [None, "consumer-credit", "property", "utility", "trade", "medical", "telecom", "membership"]
TEMPERAMENTS = [None, "lively", "forceful", "precise", "easygoing"]
HELP_LINES = re.compile(r"95598|12356|12348|12345|12110|110|119|120|122")
THIRD_PARTY = re.compile(r"欠|逾期|还款|账|贷|费|钱|款|催|债|金额|利息|\d{2,}")


@relaxed
@given(
    data=st.data(),
    party=st.sampled_from([None, "debtor", "company", "guarantor"]),
    days_overdue=st.none() | st.integers(-10, 200),
    call_number=st.none() | st.integers(1, 5),
    sector=st.sampled_from(SECTORS),
    temperament=st.sampled_from(TEMPERAMENTS),
    used=st.lists(st.sampled_from(["listening", "guiding", "praising", "informing", "voice"]), max_size=2),
    broken=st.integers(0, 5),
)
def test_more_broken_promises_never_soften(
    kb: cs.KnowledgeBase, data: st.DataObject, broken: int, **known: object
) -> None:
    """One more broken promise never lowers the firmness of the first response, outside the gentle concerns."""
    entry_id = data.draw(st.sampled_from([entry.id for entry in kb if kb.tables.concern(entry.id) not in GENTLE]))

    def first(promises: int) -> int:
        context = cs.Context(**known, promises_broken=promises)
        return FIRMNESS.index(kb.responses(entry_id, context)[0].response.firmness)

    assert first(broken) <= first(broken + 1)


@pytest.mark.parametrize("sector", SECTORS)
@pytest.mark.parametrize("days", [-10, 0, 1, 7, 11, 31, 91, 400])
def test_hardship_never_turns_firm(kb: cs.KnowledgeBase, days: int, sector: str | None) -> None:
    """In hardship no number of days makes the first response firmer than even, and no broken promise makes it firm."""
    context = cs.Context(party="debtor", days_overdue=days, sector=sector)
    for entry_id in [entry.id for entry in kb if kb.tables.concern(entry.id) == "hardship"]:
        first = kb.responses(entry_id, context)[0].response
        assert first.firmness in {"light", "even"}, first.id
        for broken in range(1, 6):
            broke = context.model_copy(update={"promises_broken": broken})
            first = kb.responses(entry_id, broke)[0].response
            assert first.firmness != "firm", (first.id, broken)


@pytest.mark.parametrize(
    "said",
    ["我爸脑梗住院，钱全砸进医院里了", "我在做化疗，班都上不了", "孩子白血病，哪还有钱"],
)
@pytest.mark.parametrize("days", [5, 45, 400])
def test_illness_is_never_pressed(kb: cs.KnowledgeBase, said: str, days: int) -> None:
    """Whoever is ill hears nothing that presses, whatever the calendar and the promises say."""
    context = cs.Context(party="debtor", sector="consumer-credit", days_overdue=days, promises_broken=4)

    for one in kb.respond(said, context).responses:
        assert one.response.goal in CALM_GOALS
        assert one.response.firmness in {"light", "even"}


def test_third_party_never_hears_of_a_debt(kb: cs.KnowledgeBase) -> None:
    """Whatever the entry, what is said to a third party holds no word, sum or date of a debt."""
    context = cs.Context(party="third-party", days_overdue=40, promises_broken=2)
    facts = cs.Facts(
        amount="38000", due_date="2026-10-01", company="示例公司", agent="3056", callback_number="官方热线"
    )
    told = [
        (ranked.response.id, ranked.text)
        for entry in kb
        for ranked in kb.responses(entry.id, context, facts, limit=None)
        if THIRD_PARTY.search(HELP_LINES.sub("", ranked.text.replace("3056", "")))
    ]

    assert [] == told


@pytest.mark.parametrize("party", ["debtor", "third-party", "company", "guarantor", "representative"])
def test_there_is_always_something_to_say(kb: cs.KnowledgeBase, party: str) -> None:
    """For every entry and party there is a response fit for that party; for nonsense there are neutral lines."""
    context = cs.Context(party=party)

    for entry in kb:
        ranked = kb.responses(entry.id, context)
        assert ranked
        # The words "wrong number" say that it is not the debtor, whatever was assumed.
        other = {"third-party"} if party == "debtor" and kb.tables.concern(entry.id) == "person" else set()
        assert all(not one.response.parties or {party, *other} & set(one.response.parties) for one in ranked)
    assert kb.respond("嘟嘟嘟啦啦啦", context).responses


def test_context_decides_the_first_response(kb: cs.KnowledgeBase) -> None:
    """The same sentence is answered otherwise before the due date, after broken promises, to a precise customer."""
    said = "哎呀我给忘了"
    contexts = [
        cs.Context(party="debtor", days_overdue=0),
        cs.Context(party="debtor", days_overdue=3, temperament="lively"),
        cs.Context(party="debtor", days_overdue=20, temperament="precise"),
        cs.Context(party="debtor", days_overdue=20, promises_broken=3),
        cs.Context(party="debtor", days_overdue=12, sector="property"),
        cs.Context(party="company", days_overdue=12, sector="trade"),
    ]

    firsts = [kb.respond(said, context).responses[0].response for context in contexts]

    assert len(contexts) == len({response.id for response in firsts})
    assert "firm" == firsts[3].firmness
    assert "precise" in firsts[2].customer_types
    assert ("property",) == firsts[4].sectors


def test_used_technique_is_not_repeated(kb: cs.KnowledgeBase) -> None:
    """A technique or response already used in this call goes down."""
    context = cs.Context(party="debtor", days_overdue=3)
    first = kb.responses("forgot", context)[0].response

    assert first.id != kb.responses("forgot", context.model_copy(update={"used": (first.id,)}))[0].response.id
    again = kb.responses("forgot", context.model_copy(update={"used": (first.technique,)}))[0].response
    assert first.technique != again.technique


def test_every_result_has_reasons_and_falling_scores(kb: cs.KnowledgeBase) -> None:
    """Scores lie in 0..1 and fall; every result says why it ranks there."""
    ranked = kb.responses("stalling", cs.Context(party="debtor", days_overdue=12, promises_broken=1), limit=None)

    scores = [one.score for one in ranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert all(one.reasons for one in ranked)


@pytest.mark.parametrize("kind", ["openers", "closings", "follow_ups", "messages"])
def test_every_script_has_reasons(kb: cs.KnowledgeBase, kind: str) -> None:
    """Whatever is listed says in words why it stands where it stands."""
    assert all(one.reasons for one in getattr(kb, kind)(cs.Context(days_overdue=20)))


def test_unknown_context_is_neutral(kb: cs.KnowledgeBase) -> None:
    """Nothing is guessed: no reason speaks of a band, a sector or a person, and every entry ranks as without context."""
    for entry in kb:
        ranked = kb.responses(entry.id, limit=None)
        reasons = " ".join(reason for one in ranked for reason in one.reasons)

        assert ranked
        assert all(one.reasons for one in ranked)
        assert not re.search(r"行业：|客户：|逾期\d|爽约", reasons)
        assert ranked == kb.responses(entry.id, cs.Context(), limit=None)


def test_unknown_sector_and_party_bring_no_special_words(kb: cs.KnowledgeBase) -> None:
    """Without a sector and a party, words for one sector or for somebody else never come before general ones."""
    for entry in kb:
        general = [one for one in entry.responses if not one.sectors and one.parties in ((), ("debtor",))]
        if entry.group != "institution" and any(not (one.condition or one.min_promises_broken) for one in general):
            first = kb.responses(entry.id)[0].response
            assert first.id in {one.id for one in general}


def test_words_that_were_said_decide(kb: cs.KnowledgeBase) -> None:
    """A response made for certain words comes first when they were said, and not without them."""
    context = cs.Context(party="debtor", sector="consumer-credit", days_overdue=20)

    assert "busy-now/driving" == kb.respond("我在高速上开车呢，没法说", context).responses[0].response.id
    assert "busy-now/driving" != kb.respond("我在开会，没法说", context).responses[0].response.id
    assert "busy-now/driving" != kb.responses("busy-now", context)[0].response.id


def test_a_condition_that_the_context_denies_goes_last(kb: cs.KnowledgeBase) -> None:
    """Nobody is praised for a good record after a broken promise."""
    kept, broke = (cs.Context(party="debtor", days_overdue=3, promises_broken=broken) for broken in (0, 1))

    assert "forgot/now" == kb.responses("forgot", kept)[0].response.id
    assert "forgot/now" not in [one.response.id for one in kb.responses("forgot", broke)]


def test_slots_are_filled_from_facts_and_context(kb: cs.KnowledgeBase) -> None:
    """Values fill their slots; days overdue come from the context too; missing ones read 【…】."""
    context = cs.Context(party="debtor", days_overdue=20, temperament="precise")
    facts = cs.Facts(amount="1280.50", principal="1200", interest="60.50")

    answer = kb.responses("forgot", context, facts, limit=None)
    figures = next(one for one in answer if one.response.id == "forgot/figures")

    assert "1,280.50元" in figures.text
    assert "【违约金】" in figures.text
    assert ("late_fee",) == figures.missing
    assert "{" not in figures.text


def test_openers_fit_party_and_band(kb: cs.KnowledgeBase) -> None:
    """Each band and party has its opener first."""
    for days, name in (
        (-3, "before-due"),
        (3, "d1-6"),
        (8, "d7-10"),
        (20, "d11-30"),
        (60, "d31-90"),
        (200, "d91-plus"),
    ):
        first = kb.openers(cs.Context(party="debtor", days_overdue=days))[0].response
        assert name in first.bands, first.id
    assert all("third-party" in one.response.parties for one in kb.openers(cs.Context(party="third-party")))


@pytest.mark.parametrize("name", ["openers", "closings", "follow_ups", "messages"])
def test_scripts_rank_and_limit(kb: cs.KnowledgeBase, name: str) -> None:
    """Each kind of script is ranked for the call, at most `limit`, and refuses a limit below one."""
    ranked = getattr(kb, name)(cs.Context(party="debtor", days_overdue=5), limit=4)

    assert 4 == len(ranked)
    with pytest.raises(ValueError, match="limit"):
        getattr(kb, name)(limit=0)


def test_look_up_and_iteration(kb: cs.KnowledgeBase) -> None:
    """Entries are found by id, iterated in taxonomy order, filtered by group; a wrong id names near ones."""
    assert 100 == len(kb) == len(list(kb))
    assert [row.id for row in kb.tables.taxonomy] == [entry.id for entry in kb]
    assert "forgot" in kb
    assert "我忘记了" == kb["forgot"].title
    assert {"billing"} == {entry.group for entry in kb.objections(group="billing")}
    with pytest.raises(cs.UnknownId, match="forgot"):
        kb["forget"]
    with pytest.raises(KeyError):
        kb["nothing-like-it"]
    with pytest.raises(cs.UnknownId, match="billing"):
        kb.objections(group="bill")
