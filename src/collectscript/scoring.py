"""What each fact about a response adds to its rank in one call: every weight stands in `WEIGHTS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collectscript.model import CUSTOMER_AXES, Response, Tables

if TYPE_CHECKING:
    from collectscript.context import Context

WEIGHTS: Mapping[str, float] = {
    "band": 3.0,
    "band_away": -1.2,
    "due_crossed": -6.0,
    "firmness_away": -1.5,
    "firm_hardship": -6.0,
    "promises": 5.0,
    "serious_unfit": -3.0,
    "soft_late": -3.0,
    "praise_late": -4.0,
    "step_late": 4.0,
    "calm": 7.0,
    "calm_hardship": 3.0,
    "sector": 4.5,
    "sector_credit": 1.0,
    "special": -4.0,
    "temperament_first": 5.0,
    "temperament": 3.5,
    "temperament_other": -3.5,
    "temperament_open": -1.5,
    "temperament_guessed": -1.0,
    "type": 1.5,
    "heard": 6.0,
    "heard_calm": 4.0,
    "unheard": -8.0,
    "conditional": -1.5,
    "condition_false": -6.0,
    "used_technique": -10.0,
    "used_response": -14.0,
}
"""What each fact about a response adds to its rank.

- band: made for this band; band_away: for each band between the nearest of its bands and this one; due_crossed: made
  for before the due date only and it has passed, or the other way round.
- firmness_away: for each step from what calendar and promises ask for, which is `GENTLE_STEP` at most under a concern of
  `CALM`; firm_hardship: for each step above `GENTLE_STEP` in hardship; promises: made for customers who broke a
  promise, unless it presses under a concern of `CALM`.
- serious_unfit: the contract's terms to a customer who does not think in terms, where no promise was broken, in hardship
  or under a concern of `CALM`; soft_late, praise_late: sympathy alone, or praise, after `HARD_AFTER` broken promises;
  step_late: a date, a sum or a plan then.
- calm: presses for nothing, under a concern of `CALM`; calm_hardship: the same in hardship.
- sector: made for this sector; sector_credit: the same for loans and cards, which most responses without a sector have
  in mind; special: made for one sector or party where none is known.
- temperament_first, temperament, temperament_other: this temperament stands first, stands somewhere, is not among those
  named; temperament_open: none is named; temperament_guessed: made for one of `MARKED` where the temperament is not
  known; type: another customer type fits.
- heard: made for certain words (see `SAID`) and they were said; heard_calm: and they call for calm before all else;
  unheard: they were not said.
- conditional: needs a condition that nobody has confirmed; condition_false: needs one that the context says is not so.
- used_technique, used_response: already used in this call.
"""
HARD_AFTER = 2
"""After so many broken promises words alone are no answer: in hardship a concrete step is asked for, elsewhere facts."""
FIRMNESS = ("light", "even", "steady", "firm")
CALENDAR = {"before-due": 0, "d1-6": 1, "d7-10": 1, "d11-30": 1, "d31-90": 1, "d91-plus": 2}
"""Step of `FIRMNESS` that a band asks for when no promise was broken: promises make firm, days hardly do."""
PROMISE_FLOOR = (0, 1, 2, 3)
"""Lowest step after so many broken promises (the last for more)."""
GENTLE_STEP = 1
"""The firmest step that is asked for in hardship, dispute or complaint: nobody is pressed harder for being later."""
BEFORE = "before-due"
LATE = frozenset({"d31-90", "d91-plus"})
"""Bands in which nobody has a good record."""
CREDIT = "consumer-credit"
MARKED = frozenset({"lively", "forceful"})
"""Temperaments whose manner is wrong for the others: praise at length, or a bare choice."""
STRICT = frozenset({"precise", "forceful"})
"""Temperaments that the contract's terms suit from the start."""
HARDSHIP = "hardship"
COMPLAINT = "complaint"
GENTLE = frozenset({HARDSHIP, "safety", "person", "dispute"})
"""Concerns that come before firmness: for them promises and calendar do not make the tone firmer."""
CALM = GENTLE - {HARDSHIP} | {COMPLAINT}
"""Concerns that are taken up before anything is pressed for."""
PATIENT = CALM | {HARDSHIP}
"""Concerns in which a calm answer and a soft form come first."""
CALM_GOALS = frozenset({"verify", "calm", "hand-over", "stop"})
"""Goals that press for no sum."""
CALM_FIRST = CALM_GOALS - {"verify"}
"""Goals for which all else waits."""
SAID = ("客户说到", "对方说到")
"""How a condition begins that lists words of the customer, parted by 、: one of them must have been said."""


