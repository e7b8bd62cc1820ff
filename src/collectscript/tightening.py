"""What an overlay makes of compliance rules: new ones, ours made stricter, and ours made milder with a reason.

Ours are kept apart from what overlays add, each with an index of its own, so that nothing an overlay adds can take a
finding away: what is found is what ours find and what the others find. `Rulebook` holds both, and how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from collectscript.model import BUNDLED, SEVERITIES, Binding, ComplianceRule, Law, LawSource, Scope

GRAVITY: Mapping[str | None, int] = {severity: number for number, severity in enumerate(reversed(SEVERITIES))}
"""How grave a severity is; None, not bound, is nothing."""
_OTHER = "·"
"""Stands for every value that no binding names, and for one that is not known."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of a corpus with overlays over it."""

    shown: Law
    """Every rule as it is now, with everything that overlays added to it."""
    ours: Law
    """The corpus's rules as they are checked: with the bindings, sources and advice of now, and their own recognition."""
    own: tuple[ComplianceRule, ...] = ()
    """What overlays brought: new rules whole, and of those they extend only what recognises what they added."""

    @classmethod
    def of(cls, law: Law) -> Rulebook:
        """Start from the law of a corpus."""
        return cls(law, law)

    def added(self, rule: ComplianceRule) -> Rulebook:
        """Return it with a new rule."""
        return replace(self, shown=_with(self.shown, rule), own=(*self.own, rule))

    def extended(self, part: ComplianceRule, loosens: str) -> Rulebook:
        """Return it with what an overlay adds to a rule, `part`; its `unless` counts for ours, so it needs a reason."""
        merged = _extended(self.rule(part.id), part, loosens)
        # What was replaced stays silent, whatever is made of the rule in its place.
        known = BUNDLED in merged.origin.split("+")
        ours = tuple(_recognising(merged, rule) if known and rule.id == part.id else rule for rule in self.ours.rules)
        before = next((rule for rule in self.own if rule.id == part.id), None)
        grown = replace(_recognising(merged, part if before is None else _joined(before, part)), when=merged.when)
        own = tuple(grown if rule.id == part.id else rule for rule in self.own)
        return Rulebook(
            _instead(self.shown, merged), replace(self.ours, rules=ours), own if before is not None else (*own, grown)
        )

    def replaced(self, rule: ComplianceRule, loosens: str) -> Rulebook:
        """Return it with a rule in the place of the one of its id, which is checked no more."""
        reason = _reasons(self.rule(rule.id), rule.origin, loosens)
        rule = replace(rule, loosened=reason)
        own = tuple(one for one in self.own if one.id != rule.id)
        return Rulebook(_instead(self.shown, rule), self._muted(rule.id, rule.origin, loosens), (*own, rule))

    def hidden(self, rule_id: str, name: str, loosens: str) -> Rulebook:
        """Return it with a rule that binds nobody any more, shown as such."""
        own = tuple(rule for rule in self.own if rule.id != rule_id)
        shown = _instead(self.shown, _muted(self.rule(rule_id), name, loosens))
        return Rulebook(shown, self._muted(rule_id, name, loosens), own)

    def rule(self, rule_id: str) -> ComplianceRule:
        """Return a rule as it is now; KeyError when there is none."""
        return {rule.id: rule for rule in self.shown.rules}[rule_id]

    def own_law(self) -> Law:
        """Return what overlays brought, as a law of its own over the same words."""
        return replace(self.shown, rules=self.own, limits=())

    def with_sources(self, sources: tuple[LawSource, ...]) -> Rulebook:
        """Return it with further sources."""
        whole = (*self.shown.sources, *sources)
        return replace(self, shown=replace(self.shown, sources=whole), ours=replace(self.ours, sources=whole))

    def _muted(self, rule_id: str, name: str, loosens: str) -> Law:
        rules = tuple(_muted(rule, name, loosens) if rule.id == rule_id else rule for rule in self.ours.rules)
        return replace(self.ours, rules=rules)


