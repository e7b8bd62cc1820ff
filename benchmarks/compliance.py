"""How the compliance check does on phrases that nothing was learned from, and what a longer text costs.

The phrases of every rule are dealt into folds. For each fold the phrase index is learned anew without it, and its
phrases are checked by the patterns alone, by likeness alone, and by both. Patterns were written beside the phrases of
their rule, so what they find here flatters them; a file of phrases that their author has not seen does not.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import collectscript as cs
from collectscript.checking import Checker, Finding
from collectscript.corpus import load_corpus
from collectscript.files import find_data, read_files
from collectscript.index import Index
from collectscript.model import Corpus, Law, RulePattern, RulePhrase, Scope
from collectscript.phrases import build_phrase_index
from collectscript.verdicts import unlawful

FOLDS = 4
NOBODY = Scope(channels=("",))
"""A call that there is none of: what is for it never fires."""
WAYS = ("patterns", "likeness", "both")
COLUMNS = {"sectors": "sector", "parties": "party", "roles": "role", "channels": "channel"}
"""Axis of a scope to the column of a file."""


@dataclass(frozen=True, slots=True)
class Row:
    """A phrase with what should be said of it."""

    text: str
    rule: str
    bad: bool
    scope: Scope


@dataclass(slots=True)
class Count:
    """What was found in the phrases of a rule."""

    bad: int = 0
    flagged: int = 0
    right: int = 0
    lawful: int = 0
    alarms: int = 0

    def add(self, row: Row, findings: Sequence[Finding]) -> None:
        """Count one phrase; a caution flags a bad phrase, and is no alarm for a lawful one."""
        if row.bad:
            self.bad += 1
            self.flagged += bool(findings)
            self.right += any(finding.rule.id == row.rule for finding in findings)
        else:
            self.lawful += 1
            self.alarms += unlawful(findings)

    def plus(self, other: Count) -> Count:
        """Return the sum of two counts."""
        return Count(
            self.bad + other.bad,
            self.flagged + other.flagged,
            self.right + other.right,
            self.lawful + other.lawful,
            self.alarms + other.alarms,
        )

    def __str__(self) -> str:
        """Return the three shares."""
        bad, lawful = max(self.bad, 1), max(self.lawful, 1)
        return f"{self.flagged / bad:.3f}  {self.right / bad:.3f}  {self.alarms / lawful:.3f}"


Counts = Mapping[str, Mapping[str, Count]]
"""By way and rule."""


def found(checker: Checker, row: Row) -> tuple[Finding, ...]:
    """Return the findings in one phrase, said in its own call."""
    scope = row.scope
    values = [next(iter(axis), None) for axis in (scope.sectors, scope.parties, scope.roles, scope.channels)]
    return checker.check(row.text, *values)


def checkers(law: Law, corpus: Corpus, index: Index) -> dict[str, Checker]:
    """Return a checker for each way of looking."""
    deaf = replace(index, calibration=replace(index.calibration, threshold=2.0))

    def never(patterns: Iterable[RulePattern]) -> tuple[RulePattern, ...]:
        # The words of a pattern still count as a class; only the pattern itself is for nobody.
        return tuple(replace(pattern, scope=NOBODY) for pattern in patterns)

    blind = replace(law, rules=tuple(replace(rule, patterns=never(rule.patterns), when=()) for rule in law.rules))
    return {
        "patterns": Checker(law, corpus.tables, deaf),
        "likeness": Checker(blind, corpus.tables, index),
        "both": Checker(law, corpus.tables, index),
    }


def left_out(corpus: Corpus, files: Mapping[str, bytes]) -> Counts:
    """Return what is found in the phrases of every rule by an index that has not seen them."""
    counts: dict[str, dict[str, Count]] = {way: defaultdict(Count) for way in WAYS}
    for fold in range(FOLDS):

        def kept(phrases: Sequence[RulePhrase], fold: int = fold) -> tuple[RulePhrase, ...]:
            return tuple(phrase for place, phrase in enumerate(phrases) if place % FOLDS != fold)

        law = replace(
            corpus.law,
            rules=tuple(replace(rule, flag=kept(rule.flag), lawful=kept(rule.lawful)) for rule in corpus.law.rules),
        )
        ways = checkers(law, corpus, build_phrase_index(replace(corpus, law=law), files))
        for rule in corpus.law.rules:
            for bad, phrases in ((True, rule.flag), (False, rule.lawful)):
                for phrase in phrases[fold::FOLDS]:
                    row = Row(phrase.text, rule.id, bad, phrase.scope)
                    for way, checker in ways.items():
                        counts[way][rule.id].add(row, found(checker, row))
    return counts


def labelled(files: Iterable[Path], corpus: Corpus, index: Index) -> Counts:
    """Return what is found in the phrases of files with the columns phrase, rule, label, and sector, party, ... if any."""
    counts: dict[str, dict[str, Count]] = {way: defaultdict(Count) for way in WAYS}
    ways = checkers(corpus.law, corpus, index)
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                call = {axis: (row[facet],) for axis, facet in COLUMNS.items() if row.get(facet)}
                one = Row(row["phrase"], row["rule"], row["label"] == "flag", Scope(**call))
                for way, checker in ways.items():
                    counts[way][one.rule].add(one, found(checker, one))
    return counts


def table(counts: Counts, *, each: bool) -> None:
    """Print the shares by way, and by rule for both together."""
    print(f"{'':34} flagged  right  false alarms")
    for way, rules in counts.items():
        total = Count()
        for count in rules.values():
            total = total.plus(count)
        print(f"{way:34}   {total}   ({total.bad} bad, {total.lawful} lawful)")
    if each:
        for rule, count in sorted(counts["both"].items()):
            print(f"  {rule:32}   {count}")


def cost() -> None:
    """Print the process time of a document against one a tenth as long, the better of two turns."""
    kb = cs.load()
    # What customers say is unknown to the check, full of words of the rules, and often found unlawful: the dear kind.
    page = "".join(f"{text}。\n" for entry in kb for text in entry.utterances)
    short, long = (
        (page * (size // len(page.encode()) + 1)).encode()[:size].decode("utf-8", "ignore") for size in SIZES
    )
    kb.check(short[:1000])
    spent = {text: min(_spent(kb, text) for _ in range(2)) for text in (short, long)}
    print(f"{SIZES[1]} bytes cost {spent[long] / spent[short]:.1f} times what {SIZES[0]} bytes cost")


SIZES = (100_000, 1_000_000)


def _spent(kb: cs.KnowledgeBase, text: str) -> float:
    begun = time.process_time()
    kb.check(text)
    return time.process_time() - begun


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="labelled phrases: phrase, rule, label (flag or other)")
    parser.add_argument("--rules", action="store_true", help="print a line for each rule too")
    parser.add_argument("--cost", action="store_true", help="print what a document of 1 MB costs against one of 0.1 MB")
    arguments = parser.parse_args()
    if arguments.cost:
        cost()
        return
    folder = find_data()
    corpus, files = load_corpus(folder), read_files(folder)
    counts = labelled(arguments.files, corpus, cs.load().phrases) if arguments.files else left_out(corpus, files)
    table(counts, each=arguments.rules)


if __name__ == "__main__":
    main()
