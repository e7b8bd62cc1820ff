"""What a corpus consists of: plain frozen values, no input or output, no behaviour beyond small look-ups.

All values of tags are ids of `data/facets.tsv`; all texts are Chinese as the author wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass

CONCERNS = ("safety", "person", "dispute", "complaint", "hardship", "other")
"""What an objection may be about, in the order in which a turn with several is handled."""

NONE = "none"
"""The target of a check phrase that no entry may claim."""


@dataclass(frozen=True, slots=True)
class TaxonomyRow:
    """One objection of the closed list in `data/taxonomy.tsv`."""

    id: str
    group: str
    title: str
    gloss: str
    boundary: str
    """What belongs here and what does not, in English."""


@dataclass(frozen=True, slots=True)
class Named:
    """A row of a small owner table: groups, sources, part kinds."""

    id: str
    title: str
    gloss: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One tag of `data/facets.tsv`."""

    facet: str
    """The axis: technique, structure, temperament, band, party, ..."""
    id: str
    name: str
    """Chinese name, as authors write it."""
    meaning: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a text that a value fills, as `{id}`."""

    id: str
    label: str
    """Chinese label, shown as 【label】 when there is no value."""
    type: str
    """text, money, integer, date, fees or plan."""
    meaning: str


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a response, sayable alone."""

    kind: str
    """Id of `data/parts.tsv`: acknowledge, clarify, offer, commit, ..."""
    text: str


@dataclass(frozen=True, slots=True)
class Response:
    """Something to say: a response, opener, closing, follow-up or message.

    An empty tuple of bands, sectors, parties or channels means that it fits all of them.
    """

    id: str
    """`entry/slug`, stable and never reused; for other folders `folder/name`."""
    title: str
    technique: str
    structure: str
    influence: str | None
    firmness: str
    """light, even, steady or firm."""
    goal: str
    customer_types: tuple[str, ...]
    """Ids over all customer axes, the best fitting first."""
    bands: tuple[str, ...]
    sectors: tuple[str, ...]
    parties: tuple[str, ...]
    channels: tuple[str, ...]
    min_promises_broken: int
    """Fits only a customer who broke at least so many promises; 0 fits everybody."""
    min_call: int
    """Fits from this call on; 1 fits every call."""
    condition: str | None
    """What must be true before it may be said, in words."""
    parts: tuple[Part, ...]
    if_yes: str | None
    if_no: str | None
    if_silent: str | None
    next_step: str | None
    """What to do and record after the call."""
    avoid: str | None
    why: str | None
    facts: tuple[str, ...]
    """Ids of the fact pages that it relies on."""
    sources: tuple[str, ...]
    origin: str
    """Which corpus it comes from: `collectscript` or the name of an overlay."""
    path: str
    line: int

    @property
    def template(self) -> str:
        """The parts joined, slots still open."""
        return "".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class CheckPhrase:
    """A phrase that is never indexed and must be answered with `expected`."""

    text: str
    expected: str
    """Id of the entry that must come first, or `none`."""
    kind: str
    """must, must-not or tell-apart."""
    known_failure: str | None
    """Why it does not work yet; None for a phrase that must pass."""
    line: int


@dataclass(frozen=True, slots=True)
class Distinction:
    """The question that tells an entry from its neighbour."""

    other: str
    question: str


@dataclass(frozen=True, slots=True)
class NeverSay:
    """What must not be said, and the lawful way to say what is meant."""

    wrong: str
    instead: str


@dataclass(frozen=True, slots=True)
class Objection:
    """What customers say and what to answer: one file of `data/objections/`."""

    id: str
    title: str
    gloss: str
    group: str
    boundary: str
    say_first: str
    """One breath, safe before identity is known."""
    ask_first: str
    never_say: str
    meaning: str
    """What it usually means and what may lie behind it."""
    find_out: tuple[str, ...]
    """Questions for information, problem and solution, in this order."""
    typical: tuple[str, ...]
    spoken: tuple[str, ...]
    """Utterances in the register of real calls and chats."""
    rare: tuple[str, ...]
    checks: tuple[CheckPhrase, ...]
    distinctions: tuple[Distinction, ...]
    responses: tuple[Response, ...]
    never: tuple[NeverSay, ...]
    threshold: float | None
    """Own confidence threshold, 0..1; None uses the corpus's."""
    origin: str
    path: str

    @property
    def utterances(self) -> tuple[str, ...]:
        """Everything that is indexed, in file order."""
        return self.typical + self.spoken + self.rare


@dataclass(frozen=True, slots=True)
class PageSection:
    """One section of a page: its running text and its list items."""

    title: str
    level: int
    text: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of explanation: technique, customer type, method, preparation or fact."""

    id: str
    kind: str
    """The folder it lies in."""
    title: str
    gloss: str
    fields: tuple[tuple[str, str], ...]
    """The other fields of its head, as written."""
    sections: tuple[PageSection, ...]
    body: str
    """The whole Markdown below the head."""
    origin: str
    path: str

    def field(self, key: str) -> str | None:
        """Return one field of the head."""
        return dict(self.fields).get(key)

    def section(self, title: str) -> PageSection | None:
        """Return the first section with this title."""
        return next((one for one in self.sections if one.title == title), None)


@dataclass(frozen=True, slots=True)
class Background:
    """Sentences of one topic that belong to no entry."""

    topic: str
    title: str
    utterances: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Tables:
    """The owner files: every closed list of the corpus."""

    taxonomy: tuple[TaxonomyRow, ...]
    groups: tuple[Named, ...]
    facets: tuple[Facet, ...]
    sources: tuple[Named, ...]
    slots: tuple[Slot, ...]
    parts: tuple[Named, ...]
    concerns: tuple[tuple[str, str], ...]
    """Objection id and what it is about, for those that are about one of `CONCERNS` but the last."""

    def concern(self, entry_id: str) -> str:
        """Return what an objection is about: one of `CONCERNS`."""
        return dict(self.concerns).get(entry_id, CONCERNS[-1])

    def names(self, *axes: str) -> dict[str, str]:
        """Map Chinese tag names of these facet axes to ids."""
        return {facet.name: facet.id for facet in self.facets if facet.facet in axes}

    def ids(self, *axes: str) -> tuple[str, ...]:
        """Return the ids of these facet axes in table order."""
        return tuple(facet.id for facet in self.facets if facet.facet in axes)

    def name(self, axis: str, tag: str) -> str:
        """Return the Chinese name of a tag; KeyError when there is none."""
        found = next((one.name for one in self.facets if one.facet == axis and one.id == tag), None)
        if found is None:
            raise KeyError(tag)
        return found


CUSTOMER_AXES = ("temperament", "psychology", "attitude", "situation", "pattern")
"""Facet axes of customer types; a customer has at most one type on each."""

SCRIPT_KINDS = ("openers", "closings", "follow-ups", "messages", "neutral")
"""Folders whose files each hold one response."""

PAGE_KINDS = ("techniques", "customers", "methods", "preparation", "facts")
"""Folders whose files each hold one page."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything in a corpus folder, checked; immutable."""

    tables: Tables
    objections: tuple[Objection, ...]
    """In taxonomy order."""
    scripts: tuple[tuple[str, tuple[Response, ...]], ...]
    """By folder (openers, closings, follow-ups, messages), by name."""
    pages: tuple[tuple[str, tuple[Page, ...]], ...]
    """By folder (techniques, customers, ...), by id."""
    background: tuple[Background, ...]
    content_hash: str
    """BLAKE2b of every file's path and bytes, 32 hex digits."""
