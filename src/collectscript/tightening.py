"""What an overlay makes of compliance rules: new ones, ours made stricter, and ours made milder with a reason.

Ours are kept apart from what overlays add, each with an index of its own, so that nothing an overlay adds can take a
finding away: what is found is what ours find and what the others find. `Rulebook` holds both, and how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from collectscript.model import Binding, ComplianceRule, Law, LawSource, Scope
from collectscript.rules import SEVERITIES

GRAVITY: Mapping[str | None, int] = {None: 0, **{name: len(SEVERITIES) - n for n, name in enumerate(SEVERITIES.values())}}
"""How grave a severity is; None, not bound, is nothing."""
NAMES = {name: chinese for chinese, name in SEVERITIES.items()} | {None: "不适用"}
_OTHER = "·"
"""Stands for every value that no binding names."""


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
        """Return it with what an overlay adds to a rule, `part`; with a reason in `loosens` its `unless` counts for ours."""
        merged = _extended(self.rule(part.id), part, loosens)
        said = {
            "title": merged.title, "severity": merged.severity, "bindings": merged.bindings, "sources": merged.sources,
            "requirement": merged.requirement, "instead": merged.instead, "note": merged.note, "unless": merged.unless,
            "origin": merged.origin, "loosened": merged.loosened,
        }  # fmt: skip
        ours = tuple(replace(rule, **said) if rule.id == part.id else rule for rule in self.ours.rules)
        before = next((rule for rule in self.own if rule.id == part.id), None)
        grown = replace(merged, **{**_recognised(before, part), "when": merged.when})
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


def milder(base: ComplianceRule, part: ComplianceRule) -> Iterator[tuple[int, str, str, Scope]]:
    """Yield where an extension binds somebody more mildly than the rule does.

    Each is the number of the line of its 约束谁 (-1 for what it says for everybody), the severity before and after in
    Chinese, and an example of whom it concerns.
    """
    after = _bound(base, part)
    told: set[int] = set()
    for call in product(*_values((*base.bindings, *part.bindings))):
        old, new = base.severity_for(*call), after.severity_for(*call)
        line = next((n for n, one in enumerate(part.bindings) if one.scope.holds(*call)), -1)
        if GRAVITY[new] < GRAVITY[old] and line not in told:
            told.add(line)
            known = [(value,) if value not in {None, _OTHER} else () for value in call]
            yield line, NAMES[old], NAMES[new], Scope(*[tuple(one for one in value if one) for value in known])


def _values(bindings: Sequence[Binding]) -> list[list[str | None]]:
    """Return for each axis every value that makes a difference."""
    axes: tuple[Callable[[Scope], tuple[str, ...]], ...] = (
        lambda scope: scope.sectors,
        lambda scope: scope.parties,
        lambda scope: scope.roles,
        lambda scope: scope.channels,
    )
    return [[None, _OTHER, *sorted({value for one in bindings for value in axis(one.scope)})] for axis in axes]


def _bound(base: ComplianceRule, part: ComplianceRule) -> ComplianceRule:
    """Return the rule bound as an extension says: what it says for somebody counts, and for everybody, for all others."""
    if part.severity:
        return replace(base, severity=part.severity, bindings=part.bindings)
    return replace(base, bindings=(*part.bindings, *base.bindings))


def _extended(base: ComplianceRule, part: ComplianceRule, loosens: str) -> ComplianceRule:
    """Return a rule with what an overlay adds to it; its own advice comes first."""
    joined = {name: (*getattr(base, name), *getattr(part, name)) for name in _RECOGNISED}
    allowed = {phrase.text for phrase in part.lawful}
    joined["flag"] = tuple(phrase for phrase in joined["flag"] if phrase.text not in allowed)
    return replace(
        _bound(base, part),
        **joined,
        requirement="\n".join(text for text in (base.requirement, part.requirement) if text),
        words=part.words,
        unless=(*base.unless, *part.unless),
        instead=(*part.instead, *base.instead),
        sources=(*base.sources, *part.sources),
        note="\n".join(text for text in (base.note, part.note) if text),
        origin=_origin(base, part.origin),
        loosened=_reasons(base, part.origin, loosens) if loosens else base.loosened,
    )


_RECOGNISED = ("patterns", "when", "elements", "flag", "lawful")


def _recognised(before: ComplianceRule | None, part: ComplianceRule) -> dict[str, tuple[object, ...]]:
    """Return what recognises what overlays added to a rule, those before included."""
    return {name: (*(getattr(before, name) if before else ()), *getattr(part, name)) for name in _RECOGNISED}


def _muted(rule: ComplianceRule, name: str, loosens: str) -> ComplianceRule:
    reason = _reasons(rule, name, loosens)
    return replace(
        rule, bindings=(Binding(Scope(), None, reason),), origin=_origin(rule, name), loosened=reason
    )


def _origin(rule: ComplianceRule, name: str) -> str:
    return rule.origin if name in rule.origin.split("+") else f"{rule.origin}+{name}"


def _reasons(rule: ComplianceRule, name: str, loosens: str) -> str:
    return "；".join(text for text in (rule.loosened, f"{name}：{loosens}") if text)


def _with(law: Law, rule: ComplianceRule) -> Law:
    return replace(law, rules=(*law.rules, rule))


def _instead(law: Law, rule: ComplianceRule) -> Law:
    return replace(law, rules=tuple(rule if one.id == rule.id else one for one in law.rules))
