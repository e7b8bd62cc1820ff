"""What a corpus consists of: plain frozen values, no input or output, no behaviour beyond small look-ups.

All values of tags are ids of `data/facets.tsv`; all texts are Chinese as the author wrote them.
"""

from __future__ import annotations

from dataclasses import dataclass

CONCERNS = ("safety", "person", "dispute", "complaint", "hardship", "other")
"""What an objection may be about, in the order in which a turn with several is handled."""

BUNDLED = "collectscript"
"""The origin of everything that no overlay brought or changed."""

SEVERITIES: dict[str | None, str] = {"forbidden": "禁止", "required": "必须", "caution": "提醒", None: "不适用"}
"""How severe a compliance rule is, the gravest first, with its Chinese name; None where it does not bind."""

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


@dataclass(frozen=True, slots=True)
class LawSource:
    """One law, rule, standard or self-regulation of `data/compliance/sources.tsv`."""

    key: str
    title: str
    issuer: str
    date: str
    status: str
    covers: str
    certainty: str
    """How sure its wording is, as in the table: A read in the official text, B quoted elsewhere, C and D from memory."""


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where a compliance rule comes from."""

    key: str
    """Key of `data/compliance/sources.tsv`, or `house` for a rule of our own."""
    article: str
    """The article, as written; empty when none was established."""
    note: str
    certainty: str
    """A, B, C or D: how sure this article and wording are; empty for a house rule."""


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom something holds; an empty tuple means everybody. Ids of `data/facets.tsv`."""

    sectors: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def holds(self, sector: str | None, party: str | None, role: str | None, channel: str | None) -> bool:
        """Tell whether it holds for these values; one that is not known satisfies nothing but an empty tuple."""
        pairs = ((self.sectors, sector), (self.parties, party), (self.roles, role), (self.channels, channel))
        return all(not wanted or value in wanted for wanted, value in pairs)


@dataclass(frozen=True, slots=True)
class Binding:
    """How severe a rule is for some of those it may bind."""

    scope: Scope
    severity: str | None
    """forbidden, required or caution; None: the rule does not bind them."""
    note: str


@dataclass(frozen=True, slots=True)
class RulePattern:
    """An explicit pattern in the notation of `patterns`."""

    text: str
    scope: Scope
    always: bool
    """Counts even when it is denied or quoted: to a third party “he owes nothing” tells of a debt too."""
    line: int


@dataclass(frozen=True, slots=True)
class RulePhrase:
    """A sentence that must, or must not, be found, and in which call."""

    text: str
    scope: Scope
    """At most one value on each axis."""
    line: int


@dataclass(frozen=True, slots=True)
class RequiredElement:
    """Something that a whole opener must hold."""

    name: str
    patterns: tuple[RulePattern, ...]
    """One of them is enough."""


@dataclass(frozen=True, slots=True)
class ComplianceRule:
    """What is forbidden or required when speaking to customers: one file of `data/compliance/`."""

    id: str
    title: str
    severity: str
    """forbidden, required or caution, when nothing is known of the call; `bindings` hold what differs."""
    requirement: str
    bindings: tuple[Binding, ...]
    """Exceptions, the first that holds counts."""
    sources: tuple[RuleSource, ...]
    checked: str
    """Day on which it was last compared with its sources, `YYYY-MM-DD`."""
    review: str
    """Day by which it must be compared again."""
    words: tuple[tuple[str, tuple[str, ...]], ...]
    """Word classes of this rule, by name."""
    patterns: tuple[RulePattern, ...]
    unless: tuple[str, ...]
    """Words that clear a sentence of this rule: a condition, a lawful procedure."""
    when: tuple[RulePattern, ...]
    """Patterns that make a text a whole opener, of which the elements are required."""
    elements: tuple[RequiredElement, ...]
    flag: tuple[RulePhrase, ...]
    lawful: tuple[RulePhrase, ...]
    instead: tuple[str, ...]
    """The lawful way to say what is meant; the first is the advice of a finding."""
    note: str
    """What is doubtful, and what the checker cannot see."""
    path: str
    origin: str = BUNDLED
    """`collectscript`, an overlay, or both joined by `+`."""
    loosened: str = ""
    """Chinese: which overlay made it milder or hid it, and why; empty when none did."""
    waived: tuple[str, ...] = ()
    """Those words of `unless` that overlays added, with a reason: they clear phrases of the rule itself too."""

    @property
    def provenance(self) -> str:
        """Where it comes from, and the reason where an overlay made it milder; Chinese."""
        return self.origin + (f"（放宽：{self.loosened}）" if self.loosened else "")

    def severity_for(self, sector: str | None, party: str | None, role: str | None, channel: str | None) -> str | None:
        """Return how severe it is in this call; None when it does not bind."""
        found = next((one for one in self.bindings if one.scope.holds(sector, party, role, channel)), None)
        return found.severity if found is not None else self.severity


