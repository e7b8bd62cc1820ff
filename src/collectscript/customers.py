"""Guess what kind of customer is speaking, from the signs on the customer pages; "not enough to tell" is an answer.

Each type has some two dozen example sentences: the signals of its page and the customer's words in the section that
goes through the objection groups. A character or pair of a text speaks for a type when it is commoner in the type's
examples than in what customers say in general (smoothed naive Bayes). Nothing of a guess is kept anywhere.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from collectscript.features import END, START
from collectscript.model import CUSTOMER_AXES, Page, Tables

if TYPE_CHECKING:
    from collectscript.context import Context

SIGNALS = "信号"
SAMPLES = "各组异议里的样子"
"""Sections of a customer page that hold what such a customer says."""
SMOOTHING = 20.0
"""Weight of general speech in a type's frequencies, in examples; 5 to 40 do the same on examples left out."""
SHARPNESS = 1.2
"""Turns summed evidence into shares; best log-loss on examples left out of their own type."""
TOLD_SHARE = 0.7
"""A type counts as told from this share of its axis on."""
TOLD_EVIDENCE = 2.0
"""... and when so much speaks for it. With both, three left-out examples of one temperament tell it in half of all
cases, rightly in .87 of those; one ordinary sentence of a customer tells a temperament in .04."""
SHORTEST = 3
"""A sentence of fewer characters (嗯, 好的) tells nothing."""
GENERAL_EVERY = 10
"""Every tenth utterance of the corpus is general speech enough."""

_QUOTED = re.compile(r"“([^”]+)”")


@dataclass(frozen=True, slots=True)
class Sign:
    """One sentence that speaks for a type."""

    type: str
    """Customer type, an id of facets.tsv."""
    axis: str
    text: str
    """What the customer said."""
    like: str
    """The example of the type's page that is nearest."""
    weight: float
    """How much it speaks for the type, above 0; `TOLD_EVIDENCE` in all are needed."""


@dataclass(frozen=True, slots=True)
class CustomerGuess:
    """What the sentences of a customer say about the kind of customer; of this call, not of the person."""

    axes: Mapping[str, float]
    """Customer type to its share of its axis, 0..1; the shares of one axis sum to 1."""
    types: Mapping[str, str]
    """Axis to type, only for the axes that can be told."""
    signs: tuple[Sign, ...]
    """What speaks for the types that can be told, the strongest first."""
    enough: bool
    """Whether any axis can be told."""

    def fill(self, context: Context) -> Context:
        """Return the context with the axes that can be told, where it does not say them itself."""
        told = {axis: tag for axis, tag in self.types.items() if getattr(context, axis) is None}
        return type(context)(**(context.model_dump() | told)) if told else context


