"""The wrap-up note of a call: why, what was promised, the words to read back, when to contact again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from collectscript.redaction import redact
from collectscript.slots import format_date, format_money

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collectscript.context import Context
    from collectscript.respond import Answer, RankedResponse
    from collectscript.slots import Facts

THIRD_PARTY = "third-party"


class Permission(Protocol):
    """What `may_contact` answers."""

    @property
    def allowed(self) -> bool:
        """Whether contact is allowed at the time asked about."""

    @property
    def reasons(self) -> Sequence[str]:
        """Why, in words."""

    @property
    def next_at(self) -> datetime | None:
        """The next permitted time; None when there is none."""


@dataclass(frozen=True, slots=True)
class Note:
    """What to record after a call; values of a person are redacted in `said`."""

    objections: tuple[str, ...]
    """Ids of what was said, in the order in which to handle it."""
    stops: tuple[str, ...]
    """Ids of the stops and pauses that fired, the gravest first."""
    reason: str
    """Both in words; why nothing was paid."""
    said: str
    """The customer's words, numbers and names that identify a person masked."""
    promised_date: date | None
    promised_amount: Decimal | None
    read_back: str | None
    """Words to read back to the customer; None when there is nothing to read, or not to this person, or after a stop."""
    next_step: str | None
    """What to do next; after a stop, whom to hand over to."""
    next_contact: datetime | None
    """From when on contact is permitted again; None when it is not known, or never."""
    contact_reasons: tuple[str, ...]

    def text(self) -> str:
        """Return the note in Chinese, one line a point."""
        promised = _promise(self.promised_date, self.promised_amount)
        until = f"{self.next_contact:%Y-%m-%d %H:%M}（UTC{self.next_contact:%z}）起" if self.next_contact else "未定"
        because = f"：{'；'.join(self.contact_reasons)}" if self.contact_reasons else ""
        lines = [
            f"事由：{self.reason}",
            f"客户原话：{self.said}",
            f"约定：{promised or '没有约定日期和金额'}",
            f"复述：{self.read_back or '不念'}",
            f"下一步：{self.next_step or '无'}",
            f"下次可联系：{until}{because}",
        ]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the note as JSON values: dates as ISO text, the sum as a decimal string."""
        return {
            "objections": list(self.objections),
            "stops": list(self.stops),
            "reason": self.reason,
            "said": self.said,
            "promised_date": self.promised_date.isoformat() if self.promised_date else None,
            "promised_amount": str(self.promised_amount) if self.promised_amount is not None else None,
            "read_back": self.read_back,
            "next_step": self.next_step,
            "next_contact": self.next_contact.isoformat() if self.next_contact else None,
            "contact_reasons": list(self.contact_reasons),
        }


def note_of(
    answer: Answer,
    *,
    response: RankedResponse | None,
    context: Context | None,
    facts: Facts | None,
    permission: Permission | None,
    names: Iterable[str],
) -> Note:
    """Make the note of an answer; see `Answer.note`."""
    said = sorted((match for match in answer.match.matches if match.accepted), key=lambda match: match.priority)
    day = facts.get("promise_date") if facts is not None else None
    amount = facts.get("promised_amount") if facts is not None else None
    used = response or next(iter(answer.responses), None)
    next_step = used.response.next_step if used is not None else None
    stop = answer.hard_stop
    titles = [*(one.title for one in answer.stops), *(match.objection.title for match in said)]
    return Note(
        objections=tuple(match.objection.id for match in said),
        stops=tuple(one.id for one in answer.stops),
        reason="、".join(dict.fromkeys(titles)) or "没有对上任何一条，照原话记",
        said=redact(answer.match.text, names),
        promised_date=day,
        promised_amount=amount,
        read_back=_read_back(day, amount, context) if stop is None else None,
        next_step=stop.hand_over if stop is not None else next_step,
        next_contact=permission.next_at if permission is not None else None,
        contact_reasons=tuple(permission.reasons) if permission is not None else (),
    )


def _promise(day: date | None, amount: Decimal | None) -> str:
    return f"{day.isoformat() if day else ''}{'付' if day or amount is not None else ''}" + (
        format_money(amount) if amount is not None else ""
    )


def _read_back(day: date | None, amount: Decimal | None, context: Context | None) -> str | None:
    """Return what to read back; to a third party nothing is read, whatever was agreed with the debtor."""
    if context is not None and context.party == THIRD_PARTY:
        return None
    if day is None and amount is None:
        return None
    when = format_date(day) if day else "日子再约"
    what = f"付{format_money(amount)}" if amount is not None else "付，数目到时再对"
    return f"我再念一遍：您{when}{what}，对吗？" if day else f"我再念一遍：您{what}，{when}，对吗？"
