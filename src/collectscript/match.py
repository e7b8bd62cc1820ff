"""Match what a customer says to the objections: ranked, with a confidence that means something, and with reasons."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from collectscript.features import END, START
from collectscript.index import ZERO, Index
from collectscript.model import CONCERNS, Objection
from collectscript.text import Folded

if TYPE_CHECKING:
    from collectscript.encoder import VectorModel

CLOSE = 0.4
"""The second match is close to the first when its confidence is at least this share of it."""
MARK_FROM = 0.25
"""A character speaks for an entry when its weight is at least this share of the heaviest one's."""
OWN = 1.0
"""Confidence of an entry's own utterance."""
ALMOST = 0.999
"""The highest confidence of a text that is nobody's own utterance."""
COMPARED = 500
"""Utterances of an entry that a text is compared with for the nearest: the cost of a match does not grow with them."""
REASON_OWN = "与条目里的一句话一样"
REASON_SAID = "把握达到门槛"
REASON_NONE = "更像哪一条都不是的话"
REASON_BEHIND = "更像“{}”"
REASON_UNSURE = "把握不到门槛"
"""Why a match counts or is a near miss, in words."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the input that speaks for an entry."""

    text: str
    """The stretch as the customer wrote it."""
    start: int
    """First code point of the stretch in the input."""
    end: int
    """Code point after its last one."""
    weight: float
    """Its share of everything that speaks for the entry, 0..1."""
    kind: str
    """same: stands so in the corpus; word: a word of the corpus; folded: written otherwise; sound: sounds like it."""


@dataclass(frozen=True, slots=True)
class Match:
    """An objection that may have been said."""

    objection: Objection
    confidence: float
    """Probability that it was said, 0..1; 1.0 for one of its own utterances."""
    utterance: str
    """The nearest of its utterances; where it has more than `COMPARED`, of those whose length is nearest."""
    evidence: tuple[Evidence, ...]
    """What speaks for it, in order of the input."""
    accepted: bool
    """Whether the confidence reaches the threshold for this entry."""
    priority: int
    """Order in which to handle the matches, 1 first: safety, who is on the line, dispute, complaint, hardship, rest."""
    reason: str
    """Why it counts, or why it is a near miss, in Chinese: it is nearer to talk that is none of the entries, or to the
    first match, or not sure enough."""


@dataclass(frozen=True, slots=True)
class MatchResult:
    """The answer to one text."""

    text: str
    matched: bool
    """Whether the first match reaches the threshold."""
    threshold: float
    """The confidence from which on the first match counts, 0..1."""
    matches: tuple[Match, ...]
    """Best first; near misses stay when nothing matched; empty when nothing speaks for any entry."""
    ask: str | None
    """When the first two are close: the question that tells them apart."""
    versus: tuple[Evidence, ...]
    """Why the first and not the second: the stretches that speak for the first more than for the second, each with its
    share of all that does; empty without a second."""


