"""The authority card: what no response may offer, and what is said beside what it may."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import copy_tiny
from overlays import extension, response, write

import collectscript as cs
from collectscript.authority import COLUMNS, Authority, Call, read_card
from collectscript.model import Corpus, Part, Response
from collectscript.problems import Problem
from collectscript.respond import Ranker
from collectscript.scoring import Scorer

ROWS = ["delay agent 7", "delay approval 30", "waiver approval 10%", "part agent 100", "plan approval 6"]
DEBTOR = cs.Context(party="debtor")


def card(*rows: str) -> bytes:
    """Return a card with these rows, and nobody for the grants without one."""
    given = [row.split(" ") for row in rows]
    missing = {"delay", "waiver", "part", "plan"} - {row[0] for row in given}
    lines = [*given, *([grant, "nobody"] for grant in sorted(missing))]
    return "\n".join(["\t".join(COLUMNS), *("\t".join([*line, "", "", ""][:4]) for line in lines)]).encode()


def authority(*rows: str) -> Authority:
    """Return the authority of a card."""
    problems: list[Problem] = []
    grants = read_card(card(*rows), problems)
    assert problems == []
    return Authority(grants, {})


def saying(text: str, kind: str = "offer", goal: str = "date", if_no: str | None = None) -> Response:
    """Return a response that consists of one part."""
    tags = {"technique": "guiding", "structure": "empathic", "influence": None, "firmness": "even", "goal": goal}
    empty = dict.fromkeys(("customer_types", "bands", "sectors", "parties", "channels", "facts", "sources"), ())
    notes = dict.fromkeys(("condition", "if_yes", "if_silent", "next_step", "avoid", "why"))
    return Response(
        id="forgot/x", title="", **tags, **empty, **notes, min_promises_broken=0, min_call=1, if_no=if_no,
        parts=(Part(kind, text),), origin="acme", path="", line=1,
    )  # fmt: skip


def allowed(rows: list[str], what: Response, facts: cs.Facts | None = None, context: cs.Context = DEBTOR) -> bool:
    """Tell whether a card allows a response."""
    return authority(*rows).judge(what, Call.of(context, facts)).allowed


@pytest.mark.parametrize(
    ("text", "rows", "fits"),
    [
        ("违约金给您减免。", [], False),
        ("违约金给您减免。", ["waiver agent"], True),
        ("违约金给您减免。", ["waiver approval"], False),
        ("违约金减免我替您提交申请，以审批为准。", ["waiver approval"], True),
        ("违约金减免我替您提交申请，以审批为准。", [], False),
        ("给您减免200元。", ["waiver agent 200"], True),
        ("给您减免200.01元。", ["waiver agent 200"], False),
        ("给您减免10%。", ["waiver agent 10%"], True),
        ("给您减免12%。", ["waiver agent 10%"], False),
        ("给您减两百元。", ["waiver agent 200"], True),
        ("给您减两百五十元。", ["waiver agent 200"], False),
        ("给您减一成。", ["waiver agent 10%"], True),
        ("给您减百分之二十。", ["waiver agent 10%"], False),
        ("罚息减半。", ["waiver agent 10%"], False),
        ("给您打九折。", ["waiver agent 10%"], True),
        ("给您打八折。", ["waiver agent 10%"], False),
        ("减免20%我替您申请。", ["waiver agent 10%", "waiver approval 20%"], True),
        ("这部分不能减免。", [], True),
        ("没有优惠。", [], True),
        ("免得您来回跑。", [], True),
        ("您可以免费查一次。", [], True),
        ("给您延期5天。", ["delay agent 7"], True),
        ("给您延期15天。", ["delay agent 7"], False),
        ("给您宽限十五天。", ["delay agent 7"], False),
        ("给您缓两周。", ["delay agent 7"], False),
        ("给您缓一周。", ["delay agent 7"], True),
        ("延期15天我替您申请。", ["delay agent 7", "delay approval 30"], True),
        ("给您缓一个月。", ["delay agent 7"], False),
        ("可以晚几天付。", [], False),
        ("给您分六期。", ["plan agent 6"], True),
        ("给您分十二期。", ["plan agent 6"], False),
        ("给您分24期。", ["plan agent 12"], False),
        ("分期我替您提交申请。", ["plan approval 6"], True),
        ("分期我替您提交申请。", [], False),
        ("先付100元，余下的月底。", ["part agent 100"], True),
        ("先付50元，余下的月底。", ["part agent 100"], False),
        ("先付一千五百元。", ["part agent 2000"], False),
        ("先付三成。", ["part agent 30%"], True),
        ("先付两成。", ["part agent 30%"], False),
        ("先付一部分也行。", [], False),
        ("点开官方应用，自己办。", [], True),
    ],
)
def test_words(text: str, rows: list[str], fits: bool) -> None:
    """What an offer speaks of is found in its words and compared with the card."""
    assert allowed(rows, saying(text)) is fits


def test_goals_and_slots() -> None:
    """A goal or a slot of a grant needs it, whatever the words."""
    assert not allowed([], saying("您说个数。", goal="part"))
    assert not allowed([], saying("您说怎么安排。", goal="plan"))
    assert not allowed([], saying("付{part_amount}就行。"))
    assert not allowed([], saying("每期{instalment_amount}。"))
    assert allowed(["part agent"], saying("付{part_amount}就行。"))


def test_figures_of_the_facts() -> None:
    """Sums and numbers that fill a slot are compared as those in the text."""
    part, plan = saying("先付{part_amount}。"), saying("分{instalments}期，我替您提交申请。", goal="plan")

    assert allowed(["part agent 100"], part, cs.Facts(part_amount="100"))
    assert not allowed(["part agent 100"], part, cs.Facts(part_amount="99.99"))
    assert not allowed(["part agent 30%"], part, cs.Facts(part_amount="299", amount="1000"))
    assert allowed(["part agent 30%"], part, cs.Facts(part_amount="300", amount="1000"))
    assert not allowed(["part agent 30%"], part, cs.Facts(part_amount="300"))
    assert allowed(["part agent 30%"], part)
    assert allowed(["plan approval 6"], plan, cs.Facts(instalments=6))
    assert not allowed(["plan approval 6"], plan, cs.Facts(instalments=7))
    dates = [(f"2027-{month:02}-01", "100") for month in range(1, 8)]
    assert not allowed(["plan approval 6"], saying("{plan}，我替您提交申请。"), cs.Facts(plan=dates))


@pytest.mark.parametrize(
    ("facts", "days", "fits"),
    [
        ({"due_date": "2026-11-10", "promise_date": "2026-11-17"}, None, True),
        ({"due_date": "2026-11-10", "promise_date": "2026-11-18"}, None, False),
        ({"due_date": "2026-11-10", "promise_date": "2026-11-27"}, 10, True),
        ({"due_date": "2026-11-10", "promise_date": "2026-11-28"}, 10, False),
        ({"due_date": "2026-11-10", "promise_date": "2026-11-17"}, -5, True),
        ({"promise_date": "2030-01-01"}, 10, True),
        ({"due_date": "2026-11-10"}, 10, True),
    ],
)
def test_the_agreed_day(facts: dict[str, str], days: int | None, fits: bool) -> None:
    """A named day lies within the longest delay, counted from the day of the call or, unknown, the due date."""
    context = cs.Context(party="debtor", days_overdue=days)

    assert allowed(["delay agent 7"], saying("{promise_date}付。", kind="commit"), cs.Facts(**facts), context) is fits


def test_reasons_say_the_limits() -> None:
    """Whatever touches a grant says who may grant it and up to what; the second turn is warned about."""
    card = authority("delay agent 7", "delay approval 30")
    call = Call.of(DEBTOR, None)

    assert card.judge(saying("可以晚几天付。"), call).reasons == ("权限：延期坐席可定最多7天、须审批最多30天",)
    assert card.judge(saying("自己办。"), call).reasons == ()
    assert card.judge(saying("自己办。", if_no="问能不能减免一点。"), call).reasons == (
        "权限：减免不能给，“他不答应”里提到的不要用",
    )


def test_no_card_restricts_nothing() -> None:
    """Without a card everything is allowed and nothing is added."""
    none = Authority((), {})

    assert not none
    assert none.judge(saying("全部免掉。"), Call.of(DEBTOR, None)).allowed


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("delay boss 7", "who 'boss'; write one of agent, supervisor, approval, nobody"),
        ("rebate agent 7", "grant 'rebate'; write one of delay, waiver, part, plan"),
        ("delay agent 10%", "limit '10%'; write a number like 7, or nothing"),
        ("waiver agent -5", "limit '-5'; write a number like 200 or 10%, or nothing"),
        ("plan agent six", "limit 'six'"),
    ],
)
def test_wrong_rows(row: str, message: str) -> None:
    """A wrong cell is named with its line and what to write."""
    problems: list[Problem] = []
    read_card(card(row), problems)

    assert any(message in str(problem) and problem.line == 2 for problem in problems)


def test_incomplete_and_contradicting_cards() -> None:
    """A card speaks of all four grants, and nobody excludes anybody."""
    problems: list[Problem] = []
    read_card(
        "\n".join(["\t".join(COLUMNS), "delay\tagent\t7\t", "delay\tnobody\t\t", "delay\tagent\t9\t"]).encode(),
        problems,
    )
    text = "\n".join(map(str, problems))

    assert "nothing about waiver; say who may grant it, or 'nobody'" in text
    assert "authority.tsv:3: CS067 delay has other rows than nobody" in text
    assert "authority.tsv:4: CS067 delay agent stands on line 2 too" in text


def test_ranking_offers_only_what_is_allowed(tmp_path: Path) -> None:
    """With a card no ranked response, opener or other script goes beyond it; when none is left, neutral lines remain."""
    corpus = copy_tiny(tmp_path / "corpus")
    text = extension(
        response("free", offer="违约金全部减免。"), response("ask", offer="减免我替您提交申请，以审批为准。")
    )
    open_hand = write(tmp_path / "one", {"objections/acme.forgot.md": text})
    strict = write(
        tmp_path / "two",
        {"overlay.md": "---\nid: beta\n---\n\n# 权限\n", "authority.tsv": card("waiver approval").decode()},
    )

    before = [one.response.id for one in cs.load(corpus, overlays=[open_hand]).responses("forgot", DEBTOR, limit=None)]
    kb = cs.load(corpus, overlays=[open_hand, strict])
    after = kb.responses("forgot", DEBTOR, limit=None)

    assert {"acme.forgot/free", "acme.forgot/ask"} <= set(before)
    assert "acme.forgot/free" not in [one.response.id for one in after]
    asked = next(one for one in after if one.response.id == "acme.forgot/ask")
    assert "权限：减免须审批" in asked.reasons
    assert all("先付" not in one.text for one in after)


def test_shipped_responses_under_a_closed_hand(shipped: Corpus) -> None:
    """With nobody allowed anything, no shipped response that remains promises a waiver, a delay, a part or a plan."""
    closed = authority()
    call = Call.of(DEBTOR, None)
    ranker = Ranker(shipped.tables, Scorer(shipped.tables, str))
    for entry in shipped.objections:
        left = [one for one in entry.responses if closed.judge(one, call).allowed]
        for one in ranker.rank(left, DEBTOR, None, None):
            assert one.response.goal not in {"part", "plan"}
            offers = "".join(text for kind, text in one.parts if kind == "offer")
            assert "替您申请减免" not in offers
            assert "先付一部分" not in offers
            assert "申请分期" not in offers
