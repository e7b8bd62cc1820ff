"""Check what somebody is about to say or send against the compliance rules: what is unlawful, where, and why.

Each sentence is looked at twice: explicit patterns, which know what is denied or quoted, and the phrase index, which
knows what is like the phrases of a rule. The opening of a text is also looked at as a whole for what must be in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from collectscript.classes import WordClasses
from collectscript.errors import InvalidValue
from collectscript.model import ComplianceRule, Law, RulePattern, Tables
from collectscript.patterns import BREAK, Lexicon, Pattern, Span, compile_pattern
from collectscript.problems import near
from collectscript.reading import Reading, not_ours, ours
from collectscript.sentences import Sentence, join, opening, sentences

if TYPE_CHECKING:
    from collectscript.index import Index
    from collectscript.knowledge import KnowledgeBase

OPENING = 300
"""Characters at the start of a text in which a whole opener must have introduced itself."""
SPOKEN = frozenset({None, "phone", "visit", "voicebot"})
"""Channels of an opener; messages have their own elements."""
WINDOW = 30
"""A longer sentence is also compared with the phrase index in windows of clauses of about so many characters."""
LINK = 3
"""Characters (a question mark, a blank) that may stand between two sentences that are also compared as one."""
SHORTEST = 6
"""A stretch of fewer characters is like anything and nothing."""
PIECE = 0.9
"""Confidence asked of likeness in a piece of a sentence: it was made for whole ones."""
HEDGED = 0.97
"""Confidence asked of likeness in a sentence that denies, quotes or condemns."""
CLOSE = 1.5
"""A text is like a second rule too when its score is nearer than this to the first one's."""
PATTERN = "pattern"
SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a text that a rule forbids or misses."""

    rule: ComplianceRule
    severity: str
    """forbidden, required or caution for this sector, party, role and channel."""
    start: int
    """First code point in the text; start and end are 0 when something required is missing from the whole."""
    end: int
    text: str
    """What stands there."""
    advice: str
    """Chinese: what to say instead, or what is missing."""
    fired: str
    """pattern: an explicit pattern; similar: it is like the phrases of the rule."""
    confidence: float
    """How sure, 0..1; 1 for a pattern."""

    @property
    def origin(self) -> str:
        """Where the rule comes from: `collectscript`, an overlay, or both; with the reason where one made it milder."""
        return self.rule.provenance


@dataclass(frozen=True, slots=True)
class Call:
    """To whom, about what, by whom and how something is said; None is not known."""

    sector: str | None = None
    party: str | None = None
    role: str | None = None
    channel: str | None = None

    def severity(self, rule: ComplianceRule) -> str | None:
        """Return how severe a rule is in this call; None when it does not bind."""
        return rule.severity_for(self.sector, self.party, self.role, self.channel)

    def holds(self, pattern: RulePattern) -> bool:
        """Tell whether a pattern is for this call."""
        return pattern.scope.holds(self.sector, self.party, self.role, self.channel)


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a rule was found in a folded sentence."""

    span: Span
    fired: str
    confidence: float