def less_bound(base: ComplianceRule, part: ComplianceRule) -> Iterator[tuple[int, str, str, tuple[str, ...]]]:
    """Yield where an extension binds somebody more mildly than the rule does.

    Each is the number of the line of its 约束谁 (-1 for what it says for everybody), the severity before and after in
    Chinese, and an example of whom it concerns, as ids.
    """
    after = _bound(base, part)
    told: set[int] = set()
    for call in product(*_values((*base.bindings, *part.bindings))):
        old, new = base.severity_for(*call), after.severity_for(*call)
        line = next((n for n, one in enumerate(part.bindings) if one.scope.holds(*call)), -1)
        if GRAVITY[new] < GRAVITY[old] and line not in told:
            told.add(line)
            yield line, SEVERITIES[old], SEVERITIES[new], tuple(value for value in call if value != _OTHER)


def _values(bindings: Sequence[Binding]) -> list[list[str]]:
    """Return for each axis every value that makes a difference."""
    axes: tuple[Callable[[Scope], tuple[str, ...]], ...] = (
        lambda scope: scope.sectors,
        lambda scope: scope.parties,
        lambda scope: scope.roles,
        lambda scope: scope.channels,
    )
    return [[_OTHER, *sorted({value for one in bindings for value in axis(one.scope)})] for axis in axes]


def _bound(base: ComplianceRule, part: ComplianceRule) -> ComplianceRule:
    """Return the rule bound as an extension says: what it says for somebody counts, and for everybody, for all others."""
    if part.severity:
        return replace(base, severity=part.severity, bindings=part.bindings)
    return replace(base, bindings=(*part.bindings, *base.bindings))


def _extended(base: ComplianceRule, part: ComplianceRule, loosens: str) -> ComplianceRule:
    """Return a rule with what an overlay adds to it; its own advice comes first."""
    allowed = {phrase.text for phrase in part.lawful}
    both = _joined(_bound(base, part), part)
    return replace(
        both,
        flag=tuple(phrase for phrase in both.flag if phrase.text not in allowed),
        requirement=_lines(base.requirement, part.requirement),
        unless=(*base.unless, *part.unless),
        waived=(*base.waived, *part.unless),
        instead=(*part.instead, *base.instead),
        sources=(*base.sources, *part.sources),
        note=_lines(base.note, part.note),
        origin=_origin(base, part.origin),
        loosened=_reasons(base, part.origin, loosens) if loosens else base.loosened,
    )


def _joined(base: ComplianceRule, part: ComplianceRule) -> ComplianceRule:
    """Return a rule with what recognises the other one too."""
    return replace(
        base,
        words=part.words,
        patterns=(*base.patterns, *part.patterns),
        when=(*base.when, *part.when),
        elements=(*base.elements, *part.elements),
        flag=(*base.flag, *part.flag),
        lawful=(*base.lawful, *part.lawful),
    )


def _recognising(rule: ComplianceRule, known: ComplianceRule) -> ComplianceRule:
    """Return a rule that is recognised only by what another one is."""
    return replace(
        rule,
        words=known.words,
        patterns=known.patterns,
        when=known.when,
        elements=known.elements,
        flag=known.flag,
        lawful=known.lawful,
    )


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _muted(rule: ComplianceRule, name: str, loosens: str) -> ComplianceRule:
    reason = _reasons(rule, name, loosens)
    return replace(rule, bindings=(Binding(Scope(), None, reason),), origin=_origin(rule, name), loosened=reason)


def _origin(rule: ComplianceRule, name: str) -> str:
    return rule.origin if name in rule.origin.split("+") else f"{rule.origin}+{name}"


def _reasons(rule: ComplianceRule, name: str, loosens: str) -> str:
    return "；".join(text for text in (rule.loosened, f"{name}：{loosens}") if text)


def _with(law: Law, rule: ComplianceRule) -> Law:
    return replace(law, rules=(*law.rules, rule))


def _instead(law: Law, rule: ComplianceRule) -> Law:
    return replace(law, rules=tuple(rule if one.id == rule.id else one for one in law.rules))
