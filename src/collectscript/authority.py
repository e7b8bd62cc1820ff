"""What may be granted: a company's authority card, and what a response would grant by its tags and words.

A response needs a grant when its goal says so (先付一部分, 谈方案), when it holds a slot of that grant ({part_amount},
{instalments}), or when a part of it speaks of one (延期, 减免). Where that part also says that it is applied for (申请,
以审批为准), the widest row of the card counts, else only what the agent may grant. Sums, days and numbers of instalments
are compared with the limits, in the text as filled; a figure that cannot be compared (per cent of an unknown sum) counts
as beyond them. Every response that touches a grant says the limits in its reasons.

This reads words, not intentions: it errs on the side of not offering.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from collectscript.model import Grant, Response
from collectscript.problems import Problem
from collectscript.respond import slot_texts
from collectscript.slots import SLOT, fill
from collectscript.tables import read_rows

if TYPE_CHECKING:
    from collectscript.context import Context
    from collectscript.slots import Facts

CARD = "authority.tsv"
COLUMNS = ("grant", "who", "limit", "note")
GRANTS = {"delay": "延期", "waiver": "减免", "part": "先付一部分", "plan": "分期"}
"""What a card speaks about; it has at least one row of each."""
WHO = {"agent": "坐席可定", "supervisor": "主管可定", "approval": "须审批", "nobody": "不能给"}
"""Who may grant it, the nearest to the customer first."""
GOALS = {"part": "part", "plan": "plan"}
"""Goal of a response to the grant that it aims at."""
SLOTS = {
    "part_amount": "part",
    "min_payment": "part",
    "instalments": "plan",
    "instalment_amount": "plan",
    "plan": "plan",
}
"""Slot to the grant that a text with it makes."""
DAYS = frozenset({"deadline", "promise_date"})
"""Slots whose day is compared with the longest delay."""
PROMISING = frozenset({"offer", "commit", "way", "purpose"})
"""Parts in which any mention of a grant offers it; in the others only one that says that it can be had."""

_NUMBER = r"\d[\d,]*(?:\.\d+)?|[一二两三四五六七八九十百千万]+|几"
_GAP = r"[^\d一二两三四五六七八九十百千万几，。；]{0,6}?"
_WORDS = {
    "delay": re.compile(
        rf"延期|展期|宽限|延后|推迟|顺延|缓[交缴付还]|(?:缓|晚|延|宽)(?:{_NUMBER})个?[天日周月]|往后(?:推|延|放|挪)"
    ),
    "waiver": re.compile(
        r"减免|核减|减掉|减半|免[掉除息收去]|少收|折让|折扣|打[^，。；]{1,2}折|抹零|抹掉|抹去|优惠"
        rf"|[减免](?:您|掉|了)?(?:{_NUMBER})(?:元|块|%|％|成)|[减免]百分之"
    ),
    "part": re.compile(
        rf"先[付还交缴](?:[^，。；]{{0,4}}(?:部分|一点|点儿|一半|些)|{_GAP}(?:{_NUMBER})(?:元|块|%|％|成))"
        r"|能[付还交]多少|[付还交]多少算多少|首付"
    ),
    "plan": re.compile(rf"分期|分(?:成|作)?(?:{_NUMBER})[个]?[期次月笔]|每[月期周][付还交]|分次"),
}
_DENIED = re.compile(r"(?:不|没|没有|无权|不能|不会|不等于|并非|别)[^，。；？！]{0,3}$")
_CAN = re.compile(r"可以|能|给您|替您|帮您|为您|申请")
_APPLIED = re.compile(r"申请|审批|批不批|批下来|批准|请示|往上|递上去|报上去|上报|替您报|我报|提交|出借方|看银行")
_DAY_COUNT = re.compile(rf"(?:延期?|展期|宽限|缓|晚|推迟|延后|顺延){_GAP}({_NUMBER})个?([天日周月])")
_PART_COUNT = re.compile(rf"分(?:成|作)?({_NUMBER})个?[期次月笔]")
_WAIVED = re.compile(rf"(?:[减免少]|折让){_GAP}(百分之)?({_NUMBER})(元|块|%|％|成|)")
_DISCOUNT = re.compile(rf"打({_NUMBER})折")
_FIRST_PART = re.compile(rf"先[付还交缴]{_GAP}(百分之)?({_NUMBER})(元|块|%|％|成|)")
_HALF = re.compile(r"减半|免一半|减一半")
LIMIT = re.compile(r"(\d{1,9}(?:\.\d{1,2})?)(%?)")
_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_DAYS_IN = {"天": 1, "日": 1, "周": 7, "月": 30}
_NOTES = {"if_yes": "他答应", "if_no": "他不答应", "if_silent": "不吭声", "next_step": "下一步"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a response stays within the card."""

    allowed: bool
    reasons: tuple[str, ...]
    """Chinese: what it grants and the limits, or what it would grant that the card does not allow."""


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of the sums and days of one call."""

    texts: Mapping[str, str]
    """Slot id to the text that fills it."""
    amount: Decimal | None
    """The whole sum, for limits in per cent."""
    values: Mapping[str, Any]
    """Slot id to its value."""
    day: date | None
    """The day from which a delay counts: that of the call, or the due date when the days overdue are not known."""

    @classmethod
    def of(cls, context: Context, facts: Facts | None) -> Call:
        """Gather what the context and the facts know."""
        texts = slot_texts(context, facts)
        values = {name: facts.get(name) for name in texts} if facts is not None else {}
        overdue = values.get("days_overdue") or context.days_overdue
        due = values.get("due_date")
        day = due + timedelta(days=min(max(overdue or 0, 0), 36500)) if due is not None else None
        return cls(texts, values.get("amount"), values, day)


class Authority:
    """One authority card; false when there is none, and then everything is allowed."""

    def __init__(self, grants: Sequence[Grant], labels: Mapping[str, str]) -> None:
        """Take the rows of a card and the labels of the slots."""
        self._rows = {grant: [row for row in grants if row.grant == grant] for grant in GRANTS}
        self._labels = labels
        self._given = bool(grants)

    def __bool__(self) -> bool:
        return self._given

    def judge(self, response: Response, call: Call) -> Verdict:
        """Return whether a response may be offered in this call and, in words, within which limits."""
        if not self._given:
            return Verdict(allowed=True, reasons=())
        reasons: list[str] = []
        for need in _needs(response, call, self._labels):
            limits = self._limits(need.grant)
            rows = self._open_rows(need.grant, applied=need.applied)
            if not rows:
                return Verdict(allowed=False, reasons=(f"权限：{limits}",))
            if all(_exceeds(row, need, call) for row in rows):
                return Verdict(allowed=False, reasons=(f"权限：{limits}，这一条超出了",))
            reasons.append(f"权限：{limits}")
        if not self._on_time(response, call):
            return Verdict(allowed=False, reasons=(f"权限：{self._limits('delay')}，日子超出了",))
        return Verdict(allowed=True, reasons=tuple(dict.fromkeys([*reasons, *self._warnings(response)])))

    def _open_rows(self, grant: str, *, applied: bool) -> list[Grant]:
        """Return the rows by which something may be granted, or at least applied for."""
        wanted = {"agent", "supervisor", "approval"} if applied else {"agent"}
        return [row for row in self._rows[grant] if row.who in wanted]

    def _on_time(self, response: Response, call: Call) -> bool:
        """Tell whether the days that a response names lie within the longest delay."""
        days = [call.values[name] for name in _slots(response) & DAYS if call.values.get(name) is not None]
        if call.day is None or not days:
            return True
        applied = any(_APPLIED.search(part.text) for part in response.parts)
        limits = [_limit(row)[0] for row in self._open_rows("delay", applied=applied)]
        if None in limits:
            return True
        longest = max((limit for limit in limits if limit is not None), default=Decimal(0))
        return all((day - call.day).days <= longest for day in days)

    def _limits(self, grant: str) -> str:
        rows = "、".join(f"{WHO[row.who]}{_shown(row)}" for row in self._rows[grant])
        return f"{GRANTS[grant]}{rows}"

    def _warnings(self, response: Response) -> Iterator[str]:
        """Yield what the second turn mentions although nobody may grant it: the agent must leave it out."""
        for field, name in _NOTES.items():
            text = getattr(response, field) or ""
            for grant, words in _WORDS.items():
                if words.search(text) and not self._open_rows(grant, applied=True):
                    yield f"权限：{GRANTS[grant]}不能给，“{name}”里提到的不要用"


@dataclass(frozen=True, slots=True)
class _Need:
    """One thing that a response would grant."""

    grant: str
    applied: bool
    """Whether it is only applied for, where it is said."""
    said: str
    """The text that says so, slots filled."""
    slots: frozenset[str]
    """The slots of that text."""


def _needs(response: Response, call: Call, labels: Mapping[str, str]) -> Iterator[_Need]:
    parts = [(part, fill(part.text, call.texts, labels)[0]) for part in response.parts]
    if response.goal in GOALS:
        whole = "".join(text for _, text in parts)
        yield _Need(GOALS[response.goal], bool(_APPLIED.search(whole)), whole, _slots(response))
    for part, text in parts:
        applied = bool(_APPLIED.search(text))
        slots = frozenset(SLOT.findall(part.text))
        grants = {SLOTS[name] for name in slots if name in SLOTS}
        if part.kind in PROMISING or _CAN.search(text):
            grants |= {grant for grant, words in _WORDS.items() if _mentions(words, text)}
        for grant in sorted(grants):
            yield _Need(grant, applied, text, slots)


def _mentions(words: re.Pattern[str], text: str) -> bool:
    return any(not _DENIED.search(text[: found.start()]) for found in words.finditer(text))


def _slots(response: Response) -> frozenset[str]:
    return frozenset(SLOT.findall(response.template))


# -- figures ---------------------------------------------------------------------------------------------


def _exceeds(row: Grant, need: _Need, call: Call) -> bool:
    """Tell whether a figure that is named goes beyond a row; one that cannot be compared does."""
    limit, percent = _limit(row)
    if limit is None:
        return False
    if row.grant == "delay":
        return any(days > limit for days in _delays(need.said))
    if row.grant == "plan":
        return any(count > limit for count in _instalments(need, call))
    allowed = _in_yuan(limit, percent, call.amount)
    for figure, of_whole in _waived(need) if row.grant == "waiver" else _first_parts(need, call):
        asked = _in_yuan(figure, of_whole, call.amount)
        if percent == of_whole:
            asked, allowed = figure, limit
        if asked is None or allowed is None:
            return True
        if (asked > allowed) if row.grant == "waiver" else (asked < allowed):
            return True
    return False


def _in_yuan(figure: Decimal, percent: bool, whole: Decimal | None) -> Decimal | None:
    if not percent:
        return figure
    return figure * whole / 100 if whole is not None else None


def _delays(text: str) -> list[Decimal]:
    found = [(_number(figure), unit) for figure, unit in _DAY_COUNT.findall(text)]
    return [count * _DAYS_IN[unit] for count, unit in found if count is not None]


def _instalments(need: _Need, call: Call) -> list[Decimal]:
    counts = [count for figure in _PART_COUNT.findall(need.said) if (count := _number(figure)) is not None]
    if need.slots & {"instalments", "instalment_amount", "plan"}:
        named = (call.values.get("instalments"), len(call.values.get("plan") or ()))
        counts += [Decimal(count) for count in named if count]
    return counts


def _waived(need: _Need) -> list[tuple[Decimal, bool]]:
    """Return every (figure, whether it is in per cent) by which a text lowers the sum."""
    tenths = [_number(figure) for figure in _DISCOUNT.findall(need.said)]
    found = _figures(_WAIVED, need.said) + [(100 - 10 * tenth, True) for tenth in tenths if tenth is not None]
    return found + [(Decimal(50), True) for _ in _HALF.findall(need.said)]


def _first_parts(need: _Need, call: Call) -> list[tuple[Decimal, bool]]:
    named = [call.values.get(name) for name in need.slots & {"part_amount", "min_payment"}]
    # A slot's own text would be read once more, with the same sum.
    return _figures(_FIRST_PART, need.said) + [(value, False) for value in named if value is not None]


def _figures(pattern: re.Pattern[str], text: str) -> list[tuple[Decimal, bool]]:
    found: list[tuple[Decimal, bool]] = []
    for hundredths, figure, unit in pattern.findall(text):
        value = _number(figure)
        if value is not None and (hundredths or unit):
            found.append((value * 10 if unit == "成" else value, bool(hundredths) or unit in "%％成"))
    return found


def _number(figure: str) -> Decimal | None:
    """Read a number written in digits or in Chinese; None for 几."""
    if figure[0].isdigit():
        return Decimal(figure.replace(",", ""))
    if "几" in figure:
        return None
    total = section = digit = 0
    for char in figure:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char == "万":
            total, section, digit = (total + section + digit or 1) * 10000, 0, 0
        else:
            section, digit = section + (digit or 1) * _UNITS[char], 0
    return Decimal(total + section + digit)


def _limit(row: Grant) -> tuple[Decimal | None, bool]:
    """Return (figure, whether it is in per cent) of a row; no figure is no limit."""
    match = LIMIT.fullmatch(row.limit)
    return (Decimal(match[1]), bool(match[2])) if match else (None, False)


def _shown(row: Grant) -> str:
    if not row.limit or row.who == "nobody":
        return ""
    percent = row.limit.endswith("%")
    unit = "" if percent else {"delay": "天", "waiver": "元", "part": "元", "plan": "期"}[row.grant]
    return ("最少" if row.grant == "part" else "最多") + row.limit + unit


# -- the file --------------------------------------------------------------------------------------------


def read_card(data: bytes, problems: list[Problem]) -> tuple[Grant, ...]:
    """Read `authority.tsv`; what is wrong goes to `problems`."""
    grants: list[Grant] = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in read_rows(CARD, data, COLUMNS, problems):
        grant, who, limit = row["grant"], row["who"], row["limit"]
        percent_fits = grant in {"waiver", "part"}
        for key, value, known in (("grant", grant, GRANTS), ("who", who, WHO)):
            if value not in known:
                problems.append(Problem(CARD, line, "CS067", f"{key} {value!r}; write one of {', '.join(known)}"))
        if limit and (not LIMIT.fullmatch(limit) or (limit.endswith("%") and not percent_fits)):
            example = "200 or 10%" if percent_fits else "7"
            problems.append(Problem(CARD, line, "CS067", f"limit {limit!r}; write a number like {example}, or nothing"))
        if (grant, who) in seen:
            problems.append(
                Problem(CARD, line, "CS067", f"{grant} {who} stands on line {seen[grant, who]} too; keep one")
            )
        seen[grant, who] = line
        grants.append(Grant(grant, who, limit, row["note"]))
    for grant in GRANTS:
        rows = [who for kind, who in seen if kind == grant]
        if not rows:
            problems.append(Problem(CARD, 1, "CS067", f"nothing about {grant}; say who may grant it, or 'nobody'"))
        elif "nobody" in rows and len(rows) > 1:
            problems.append(
                Problem(CARD, seen[grant, "nobody"], "CS067", f"{grant} has other rows than nobody; keep one")
            )
    return tuple(grants)
