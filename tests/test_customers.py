"""Who is this customer: signs are found, shares are shares, and little is not enough."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collectscript as cs
from collectscript import wording
from collectscript.customers import CustomerReader, examples_of
from collectscript.files import find_data, read_files
from collectscript.model import CUSTOMER_AXES, Corpus, Page


@pytest.fixture(scope="session")
def reader(shipped: Corpus) -> CustomerReader:
    """The customer pages of the shipped corpus."""
    return reader_of(shipped, customers(shipped))


def customers(corpus: Corpus) -> tuple[Page, ...]:
    """Return the customer pages."""
    return dict(corpus.pages)["customers"]


def reader_of(corpus: Corpus, pages: tuple[Page, ...]) -> CustomerReader:
    """Return a reader of some pages."""
    fold = wording.read_folder(read_files(find_data())).fold
    general = [fold(text) for entry in corpus.objections for text in entry.utterances[::10]]
    return CustomerReader(pages, corpus.tables, general, fold)


@pytest.mark.parametrize(
    ("texts", "axis", "tag"),
    [
        (["利息是按月算还是按天算，公式写给我", "合同那一条念一遍，我记一下"], "temperament", "precise"),
        (["快点讲，别念稿子", "能不能做主，一句话"], "temperament", "forceful"),
        (["哎哟美女声音真甜", "哈哈哈跟你讲个好玩的哈"], "temperament", "lively"),
        (["嗯嗯，都行，你看着办吧", "麻烦你们了啊，我没啥意见"], "temperament", "easygoing"),
        (["我刚被公司裁掉了", "离职了，工作还在找"], "situation", "left-job"),
        (["我命怎么这么苦", "倒霉事都让我碰上了"], "pattern", "victim"),
    ],
)
def test_signs_tell(reader: CustomerReader, texts: list[str], axis: str, tag: str) -> None:
    """What sounds like the signals of a page tells the type, and the sentences are shown with what they are like."""
    guess = reader.guess(texts)

    assert guess.enough
    assert guess.types[axis] == tag
    signs = [sign for sign in guess.signs if sign.type == tag]
    assert {sign.text for sign in signs} <= set(texts)
    assert all(sign.axis == axis and sign.weight > 0 and sign.like for sign in signs)


@pytest.mark.parametrize(
    "texts", [[], [""], ["嗯", "好的"], ["喂"], ["我忘记还了"], ["😀" * 50], ["\ud800\0"], ["1280.50"]]
)
def test_not_enough_to_tell(reader: CustomerReader, texts: list[str]) -> None:
    """Nothing, small talk and an ordinary objection tell no type."""
    guess = reader.guess(texts)

    assert not guess.enough
    assert dict(guess.types) == {}
    assert guess.signs == ()


def test_left_out_examples(shipped: Corpus) -> None:
    """Three examples of a temperament that its page does not know of tell it more often than not, and rarely wrongly."""
    told = right = total = 0
    pages = customers(shipped)
    for page in [page for page in pages if page.field("facet") == "temperament"]:
        signals = page.section("信号")
        assert signals is not None
        for first in range(0, 15, 3):
            out = signals.items[first : first + 3]
            kept = tuple(item for item in signals.items if item not in out)
            sections = tuple(
                one if one is not signals else type(one)(one.title, one.level, one.text, kept) for one in page.sections
            )
            changed = tuple(
                other
                if other is not page
                else type(page)(**{name: getattr(page, name) for name in page.__slots__} | {"sections": sections})
                for other in pages
            )
            guess = reader_of(shipped, changed).guess(out)
            total += 1
            told += "temperament" in guess.types
            right += guess.types.get("temperament") == page.id

    assert told >= 0.3 * total
    assert right >= 0.8 * told


def test_ordinary_sentences_rarely_tell_a_temperament(shipped: Corpus, reader: CustomerReader) -> None:
    """One utterance of an objection tells a temperament in one case of ten at most."""
    said = [entry.utterances[7] for entry in shipped.objections]
    told = sum("temperament" in reader.guess([text]).types for text in said)

    assert told <= 0.1 * len(said)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_gives_shares(reader: CustomerReader, shipped: Corpus, texts: list[str]) -> None:
    """The shares of every axis sum to one, whatever was said."""
    guess = reader.guess(texts)

    for axis in CUSTOMER_AXES:
        assert sum(guess.axes[tag] for tag in shipped.tables.ids(axis)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("texts", ["一句话", 3, None, ["a", 3], {"a"}])
def test_texts_are_a_sequence_of_strings(reader: CustomerReader, texts: object) -> None:
    """One string, or anything but strings, is a TypeError."""
    with pytest.raises(TypeError, match="sequence of strings"):
        reader.guess(texts)


def test_every_page_has_examples(shipped: Corpus) -> None:
    """Every customer type has signals and samples to compare with."""
    assert all(len(examples_of(page)) >= 20 for page in customers(shipped))


def test_fill_respects_what_is_known(reader: CustomerReader) -> None:
    """A guess fills the axes that the context leaves open, and only those."""
    guess = reader.guess(["利息是按月算还是按天算，公式写给我", "合同那一条念一遍，我记一下"])
    known = cs.Context(temperament="lively", days_overdue=3)

    assert guess.fill(known) == known
    assert guess.fill(cs.Context(days_overdue=3)) == cs.Context(days_overdue=3, **guess.types)


def test_a_guess_is_used_only_when_given(kb: cs.KnowledgeBase) -> None:
    """`respond` takes a guess as if the context said it, and knows nothing of earlier guesses."""
    guess = kb.guess_customer(["利息是按月算还是按天算，公式写给我", "合同那一条念一遍，我记一下"])
    said = "我忘记还了"
    context = cs.Context(party="debtor", days_overdue=3)

    assert kb.respond(said, context, guess=guess).responses == kb.respond(said, guess.fill(context)).responses
    assert kb.respond(said, context).responses == kb.respond(said, context, guess=None).responses
