"""What a stop or pause that has fired says to the caller, and which words it leaves to say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from collectscript.safety import Fired
from collectscript.scoring import CALM_GOALS
from collectscript.stops import PAUSE, STOP

if TYPE_CHECKING:
    from collectscript.match import Match
    from collectscript.model import NeverSay, Objection, Response
    from collectscript.respond import RankedResponse

SAFE_SLOTS = frozenset({"agent", "company", "callback_number", "customer_name"})
"""Slots that tell of no bill."""
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class HardStop:
    """Why the bill is put away."""

    kind: ClassVar[str] = STOP
    id: str
    title: str
    level: str
    """in-progress, hint or ambiguous where it makes a difference, else said."""
    why: str
    """What was heard, in Chinese."""
    record: tuple[str, ...]
    """What to write down."""
    never: tuple[NeverSay, ...]
    hand_over: str
    """Whom to hand over to, and how."""
    sources: tuple[str, ...]
    """Keys of the sources; `house` is a rule of our own."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Why nothing is pressed for while talk goes on."""

    kind: ClassVar[str] = PAUSE
    id: str
    title: str
    level: str
    """in-progress, hint or ambiguous where it makes a difference, else said."""
    why: str
    """What was heard, in Chinese."""
    record: tuple[str, ...]
    """What to write down."""
    never: tuple[NeverSay, ...]
    hand_over: str
    """Whom to hand over to, and how."""
    sources: tuple[str, ...]
    """Keys of the sources; `house` is a rule of our own."""


def told(fired: Fired) -> HardStop | Pause:
    """Return what the caller is told of a stop or pause that has fired."""
    page = fired.stop
    kind = HardStop if page.kind == STOP else Pause
    return kind(page.id, page.title, fired.level, fired.why, page.record, page.never, page.hand_over, page.sources)


def stop_words(fired: Fired, bill: Collection[str], entries: Iterable[Objection]) -> list[Response]:
    """Return what may be said after a stop, the best first: its own words and those of its objections.

    Args:
        fired: The stop.
        bill: Words that tell of a bill: what holds one of them is left out.
        entries: The objections that mean the same.

    """
    found = {response.id: response for response in fired.stop.responses}
    for objection in entries:
        for response in objection.responses:
            if response.goal in CALM_GOALS and is_silent(response, bill):
                found.setdefault(response.id, response)
    order = dict(fired.stop.order).get(fired.level, tuple(found))
    # The stop's own words come last in any case: they fit every party and channel.
    own = [response.id for response in fired.stop.responses]
    return [found[name] for name in dict.fromkeys((*fired.leads, *order, *own)) if name in found]


def calm_words(responses: Sequence[Response]) -> list[Response]:
    """Return those responses that press for nothing."""
    return [response for response in responses if response.goal in CALM_GOALS and response.firmness != "firm"]


def led(ranked: Iterable[RankedResponse], fired: Fired) -> tuple[RankedResponse, ...]:
    """Return ranked responses with those first that the words heard ask for.

    What another signal of the same pause asks for comes last: it answers something that was not said.
    """
    asked = {lead for signal in fired.stop.signals for lead in signal.leads}
    return tuple(sorted(ranked, key=lambda one: _place(one.response.id, fired.leads, asked)))


def _place(response_id: str, leads: Collection[str], asked: Collection[str]) -> int:
    return 0 if response_id in leads else 2 if response_id in asked else 1


def meant_by(fired: Fired, readings: Iterable[Iterable[Match]]) -> Match | None:
    """Return the surest match, of a text or of a clause, that means the same as a stop or pause; None without one."""
    found = [match for matches in readings for match in matches if match.objection.id in fired.stop.entries]
    return max(found, key=lambda match: match.confidence, default=None)


def is_silent(response: Response, bill: Collection[str]) -> bool:
    """Tell whether a response tells nothing of a bill, by its words and slots."""
    slots = set(_SLOT.findall(response.template))
    return slots <= SAFE_SLOTS and not any(word in response.template for word in bill)