@dataclass(frozen=True, slots=True)
class ContactLimit:
    """One figure of when and how often somebody may be contacted: a row of `data/compliance/contact.tsv`."""

    pack: str
    """The jurisdiction, `cn` for mainland China."""
    figure: str
    """One of `rules.FIGURES`: first_hour, last_hour, conversations_a_day, attempts_a_day, visitors, ..."""
    value: int
    sectors: tuple[str, ...]
    """Those it binds by a text; for all others it is our reading. Empty: everybody."""
    source: str
    certainty: str
    reason: str
    """Chinese, for the answer."""


@dataclass(frozen=True, slots=True)
class Law:
    """Everything in `data/compliance/`."""

    sources: tuple[LawSource, ...] = ()
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Word classes that all rules share, by name."""
    markers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """How a sentence is meant: words of denial, of quoting, of warning, by kind."""
    rules: tuple[ComplianceRule, ...] = ()
    limits: tuple[ContactLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """One way in which a stop or pause is recognised."""

    level: str
    """in-progress, hint, ambiguous or said; weak: counts only together with what was learned."""
    topic: str
    """What it is about, in Chinese; empty when the level says it."""
    pattern: str
    """In the notation of `patterns`."""
    parties: tuple[str, ...]
    """Who must be on the line: ids of `data/facets.tsv` and `unknown`; empty: anybody."""
    leads: tuple[str, ...]
    """Ids of the responses that answer it best, the first that fits the party first."""


@dataclass(frozen=True, slots=True)
class LevelExamples:
    """Sentences from which recognition of one level is learned."""

    level: str
    """in-progress, hint, ambiguous, said, or harmless for what only sounds alike."""
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A situation in which the bill is put away, or nothing is pressed for: one file of `data/safety/`."""

    id: str
    kind: str
    """stop: the bill is put away; pause: talk goes on and nothing is pressed for."""
    gravity: int
    """Order when several fire, 1 first; all stops come before all pauses."""
    title: str
    checked: str
    """Day on which it was last compared with its sources, `YYYY-MM-DD`."""
    review: str
    """Day by which it must be compared again."""
    when: str
    """When it fires, in words."""
    signals: tuple[Signal, ...]
    silence: tuple[str, ...]
    """Patterns whose words mean something harmless: they are overheard before signals are looked for."""
    misheard: tuple[str, ...]
    """Words that also count when only their sound is there, as in misrecognised speech."""
    entries: tuple[str, ...]
    """Objections that mean the same: a confident match of one of them adds this, and their responses may be used."""
    undecided: tuple[str, ...]
    """Objections whose utterances may or may not mean it: they are learned neither as signs nor as ordinary speech."""
    matcher: float | None
    """Confidence of such a match from which on it adds this; None: it never does."""
    learned: float | None
    """Share of what was learned from `examples` from which on a turn counts; None: nothing is learned."""
    suspected: float | None
    """The lower share that a turn with a signal must reach; of a stop without examples the confidence of a match that is
    enough beside a weak signal. None: signals count by themselves, weak ones never."""
    parties: tuple[str, ...]
    """Who must be on the line for a match to add it; empty: anybody."""
    unless: str | None
    """Field of `Context` that fires it when it is False."""
    responses: tuple[Response, ...]
    order: tuple[tuple[str, tuple[str, ...]], ...]
    """For a level the ids of what may be said, the best first; for other levels all responses may."""
    never: tuple[NeverSay, ...]
    record: tuple[str, ...]
    hand_over: str
    """Whom to hand over to, and how."""
    sources: tuple[str, ...]
    """Keys of `data/sources.tsv` or `data/compliance/sources.tsv`; `house` is a rule of our own."""
    basis: tuple[str, ...]
    """What the sources say, with certainty, in words."""
    examples: tuple[LevelExamples, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Safety:
    """Everything in `data/safety/`."""

    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Word classes of the patterns, by name."""
    stops: tuple[Stop, ...] = ()
    """Stops before pauses, the gravest first."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One row of an authority card: who may grant what, up to which limit."""

    grant: str
    """delay, waiver, part or plan."""
    who: str
    """agent, supervisor, approval or nobody."""
    limit: str
    """Most days of a delay, most yuan or per cent (`10%`) of a waiver, fewest yuan or per cent of a first part, most
    instalments of a plan; empty: no limit."""
    note: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """A company's scripts that were laid over the corpus."""

    name: str
    """The prefix of its ids."""
    title: str
    content_hash: str


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
    law: Law = Law()
    safety: Safety = Safety()
    overlays: tuple[Overlay, ...] = ()
    """What was laid over it, the last one on top."""
    authority: tuple[Grant, ...] = ()
    """The authority card of the last overlay that has one; empty: no card, and nothing is restricted."""
