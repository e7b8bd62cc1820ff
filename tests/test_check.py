"""The compliance check: every phrase of every rule, what is denied or quoted, any text, and what the corpus says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obedience import Court, responses, said

import collectscript as cs
from collectscript.checking import OPENING, Checker, Finding
from collectscript.documents import pieces
from collectscript.lint import SLOT, THIRD_PARTY_SLOTS, THIRD_PARTY_WORDS
from collectscript.model import RulePhrase
from collectscript.sentences import LONGEST, OVERLAP, sentences
from collectscript.verdicts import unlawful

FIELDS = ("sector", "party", "role", "channel")


def call_of(phrase: RulePhrase) -> dict[str, str | None]:
    """Return the call that a phrase is said in."""
    scope = phrase.scope
    axes = (scope.sectors, scope.parties, scope.roles, scope.channels)
    return {field: next(iter(axis), None) for field, axis in zip(FIELDS, axes, strict=True)}


def rules_in(findings: tuple[Finding, ...]) -> set[str]:
    """Return the ids of the rules found."""
    return {finding.rule.id for finding in findings}


# -- every phrase of every rule ------------------------------------------------------------------------------


def test_every_phrase_is_flagged(kb: cs.KnowledgeBase) -> None:
    """Every phrase under 要指出 is found to break its rule, in its call."""
    missed = [
        f"{rule.path}:{phrase.line}: {phrase.text}"
        for rule in kb.corpus.law.rules
        for phrase in rule.flag
        if rule.id not in rules_in(kb.check(phrase.text, **call_of(phrase)))
    ]
    assert missed == []


def test_no_near_miss_is_unlawful(kb: cs.KnowledgeBase) -> None:
    """Nothing under 不要指出 is forbidden, or misses what is required, by any rule."""
    flagged = [
        f"{rule.path}:{phrase.line}: {phrase.text}: {sorted(rules_in(found))}"
        for rule in kb.corpus.law.rules
        for phrase in rule.lawful
        if unlawful(found := kb.check(phrase.text, **call_of(phrase)))
    ]
    assert flagged == []


def test_findings_tell_what_fired_and_where_it_comes_from(kb: cs.KnowledgeBase) -> None:
    """A finding has its severity, span, advice and sources; a pattern is certain, a likeness says how sure it is."""
    (finding,) = [one for one in kb.check("今天再不还，就叫人打断你的腿") if one.rule.id == "threat-of-violence"]

    assert finding.severity == "forbidden"
    assert finding.fired == "pattern"
    assert finding.confidence == 1
    assert finding.advice
    assert finding.rule.sources


# -- how it is meant -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "lawful"),
    [
        ("我会联系你的家人，让他们替你还", "我们不会联系您的家人，也不会让他们替您还"),
        ("欠钱不还是要坐牢的", "您问欠钱不还会不会坐牢，这属于民事纠纷"),
        ("把通讯录里的人都打一遍", "有人说要把您通讯录里的人都打一遍，请保留证据"),
        ("明天法院就来查封你家", "只有法院判决以后才可能查封，现在没有这回事"),
        ("再不交物业费就停你家的水", "欠物业费也不会停您家的水"),
        ("你这个老赖", "备注里不许写“老赖”，“穷鬼”“废物”这类词也不行"),
        ("卡办了概不退款", "店里“概不退款”的牌子已经摘了"),
    ],
)
def test_denial_and_quotation_are_lawful(kb: cs.KnowledgeBase, bad: str, lawful: str) -> None:
    """The same words are unlawful as a threat and lawful when denied, quoted or condemned."""
    assert unlawful(kb.check(bad))
    assert not unlawful(kb.check(lawful))


@pytest.mark.parametrize(
    "text", ["别以为我们不会联系你的家人", "不还就停你家的水，谁也别想拦", "会不会去你单位闹，你试试就知道"]
)
def test_a_denial_that_denies_nothing(kb: cs.KnowledgeBase, text: str) -> None:
    """A negation before 就, a doubled one, and a question that threatens do not make a sentence lawful."""
    assert unlawful(kb.check(text))


def test_lines_of_others_are_not_ours(kb: cs.KnowledgeBase) -> None:
    """What the customer says, and what must not be said, is not checked; the line after it is."""
    assert not kb.check("客户：你们是不是要打断我的腿\n坐席：您放心，不会的")
    assert not kb.check("不要说：打断你的腿")
    assert unlawful(kb.check("客户：你敢来吗\n坐席：我打断你的腿"))


def test_sector_and_role_decide(kb: cs.KnowledgeBase) -> None:
    """Cutting the power is never for a property manager, and a caution for the supplier."""
    text = "再不交费今晚就停电"

    assert {one.severity for one in kb.check(text, sector="property") if one.rule.id == "cut-off-utilities"} == {
        "forbidden"
    }
    assert {one.severity for one in kb.check(text, sector="utility") if one.rule.id == "cut-off-utilities"} <= {
        "caution"
    }


def test_party_decides(kb: cs.KnowledgeBase) -> None:
    """A sum is said to the debtor and never to a third party, denied or not."""
    text = "这期应还一千二百八十元"

    assert not unlawful(kb.check(text, party="debtor"))
    assert "disclose-debt-to-third-party" in rules_in(kb.check(text, party="third-party"))
    assert "disclose-debt-to-third-party" in rules_in(kb.check("他没有欠我们钱", party="third-party"))


def test_a_condition_is_lawful(kb: cs.KnowledgeBase) -> None:
    """A suit as a possibility is the creditor's right; a certain one tomorrow is made up."""
    assert not unlawful(kb.check("如果协商不成，我们可能依法向法院起诉"))
    assert unlawful(kb.check("明天法院就来封你的房子"))