class Matcher:
    """Matches texts against one index; holds no state of a text, so threads may share it."""

    def __init__(
        self,
        index: Index,
        objection: Callable[[str], Objection],
        concern: Callable[[str], str],
        vectors: VectorModel | None = None,
    ) -> None:
        self._index = index
        self._vectors = vectors
        self._calibration = vectors.calibration if vectors else index.calibration
        self._objection = objection
        self._concern = concern
        self._said: dict[int, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        """Class to the utterances of its entry, folded and as said, filled as they are asked for: putting them together
        takes as long as finding the nearest."""

    def match(self, text: str, limit: int = 3, threshold: float | None = None) -> MatchResult:
        """Return the best `limit` objections for `text`.

        Args:
            text: Anything a customer said; any string is accepted.
            limit: How many matches at most, 1 or more.
            threshold: Confidence from which a match counts, 0..1; None uses the entry's or the corpus's own.

        Raises:
            TypeError: `text` is not a string.
            ValueError: `limit` is below 1, or `threshold` is not in 0..1.

        """
        check_arguments(text, limit, threshold)
        index = self._index
        folded = index.folder.fold_with_offsets(text)
        exact = index.exact.get(folded.text)
        found = self._occurrences(folded.text)
        if exact == index.none or (not found and exact is None):
            return MatchResult(text, False, self._threshold(None, threshold), (), None, ())
        keys = {key for key, _, _, _ in found}
        scores = index.scores(keys)
        if self._vectors is not None:
            scores = self._vectors.add_to(scores, text)
        ranked = self._ranked(scores, exact, len(keys), limit)
        beaten = [scores[number] <= scores[index.none] for number, _ in ranked]
        matches = self._matches(folded, found, ranked, beaten, threshold)
        used = self._threshold(matches[0].objection, threshold)
        versus = self._evidence(folded, found, ranked[0][0], ranked[1][0]) if len(ranked) > 1 else ()
        return MatchResult(text, matches[0].accepted, used, matches, _question(matches, exact is not None), versus)

    def _ranked(self, scores: list[float], exact: int | None, known: int, limit: int) -> list[tuple[int, float]]:
        """Return (class, confidence) of the best entries, ties in taxonomy order."""
        none = self._index.none
        top = max(scores)
        exp = math.exp
        total = math.log(sum([exp(score - top) for score in scores])) + top
        calibration = self._calibration
        base = calibration.bias + calibration.size * math.log2(1 + known)
        # `none` is the last class; a stable sort keeps ties in taxonomy order.
        best = sorted(range(none), key=scores.__getitem__, reverse=True)[:limit]
        if exact is not None and exact != best[0]:
            best = [exact, *(number for number in best if number != exact)][:limit]
        found: list[tuple[int, float]] = []
        for number in best:
            logit = base + calibration.share * (scores[number] - total)
            logit += calibration.lead * (scores[number] - scores[none])
            confidence = 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0
            found.append((number, OWN if number == exact else min(confidence, ALMOST)))
        return found

    def _threshold(self, entry: Objection | None, given: float | None) -> float:
        if given is not None:
            return given
        if entry is not None and entry.threshold is not None:
            return entry.threshold
        return self._calibration.threshold

    def _matches(
        self,
        folded: Folded,
        found: Sequence[tuple[int, int, int, bool]],
        ranked: Sequence[tuple[int, float]],
        beaten: Sequence[bool],
        threshold: float | None,
    ) -> tuple[Match, ...]:
        """Return the matches; `beaten` tells of each whether `none` has at least its score."""
        classes = self._index.classes
        entries = [self._objection(classes[number]) for number, _ in ranked]
        order = sorted(range(len(ranked)), key=lambda place: (CONCERNS.index(self._concern(entries[place].id)), place))
        found_matches: list[Match] = []
        for place, (entry, (number, confidence)) in enumerate(zip(entries, ranked, strict=True)):
            accepted = confidence >= self._threshold(entry, threshold)
            first = entries[0] if place else None
            found_matches.append(
                Match(
                    objection=entry,
                    confidence=confidence,
                    utterance=self._nearest(entry, number, folded.text),
                    evidence=self._evidence(folded, found, number),
                    accepted=accepted,
                    priority=order.index(place) + 1,
                    reason=_reason(confidence, first, accepted=accepted, beaten=beaten[place]),
                )
            )
        return tuple(found_matches)

    def _nearest(self, entry: Objection, number: int, folded: str) -> str:
        texts, said = self._said.get(number) or self._said.setdefault(number, self._comparable(entry, number))
        first = 0
        if len(texts) > COMPARED:
            if self._index.exact.get(folded) == number:
                return said[texts.index(folded)]
            middle = bisect_left(texts, len(folded), key=len)
            first = min(max(middle - COMPARED // 2, 0), len(texts) - COMPARED)
        best = process.extractOne(folded, texts[first : first + COMPARED], scorer=fuzz.ratio, processor=None)
        return said[first + best[2]] if best else ""

    def _comparable(self, entry: Objection, number: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the folded utterances of an entry and the same as said, by length where they are more than are compared."""
        texts, said = self._index.utterances[number], entry.utterances
        if len(texts) <= COMPARED:
            return texts, said
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        return tuple(texts[place] for place in order), tuple(said[place] for place in order)

    def _occurrences(self, folded: str) -> list[tuple[int, int, int, bool]]:
        """Return (key, first, last, by sound) of every place where a key of the vocabulary stands in the text."""
        place = self._index.place.get
        padded = f"{START}{folded}{END}"
        heard = folded.translate(self._index.heard)
        size = len(folded)
        found: list[tuple[int, int, int, bool]] = []
        add = found.append
        for at in range(size):
            if (key := place(folded[at])) is not None:
                add((key, at, at + 1, False))
            if (key := place(folded[at : at + 3])) is not None and at + 3 <= size:
                add((key, at, at + 3, False))
            if (key := place(folded[at : at + 4])) is not None and at + 4 <= size:
                add((key, at, at + 4, False))
            if at + 2 <= size and (key := place(heard[at : at + 2])) is not None:
                add((key, at, at + 2, True))
        for at in range(size + 1):
            if (key := place(padded[at : at + 2])) is not None:
                add((key, max(at - 1, 0), min(at + 1, size), False))
        return found

    def _evidence(
        self, folded: Folded, found: Sequence[tuple[int, int, int, bool]], number: int, against: int | None = None
    ) -> tuple[Evidence, ...]:
        """Spread the weight of every key over its characters and return the stretches that carry the most.

        With `against`, the weight is by how much a key speaks more for class `number` than for class `against`.
        """
        rows, width = self._index.rows, len(self._index.classes)
        size = len(folded.text)
        carried, heard = [0.0] * size, [0.0] * size
        words: set[tuple[int, int]] = set()
        for key, first, last, by_sound in found:
            row = key * width
            value = rows[row + number] - (ZERO if against is None else rows[row + against])
            if value <= 0:
                continue
            length = last - first
            share = value / length
            carried[first] += share
            if length == 1:
                continue
            # Most keys are pairs: a loop over two characters costs more than both.
            carried[first + 1] += share
            if by_sound:
                heard[first] += share
                heard[first + 1] += share
            elif length > 2:
                words.add((first, last))
                for at in range(first + 2, last):
                    carried[at] += share
        total = sum(carried)
        if not total:
            return ()
        mark = MARK_FROM * max(carried)
        stretches: list[Evidence] = []
        at = 0
        while at < size:
            if carried[at] < mark:
                at += 1
                continue
            first = at
            while at < size and carried[at] >= mark:
                at += 1
            start, end = folded.span(first, at)
            weight = sum(carried[first:at])
            kind = _kind(folded, first, at, 2 * sum(heard[first:at]) > weight, words)
            stretches.append(Evidence(folded.original[start:end], start, end, round(weight / total, 3), kind))
        return tuple(stretches)


def check_arguments(text: object, limit: int, threshold: float | None) -> None:
    """Raise the errors that `match` documents."""
    if not isinstance(text, str):
        msg = f"text must be str, not {type(text).__name__}"
        raise TypeError(msg)
    if limit < 1:
        msg = f"limit must be 1 or more, not {limit}"
        raise ValueError(msg)
    # The comparison is written so that NaN fails it.
    if threshold is not None and not 0 <= threshold <= 1:
        msg = f"threshold must be from 0 to 1, not {threshold}"
        raise ValueError(msg)


def _reason(confidence: float, first: Objection | None, *, accepted: bool, beaten: bool) -> str:
    """Return why a match counts or not; `first` is the match before all others, unless it is this one."""
    if confidence == OWN:
        return REASON_OWN
    if accepted:
        return REASON_SAID
    if beaten:
        return REASON_NONE
    return REASON_BEHIND.format(first.title) if first is not None else REASON_UNSURE


def _kind(folded: Folded, first: int, last: int, sounds: bool, words: set[tuple[int, int]]) -> str:
    if sounds:
        return "sound"
    start, end = folded.span(first, last)
    if folded.original[start:end] != folded.text[first:last]:
        return "folded"
    return "word" if (first, last) in words else "same"


def _question(matches: Sequence[Match], own: bool) -> str | None:
    if own or len(matches) < 2:
        return None
    first, second = matches[0], matches[1]
    if second.confidence < CLOSE * first.confidence or (first.accepted and second.accepted):
        return None
    for entry, other in ((first.objection, second.objection), (second.objection, first.objection)):
        for distinction in entry.distinctions:
            if distinction.other == other.id:
                return distinction.question
    return None
