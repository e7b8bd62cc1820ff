"""The wrap-up note: what was said and promised, what to read back, when to contact again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

import collectscript as cs
from collectscript.note import Note

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Later:
    """What `may_contact` says."""

    allowed: bool = False
    reasons: tuple[str, ...] = ("今天已经通过话",)
    next_at: datetime | None = field(default=datetime(2026, 11, 29, 8, tzinfo=CHINA))


def note(kb: cs.KnowledgeBase, text: str = "我忘记了，打我13800138000", **values: object) -> Note:
    """Return the note of an answer of the tiny corpus."""
    return kb.respond(text, cs.Context(party="debtor"), threshold=0.1).note(**values)


def test_a_promise_is_recorded_and_read_back(tiny_kb: cs.KnowledgeBase) -> None:
    """Day and sum stand in the note as values and in the words to read back."""
    found = note(tiny_kb, facts=cs.Facts(promise_date="2026-11-28", promised_amount="1280.5"), permission=Later())

    assert found.to_json() == {
        "objections": ["forgot"],
        "stops": [],
        "reason": "我忘记了",
        "said": "我忘记了，打我【电话】",
        "promised_date": "2026-11-28",
        "promised_amount": "1280.50",
        "read_back": "我再念一遍：您11月28日付1,280.50元，对吗？",
        "next_step": found.next_step,
        "next_contact": "2026-11-29T08:00:00+08:00",
        "contact_reasons": ["今天已经通过话"],
    }
    assert found.text().splitlines()[:4] == [
        "事由：我忘记了",
        "客户原话：我忘记了，打我【电话】",
        "约定：2026-11-28付1,280.50元",
        "复述：我再念一遍：您11月28日付1,280.50元，对吗？",
    ]
    assert found.text().splitlines()[5] == "下次可联系：2026-11-29 08:00（UTC+0800）起：今天已经通过话"


def test_half_a_promise(tiny_kb: cs.KnowledgeBase) -> None:
    """A day without a sum and a sum without a day say what is still open."""
    assert (
        note(tiny_kb, facts=cs.Facts(promise_date="2026-11-28")).read_back
        == "我再念一遍：您11月28日付，数目到时再对，对吗？"
    )
    assert note(tiny_kb, facts=cs.Facts(promised_amount="200")).read_back == "我再念一遍：您付200元，日子再约，对吗？"


def test_no_promise(tiny_kb: cs.KnowledgeBase) -> None:
    """Without a promise there is nothing to read back, and the note says so."""
    found = note(tiny_kb)

    assert found.read_back is None
    assert "约定：没有约定日期和金额" in found.text()
    assert "下次可联系：未定" in found.text()


def test_nothing_is_read_back_to_a_third_party(tiny_kb: cs.KnowledgeBase) -> None:
    """A promise of the debtor is not read to somebody else."""
    facts = cs.Facts(promise_date="2026-11-28", promised_amount="200")

    assert note(tiny_kb, facts=facts, context=cs.Context(party="third-party")).read_back is None


def test_nothing_matched(tiny_kb: cs.KnowledgeBase) -> None:
    """What matches nothing is recorded as it was said."""
    found = note(tiny_kb, "红烧肉要不要焯水")

    assert found.objections == ()
    assert found.reason == "没有对上任何一条，照原话记"


def test_names_and_the_response_that_was_said(tiny_kb: cs.KnowledgeBase) -> None:
    """Names are masked, and the next step is that of the response that was said."""
    answer = tiny_kb.respond("我是王丽，我忘记了", cs.Context(party="debtor"))
    last = answer.responses[-1]
    found = answer.note(
        response=last, names=("王丽",), permission=Later(reasons=(), next_at=datetime(2026, 1, 2, tzinfo=UTC))
    )

    assert found.said == "我是【姓名】，我忘记了"
    assert found.next_step == last.response.next_step
    assert found.text().endswith("下次可联系：2026-01-02 00:00（UTC+0000）起")


def test_notes_of_a_response_have_no_braces(kb: cs.KnowledgeBase) -> None:
    """Slots in the second turn and the next step are filled as those in the text are."""
    facts = cs.Facts(callback_number="官方热线")
    shown = [
        one.response for kind in (kb.openers, kb.closings, kb.follow_ups, kb.messages) for one in kind(None, facts)
    ]
    notes = [note or "" for one in shown for note in (one.if_yes, one.if_no, one.if_silent, one.next_step)]

    assert not [note for note in notes if "{" in note]
    assert any("官方热线" in note for note in notes)
