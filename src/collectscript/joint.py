"""Check a text by the rules of a corpus and by those of its overlays: what either finds is found."""

from __future__ import annotations

from collectscript.checking import Checker, Finding


class JointChecker:
    """Two checkers as one; neither knows the other, so that no overlay can take a finding of the corpus away by adding."""

    def __init__(self, ours: Checker, own: Checker) -> None:
        self._ours = ours
        self._own = own

    def check(self, text: str, *call: str | None) -> tuple[Finding, ...]:
        """Return what is unlawful in `text`, in order of the text; `call` is what `Checker.check` takes after it.

        Where both find the same rule in the same place, that of the corpus counts.
        """
        ours, own = self._ours.check(text, *call), self._own.check(text, *call)
        new = [one for one in own if not any(_same(one, other) for other in ours)]
        return tuple(sorted((*ours, *new), key=lambda one: (one.start, one.end)))


def _same(one: Finding, other: Finding) -> bool:
    """Tell whether two findings are of one rule and about the same place, or both about the text as a whole."""
    overlap = one.start < other.end and other.start < one.end
    return one.rule.id == other.rule.id and (overlap or one.end == other.end == 0)