def good_record(context: Context) -> bool | None:
    """Tell whether nothing was broken and nothing is late; False or None, since a context cannot prove it."""
    return False if context.promises_broken or context.band in LATE else None


def first_call(context: Context) -> bool | None:
    """Tell whether this is the first call; None when it is not said."""
    return None if context.call_number is None else context.call_number == 1


def verified(context: Context) -> bool | None:
    """Tell whether it is proven who is on the line; None when it is not said."""
    return context.identity_verified


def unverified(context: Context) -> bool | None:
    """Tell whether it is not proven who is on the line; None when it is not said."""
    return None if context.identity_verified is None else not context.identity_verified


CONDITIONS: Mapping[str, Callable[[Context], bool | None]] = {
    "记录良好": good_record,
    "第一次通话": first_call,
    "尚未核实本人": unverified,
    "已核实本人": verified,
    "已核对本人": verified,
}
"""Conditions that the context can decide, by the words in them: true, false, or None when it does not say."""

Fact = tuple[str, str | None, float]
"""Name of a weight, the reason in words if it is worth telling, and how many times it counts."""


@dataclass(frozen=True, slots=True)
class Scorer:
    """Finds and weighs the facts about a response, with the names and labels of one corpus."""

    tables: Tables
    fold: Callable[[str], str]
    """Brings text and words to one spelling before they are compared."""
    _axis: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        axis = {tag: name for name in CUSTOMER_AXES for tag in self.tables.ids(name)}
        object.__setattr__(self, "_axis", axis)

    def score(self, response: Response, context: Context, concern: str, said: str) -> tuple[float, tuple[str, ...]]:
        """Return the rank of a response, unbounded, and the reasons for it.

        Args:
            response: Something that may be said in this context.
            context: What is known of the call.
            concern: What the objection is about (see `match.CONCERNS`).
            said: The customer's words, folded; empty where they are not known.

        """
        total, reasons = 0.0, []
        for weight, reason, times in self._facts(response, context, concern, said):
            # Not `sum`, which rounds otherwise than the pages' script does.
            total += WEIGHTS[weight] * times
            if reason:
                reasons.append(reason)
        return total, tuple(reasons)

    def _facts(self, response: Response, context: Context, concern: str, said: str) -> Iterator[Fact]:
        heard = self._heard(response, said)
        yield from self._calendar(response, context)
        yield from _firmness(response, context, concern)
        yield from _tone(response, context, concern)
        yield from self._sector(response, context)
        yield from self._person(response, context, any_temperament=heard is not None)
        if response.min_promises_broken and not (concern in CALM and response.goal not in CALM_GOALS):
            yield "promises", f"已爽约{context.promises_broken}次", 1
        if response.goal in CALM_GOALS and concern in PATIENT:
            weight = "calm_hardship" if concern == HARDSHIP else "calm"
            yield weight, f"先{self.tables.name('goal', response.goal)}，不催", 1
        yield from _condition(response, context, heard)
        if response.technique in context.used:
            yield "used_technique", f"这通用过{self.tables.name('technique', response.technique)}", 1
        if response.id in context.used:
            yield "used_response", "这通说过这一条", 1

    def _calendar(self, response: Response, context: Context) -> Iterator[Fact]:
        band = context.band
        if band is None or not response.bands:
            return
        if response.bands == (BEFORE,) if band != BEFORE else BEFORE not in response.bands:
            yield "due_crossed", None, 1
        if band in response.bands:
            yield "band", self.tables.name("band", band), 1
        else:
            order = self.tables.ids("band")
            yield "band_away", None, min(abs(order.index(band) - order.index(one)) for one in response.bands)

    def _sector(self, response: Response, context: Context) -> Iterator[Fact]:
        if context.sector is not None and context.sector in response.sectors:
            weight = "sector_credit" if context.sector == CREDIT else "sector"
            yield weight, f"行业：{self.tables.name('sector', context.sector)}", 1
        elif response.sectors or (context.party is None and response.parties not in ((), ("debtor",))):
            yield "special", None, 1

    def _person(self, response: Response, context: Context, *, any_temperament: bool) -> Iterator[Fact]:
        named = [tag for tag in response.customer_types if self._axis.get(tag) == "temperament"]
        if context.temperament is None and named and named[0] in MARKED and not response.min_promises_broken:
            yield "temperament_guessed", None, 1
        for tag in context.customer_types:
            axis = self._axis[tag]
            reason = f"客户：{self.tables.name(axis, tag)}"
            if axis != "temperament":
                if tag in response.customer_types:
                    yield "type", reason, 1
            elif tag in named:
                yield "temperament_first" if named[0] == tag else "temperament", reason, 1
            elif not any_temperament:
                yield "temperament_other" if named else "temperament_open", None, 1

    def _heard(self, response: Response, said: str) -> str | None:
        """Return the word that this response is made for and that was said; None without one."""
        words = _words(response)
        return next((word for word in words if self.fold(word) in said), None) if said else None


