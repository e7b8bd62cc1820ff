"""Matching: who wins, how surely, why; and that no text breaks it."""

from __future__ import annotations

import csv
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import collectscript as cs
from collectscript.index import Index

CASES = Path(__file__).parent / "cases" / "match"
with (CASES / "new-sentences.tsv").open(encoding="utf-8", newline="") as _file:
    NEW_SENTENCES = list(csv.DictReader(_file, delimiter="\t"))

any_text = st.text(st.characters(codec=None) | st.sampled_from("我忘记了還钱没有号今天就交😀\ud800 \t\n"), max_size=60)
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize(("text", "expected"), [(row["utterance"], row["id"]) for row in NEW_SENTENCES])
def test_new_sentences_find_their_entry(kb: cs.KnowledgeBase, text: str, expected: str) -> None:
    """Sentences that stand in no entry are matched to the right one."""
    result = kb.match(text)

    assert text not in kb[expected].utterances
    assert result.matched
    assert expected == result.matches[0].objection.id


@pytest.mark.parametrize(
    "text", ["红烧肉要放多少糖", "帮我把空调调到二十六度", "花呗怎么提升额度", "嗯嗯好的", "您好，请问有什么可以帮您"]
)
def test_other_talk_is_not_matched(kb: cs.KnowledgeBase, text: str) -> None:
    """Talk that is none of the entries is not matched, and the near misses stay visible or there are none."""
    assert not kb.match(text).matched


def test_every_own_utterance_is_certain(kb: cs.KnowledgeBase) -> None:
    """Each of an entry's utterances comes first with confidence 1."""
    wrong = [
        (entry.id, text)
        for entry in kb
        for text in entry.utterances[::7]
        if (match := kb.match(text, limit=1).matches[0]).objection.id != entry.id or match.confidence != 1.0
    ]

    assert [] == wrong


