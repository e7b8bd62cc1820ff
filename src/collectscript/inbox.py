"""Group what nothing matches, so that an author decides once for each group: new entry, another utterance, or ignore."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from collectscript.index import Index
from collectscript.match import MatchResult

ALIKE = 0.3
"""A sentence joins a group when its keys are so alike (cosine, 0..1) to those of the group's first sentence."""
SHORTEST = 2
"""A sentence of fewer characters says nothing that an author could use."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A sentence that no entry claims."""

    text: str
    count: int
    """How often it came, written in whatever way."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences that are alike, with what is nearest to them."""

    sentences: tuple[Unmatched, ...]
    """The most frequent first; the first is the one that the others are like."""
    nearest: str | None
    """The objection that is nearest to them; None when nothing speaks for any."""
    confidence: float
    """Of the nearest, for the first sentence."""

    @property
    def count(self) -> int:
        """How many lines the group stands for."""
        return sum(one.count for one in self.sentences)


def group(texts: Iterable[str], match: Callable[[str], MatchResult], index: Index) -> list[Group]:
    """Group the texts that nothing matches, the largest group first; deterministic.

    Left out are texts that match, texts of the background, which are known to be nothing, and texts too short to use.

    Args:
        texts: One utterance each.
        match: The matcher.
        index: The index behind it, whose keys say what is alike.

    """
    counts: dict[str, int] = defaultdict(int)
    written: dict[str, str] = {}
    for text in texts:
        folded = index.folder.fold(text)
        if len(folded) >= SHORTEST and index.exact.get(folded) != index.none:
            counts[folded] += 1
            written.setdefault(folded, text.strip())
    results = {folded: match(written[folded]) for folded in counts}
    left = sorted(
        (folded for folded, result in results.items() if not result.matched), key=lambda one: (-counts[one], one)
    )
    groups: list[list[str]] = []
    leaders = _Leaders(index)
    for folded in left:
        place = leaders.nearest(folded)
        if place is None:
            leaders.add(folded)
            groups.append([folded])
        else:
            groups[place].append(folded)
    made = [_made(members, counts, written, results[members[0]]) for members in groups]
    return sorted(made, key=lambda one: -one.count)


def _made(members: Sequence[str], counts: dict[str, int], written: dict[str, str], result: MatchResult) -> Group:
    first = result.matches[0] if result.matches else None
    return Group(
        sentences=tuple(Unmatched(written[folded], counts[folded]) for folded in members),
        nearest=first.objection.id if first else None,
        confidence=first.confidence if first else 0.0,
    )


class _Leaders:
    """The first sentences of the groups, found by the keys they share."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._holding: dict[int, list[int]] = defaultdict(list)
        self._lengths: list[float] = []

    def add(self, folded: str) -> None:
        """Add the first sentence of a new group."""
        keys = self._index.known_keys(folded)
        for key in keys:
            self._holding[key].append(len(self._lengths))
        self._lengths.append(self._length(keys))

    def nearest(self, folded: str) -> int | None:
        """Return the group whose first sentence is most alike, None when none is alike enough."""
        keys = self._index.known_keys(folded)
        shared: dict[int, float] = defaultdict(float)
        for key in sorted(keys):
            for leader in self._holding.get(key, ()):
                shared[leader] += self._index.rarity[key] ** 2
        own = self._length(keys)
        alike = {leader: value / (own * self._lengths[leader]) for leader, value in shared.items()}
        best = max(alike, key=lambda leader: (alike[leader], -leader), default=None)
        return best if best is not None and alike[best] >= ALIKE else None

    def _length(self, keys: Sequence[int]) -> float:
        return math.sqrt(sum(self._index.rarity[key] ** 2 for key in sorted(keys))) or 1.0