def step_of(response: Response) -> int:
    """Return the step of `FIRMNESS` of a response, 0 for what has none."""
    return FIRMNESS.index(response.firmness) if response.firmness in FIRMNESS else 0


def _firmness(response: Response, context: Context, concern: str) -> Iterator[Fact]:
    if response.firmness not in FIRMNESS:
        return
    step, asked = step_of(response), CALENDAR[context.band] if context.band else 0
    if concern == HARDSHIP:
        if step > GENTLE_STEP:
            yield "firm_hardship", None, step - GENTLE_STEP
        elif context.promises_broken is not None:
            yield "firmness_away", None, abs(step - (GENTLE_STEP if context.promises_broken >= HARD_AFTER else 0))
    elif context.band is not None or context.promises_broken:
        promised = PROMISE_FLOOR[min(context.promises_broken or 0, len(PROMISE_FLOOR) - 1)]
        asked = min(asked, GENTLE_STEP) if concern in CALM else max(asked, promised)
        yield "firmness_away", None, abs(step - asked)


def _tone(response: Response, context: Context, concern: str) -> Iterator[Fact]:
    """Yield what the record asks of structure and technique."""
    broken = context.promises_broken
    if broken is None:
        return
    patient = broken < 1 or concern in PATIENT
    if patient and response.structure == "serious" and context.temperament not in STRICT:
        yield "serious_unfit", None, 1
    if broken >= HARD_AFTER and concern not in GENTLE:
        if response.structure == "empathic":
            yield "soft_late", None, 1
        if response.technique == "praising":
            yield "praise_late", None, 1
        if concern not in CALM and response.goal not in CALM_GOALS:
            yield "step_late", None, 1


def _words(response: Response) -> list[str]:
    """Return the words of the customer that a response is made for."""
    condition = response.condition or ""
    start = next((start for start in SAID if condition.startswith(start)), None)
    return condition.removeprefix(start).split("、") if start else []


def _condition(response: Response, context: Context, heard: str | None) -> Iterator[Fact]:
    if heard is not None:
        yield "heard", f"客户说到“{heard}”", 1
        if response.goal in CALM_FIRST:
            yield "heard_calm", None, 1
    elif response.condition:
        reason = f"前提：{response.condition}"
        known = _holds(response.condition, context)
        if _words(response):
            yield "unheard", reason, 1
        elif not known:
            yield "conditional" if known is None else "condition_false", reason, 1


def _holds(condition: str, context: Context) -> bool | None:
    """Tell whether a condition holds as far as the context says; None when it does not say."""
    decided = [decide(context) for words, decide in CONDITIONS.items() if words in condition]
    return False if False in decided else next(iter(decided), None)
