"""Whether somebody may be contacted: every figure, the next time, and the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collectscript as cs
from collectscript.contact import Contact, Limits, Permission, may_contact

CHINA = ZoneInfo("Asia/Shanghai")
CHANNELS = ("phone", "sms", "wechat", "email", "letter", "fax", "visit", "app", "voicebot")
PARTIES = ("debtor", "third-party", "company", "guarantor", "representative")


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026 in China."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


def calls(day: int, count: int, *, answered: bool, **more: object) -> list[Contact]:
    """Return calls of one morning."""
    return [Contact(on(day, 9, minute), answered, **more) for minute in range(count)]


# -- hours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hour", "minute", "allowed"), [(7, 59, False), (8, 0, True), (21, 59, True), (22, 0, False)])
@pytest.mark.parametrize("channel", [channel for channel in CHANNELS if channel != "letter"])
def test_hours(hour: int, minute: int, allowed: bool, channel: str) -> None:
    """From eight to ten in the evening, on every channel but the post."""
    assert may_contact(on(25, hour, minute), channel=channel).allowed is allowed


def test_the_post_has_no_hours() -> None:
    """A letter may be written at night."""
    assert may_contact(on(25, 2), channel="letter").allowed


def test_next_time_is_the_next_morning() -> None:
    """Before eight it is the same day, after ten the next."""
    assert may_contact(on(25, 3)).next_at == on(25, 8)
    assert may_contact(on(25, 22)).next_at == on(26, 8)
    assert may_contact(on(25, 9)).next_at == on(25, 9)


def test_hours_are_those_of_the_person_called() -> None:
    """The time zone of the question decides, and the answer is in it."""
    moment = datetime(2026, 11, 25, 13, 30, tzinfo=UTC)

    assert may_contact(moment).allowed
    late = may_contact((moment + timedelta(hours=1)).astimezone(CHINA))
    assert not late.allowed
    assert late.next_at is not None
    assert late.next_at.tzinfo is CHINA


def test_china_has_no_summer_time() -> None:
    """The hours are the same in July, by the zone's name and by its offset."""
    for zone in (CHINA, timezone(timedelta(hours=8))):
        for month in (1, 7):
            assert may_contact(datetime(2026, month, 1, 8, tzinfo=zone)).allowed
            assert not may_contact(datetime(2026, month, 1, 7, 59, tzinfo=zone)).allowed


def test_a_time_without_zone_is_an_error() -> None:
    """The message says so, and what to write; the same for the history."""
    naive = datetime(2026, 11, 25, 9)  # noqa: DTZ001 - the point of the test

    with pytest.raises(cs.InvalidValue, match=r"at 2026-11-25T09:00:00 has no time zone; write .*ZoneInfo"):
        may_contact(naive)
    with pytest.raises(cs.InvalidValue, match=r"history\[1\]\.at .* has no time zone"):
        may_contact(on(25, 9), [Contact(on(24, 9), True), Contact(naive, True)])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"party": "debter"}, "party 'debter' is not in facets.tsv; nearest: debtor"),
        ({"sector": "propertys"}, "sector 'propertys' .* nearest: property"),
        ({"channel": "phon"}, "channel 'phon' .* nearest: phone"),
        ({"pack": "cm"}, "no figures for pack 'cm'; nearest: cn; known: cn"),
    ],
)
def test_wrong_values_are_errors(wrong: dict[str, str], message: str) -> None:
    """The message names the near ones."""
    with pytest.raises(cs.InvalidValue, match=message):
        may_contact(on(25, 9), **wrong)


def test_wrong_types_are_errors() -> None:
    """What is no datetime or no contact is refused."""
    with pytest.raises(TypeError, match="at must be a datetime, not str"):
        may_contact("2026-11-25T09:00+08:00")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"history\[0\] must be a Contact, not datetime"):
        may_contact(on(25, 9), [on(24, 9)])  # type: ignore[list-item]


# -- counts ------------------------------------------------------------------------------------------------


