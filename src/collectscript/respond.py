"""Rank what can be said for one call: who is on the line first, then promises and calendar, then the person.

Every weight stands in `WEIGHTS`. The first response's firmness comes from the promises broken by construction: it is
chosen for no promise broken, then for one, and so on, and may never become milder on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from collectscript.errors import InvalidValue
from collectscript.model import CUSTOMER_AXES, Response, Tables
from collectscript.slots import fill

if TYPE_CHECKING:
    from collectscript.checking import Finding
    from collectscript.context import Context
    from collectscript.halting import HardStop, Pause
    from collectscript.match import MatchResult
    from collectscript.note import Note, Permission
    from collectscript.slots import Facts

WEIGHTS: Mapping[str, float] = {
    "band": 3.0,
    "band_away": -1.2,
    "sector": 4.0,
    "temperament_first": 3.0,
    "temperament": 1.5,
    "temperament_other": -1.5,
    "type": 1.5,
    "promises": 2.5,
    "calm_goal": 3.0,
    "firmness_away": -1.5,
    "used_technique": -4.5,
    "used_response": -9.0,
    "conditional": -0.5,
    "special": -0.75,
}
"""What each fact about a response adds to its rank.

band: made for this band; band_away: for each band between the nearest of its bands and this one; sector: made for this
sector; temperament_first, temperament, temperament_other: this temperament stands first, stands somewhere, is not among
those named; type: another customer type fits; promises: made for customers who broke a promise; calm_goal: presses for
nothing, where nothing may be pressed for; firmness_away: for each step from what the calendar asks for; used_...:
already used in this call; conditional: needs a condition that nobody has confirmed; special: made for one sector or
party where none is known.
"""
FIRMNESS = ("light", "even", "steady", "firm")
CALENDAR = {"before-due": 0, "d1-6": 1, "d7-10": 1, "d11-30": 2, "d31-90": 2, "d91-plus": 2}
"""Step of `FIRMNESS` that a band asks for when no promise was broken."""
PROMISE_FLOOR = (0, 1, 2, 3)
"""Lowest step after so many broken promises (the last for more)."""
GENTLE = frozenset({"hardship", "safety", "person", "dispute"})
"""Concerns that come before firmness: for them promises and calendar do not make the tone firmer."""
CALM_GOALS = frozenset({"verify", "calm", "hand-over", "stop"})
"""Goals that press for no sum."""


NOTES = ("if_yes", "if_no", "if_silent", "next_step", "avoid")
"""Notes of a response that may hold slots."""


SPOKEN = "phone"
"""The channel that is meant where none is named."""
STEP_DOWN = 0.05
"""What one place lower costs in the score of responses whose order is given."""


@dataclass(frozen=True, slots=True)
class RankedResponse:
    """Something to say, filled in for this call."""

    response: Response
    """The response as it stands in the corpus, slots in its notes filled."""
    text: str
    """What to say, slots filled; an unknown slot reads 【label】."""
    parts: tuple[tuple[str, str], ...]
    """The same in parts: (kind, text)."""
    missing: tuple[str, ...]
    """Slots without a value."""
    score: float
    """How well it fits the call, 0..1; comparable within one answer."""
    reasons: tuple[str, ...]
    """Why it ranks here, in words."""
    findings: tuple[Finding, ...] = ()
    """What the filled text says unlawfully because of a value of the facts: not to be said like this."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was understood and what to say."""

    match: MatchResult
    responses: tuple[RankedResponse, ...]
    """Best first; after a stop only its own, in a pause only what presses for nothing."""
    stops: tuple[HardStop | Pause, ...] = ()
    """Every stop and pause that fired, the gravest first."""

    @property
    def hard_stop(self) -> HardStop | None:
        """The gravest stop, which puts the bill away; None when none fired."""
        from collectscript.halting import HardStop

        return next((one for one in self.stops if isinstance(one, HardStop)), None)

    @property
    def pause(self) -> Pause | None:
        """The gravest pause, in which nothing is pressed for; None when none fired."""
        from collectscript.halting import Pause

        return next((one for one in self.stops if isinstance(one, Pause)), None)

    def note(
        self,
        *,
        response: RankedResponse | None = None,
        context: Context | None = None,
        facts: Facts | None = None,
        permission: Permission | None = None,
        names: Iterable[str] = (),
    ) -> Note:
        """Return the wrap-up note of this turn.

        Args:
            response: What was said in the end; None for the first response.
            context: What is known of the call; to a third party nothing is read back.
            facts: The promise: `promise_date` and `promised_amount`.
            permission: What `may_contact` says of the next contact; None when it was not asked.
            names: Names to mask in the customer's words; numbers that identify a person are masked in any case.

        """
        from collectscript.note import note_of

        return note_of(self, response=response, context=context, facts=facts, permission=permission, names=names)


