"""May somebody be contacted now? Hours, conversations, attempts, third parties, refusals and visits, with reasons.

All figures stand in `data/compliance/contact.tsv`, each with its source. The strictest reading is the default: what a
text says of consumer loans holds for every sector, and every channel but the post keeps the hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from collectscript.errors import InvalidValue
from collectscript.problems import near

if TYPE_CHECKING:
    from collectscript.model import ContactLimit, Tables

PACK = "cn"
"""The jurisdiction when none is given: mainland China."""
VOICE = frozenset({"phone", "voicebot", "visit"})
"""Channels whose answered contacts are conversations."""
CALLS = frozenset({"phone", "voicebot"})
"""Channels whose unanswered contacts are attempts."""
POST = frozenset({"letter"})
"""Channels without an hour: the post brings them when it comes."""
THIRD_PARTY = "third-party"
DEBTOR = "debtor"


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact that took place."""

    at: datetime
    """When, with its time zone."""
    answered: bool
    """Whether anybody answered."""
    channel: str = "phone"
    party: str = DEBTOR
    """Who was contacted, or meant to be."""
    number: str | None = None
    """The number or address used; attempts are counted for each, and all together where it is not known."""
    refused: bool = False
    """Whether this person said not to be contacted, or not this way."""
    invalid: bool = False
    """Whether the number turned out not to be theirs."""
    inbound: bool = False
    """Whether they contacted us; that never counts."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The figures that decide; `Limits.of(pack)` are the strictest, `dataclasses.replace` sets others."""

    first_hour: int
    """Hour of the day from which contact is allowed, 0..23."""
    last_hour: int
    """Hour of the day at which it ends, 1..24."""
    conversations_a_day: int
    attempts_a_day: int
    third_party_refused: int
    """Contacts with a third party who said stop."""
    unreached_days: int
    """Days in a row without reaching the debtor before a third party may be contacted."""
    visitors: int
    """People on a visit, at least."""
    rows: tuple[ContactLimit, ...] = field(default=(), repr=False)
    """Where the figures come from."""

    @classmethod
    def of(cls, pack: str = PACK) -> Limits:
        """Return the figures of a jurisdiction; `InvalidValue` for one that there are none of."""
        rows = [row for row in _rows() if row.pack == pack]
        if not rows:
            known = sorted({row.pack for row in _rows()})
            msg = f"no figures for pack {pack!r}{near(pack, known)}; known: {', '.join(known)}"
            raise InvalidValue(msg)
        values = {row.figure: row.value for row in rows}
        return cls(**values, rows=tuple(rows))


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a contact may be made."""

    allowed: bool
    reasons: tuple[str, ...]
    """Chinese: why not, or what must be kept to; each with its source."""
    next_at: datetime | None
    """The next time at which it is allowed, in the time zone of the question; `at` itself when it is allowed, None when
    no time can be given."""
    sources: tuple[str, ...]
    """Keys of `data/compliance/sources.tsv` behind the reasons, or `house`."""


def may_contact(
    at: datetime,
    history: Iterable[Contact] = (),
    party: str = DEBTOR,
    sector: str | None = None,
    channel: str = "phone",
    *,
    number: str | None = None,
    visitors: int | None = None,
    limits: Limits | None = None,
    pack: str = PACK,
) -> Permission:
    """Tell whether somebody may be contacted at a moment.

    Args:
        at: The moment, with the time zone of the person contacted.
        history: Contacts so far about this debt, by the lender and its agencies together, in any order; those after
            `at` do not count.
        party: Whom, an id of facets.tsv.
        sector: About what, an id of facets.tsv; it says which figures bind by a text and which are our reading.
        channel: How, an id of facets.tsv.
        number: The number or address to be used.
        visitors: How many people go, for a visit; None is not known.
        limits: Other figures than the strictest ones of `pack`.
        pack: The jurisdiction.

    Raises:
        InvalidValue: A time without time zone, or a value that is not an id of facets.tsv.
        TypeError: `at` or a time in `history` is no datetime, or `history` holds something else than `Contact`.

    """
    _check_ids(_tables(), {"party": party, "sector": sector, "channel": channel})
    past = [contact for contact in _checked(at, history) if contact.at <= at]
    case = _Case(at, past, limits or Limits.of(pack), Whom(party, sector, channel))
    case.refused()
    case.third_party()
    case.hours()
    case.conversations()
    case.attempts(number)
    case.visit(visitors)
    return case.permission()


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is to be contacted, about what and how."""

    party: str
    sector: str | None
    channel: str