def test_three_conversations_a_day() -> None:
    """The third answered call of a day is the last, robots and visits counted; the next day is free again."""
    assert may_contact(on(25, 12), calls(25, 2, answered=True)).allowed
    mixed = [*calls(25, 1, answered=True), Contact(on(25, 10), True, "voicebot"), Contact(on(25, 11), True, "visit")]
    answer = may_contact(on(25, 12), mixed)

    assert not answer.allowed
    assert answer.next_at == on(26, 8)
    assert "gbt45251" in answer.sources
    assert may_contact(on(26, 8), mixed).allowed
    assert may_contact(on(25, 12), mixed, channel="sms").allowed


def test_six_attempts_a_day_on_one_number() -> None:
    """Unanswered calls count by number; without a number all count."""
    six = calls(25, 6, answered=False, number="1")

    assert may_contact(on(25, 12), six[:5], number="1").allowed
    assert not may_contact(on(25, 12), six, number="1").allowed
    assert may_contact(on(25, 12), six, number="2").allowed
    assert not may_contact(on(25, 12), six).allowed
    assert not may_contact(on(25, 12), calls(25, 6, answered=False), number="2").allowed


def test_the_day_is_that_of_the_person_called() -> None:
    """Calls of one day in another zone count for the day in this one."""
    utc = [Contact(datetime(2026, 11, 24, 23, minute, tzinfo=UTC), True) for minute in range(3)]

    assert not may_contact(on(25, 12), utc).allowed


def test_inbound_later_and_other_parties_do_not_count() -> None:
    """Only what we did, before this moment, with this party."""
    for history in (
        calls(25, 9, answered=True, inbound=True),
        [replace(one, at=on(25, 20)) for one in calls(25, 9, answered=True)],
        calls(25, 9, answered=True, party="guarantor"),
    ):
        assert may_contact(on(25, 12), history).allowed


# -- refusals, third parties, visits -------------------------------------------------------------------------


def test_a_third_party_who_said_stop_is_never_contacted_again() -> None:
    """No time is given: there is none, whatever the channel."""
    history = [
        *(Contact(on(day, 9), False) for day in (20, 21, 22)),
        Contact(on(23, 9), True, party="third-party", refused=True),
    ]
    for channel in CHANNELS:
        answer = may_contact(on(25, 9), history, party="third-party", channel=channel)
        assert not answer.allowed
        assert answer.next_at is None


def test_a_debtor_refuses_a_channel() -> None:
    """A wish about the channel is kept; another channel stays open."""
    history = [Contact(on(24, 9), True, refused=True)]

    answer = may_contact(on(25, 9), history)
    assert not answer.allowed
    assert answer.next_at is None
    assert answer.sources == ("house",)
    assert may_contact(on(25, 9), history, channel="letter").allowed


def test_a_third_party_only_when_the_debtor_is_lost() -> None:
    """Three days in a row without reaching the debtor, or a number that is not theirs."""
    tried = [Contact(on(day, 9), False) for day in (22, 23, 24)]

    def asked(history: Sequence[Contact]) -> bool:
        return may_contact(on(25, 9), history, party="third-party").allowed

    assert not asked([])
    assert not asked(tried[:2])
    assert asked(tried)
    assert not asked([tried[0], tried[2], Contact(on(20, 9), False)])
    assert not asked([*tried, Contact(on(24, 10), True)])
    assert asked([Contact(on(24, 9), False, invalid=True)])


def test_a_visit_needs_two() -> None:
    """One visitor is too few; an unknown number gets the reminder."""
    assert not may_contact(on(25, 9), channel="visit", visitors=1).allowed
    assert may_contact(on(25, 9), channel="visit", visitors=2).allowed
    unknown = may_contact(on(25, 9), channel="visit")
    assert unknown.allowed
    assert "两人" in unknown.reasons[0]


# -- figures -------------------------------------------------------------------------------------------------


def test_limits_can_be_set() -> None:
    """Other figures decide, and the reason says that they were set."""
    strict = replace(Limits.of(), last_hour=18, conversations_a_day=1)

    answer = may_contact(on(25, 19), calls(25, 1, answered=True), limits=strict)
    assert not answer.allowed
    assert all("这里设定为" in reason for reason in answer.reasons)