class Checker:
    """Checks texts against the rules of one corpus; holds no state of a text, so threads may share it."""

    def __init__(self, law: Law, tables: Tables, index: Index) -> None:
        self._law = law
        self._tables = tables
        self._index = index
        self._folder = index.folder
        self._rules = {rule.id: rule for rule in law.rules}
        self._lexicon = Lexicon(self._folder.fold)
        self._others = not_ours(dict(law.markers))
        self._reading = Reading(dict(law.markers), self._lexicon)
        self._classes = WordClasses(law, self._lexicon)
        shared = dict(law.words)
        self._compiled = [_Compiled.of(rule, shared, self._lexicon) for rule in law.rules]

    def check(
        self,
        text: str,
        sector: str | None = None,
        party: str | None = None,
        role: str | None = None,
        channel: str | None = None,
    ) -> tuple[Finding, ...]:
        """Return what is unlawful in `text`, in order of the text.

        Args:
            text: What is about to be said or sent; any string.
            sector: Sector of the speaker, an id of facets.tsv; None: the reading for everybody.
            party: To whom it is said, an id of facets.tsv; `third-party` may hear of no debt.
            role: Who says it: creditor, agency or lawyer.
            channel: How: phone, sms, ...; a whole opener is asked for on the phone, a visit and a voicebot.

        Raises:
            TypeError: `text` is not a string.
            InvalidValue: A value is not an id of facets.tsv; the message names near ones.

        """
        check_text(text)
        call = Call(sector, party, role, channel)
        self._check_call(call)
        own = ours(text, self._others)
        found = list(self._missing(own, call))
        # Two pieces of one long clause overlap and may tell of the same thing twice.
        seen: set[tuple[str, int]] = set()
        before: Sentence | None = None
        for sentence in sentences(own, self._folder):
            told = list(self._sentence(sentence, text, call))
            if before is not None and _follows(before, sentence, own):
                told += self._together(before, sentence, text, call)
            before = sentence
            for one in told:
                if (one.rule.id, one.start) not in seen:
                    seen.add((one.rule.id, one.start))
                    found.append(one)
        return tuple(sorted(found, key=lambda one: (one.start, one.end)))

    def _check_call(self, call: Call) -> None:
        for name in ("sector", "party", "role", "channel"):
            value = getattr(call, name)
            known = self._tables.ids(name)
            if value is not None and value not in known:
                msg = f"{name} {value!r} is not in facets.tsv{near(str(value), known)}"
                raise InvalidValue(msg)

    # -- one sentence ------------------------------------------------------------------------------

    def _sentence(self, sentence: Sentence, original: str, call: Call) -> Iterator[Finding]:
        found = self._reading.words(self._lexicon.scan(sentence.text))
        hits: dict[str, Hit] = {}
        for number, places in self._candidates(found).items():
            compiled = self._compiled[number]
            if call.severity(compiled.rule) is not None:
                span = compiled.find(places, sentence.text, found, call, self._reading)
                if span is not None:
                    hits[compiled.rule.id] = Hit(span, PATTERN, 1.0)
        yield from self._findings(self._similar(sentence, found) | hits, sentence, original, call)

    def _together(self, first: Sentence, second: Sentence, original: str, call: Call) -> Iterator[Finding]:
        """Yield what two short sentences are like together: a question and its answer mean one thing."""
        both = join(first, second)
        hits = self._similar(both, self._reading.words(self._lexicon.scan(both.text)))
        yield from self._findings(hits, both, original, call)

    def _findings(self, hits: Mapping[str, Hit], sentence: Sentence, original: str, call: Call) -> Iterator[Finding]:
        for rule_id, hit in hits.items():
            rule = self._rules[rule_id]
            severity = call.severity(rule)
            if severity is not None:
                start, end = sentence.span(*hit.span, original, self._folder)
                text = original[start:end]
                yield Finding(rule, severity, start, end, text, rule.instead[0], hit.fired, hit.confidence)

    def _candidates(self, found: Mapping[int, Sequence[Span]]) -> dict[int, list[int]]:
        """Return the patterns that a sentence may hold, as their places by the number of their rule, in order."""
        places = sorted({place for element in found for place in self._by_element.get(element, ())})
        candidates: dict[int, list[int]] = {}
        for number, place in places:
            candidates.setdefault(number, []).append(place)
        return candidates

    @cached_property
    def _by_element(self) -> dict[int, list[tuple[int, int]]]:
        """For an element: the patterns (number of the rule, place in it) that are looked for where it stands."""
        places: dict[int, list[tuple[int, int]]] = {}
        for number, compiled in enumerate(self._compiled):
            for place, (_, pattern) in enumerate(compiled.patterns):
                # Every element must stand there; the one with the fewest words does so least often.
                rarest = min(sorted(pattern.needed), key=self._lexicon.size)
                places.setdefault(rarest, []).append((number, place))
        return places

    # -- likeness ----------------------------------------------------------------------------------

    def _similar(self, sentence: Sentence, found: Mapping[int, Sequence[Span]]) -> dict[str, Hit]:
        """Return the rules whose phrases some stretch of the sentence is like."""
        if self._index.exact.get(sentence.text.replace(BREAK, "")) == self._index.none:
            return {}
        wanted = self._index.calibration.threshold
        if self._reading.hedged(sentence.text, found):
            wanted = max(wanted, HEDGED)
        hits: dict[str, Hit] = {}
        for first, last in _windows(sentence):
            text = sentence.text[first:last].replace(BREAK, "")
            whole = last - first == len(sentence.text)
            if len(text) < SHORTEST and text not in self._index.exact:
                continue
            numbers, confidence = self._like(text, self._classes.keys(found, first, last))
            if confidence < (wanted if whole else max(wanted, PIECE)):
                continue
            for rule_id in [self._index.classes[number] for number in numbers]:
                # A phrase of the rule itself is cleared only by what an overlay gives a reason for.
                clearing = self._unless[rule_id] if confidence < 1 else self._waived[rule_id]
                cleared = any(element in found for element in clearing)
                if not cleared and (rule_id not in hits or hits[rule_id].confidence < confidence):
                    hits[rule_id] = Hit((first, last), SIMILAR, confidence)
        return hits

    def _like(self, text: str, classes: set[str]) -> tuple[list[int], float]:
        """Return the rules that a folded text is most like, one or two, and how sure it is that it breaks one."""
        index = self._index
        exact = index.exact.get(text)
        if exact is not None:
            return [exact], float(exact != index.none)
        keys = [*index.known_keys(text), *(index.place[key] for key in classes if key in index.place)]
        scores = index.scores(keys)
        lawful = scores.pop(index.none)
        if not scores:
            return [], 0.0
        first, *rest = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:2]
        together = math.log(sum([math.exp(score - scores[first]) for score in scores])) + scores[first]
        fitted = index.calibration
        logit = fitted.bias + fitted.size * math.log2(1 + len(keys)) + fitted.lead * (together - lawful)
        close = [number for number in rest if scores[first] - scores[number] < CLOSE]
        return [first, *close], 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0

    @cached_property
    def _unless(self) -> dict[str, tuple[int, ...]]:
        return {compiled.rule.id: compiled.unless for compiled in self._compiled}

    @cached_property
    def _waived(self) -> dict[str, tuple[int, ...]]:
        return {rule.id: tuple(self._lexicon.element([word]) for word in rule.waived) for rule in self._law.rules}

    # -- the opening as a whole ----------------------------------------------------------------------

    def _missing(self, own: str, call: Call) -> Iterator[Finding]:
        """Yield one finding for each rule some required element of which a whole opener lacks."""
        rules = [compiled for compiled in self._compiled if compiled.elements and call.severity(compiled.rule)]
        if call.channel not in SPOKEN or call.party == "third-party" or not rules:
            return
        sentence = opening(own, self._folder, OPENING)
        if sentence is None:
            return
        found = self._lexicon.scan(sentence.text)
        for compiled in rules:
            openers = [pattern for source, pattern in compiled.when if call.holds(source)]
            if not any(_holds(pattern, sentence.text, found) for pattern in openers):
                continue
            missing = [
                name
                for name, patterns in compiled.elements
                if not any(_holds(pattern, sentence.text, found) for pattern in patterns)
            ]
            if missing:
                severity = call.severity(compiled.rule) or compiled.rule.severity
                advice = f"缺：{'、'.join(missing)}。{compiled.rule.instead[0]}"
                yield Finding(compiled.rule, severity, 0, 0, "", advice, PATTERN, 1.0)


