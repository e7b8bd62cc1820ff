"""Dialect words: rewriting while learning, and what it may not change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import collectscript as cs
from collectscript import wording
from collectscript.build import key_weight
from collectscript.dialects import rewritten
from collectscript.features import cut
from collectscript.files import find_data, read_files
from collectscript.learn import MIN_ADDED, build_vocabulary, extend

SOUTH = {"没有": ["冇"], "没有钱": ["冇钱"], "的": ["嘅"]}
WEST = {"没有": ["没得", "莫得"]}


def test_longest_word_first_and_once() -> None:
    """A word inside a longer one is not replaced on its own, and what was replaced is not replaced again."""
    dialect = {"忘": ["唔记"], "忘了": ["唔记得"], "唔": ["不"]}

    assert [(0, "我唔记得")] == rewritten(["我忘了"], [dialect])


def test_regions_and_words_take_turns() -> None:
    """Each text is said as in one region, in turn, and the words of a region for the same thing take turns."""
    found = rewritten(["没有的"] * 4, [SOUTH, WEST])

    assert [(0, "冇嘅"), (1, "没得的"), (2, "冇嘅"), (3, "莫得的")] == found


def test_texts_without_a_word_are_left_out() -> None:
    """A text that has nothing to replace, or a corpus without dialects, gives nothing."""
    assert [(1, "冇")] == rewritten(["好", "没有"], [SOUTH])
    assert [] == rewritten(["没有"], [])


def test_shipped_words_are_read() -> None:
    """The shipped list has several regions and no problem."""
    files = read_files(find_data())
    problems: list = []

    dialects = wording.read_dialects(files, wording.read_folder(files), problems)

    assert not problems
    assert len(dialects) >= 4
    assert sum(len(words) for dialect in dialects for words in dialect.values()) > 250


def test_what_is_known_stays_as_it_is() -> None:
    """Keys that dialect words add do not move the weight of any other key, and rare ones are not added."""
    texts = [cut(text, {}) for text in ("我没有钱", "我没有钱了", "我还了", "我还了呀")]
    vocabulary = build_vocabulary(texts, key_weight)
    weights = np.arange(2 * len(vocabulary.keys), dtype=np.float32).reshape(-1, 2)
    added = [cut("我冇钱", {})] * MIN_ADDED + [cut("我佢", {})]

    longer, more = extend(
        vocabulary,
        weights,
        np.zeros(2, np.float32),
        added,
        np.zeros(len(added), np.int64),
        weight=key_weight,
        documents=len(texts),
    )

    assert longer.keys[: len(vocabulary.keys)] == vocabulary.keys
    assert np.array_equal(more[: len(vocabulary.keys)], weights)
    assert "冇" in longer.keys
    assert "佢" not in longer.keys
    place = longer.keys.index("冇")
    assert more[place, 0] > 0 > more[place, 1]


def test_a_corpus_learns_the_words_of_its_list(tiny: Path) -> None:
    """A word that no entry has is known when the list gives it a standard word; evidence points into the input."""
    table = tiny / "wording" / "dialects.tsv"
    table.write_text("region\tword\tstandard\n某地\t㐀\t了\n", encoding="utf-8")
    kb = cs.load(tiny)

    result = kb.match("我忘㐀")

    assert "㐀" in kb.index.place
    assert "forgot" == result.matches[0].objection.id
    for one in result.matches[0].evidence:
        assert one.text == result.text[one.start : one.end]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我哋公司啱啱执笠，边有钱俾你哋", "insolvency"),
        ("佢唔喺屋企，你听日再打嚟啦", "debtor-unavailable"),
        ("唔好意思，我唔记得咗入钱", "forgot"),
        ("啥子钱哦，我都没得跟你们借过", "no-contract"),
        ("娃儿住院咯，这哈硬是莫得钱", "illness"),
        ("我搞忘咯，马上就给你整", "forgot"),
        ("俺这手机点不明白，你说咋整啊", "cannot-operate"),
        ("你谁啊，哪旮旯的，打俺电话干哈", "who-are-you"),
        ("歹势啦，薪水还没下来，过几天再缴", "salary-delayed"),
        ("侬啥人啦，打我电话做啥", "who-are-you"),
    ],
)
def test_dialect_sentences_find_their_entry(kb: cs.KnowledgeBase, text: str, expected: str) -> None:
    """Sentences in dialect that stand in no entry have the right one among the first three."""
    assert expected in {match.objection.id for match in kb.match(text, limit=3).matches}
