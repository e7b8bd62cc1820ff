"""What the practice page draws its exercises from."""

from __future__ import annotations

from typing import Any

from collectscript.knowledge import KnowledgeBase
from collectscript.model import Objection
from collectscript.site.visible import visible

SHORTEST, LONGEST = 4, 42
"""Utterances of this length, in characters, make good exercises."""


def practice(kb: KnowledgeBase) -> dict[str, Any]:
    """Return sentences to answer, pairs that are easily confused, and customers to play."""
    known = {entry.id for entry in kb}
    return {
        "entries": {entry.id: _entry(entry) for entry in kb},
        "pairs": [list(pair) for pair in confused_pairs(kb) if known.issuperset(pair)],
        "temperaments": _temperaments(kb),
    }


def confused_pairs(kb: KnowledgeBase) -> list[tuple[str, str]]:
    """Return the pairs of objections that entries tell apart by a question, each once, in taxonomy order."""
    order = {entry.id: number for number, entry in enumerate(kb)}
    pairs = {
        tuple(sorted((entry.id, one.other), key=order.__getitem__))
        for entry in kb
        for one in entry.distinctions
        if one.other in order
    }
    return sorted(((first, second) for first, second in pairs), key=lambda pair: (order[pair[0]], order[pair[1]]))


def _entry(entry: Objection) -> dict[str, Any]:
    said = [visible(text) for text in entry.utterances if SHORTEST <= len(text) <= LONGEST]
    return {
        "said": said or [visible(text) for text in entry.utterances[:5]],
        "meaning": visible(entry.meaning),
        "find_out": [visible(question) for question in entry.find_out],
        "never": [[visible(one.wrong), visible(one.instead)] for one in entry.never],
        "why": {response.id: visible(response.why or "") for response in entry.responses},
    }


def _temperaments(kb: KnowledgeBase) -> dict[str, dict[str, Any]]:
    """Return for each temperament how such a customer speaks, from its page."""
    found: dict[str, dict[str, Any]] = {}
    for page in kb.pages("customers"):
        if page.field("facet") != "temperament":
            continue
        manner = page.section("说话方式")
        signals = page.section("信号")
        found[page.id] = {
            "title": visible(page.title),
            "manner": [visible(item) for item in (manner.items if manner else ())],
            "signals": [visible(item) for item in (signals.items if signals else ())],
        }
    return found