def check(
    text: str,
    sector: str | None = None,
    party: str | None = None,
    role: str | None = None,
    channel: str | None = None,
) -> tuple[Finding, ...]:
    """Return what is unlawful in `text` by the rules of the bundled corpus; see `Checker.check`."""
    return _bundled().check(text, sector, party, role, channel)


@cache
def _bundled() -> KnowledgeBase:
    from collectscript.knowledge import load

    return load()


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule with its patterns compiled."""

    rule: ComplianceRule
    patterns: tuple[tuple[RulePattern, Pattern], ...]
    unless: tuple[int, ...]
    when: tuple[tuple[RulePattern, Pattern], ...]
    elements: tuple[tuple[str, tuple[Pattern, ...]], ...]

    @classmethod
    def of(cls, rule: ComplianceRule, shared: Mapping[str, Sequence[str]], lexicon: Lexicon) -> _Compiled:
        classes = {**shared, **dict(rule.words)}

        def compiled(patterns: Sequence[RulePattern]) -> tuple[tuple[RulePattern, Pattern], ...]:
            return tuple((one, compile_pattern(one.text, classes, lexicon)) for one in patterns)

        return cls(
            rule,
            compiled(rule.patterns),
            tuple(lexicon.element([word]) for word in rule.unless),
            compiled(rule.when),
            tuple((one.name, tuple(pattern for _, pattern in compiled(one.patterns))) for one in rule.elements),
        )

    def find(
        self, places: Sequence[int], text: str, found: Mapping[int, Sequence[Span]], call: Call, reading: Reading
    ) -> Span | None:
        """Return where the first of the patterns at `places` that is really said stands; None when none is."""
        cleared = any(element in found for element in self.unless)
        for source, pattern in [self.patterns[place] for place in places]:
            if (cleared and not source.always) or not pattern.possible(found) or not call.holds(source):
                continue
            for chain in pattern.chains(text, found):
                if source.always or reading.said(text, found, chain):
                    return chain[0][0], max(span[1] for span in chain)
        return None


def check_text(text: object) -> None:
    """Raise `TypeError` unless `text` is a string."""
    if not isinstance(text, str):
        msg = f"text must be str, not {type(text).__name__}"
        raise TypeError(msg)


def _follows(first: Sentence, second: Sentence, text: str) -> bool:
    """Tell whether two sentences stand in one line and are short enough to be compared as one."""
    between = text[first.clauses[-1][1] : second.clauses[0][0]]
    return len(first.text) + len(second.text) < WINDOW and "\n" not in between and len(between) <= LINK


def _holds(pattern: Pattern, text: str, found: Mapping[int, Sequence[Span]]) -> bool:
    return next(pattern.chains(text, found), None) is not None


def _windows(sentence: Sentence) -> list[Span]:
    """Return the stretches of a sentence to compare: the whole when it is short, runs of clauses, slices of long ones."""
    size = len(sentence.text)
    if size <= WINDOW:
        return [(0, size)]
    starts = sentence.offsets
    ends = [*(start - len(BREAK) for start in starts[1:]), size]
    found: list[Span] = [(0, size)] if size <= 2 * WINDOW else []
    reached = 0
    for number, start in enumerate(starts):
        last = number
        while last + 1 < len(starts) and ends[last + 1] - start <= WINDOW:
            last += 1
        # A run that ends where the one before did lies within it.
        if ends[last] > reached:
            reached = ends[last]
            if reached - start <= 2 * WINDOW:
                found.append((start, reached))
            else:
                found += [(at, min(at + WINDOW, reached)) for at in range(start, reached, WINDOW // 2)]
    return found
