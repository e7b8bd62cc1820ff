"""Folding makes what means the same look the same, and knows where everything came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectscript.corpus import find_data, read_files
from collectscript.text import Folder
from collectscript.wording import read_folder, read_folder_table, read_sounds

FILES = read_files(find_data())
FOLDER = read_folder(FILES)
any_text = st.text(st.characters(codec=None) | st.sampled_from("還錢账單 １2３①½ＡaⅣ㈱😀👍🏽‍~^$\ud800，。"))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("我忘记了", "我忘记了"),
        ("我忘記還錢了。", "我忘记还钱了"),
        ("ＡＢＣ Abc", "abcabc"),
        ("18号、２０號", "0号0号"),
        ("欠 1,280.50 元", "欠0元"),
        ("①②", "0"),
        ("  ，。！？  ", ""),
        ("还没啊😭", "还没啊😭"),
        ("好👍🏽", "好👍"),
        ("", ""),
    ],
)
def test_folding_examples(text: str, folded: str) -> None:
    """Width, case, punctuation, digits and traditional characters are made equal; pictures stay."""
    assert folded == FOLDER.fold(text)


@given(any_text)
def test_folding_is_idempotent(text: str) -> None:
    """A folded text folds to itself."""
    once = FOLDER.fold(text)

    assert once == FOLDER.fold(once)


@given(any_text)
def test_offsets_agree_with_folding(text: str) -> None:
    """Folding with offsets gives the same text, with one rising offset into the original for each character."""
    folded = FOLDER.fold_with_offsets(text)

    assert folded.text == FOLDER.fold(text)
    assert len(folded.starts) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    assert all(0 <= start < len(text) for start in folded.starts)


@given(any_text, st.data())
def test_spans_lie_in_the_original(text: str, data: st.DataObject) -> None:
    """Every span of the folded text has a non-empty, half-open span of the original behind it."""
    folded = FOLDER.fold_with_offsets(text)
    if not folded.text:
        return
    first = data.draw(st.integers(0, len(folded.text) - 1))
    last = data.draw(st.integers(first + 1, len(folded.text)))

    start, end = folded.span(first, last)

    assert 0 <= start < end <= len(text)


def test_span_leaves_out_punctuation_behind_it() -> None:
    """A stretch ends with its last character, not with the comma after it."""
    folded = FOLDER.fold_with_offsets("我忘了，真的")

    assert (0, 3) == folded.span(0, 3)


def test_traditional_table_is_final() -> None:
    """No character is folded to one that is itself folded: folding once is enough."""
    problems: list = []
    table = read_folder_table(FILES, problems)

    assert not problems
    assert len(table) > 2500
    assert not set(table.values()) & set(table)


def test_everyday_characters_are_not_folded_away() -> None:
    """No character of the simplified standard is read as one that is not in it."""
    table = read_folder_table(FILES, [])

    assert not {char for char, read_as in table.items() if is_simplified(char) and not is_simplified(read_as)}


def is_simplified(char: str) -> bool:
    """Tell whether a character is in GB 2312."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def test_confusable_sounds_are_one() -> None:
    """zh/z, n/l, -ng/-n and h/f before u sound alike; other sounds do not."""
    sounds = read_sounds(FILES, [])

    assert sounds["知"] == sounds["资"]
    assert sounds["牛"] == sounds["流"]
    assert sounds["京"] == sounds["今"]
    assert sounds["湖"] == sounds["福"]
    assert sounds["还"] != sounds["钱"]


def test_folder_without_table_still_folds() -> None:
    """A corpus without word lists folds width and case."""
    assert "還0a" == Folder({}).fold("還 １2 Ａ")
