"""How a sentence is meant: what is denied, what is somebody else's words, what warns of others.

All words stand in `data/compliance/reading.tsv`; this module says what each kind of them does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from collectscript.patterns import Chain, Lexicon, Span, same_clause

KINDS = {
    "negation": "denies what follows within the same clause",
    "firm": "denies the rest of the clause, whatever stands between",
    "bare": "denies the word directly behind it",
    "cancel": "holds a negation that denies nothing (会不会, 要不)",
    "break": "ends the reach of a negation (不还就...)",
    "double": "before a negation: denies the denial (别以为不会)",
    "attribution": "what follows in the clause is somebody else's words or worry",
    "outside": "the sentence warns of others or condemns what it names",
    "after": "what stands before it in the sentence is condemned",
    "whole": "is one word: shorter words within it are not meant (有没有, 还是)",
    "speaker": "a line that begins with it and a colon is the customer's",
    "mention": "a quotation soon behind it is only spoken of (不许写“老赖”)",
    "mentioned": "a quotation right before it is only spoken of (“一律不退”的牌子)",
    "rejected": "a line that begins with it and a colon says what must not be said",
}
"""Every kind of word in reading.tsv and what it does."""
REACH = 12
"""Characters between a negation and what it denies."""
LONGEST = 120
"""Characters that a firm negation reaches: a whole clause."""
QUOTE = 200
"""Longest quotation, in characters, that is recognised as one."""
QUOTES = 4
"""Quotations in a row that are recognised as one."""


def not_ours(markers: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    """Return what finds the stretches of a text that are not the speaker's own words.

    They are lines of the customer (`客户：...`), lines of what must not be said (`不要：...`), quotations that a word of
    attribution introduces (`您问“会不会坐牢”`), and quotations that are spoken of (`不许写“老赖”`, `“老赖”这种称呼`).
    What speaks of one is the speaker's: it is group 1. All repetition is bounded, so the search is linear.
    """

    def any_of(kind: str) -> str:
        return "|".join(re.escape(word) for word in sorted(markers.get(kind, ()), key=len, reverse=True)) or r"(?!)"

    line = rf"^[ \t>*·\-\d.、]{{0,8}}(?:{any_of('speaker')}|{any_of('rejected')})[ \t*]{{0,3}}[：:][^\n]*"
    said = rf"[“「『\"][^“”「」『』\"\n]{{0,{QUOTE}}}"
    soon = r"[^\n，,。！？；“”「」『』\"]{0,8}[：:，,]?[ \t]?"
    quote = rf"(?:{any_of('attribution')}){soon}{said}|((?:{any_of('mention')}){soon}){said}"
    named = rf"(?:{said}[”」』\"]、?){{1,{QUOTES}}}(?={any_of('mentioned')})"
    return re.compile(f"{line}|{quote}|{named}", re.MULTILINE)


def ours(text: str, others: re.Pattern[str]) -> str:
    """Return a text of the same length in which the words that are not the speaker's are blanks."""

    def blanked(found: re.Match[str]) -> str:
        kept = found[1] or ""
        return kept + " " * (len(found[0]) - len(kept))

    return others.sub(blanked, text)


class Reading:
    """Decides whether what a pattern found is really said."""

    def __init__(self, markers: Mapping[str, Sequence[str]], lexicon: Lexicon) -> None:
        kinds = ("negation", "firm", "bare", "cancel", "break", "double", "attribution", "outside", "after", "whole")
        self._element = {kind: lexicon.element(markers[kind]) for kind in kinds if markers.get(kind)}

    def words(self, found: dict[int, list[Span]]) -> dict[int, list[Span]]:
        """Return what the lexicon found without words that are only part of a longer one."""
        wholes = self._at("whole", found)
        if not wholes:
            return found
        kept: dict[int, list[Span]] = {}
        for element, spans in found.items():
            left = [span for span in spans if not any(_within(span, whole) for whole in wholes)]
            if left:
                kept[element] = left
        return kept

    def said(self, text: str, found: Mapping[int, Sequence[Span]], chain: Chain) -> bool:
        """Tell whether the words of `chain` are said, and not denied, quoted or condemned.

        Args:
            text: The folded sentence.
            found: What the lexicon found in it.
            chain: Where the elements of a pattern stand.

        """
        if self._at("outside", found) or any(span[0] >= chain[-1][1] for span in self._at("after", found)):
            return False
        return not self._quoted(text, found, chain) and not self._denied(text, found, chain)

    def hedged(self, text: str, found: Mapping[int, Sequence[Span]]) -> bool:
        """Tell whether a sentence as a whole denies, quotes or condemns: what is only like a bad phrase is let pass."""
        if self._at("outside", found) or self._at("attribution", found):
            return True
        return any(
            not self._cancelled(span, found) and not self._doubled(text, span, found)
            for span in self._at("negation", found)
        )

    def _at(self, kind: str, found: Mapping[int, Sequence[Span]]) -> Sequence[Span]:
        element = self._element.get(kind)
        return found.get(element, ()) if element is not None else ()

    def _quoted(self, text: str, found: Mapping[int, Sequence[Span]], chain: Chain) -> bool:
        return any(
            mark[1] <= span[0] and same_clause(text, mark[1], span[0])
            for mark in self._at("attribution", found)
            for span in chain
        )

    def _denied(self, text: str, found: Mapping[int, Sequence[Span]], chain: Chain) -> bool:
        stops = self._at("break", found)
        for kind, reach, ends in (("negation", REACH, stops), ("firm", LONGEST, ()), ("bare", 0, stops)):
            for mark in self._at(kind, found):
                # A negation that is part of the pattern itself says the bad thing.
                if any(span[0] < mark[1] and mark[0] < span[1] for span in chain):
                    continue
                if self._cancelled(mark, found) or self._doubled(text, mark, found):
                    continue
                if any(_reaches(text, mark, span, reach, ends) for span in chain):
                    return True
        return False

    def _cancelled(self, mark: Span, found: Mapping[int, Sequence[Span]]) -> bool:
        return any(whole[0] <= mark[0] and mark[1] <= whole[1] for whole in self._at("cancel", found))

    def _doubled(self, text: str, mark: Span, found: Mapping[int, Sequence[Span]]) -> bool:
        return any(first[1] <= mark[0] and same_clause(text, first[1], mark[0]) for first in self._at("double", found))


def _reaches(text: str, mark: Span, span: Span, reach: int, stops: Sequence[Span]) -> bool:
    """Tell whether a negation at `mark` denies the word at `span`."""
    if not 0 <= span[0] - mark[1] <= reach or not same_clause(text, mark[1], span[0]):
        return False
    return not any(mark[1] <= stop[0] and stop[1] <= span[0] for stop in stops)


def _within(span: Span, whole: Span) -> bool:
    return whole[0] <= span[0] and span[1] <= whole[1] and span != whole