def test_every_reason_has_its_source() -> None:
    """Reasons name their source and certainty; for other sectors they say that it is our reading."""
    answer = may_contact(on(25, 23), sector="consumer-credit")
    assert "[B]" in answer.reasons[0]
    assert "最严的读法" not in answer.reasons[0]
    assert "最严的读法" in may_contact(on(25, 23), sector="property").reasons[0]
    assert len(answer.reasons) == len(answer.sources)


MOMENTS = st.datetimes(
    min_value=datetime(2026, 11, 20),  # noqa: DTZ001 - the zone comes from `timezones`
    max_value=datetime(2026, 11, 27),  # noqa: DTZ001
    timezones=st.just(CHINA),
)
HISTORY = st.lists(
    st.builds(
        Contact,
        at=MOMENTS,
        answered=st.booleans(),
        channel=st.sampled_from(CHANNELS),
        party=st.sampled_from(("debtor", "debtor", "third-party")),
        number=st.sampled_from((None, "1", "2")),
        refused=st.sampled_from((False, False, False, True)),
        invalid=st.sampled_from((False, False, True)),
        inbound=st.booleans(),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(
    at=MOMENTS,
    history=HISTORY,
    party=st.sampled_from(PARTIES),
    channel=st.sampled_from(CHANNELS),
    number=st.sampled_from((None, "1")),
)
def test_the_next_time_holds(
    at: datetime, history: list[Contact], party: str, channel: str, number: str | None
) -> None:
    """The next time is never past, and it is allowed then, or refused for what happens in between."""
    known = [one for one in history if one.at <= at]

    def asked(moment: datetime) -> Permission:
        return may_contact(moment, known, party, channel=channel, number=number)

    answer = asked(at)
    if answer.allowed:
        assert answer.next_at == at
    elif answer.next_at is not None:
        assert answer.next_at > at
        assert asked(answer.next_at).allowed
    assert answer.allowed or answer.reasons


@settings(deadline=None)
@given(at=MOMENTS, history=HISTORY)
def test_more_contacts_never_allow_more(at: datetime, history: list[Contact]) -> None:
    """One contact more never turns a no into a yes, for the debtor."""
    if not may_contact(at, history[1:]).allowed:
        assert not may_contact(at, history).allowed


# -- the command -----------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    """Return exit status and output."""
    done = subprocess.run(
        [sys.executable, "-m", "collectscript", "may-contact", *arguments],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        timeout=300,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def test_command_says_yes_or_no() -> None:
    """Exit status 0 or 1, the reasons, and the earliest time."""
    assert run("--at", "2026-11-25T21:00+08:00")[0] == 0
    status, output = run("--at", "2026-11-25T22:30+08:00")
    assert status == 1
    assert "2026-11-26 08:00" in output


def test_command_reads_a_history(tmp_path: Path) -> None:
    """A table of contacts decides; JSON has the fields of Python."""
    file = tmp_path / "history.tsv"
    rows = [f"2026-11-25T09:0{minute}+08:00\tyes\tphone" for minute in range(3)]
    file.write_text("\n".join(["at\tanswered\tchannel", *rows, ""]), encoding="utf-8")

    status, output = run("--at", "2026-11-25T12:00+08:00", "--history", str(file), "--json")
    value = json.loads(output)
    assert status == 1
    assert value["allowed"] is False
    assert value["next_at"] == "2026-11-26T08:00:00+08:00"
    assert "gbt45251" in value["sources"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("when\tanswered\n", ":1: the header is"),
        ("at\tanswered\n2026-11-25T09:00+08:00\tmaybe\n", ":2: answered 'maybe'; write yes or no"),
        ("at\tanswered\n2026-11-25T09:00+08:00\n", ":2: 1 columns where the header has 2"),
        ("at\tanswered\nyesterday\tyes\n", ":2: at 'yesterday' is no moment"),
        ("at\tanswered\n2026-11-25T09:00\tyes\n", "has no time zone"),
    ],
)
def test_command_names_the_line_of_a_bad_history(tmp_path: Path, text: str, message: str) -> None:
    """Wrong use is status 2 and says where."""
    file = tmp_path / "history.tsv"
    file.write_text(text, encoding="utf-8")

    status, output = run("--at", "2026-11-25T12:00+08:00", "--history", str(file))
    assert status == 2
    assert message in output
