"""Rank what can be said for one call: who is on the line first, then promises and calendar, then the person.

`scoring` weighs each response. The first response's firmness comes from the promises broken by construction: it is
chosen for no promise broken, then for one, and so on, and may never become milder on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from collectscript.errors import InvalidValue
from collectscript.model import Response, Tables
from collectscript.scoring import COMPLAINT, GENTLE, PROMISE_FLOOR, Scorer, step_of
from collectscript.slots import fill

if TYPE_CHECKING:
    from collectscript.checking import Finding
    from collectscript.context import Context
    from collectscript.halting import HardStop, Pause
    from collectscript.match import MatchResult
    from collectscript.note import Note, Permission
    from collectscript.slots import Facts

COMPLAINT_FLOOR = (0, 0, 0, 0)
"""`PROMISE_FLOOR` for complaints, which are taken up first: promises make nothing firmer, and nothing milder either."""
NOTES = ("if_yes", "if_no", "if_silent", "next_step", "avoid")
"""Notes of a response that may hold slots."""


SPOKEN = "phone"
"""The channel that is meant where none is named."""
SPAN = 12.0
"""How far from 0 a rank lies that is shown as 1 or 0; what lies beyond widens the scale."""
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
    scorer: Scorer

    def rank(
        self,
        responses: Sequence[Response],
        context: Context,
        facts: Facts | None,
        limit: int | None,
        *,
        concern: str = "other",
        said: str = "",
    ) -> tuple[RankedResponse, ...]:
        """Return the responses that may be said in this context, best first.

        Args:
            responses: What to choose from, in the author's order, which decides ties.
            context: What is known of the call.
            facts: Values for the slots.
            limit: How many at most; None for all.
            concern: What the objection is about (see `match.CONCERNS`).
            said: The customer's words, where they are known: some responses are made for certain words.

        """
        folded = self.scorer.fold(said)
        if concern in GENTLE:
            ordered = self._ordered(responses, context, concern, folded)
        else:
            ordered = self._ordered_by_firmness(responses, context, concern, folded)
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

    def _ordered(self, responses: Sequence[Response], context: Context, concern: str, said: str) -> list[Scored]:
        """Return what may be said in this context with score and reasons, best first."""
        allowed = [response for response in responses if self._allowed(response, context)]
        scored = [(*self.scorer.score(response, context, concern, said), response) for response in allowed]
        return sorted(scored, key=lambda one: -one[0])

    def _ordered_by_firmness(
        self, responses: Sequence[Response], context: Context, concern: str, said: str
    ) -> list[Scored]:
        """Return the same with a response first that is firm enough for the promises broken.

        The choice is made for 0, 1, ... promises broken in an otherwise equal call; each step's floor is at least the
        firmness chosen before it, so that more broken promises never give a milder first response.
        """
        promises = context.promises_broken or 0
        floors = COMPLAINT_FLOOR if concern == COMPLAINT else PROMISE_FLOOR
        before = 0
        for broken in sorted({*range(min(promises, len(floors))), promises}):
            call = context if broken == promises else context.model_copy(update={"promises_broken": broken})
            ordered = self._ordered(responses, call, concern, said)
            if not ordered:
                continue
            firmest = max(step_of(response) for _, _, response in ordered)
            floor = min(max(before, floors[min(broken, len(floors) - 1)]), firmest)
            chosen = next(one for one in ordered if step_of(one[2]) >= floor)
            before = step_of(chosen[2])
        if not ordered:
            return []
        score, reasons, response = chosen
        if promises:
            reasons = (*reasons, f"爽约{promises}次，力度不低于这一档")
        return [(score, reasons, response), *(one for one in ordered if one is not chosen)]

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
    high, low = max(*scores, SPAN), min(*scores, -SPAN)
    unit = [round((score - low) / (high - low), 3) for score in scores]
    for place in range(len(unit) - 2, -1, -1):
        unit[place] = max(unit[place], unit[place + 1])
    return unit