def test_an_opener_is_looked_at_as_a_whole(kb: cs.KnowledgeBase) -> None:
    """What a whole opener lacks is a finding of the whole, at 0..0, on spoken channels only."""
    text = "您好，您的贷款已经逾期三天，应还1280元，请今天处理。"
    missing = [one for one in kb.check(text, party="debtor", channel="phone") if one.start == one.end == 0]

    assert missing
    assert all(one.text == "" and "缺：" in one.advice for one in missing)
    assert not [one for one in kb.check(text, party="debtor", channel="sms") if one.start == one.end == 0]


# -- any text -------------------------------------------------------------------------------------------------


BITS = st.sampled_from(
    ["打断你的腿", "我们不会", "，", "。", "\n", "\r\n", "客户：", "“", "”", "您问", "停你家的水", "\ud800", "\0", "🙂", "１２３", "ｈ"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(BITS, max_size=60).map("".join))


@settings(deadline=None, max_examples=300)
@given(
    text=TEXTS, party=st.sampled_from([None, "debtor", "third-party"]), channel=st.sampled_from([None, "phone", "sms"])
)
def test_spans_are_what_stands_there(kb: cs.KnowledgeBase, text: str, party: str | None, channel: str | None) -> None:
    """Spans are half-open, within the text, in order, and hold the text of the finding."""
    found = kb.check(text, party=party, channel=channel)

    assert [(one.start, one.end) for one in found] == sorted((one.start, one.end) for one in found)
    for one in found:
        assert 0 <= one.start <= one.end <= len(text)
        assert text[one.start : one.end] == one.text
        assert 0 <= one.confidence <= 1
        assert one.start < one.end or one.text == ""


@pytest.mark.parametrize("filler", ["好的，知道了。", "好", "\ud800", "\n", "（", "“", "1", "不", "，"])
def test_long_texts(kb: cs.KnowledgeBase, filler: str) -> None:
    """A hundred thousand characters of anything are read, and a threat among them is found."""
    text = (filler * 100_000)[:60_000] + "。我打断你的腿。" + (filler * 100_000)[:40_000]

    assert "threat-of-violence" in rules_in(kb.check(text))


@pytest.mark.parametrize("wrong", [None, 3, b"text", ["text"]])
def test_only_strings_are_checked(kb: cs.KnowledgeBase, wrong: object) -> None:
    """Anything else is a `TypeError` that names its type."""
    with pytest.raises(TypeError, match="text must be str, not"):
        kb.check(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "near"),
    [("sector", "propertty", "property"), ("party", "thirdparty", "third-party"), ("role", "agncy", "agency"), ("channel", "fon", "")],
)  # fmt: skip
def test_wrong_values_name_near_ones(kb: cs.KnowledgeBase, field: str, value: str, near: str) -> None:
    """A value that is no id of facets.tsv is refused."""
    with pytest.raises(cs.InvalidValue, match=f"{field} '{value}' is not in facets.tsv.*{near}"):
        kb.check("您好", **{field: value})


# -- linear time -----------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=200)
@given(text=st.one_of(TEXTS, st.integers(0, 3000).map(lambda size: "还" * size)))
def test_work_is_bounded_by_length(kb: cs.KnowledgeBase, text: str) -> None:
    """No sentence is long and all of them together are little longer than the text, so that cost is linear."""
    folder = kb.phrases.folder
    found = list(sentences(text, folder))

    assert all(len(one.text) <= 2 * LONGEST for one in found)
    assert all(len(one.clauses) <= len(one.text) for one in found)
    pieces_of_text = sum(end - start for one in found for start, end in one.clauses)
    assert pieces_of_text <= len(text) * LONGEST / (LONGEST - OVERLAP)