class CustomerReader:
    """Knows the examples of every customer type of one corpus; holds no state of a text."""

    def __init__(
        self, pages: Sequence[Page], tables: Tables, utterances: Iterable[str], fold: Callable[[str], str]
    ) -> None:
        """Count what the types' examples and general speech consist of.

        Args:
            pages: The customer pages; one without examples is left out.
            tables: The owner files, for the axes.
            utterances: What customers say in general, folded.
            fold: The folding of the corpus.

        """
        self._fold = fold
        self._general: Counter[str] = Counter()
        self._said = 1
        for text in utterances:
            self._general.update(_pieces(text))
            self._said += 1
        examples = {page.id: examples_of(page) for page in pages}
        self._axes = {axis: tuple(tag for tag in tables.ids(axis) if examples.get(tag)) for axis in CUSTOMER_AXES}
        self._types = {tag: _Type.of(examples[tag], fold) for tags in self._axes.values() for tag in tags}

    def guess(self, texts: Sequence[str]) -> CustomerGuess:
        """Return what `texts`, all said by one customer, tell of the kind of customer.

        Raises `TypeError` when `texts` is one string or holds anything but strings.
        """
        _check_types(texts)
        folded = [(text, self._fold(text)) for text in texts]
        pieces = [(text, _pieces(short)) for text, short in folded if len(short) >= SHORTEST]
        axes: dict[str, float] = {}
        types: dict[str, str] = {}
        signs: list[Sign] = []
        for axis, tags in self._axes.items():
            sums = {tag: sum(self._evidence(found, tag)[0] for _, found in pieces) for tag in tags}
            shares = _shares(sums)
            axes |= {tag: round(share, 4) for tag, share in shares.items()}
            for tag in [tag for tag, share in shares.items() if share >= TOLD_SHARE]:
                speaking = [self._sign(axis, tag, text, parts) for text, parts in pieces]
                if sum(sign.weight for sign in speaking) >= TOLD_EVIDENCE:
                    types[axis] = tag
                    signs += [sign for sign in speaking if sign.weight > 0]
        signs.sort(key=lambda sign: -sign.weight)
        return CustomerGuess(MappingProxyType(axes), MappingProxyType(types), tuple(signs), bool(types))

    def _evidence(self, pieces: frozenset[str], tag: str) -> tuple[float, float]:
        """Return (what speaks for and against a type, what speaks for it), length taken out."""
        kind = self._types[tag]
        total = speaking = 0.0
        for piece in pieces:
            common = (self._general[piece] + 0.5) / self._said
            value = math.log((kind.counts[piece] + SMOOTHING * common) / ((kind.size + SMOOTHING) * common))
            total += value
            speaking += max(value, 0.0)
        # A long sentence is not so many times surer than a short one: its pieces go together.
        scale = math.sqrt(len(pieces))
        return total / scale, speaking / scale

    def _sign(self, axis: str, tag: str, text: str, pieces: frozenset[str]) -> Sign:
        total, speaking = self._evidence(pieces, tag)
        best = max(self._axes[axis], key=lambda other: self._evidence(pieces, other)[0])
        kind = self._types[tag]
        nearest = process.extractOne(self._fold(text), kind.folded, scorer=fuzz.ratio)
        like = kind.examples[nearest[2]] if nearest else ""
        # A sentence that rather speaks for another type of the axis is no sign of this one.
        return Sign(tag, axis, text, like, round(speaking, 3) if best == tag or total > 0 else 0.0)


@dataclass(frozen=True, slots=True)
class _Type:
    """The examples of one customer type."""

    examples: tuple[str, ...]
    folded: tuple[str, ...]
    counts: Counter[str]
    """In how many examples each piece stands."""
    size: int

    @classmethod
    def of(cls, examples: tuple[str, ...], fold: Callable[[str], str]) -> _Type:
        folded = tuple(fold(text) for text in examples)
        counts = Counter(piece for text in folded for piece in _pieces(text))
        return cls(examples, folded, counts, len(examples))


def examples_of(page: Page) -> tuple[str, ...]:
    """Return what a customer of a page's type says: its signals and the quotations of its samples."""
    signals = page.section(SIGNALS)
    samples = page.section(SAMPLES)
    quoted = [_QUOTED.search(item.partition("→")[0]) for item in (samples.items if samples else ())]
    return (*(signals.items if signals else ()), *(found[1] for found in quoted if found))


def _pieces(folded: str) -> frozenset[str]:
    padded = f"{START}{folded}{END}"
    return frozenset(folded) | {padded[at : at + 2] for at in range(len(padded) - 1)}


def _shares(sums: Mapping[str, float]) -> dict[str, float]:
    top = max(sums.values(), default=0.0)
    raised = {tag: math.exp(SHARPNESS * (value - top)) for tag, value in sums.items()}
    total = sum(raised.values())
    return {tag: value / total for tag, value in raised.items()}


def _check_types(texts: object) -> None:
    if isinstance(texts, str) or not isinstance(texts, Sequence) or not all(isinstance(one, str) for one in texts):
        msg = "texts must be a sequence of strings, as ['…'], one for each thing the customer said"
        raise TypeError(msg)