@dataclass(frozen=True, slots=True)
class Ranker:
    """Ranks responses with the names and labels of one corpus."""

    tables: Tables
    _axis: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        axis = {tag: name for name in CUSTOMER_AXES for tag in self.tables.ids(name)}
        object.__setattr__(self, "_axis", axis)

    def rank(
        self,
        responses: Sequence[Response],
        context: Context,
        facts: Facts | None,
        limit: int | None,
        concern: str = "other",
    ) -> tuple[RankedResponse, ...]:
        """Return the responses that may be said in this context, best first.

        Args:
            responses: What to choose from, in the author's order, which decides ties.
            context: What is known of the call.
            facts: Values for the slots.
            limit: How many at most; None for all.
            concern: What the objection is about (see `match.CONCERNS`).

        """
        allowed = [response for response in responses if self._allowed(response, context)]
        scored = [(self._score(response, context, concern), response) for response in allowed]
        ordered = [
            (score, reasons, response) for (score, reasons), response in sorted(scored, key=lambda one: -one[0][0])
        ]
        if ordered and concern not in GENTLE:
            ordered = _first_by_firmness(ordered, context.promises_broken or 0)
        shown = ordered[:limit]
        scores = _to_unit([score for score, _, _ in ordered])
        return tuple(
            self._filled(response, context, facts, score, reasons)
            for (_, reasons, response), score in zip(shown, scores, strict=False)
        )

    def in_order(
        self, responses: Sequence[Response], context: Context, limit: int | None, facts: Facts | None, reason: str
    ) -> tuple[RankedResponse, ...]:
        """Return the responses that may be said in this context, in the order given.

        Two things change the order: what was already said in this call goes last, and so does what is not made for
        the channel where others are. Facts that are strict are not asked for missing values here: what is said after
        a stop must be said.
        """
        allowed = [response for response in responses if self._allowed(response, context)]
        allowed.sort(key=lambda one: (one.id in context.used, _channel_place(one, context.channel)))
        return tuple(
            self._filled(response, context, facts, max(round(1 - STEP_DOWN * place, 3), 0.0), (reason,), strict=False)
            for place, response in enumerate(allowed[:limit])
        )

    def _allowed(self, response: Response, context: Context) -> bool:
        fits: tuple[tuple[str | None, tuple[str, ...]], ...] = (
            (context.party, response.parties),
            (context.sector, response.sectors),
            (context.channel, response.channels),
        )
        if any(value is not None and wanted and value not in wanted for value, wanted in fits):
            return False
        if response.min_promises_broken > (context.promises_broken or 0):
            return False
        return response.min_call <= (context.call_number or 1)

    def _score(self, response: Response, context: Context, concern: str) -> tuple[float, tuple[str, ...]]:
        score = 0.0
        reasons: list[str] = []

        def add(weight: str, reason: str | None = None, times: float = 1.0) -> None:
            nonlocal score
            score += WEIGHTS[weight] * times
            if reason:
                reasons.append(reason)

        self._score_calendar(response, context, add)
        if context.sector in response.sectors:
            add("sector", f"行业：{self.tables.name('sector', context.sector or '')}")
        elif response.sectors or (context.party is None and response.parties not in ((), ("debtor",))):
            add("special")
        self._score_person(response, context, add)
        if response.min_promises_broken:
            add("promises", f"已爽约{context.promises_broken}次")
        if concern in GENTLE and response.goal in CALM_GOALS:
            add("calm_goal", f"先{self.tables.name('goal', response.goal)}，不催")
        if response.condition:
            add("conditional", f"前提：{response.condition}")
        if response.technique in context.used:
            add("used_technique", f"这通用过{self.tables.name('technique', response.technique)}")
        if response.id in context.used:
            add("used_response", "这通说过这一条")
        return score, tuple(reasons)

    def _score_calendar(
        self, response: Response, context: Context, add: Callable[[str, str | None, float], None]
    ) -> None:
        band = context.band
        if band is None:
            return
        order = self.tables.ids("band")
        if band in response.bands:
            add("band", self.tables.name("band", band), 1.0)
        elif response.bands:
            away = min(abs(order.index(band) - order.index(one)) for one in response.bands)
            add("band_away", None, away)
        if response.firmness in FIRMNESS:
            add("firmness_away", None, abs(FIRMNESS.index(response.firmness) - CALENDAR[band]) / 2)

    def _score_person(
        self, response: Response, context: Context, add: Callable[[str, str | None, float], None]
    ) -> None:
        for tag in context.customer_types:
            axis = self._axis[tag]
            same_axis = [one for one in response.customer_types if self._axis.get(one) == axis]
            name = self.tables.name(axis, tag)
            if axis != "temperament":
                if tag in same_axis:
                    add("type", f"客户：{name}", 1.0)
            elif tag in same_axis:
                first = same_axis[0] == tag
                add("temperament_first" if first else "temperament", f"客户：{name}", 1.0)
            elif same_axis:
                add("temperament_other", None, 1.0)

    def _filled(
        self,
        response: Response,
        context: Context,
        facts: Facts | None,
        score: float,
        reasons: tuple[str, ...],
        *,
        strict: bool = True,
    ) -> RankedResponse:
        texts = slot_texts(context, facts)
        labels = {slot.id: slot.label for slot in self.tables.slots}
        filled = [(part.kind, *fill(part.text, texts, labels)) for part in response.parts]
        missing = tuple(dict.fromkeys(name for _, _, names in filled for name in names))
        if facts is not None and strict:
            facts.require(response.id, missing)
        notes = {name: getattr(response, name) for name in NOTES}
        open_notes: dict[str, Any] = {
            name: fill(note, texts, labels)[0] for name, note in notes.items() if note and "{" in note
        }
        return RankedResponse(
            response=replace(response, **open_notes) if open_notes else response,
            text="".join(text for _, text, _ in filled),
            parts=tuple((kind, text) for kind, text, _ in filled),
            missing=missing,
            score=score,
            reasons=reasons or ("通用",),
        )