def test_ten_times_the_text_is_ten_times_the_work(kb: cs.KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is scanned and scored grows with the text, counted in calls and in characters."""
    page = "".join(response.template + "\n" for entry in list(kb)[:6] for response in entry.responses)
    checker = Checker(kb.corpus.law, kb.tables, kb.phrases)
    counts: list[int] = []
    scan, like = checker._lexicon.scan, checker._like

    def work(text: str) -> tuple[int, int]:
        counts.clear()
        calls = 0

        def counted(part: str) -> object:
            counts.append(len(part))
            return scan(part)

        def scored(part: str, classes: set[str]) -> object:
            nonlocal calls
            calls += 1
            return like(part, classes)

        monkeypatch.setattr(checker._lexicon, "scan", counted)
        monkeypatch.setattr(checker, "_like", scored)
        checker.check(text)
        return sum(counts), calls

    scanned, scored = work(page)
    scanned_ten, scored_ten = work(page * 10)
    assert scanned_ten <= 10 * scanned + OPENING
    assert scored_ten <= 10 * scored + 10


# -- files -----------------------------------------------------------------------------------------------------


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "collectscript", "check", *arguments],
        capture_output=True,
        cwd=cwd,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        timeout=600,
        check=False,
    )


def test_files_are_checked_in_pieces(kb: cs.KnowledgeBase, tmp_path: Path) -> None:
    """Markdown by sections, tables by cells; line and column lead to the place."""
    (tmp_path / "a.md").write_text("# 开场\n\n您好\n\n我打断你的腿\n\n## 不能说\n\n打断你的腿\n", encoding="utf-8")

    done = run("--file", "a.md", "--json", cwd=tmp_path)
    value = json.loads(done.stdout)
    assert done.returncode == 1
    assert {one["line"] for one in value["findings"] if one["rule"]["id"] == "threat-of-violence"} == {5}


@settings(deadline=None)
@given(text=st.text(max_size=400), name=st.sampled_from(["a.md", "a.tsv", "a.txt", "a"]))
def test_pieces_are_stretches_of_the_file(text: str, name: str) -> None:
    """Every piece stands in the file where it says it does."""
    for piece in pieces(name, text):
        assert text[piece.start : piece.start + len(piece.text)] == piece.text


# -- the corpus obeys --------------------------------------------------------------------------------------------


def test_everything_the_corpus_says_is_lawful(kb: cs.KnowledgeBase) -> None:
    """Nothing to say is forbidden, or misses what is required, to any party it is for, in any sector, on any channel."""
    corpus = kb.corpus
    court = Court(corpus.law, corpus.tables, kb.phrases)

    found = [told for line in said(corpus) for told in court.unlawful(line)]

    assert found == []


def test_texts_for_third_parties_tell_nothing(kb: cs.KnowledgeBase) -> None:
    """What is for third parties has no slot but four, and no word of a debt, in the text and in the second turn."""
    texts = [response for response in responses(kb.corpus) if "third-party" in response.parties]
    assert texts
    for response in texts:
        parts = (response.template, response.if_yes, response.if_no, response.if_silent)
        text = "".join(part for part in parts if part)
        assert {slot.strip("{}") for slot in SLOT.findall(text)} <= THIRD_PARTY_SLOTS, response.id
        assert not THIRD_PARTY_WORDS.search(SLOT.sub("", response.template)), response.id


def test_filled_texts_are_checked_again(kb: cs.KnowledgeBase) -> None:
    """A value that threatens, or tells a third party of a debt, is a finding of the response that holds it."""
    for party, company, rule in (
        ("debtor", "再不还就打断你的腿公司", "threat-of-violence"),
        ("third-party", "张三欠款催收公司", "disclose-debt-to-third-party"),
    ):
        context = cs.Context(party=party)
        fair = kb.openers(context, cs.Facts(company="示例服务"))
        foul = [one for one in kb.openers(context, cs.Facts(company=company)) if company in one.text]

        assert all(not one.findings for one in fair)
        assert foul
        assert all(rule in rules_in(one.findings) for one in foul)


def test_values_without_words_are_not_checked(kb: cs.KnowledgeBase) -> None:
    """Sums and dates cannot threaten: such facts cost no check."""
    ranked = kb.responses("forgot", facts=cs.Facts(amount="1280.50", due_date="2026-11-10"), limit=None)

    assert all(one.findings == () for one in ranked)
    assert re.search(r"1,280\.50元|1280\.50元", "".join(one.text for one in ranked))