def test_the_nearest_of_many_utterances(kb: cs.KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry with more utterances than are compared gives its own one for itself, and one of like length for others."""
    whole = {
        text: kb.match(text, limit=1).matches[0] for text in (*kb["forgot"].utterances, "那天事多，我忘了去存钱了")
    }
    monkeypatch.setattr("collectscript.match.COMPARED", 40)
    fresh = cs.load()

    for text, before in whole.items():
        found = fresh.match(text, limit=1).matches[0]
        assert (found.objection, found.confidence) == (before.objection, before.confidence)
        assert found.utterance in kb["forgot"].utterances
        assert before.confidence < 1 or found.utterance == before.utterance
        assert abs(len(found.utterance) - len(text)) <= 6


def test_folded_forms_of_an_utterance_are_certain(kb: cs.KnowledgeBase) -> None:
    """Spaces, punctuation and traditional characters do not make an utterance another one."""
    assert 1.0 == kb.match("  哎呀，我給忘了！ ").matches[0].confidence


def test_background_is_never_matched(kb: cs.KnowledgeBase) -> None:
    """A sentence of the background is no objection, whatever the threshold."""
    said = [text for topic in kb.corpus.background for text in topic.utterances[::11]]

    assert len(said) > 100
    assert not [text for text in said if kb.match(text, threshold=0.0).matched]


@pytest.mark.parametrize("text", ["", "   ", "。。。", "\x00\x01", "\ud800", "‍", "zqx"])
def test_no_evidence_means_no_match(tiny_kb: cs.KnowledgeBase, text: str) -> None:
    """A text without any known character has no matches at all."""
    result = tiny_kb.match(text)

    assert not result.matched
    assert () == result.matches
    assert text == result.text


@relaxed
@given(text=any_text)
def test_any_text_gives_a_result(tiny_kb: cs.KnowledgeBase, text: str) -> None:
    """Confidences fall, lie in 0..1, and evidence lies in the text, in order and without overlap."""
    result = tiny_kb.match(text, limit=4)

    confidences = [match.confidence for match in result.matches]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert result.matched == bool(result.matches and result.matches[0].confidence >= result.threshold)
    for match in result.matches:
        end = 0
        for one in match.evidence:
            assert end <= one.start < one.end <= len(text)
            assert one.text == text[one.start : one.end]
            assert 0 <= one.weight <= 1
            assert one.kind in {"same", "word", "folded", "sound"}
            end = one.end


@relaxed
@given(text=any_text, low=st.floats(0, 1), high=st.floats(0, 1))
def test_raising_the_threshold_never_adds_a_match(
    tiny_kb: cs.KnowledgeBase, text: str, low: float, high: float
) -> None:
    """What is accepted at a threshold is accepted at every lower one; the matches stay the same."""
    low, high = sorted((low, high))
    mild, strict = tiny_kb.match(text, threshold=low), tiny_kb.match(text, threshold=high)

    assert mild.matched or not strict.matched
    assert [match.confidence for match in mild.matches] == [match.confidence for match in strict.matches]
    assert all(a.accepted or not b.accepted for a, b in zip(mild.matches, strict.matches, strict=True))


def test_very_long_text(kb: cs.KnowledgeBase) -> None:
    """A hundred thousand characters are answered like any text."""
    result = kb.match("我忘记还款了，" * 14_000)

    assert "forgot" == result.matches[0].objection.id


@pytest.mark.parametrize("wrong", [None, 3, b"bytes", ["list"]])
def test_only_text_is_accepted(tiny_kb: cs.KnowledgeBase, wrong: object) -> None:
    """Anything but a string is a TypeError that names the type."""
    with pytest.raises(TypeError, match=type(wrong).__name__):
        tiny_kb.match(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [0, -1])
def test_limit_is_at_least_one(tiny_kb: cs.KnowledgeBase, limit: int) -> None:
    """A limit below one is a ValueError."""
    with pytest.raises(ValueError, match="limit"):
        tiny_kb.match("我忘了", limit=limit)


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan"), float("inf")])
def test_threshold_is_a_share(tiny_kb: cs.KnowledgeBase, threshold: float) -> None:
    """A threshold outside 0..1, or NaN, is a ValueError."""
    with pytest.raises(ValueError, match="threshold"):
        tiny_kb.match("我忘了", threshold=threshold)


def test_limit_bounds_the_matches(kb: cs.KnowledgeBase) -> None:
    """There are at most `limit` matches, and a smaller limit gives the head of a larger one."""
    text = "上次答应的没还成，这回真没钱"
    many = kb.match(text, limit=10).matches

    assert 10 == len(many)
    assert [one.objection.id for one in many[:2]] == [one.objection.id for one in kb.match(text, limit=2).matches]


def test_two_objections_in_one_breath(kb: cs.KnowledgeBase) -> None:
    """Both objections of a turn are among the matches, and safety or dispute is handled before the rest."""
    result = kb.match("我早就还清了你们自己去查，再说你们一天打八个电话是骚扰")
    found = {match.objection.id: match for match in result.matches}

    assert {"already-paid", "harassment-claim"} <= set(found)
    assert found["already-paid"].priority < found["harassment-claim"].priority


def test_sound_alike_is_marked_as_such(kb: cs.KnowledgeBase) -> None:
    """Characters that only sound like the corpus's are evidence of kind sound."""
    result = kb.match("我网几环款了")

    kinds = {one.kind for match in result.matches for one in match.evidence}
    assert "sound" in kinds


def test_folded_characters_are_marked_as_such(kb: cs.KnowledgeBase) -> None:
    """Traditional characters are evidence of kind folded, shown as the customer wrote them."""
    evidence = kb.match("這個月忘記還款了").matches[0].evidence

    assert any(one.kind == "folded" and "記" in one.text for one in evidence)


def test_question_tells_two_close_entries_apart(kb: cs.KnowledgeBase) -> None:
    """When the first two are close, `ask` is a question that one of the two entries has for the other."""
    asked = [
        (result.ask, result.matches[0].objection, result.matches[1].objection)
        for entry in kb
        for check in entry.checks
        if (result := kb.match(check.text)).ask
    ]

    assert len(asked) > 20
    for question, one, other in asked:
        pairs = [*((one, d) for d in one.distinctions), *((other, d) for d in other.distinctions)]
        assert question in {d.question for entry, d in pairs if d.other in {one.id, other.id} - {entry.id}}


def test_every_match_has_its_reason(kb: cs.KnowledgeBase) -> None:
    """What counts says so; a near miss says what it is nearer to, or that nothing is sure enough."""
    own = kb.match("哎呀我给忘了")
    unsure = kb.match("哎呀我是真的忘记了呀", threshold=1.0)
    none = kb.match("请问这个月的账单什么时候出，在哪里看")

    assert "与条目里的一句话一样" == own.matches[0].reason
    assert "把握不到门槛" == unsure.matches[0].reason
    assert f"更像“{unsure.matches[0].objection.title}”" in {match.reason for match in unsure.matches[1:]}
    assert "把握达到门槛" == kb.match("哎呀我是真的忘记了呀").matches[0].reason
    assert not none.matched
    assert {"更像哪一条都不是的话"} == {match.reason for match in none.matches}


@relaxed
@given(text=any_text)
def test_why_the_first_and_not_the_second(tiny_kb: cs.KnowledgeBase, text: str) -> None:
    """The stretches that speak for the first against the second lie in the text, in order; none without a second."""
    result = tiny_kb.match(text)

    end = 0
    for one in result.versus:
        assert end <= one.start < one.end <= len(text)
        assert one.text == text[one.start : one.end]
        assert 0 < one.weight <= 1
        end = one.end
    assert () == tiny_kb.match(text, limit=1).versus


def test_what_both_share_does_not_speak_for_one(kb: cs.KnowledgeBase) -> None:
    """What tells two near entries apart is named: the promise, not the forgetting."""
    result = kb.match("又忘了，上回答应你那天还的，没办成")

    assert ["broken-promise", "forgot"] == [match.objection.id for match in result.matches[:2]]
    assert any("答应" in one.text for one in result.versus)
    assert not any("忘" in one.text for one in result.versus)


def test_order_of_files_does_not_matter(tiny: Path, tiny_kb: cs.KnowledgeBase) -> None:
    """A corpus whose files are written in another order gives the same answers."""
    again = tiny.parent / "again"
    again.mkdir()
    for file in sorted(tiny.rglob("*"), reverse=True):
        if file.is_file():
            target = again / file.relative_to(tiny)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)

    texts = ["我忘了", "已经转过去了", "手头紧，缓缓", "跟我没关系"]
    assert [tiny_kb.match(text) for text in texts] == [cs.load(again).match(text) for text in texts]


def test_threads_agree(kb: cs.KnowledgeBase) -> None:
    """Sixteen threads give what one gives."""
    texts = [check.text for entry in kb for check in entry.checks[:2]]
    alone = [kb.match(text) for text in texts]

    with ThreadPoolExecutor(16) as pool:
        assert alone == list(pool.map(kb.match, texts))


def test_exported_index_reads_back(tiny_kb: cs.KnowledgeBase) -> None:
    """The exported index holds all that matching needs."""
    import base64
    import json

    header = json.loads(tiny_kb.index.to_json())
    index = Index.from_parts(header, base64.b64decode(header["rows"]))
    keys = index.known_keys("我忘了")

    assert index.scores(keys) == tiny_kb.index.scores(keys)