class _Case:
    """One question: what speaks against the contact is collected step by step."""

    def __init__(self, at: datetime, past: Sequence[Contact], limits: Limits, whom: Whom) -> None:
        self._at = at
        self._limits = limits
        self._whom = whom
        self._outbound = [contact for contact in past if not contact.inbound]
        self._past = [contact for contact in past if contact.party == whom.party]
        self._reasons: list[str] = []
        self._sources: list[str] = []
        self._next: list[datetime | None] = []

    def refused(self) -> None:
        """Somebody who said stop: a third party for good, anybody else this way."""
        if self._whom.party == THIRD_PARTY:
            refusals = [contact for contact in self._past if contact.refused]
            if len(refusals) > self._limits.third_party_refused:
                self._deny("third_party_refused", None)
        elif any(contact.refused and contact.channel == self._whom.channel for contact in self._past):
            self._say("他要求不用这个渠道联系，照办；换他同意的渠道和时间，要投诉的按投诉登记", "house", None)

    def third_party(self) -> None:
        """A third party only when the debtor cannot be reached."""
        if self._whom.party != THIRD_PARTY:
            return
        tried = [contact for contact in self._outbound if contact.party == DEBTOR]
        if not any(contact.invalid for contact in tried) and _unreached(tried, self._at) < self._limits.unreached_days:
            self._deny("unreached_days", None)

    def hours(self) -> None:
        """The hours of the day; the post has none."""
        first, last = self._limits.first_hour, self._limits.last_hour
        if self._whom.channel not in POST and not first <= self._at.hour < last:
            day = 0 if self._at.hour < first else 1
            self._deny("last_hour" if day else "first_hour", self._morning(day))

    def conversations(self) -> None:
        """Answered conversations of this day."""
        today = [one for one in self._today() if one.answered and one.channel in VOICE]
        if self._whom.channel in VOICE and len(today) >= self._limits.conversations_a_day:
            self._deny("conversations_a_day", self._morning(1))

    def attempts(self, number: str | None) -> None:
        """Unanswered attempts of this day, to the same number."""
        today = [
            one
            for one in self._today()
            if not one.answered and one.channel in CALLS and (number is None or one.number in (None, number))
        ]
        if self._whom.channel in CALLS and len(today) >= self._limits.attempts_a_day:
            self._deny("attempts_a_day", self._morning(1))

    def visit(self, visitors: int | None) -> None:
        """A visit needs enough people, and their papers."""
        if self._whom.channel != "visit":
            return
        if visitors is not None and visitors < self._limits.visitors:
            self._deny("visitors", None)
        else:
            row = self._row("visitors")
            self._reasons.append(self._worded(row))
            self._sources.append(row.source)

    def permission(self) -> Permission:
        """Return the answer: the latest of the next times, none where one of them is none."""
        allowed = not self._next
        times = [one for one in self._next if one is not None]
        following = None if len(times) < len(self._next) else max(times, default=self._at)
        return Permission(allowed, tuple(self._reasons), following, tuple(dict.fromkeys(self._sources)))

    def _today(self) -> list[Contact]:
        day = self._at.date()
        return [
            contact
            for contact in self._past
            if not contact.inbound and contact.at.astimezone(self._at.tzinfo).date() == day
        ]

    def _morning(self, days: int) -> datetime:
        day = self._at.date() + timedelta(days=days)
        return datetime.combine(day, time(self._limits.first_hour), self._at.tzinfo)

    def _row(self, figure: str) -> ContactLimit:
        return next(row for row in self._limits.rows if row.figure == figure)

    def _deny(self, figure: str, following: datetime | None) -> None:
        row = self._row(figure)
        value = getattr(self._limits, figure)
        changed = "" if value == row.value else f"；这里设定为{value}"
        self._say(self._worded(row) + changed, row.source, following)

    def _worded(self, row: ContactLimit) -> str:
        binding = self._whom.sector is None or not row.sectors or self._whom.sector in row.sectors
        ours = "" if binding else "；这个行业没有核到全国性规定，按最严的读法"
        return f"{row.reason}（{row.source} [{row.certainty}]{ours}）"

    def _say(self, reason: str, source: str, following: datetime | None) -> None:
        self._reasons.append(reason)
        self._sources.append(source)
        self._next.append(following)


def _unreached(tried: Sequence[Contact], at: datetime) -> int:
    """Return on how many days in a row up to now the debtor was tried and not reached."""
    days: dict[int, bool] = {}
    for contact in tried:
        day = contact.at.astimezone(at.tzinfo).date().toordinal()
        days[day] = days.get(day, False) or contact.answered
    count = 0
    for day in sorted(days, reverse=True):
        if days[day] or (count and day + 1 not in days):
            break
        count += 1
    return count


def _checked(at: datetime, history: Iterable[Contact]) -> list[Contact]:
    """Return the history as a list, every time in it and `at` checked for a time zone."""
    _check_time("at", at)
    contacts = list(history)
    for place, contact in enumerate(contacts):
        _check_contact(f"history[{place}]", contact)
        _check_time(f"history[{place}].at", contact.at)
        _check_ids(_tables(), {f"history[{place}].party": contact.party, f"history[{place}].channel": contact.channel})
    return contacts


def _check_contact(name: str, value: object) -> None:
    if not isinstance(value, Contact):
        msg = f"{name} must be a Contact, not {type(value).__name__}"
        raise TypeError(msg)


def _check_time(name: str, value: object) -> None:
    if not isinstance(value, datetime):
        msg = f"{name} must be a datetime, not {type(value).__name__}"
        raise TypeError(msg)
    if value.tzinfo is None or value.utcoffset() is None:
        msg = (
            f"{name} {value.isoformat()} has no time zone; write for example "
            "datetime(2026, 11, 25, 21, 0, tzinfo=ZoneInfo('Asia/Shanghai'))"
        )
        raise InvalidValue(msg)


def _check_ids(tables: Tables, values: dict[str, str | None]) -> None:
    for name, value in values.items():
        known = tables.ids(name.rpartition(".")[2])
        if value is not None and value not in known:
            msg = f"{name} {value!r} is not in facets.tsv{near(str(value), known)}"
            raise InvalidValue(msg)


def _tables() -> Tables:
    from collectscript.knowledge import bundled_tables

    return bundled_tables()


@cache
def _rows() -> tuple[ContactLimit, ...]:
    """Return the figures of the bundled corpus."""
    from collectscript.errors import CorpusError
    from collectscript.files import find_data
    from collectscript.rules import LIMITS, SOURCES, RuleReader
    from collectscript.text import Folder

    reader = RuleReader(_tables(), Folder({}))
    law = reader.law({path: (find_data() / path).read_bytes() for path in (SOURCES, LIMITS)}, {})
    if reader.problems:
        raise CorpusError(reader.problems)
    return law.limits