def slot_texts(context: Context, facts: Facts | None) -> dict[str, str]:
    """Return slot id to text from the facts and, for counts that they do not give, the context.

    Raises `InvalidValue` when both give a count and they differ. Days before the due date are no days overdue.
    """
    texts = dict(facts.texts) if facts else {}
    for name in ("days_overdue", "promises_broken"):
        value = getattr(context, name)
        if value is None:
            continue
        if texts.setdefault(name, str(value)) != str(value):
            msg = f"{name} is {texts[name]} in the facts and {value} in the context; correct one of them"
            raise InvalidValue(msg)
    if texts.get("days_overdue", "").startswith(("-", "0")):
        del texts["days_overdue"]
    return texts


Scored = tuple[float, tuple[str, ...], Response]


def _first_by_firmness(ordered: list[Scored], promises: int) -> list[Scored]:
    """Move the response to the front that is firm enough for the promises broken.

    The choice is made for 0, 1, ... up to `promises` broken promises; each step's floor is at least the firmness
    chosen before it, so that more broken promises never give a milder first response.
    """
    chosen, before = ordered[0], 0
    for broken in range(min(promises, len(PROMISE_FLOOR) - 1) + 1):
        fitting = [one for one in ordered if one[2].min_promises_broken <= broken]
        if not fitting:
            continue
        firmest = max(_step(one[2]) for one in fitting)
        floor = min(max(before, PROMISE_FLOOR[broken]), firmest)
        chosen = next(one for one in fitting if _step(one[2]) >= floor)
        before = _step(chosen[2])
    reason = f"爽约{promises}次，力度不低于这一档" if promises else None
    score, reasons, response = chosen
    first = (score, (*reasons, reason) if reason else reasons, response)
    return [first, *[one for one in ordered if one is not chosen]]


def _step(response: Response) -> int:
    return FIRMNESS.index(response.firmness) if response.firmness in FIRMNESS else 0


def falling(ranked: Sequence[RankedResponse]) -> tuple[RankedResponse, ...]:
    """Return ranked responses with scores that never rise: none is shown above the one before it."""
    found: list[RankedResponse] = []
    for one in ranked:
        found.append(replace(one, score=min(one.score, found[-1].score)) if found else one)
    return tuple(found)


def _channel_place(response: Response, channel: str | None) -> int:
    """Return 0 for what is made for this written channel, 2 for what is not spoken where the channel is unknown."""
    if channel is None:
        return 2 if response.channels and SPOKEN not in response.channels else 1
    return 0 if channel != SPOKEN and channel in response.channels else 1


def _to_unit(scores: Sequence[float]) -> list[float]:
    """Bring scores to 0..1, falling: a response moved to the front by firmness is shown at least as high as the next."""
    if not scores:
        return []
    high, low = max(*scores, 6.0), min(*scores, -6.0)
    unit = [round((score - low) / (high - low), 3) for score in scores]
    for place in range(len(unit) - 2, -1, -1):
        unit[place] = max(unit[place], unit[place + 1])
    return unit
