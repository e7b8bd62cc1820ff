"""Many texts at once: in order, lazily, the same answers as one by one."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

import collectscript as cs


def texts(kb: cs.KnowledgeBase, number: int) -> list[str]:
    """Return some texts to match."""
    said = [text for entry in kb for text in entry.utterances]
    return [f"{said[place % len(said)]}{place}" for place in range(number)]


@pytest.mark.parametrize("workers", [1, 2])
def test_same_results_in_order(tiny_kb: cs.KnowledgeBase, workers: int) -> None:
    """Results come in the order of the texts and equal those of `match`."""
    many = texts(tiny_kb, 1500)

    found = list(tiny_kb.match_many(many, limit=2, workers=workers))

    assert [tiny_kb.match(text, limit=2) for text in many] == found


def test_a_used_knowledge_base_can_be_sent_to_another_process(tiny_kb: cs.KnowledgeBase) -> None:
    """Where processes are not forked, a worker gets a copy that answers the same."""
    before = tiny_kb.respond("我忘记还了")

    copy = pickle.loads(pickle.dumps(tiny_kb))

    assert before.match == copy.match("我忘记还了")


@pytest.mark.parametrize("workers", [1, 2])
def test_reads_only_a_little_ahead(tiny_kb: cs.KnowledgeBase, workers: int) -> None:
    """An endless stream of texts can be matched: they are read as results are taken."""
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield "我忘记还了"

    results = tiny_kb.match_many(endless(), workers=workers)
    first = next(results)
    results.close()  # type: ignore[attr-defined]

    assert first.matched
    assert read <= 4096


@pytest.mark.parametrize(("values", "words"), [({"workers": 0}, "workers"), ({"limit": 0}, "limit")])
def test_wrong_arguments(tiny_kb: cs.KnowledgeBase, values: dict[str, int], words: str) -> None:
    """Wrong arguments are refused at once, not at the first result."""
    with pytest.raises(ValueError, match=words):
        tiny_kb.match_many(["我忘了"], **values)


def test_wrong_text_is_a_type_error(tiny_kb: cs.KnowledgeBase) -> None:
    """A text that is no string is a TypeError when its turn comes."""
    results = tiny_kb.match_many(["我忘了", 3])  # type: ignore[list-item]

    assert next(results).matches
    with pytest.raises(TypeError, match="int"):
        next(results)
