"""The knowledge base: one loaded corpus with its matcher and ranker; the object that users hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from collectscript.compiled import Compiled
from collectscript.errors import UnknownId
from collectscript.files import find_data
from collectscript.index import Index
from collectscript.layers import compile_layers
from collectscript.match import Match, Matcher, MatchResult
from collectscript.model import Corpus, Objection, Overlay, Page, Response, Tables
from collectscript.problems import near

if TYPE_CHECKING:
    from collectscript.authority import Authority
    from collectscript.checking import Checker, Finding
    from collectscript.compiled import OwnRules
    from collectscript.context import Context
    from collectscript.customers import CustomerGuess, CustomerReader
    from collectscript.encoder import Encoder
    from collectscript.joint import JointChecker
    from collectscript.model import ComplianceRule, Stop
    from collectscript.respond import Answer, RankedResponse, Ranker
    from collectscript.safety import Detector, Fired
    from collectscript.slots import Facts


class KnowledgeBase:
    """A corpus that can be asked; immutable and safe to share between threads. Made by `load`."""

    def __init__(self, compiled: Compiled, encoder: Encoder | None = None) -> None:
        self._compiled = compiled
        self._encoder = encoder

    def __getstate__(self) -> dict[str, object]:
        """Return what another process needs to have the same: not what this one has worked out since."""
        return {"_compiled": self._compiled, "_encoder": self._encoder}

    # -- look-up -------------------------------------------------------------------------------------

    def __getitem__(self, entry_id: str) -> Objection:
        """Return an objection by id; `UnknownId` names near ones."""
        if entry_id not in self:
            msg = f"no objection {entry_id!r}{near(str(entry_id), self._compiled.ids)}"
            raise UnknownId(msg)
        return self._compiled.objection(entry_id)

    def __iter__(self) -> Iterator[Objection]:
        """Iterate over the objections in taxonomy order."""
        return (self._compiled.objection(entry_id) for entry_id in self._compiled.ids)

    def __len__(self) -> int:
        """Return the number of objections."""
        return len(self._compiled.ids)

    def __contains__(self, entry_id: object) -> bool:
        """Tell whether there is an objection of this id."""
        return entry_id in self._compiled.ids

    def objections(self, group: str | None = None) -> tuple[Objection, ...]:
        """Return all objections, or those of one group; `UnknownId` for an unknown group."""
        groups = [one.id for one in self.tables.groups]
        if group is not None and group not in groups:
            msg = f"no group {group!r}{near(group, groups) or '; known: ' + ', '.join(groups)}"
            raise UnknownId(msg)
        return tuple(entry for entry in self if group in (None, entry.group))

    @property
    def techniques(self) -> Mapping[str, Page]:
        """The pages behind the techniques, structures and influences, by id."""
        return {page.id: page for page in self._compiled.pages("techniques")}

    @property
    def customer_types(self) -> Mapping[str, Page]:
        """The pages behind the customer types, by id."""
        return {page.id: page for page in self._compiled.pages("customers")}

    def pages(self, kind: str) -> tuple[Page, ...]:
        """Return the pages of one folder: techniques, customers, methods, preparation or facts."""
        return self._compiled.pages(kind)

    @property
    def tables(self) -> Tables:
        """The closed lists of the corpus."""
        return self._compiled.tables

    @property
    def corpus(self) -> Corpus:
        """Everything in the corpus."""
        return self._compiled.corpus()

    @property
    def index(self) -> Index:
        """The index that matching reads; `index.to_json()` exports it."""
        return self._compiled.index

    @property
    def phrases(self) -> Index:
        """The index of forbidden phrases that the compliance check reads."""
        return self._compiled.phrases

    @property
    def rules(self) -> Mapping[str, ComplianceRule]:
        """The compliance rules, by id, with everything that overlays added to them."""
        return {rule.id: rule for rule in self._compiled.law.rules}

    @property
    def own_rules(self) -> OwnRules | None:
        """The rules as they are checked where overlays bring or change some; None where none does."""
        return self._compiled.own_rules

    @property
    def signs(self) -> Mapping[str, Index]:
        """What was learned from the examples of stops and pauses, by id; those without examples have none."""
        return self._compiled.signs

    @property
    def content_hash(self) -> str:
        """Hash of the corpus's files and of those of its overlays, 32 hex digits."""
        return self._compiled.content_hash

    @property
    def overlays(self) -> tuple[Overlay, ...]:
        """What was laid over the corpus, the last one on top."""
        return self._compiled.overlays

    # -- matching and answering ------------------------------------------------------------------------

    def match(self, text: str, limit: int = 3, threshold: float | None = None) -> MatchResult:
        """Return the objections that `text` may be, best first.

        Args:
            text: What a customer said; any string.
            limit: How many matches at most, 1 or more.
            threshold: Confidence from which a match counts, 0..1; None uses the entry's or the corpus's own. It decides
                `matched` and `accepted` and never removes a match.

        Raises:
            TypeError: `text` is not a string.
            ValueError: `limit` is below 1, or `threshold` is not in 0..1.

        """
        return self._matcher.match(text, limit, threshold)

    def match_many(
        self, texts: Iterable[str], limit: int = 1, threshold: float | None = None, workers: int = 1
    ) -> Iterator[MatchResult]:
        """Match many texts, lazily and in order.

        Args:
            texts: Any number of texts; they are read as results are taken, a few thousand ahead at most.
            limit: How many matches each, 1 or more.
            threshold: As in `match`.
            workers: Processes that share the work; 1 works in this one.

        Raises:
            TypeError: One of the texts is not a string; raised when its turn comes.
            ValueError: `limit` or `workers` is below 1, or `threshold` is not in 0..1.

        """
        from collectscript.many import match_many

        return match_many(self, texts, limit, threshold, workers)

    def respond(
        self,
        text: str,
        context: Context | None = None,
        facts: Facts | None = None,
        limit: int = 3,
        threshold: float | None = None,
        *,
        guess: CustomerGuess | None = None,
    ) -> Answer:
        """Match `text` and return what to say for the first thing to handle.

        When a stop fires, the responses are its own and nothing else; in a pause they press for nothing. When nothing
        matches, the responses are neutral questions that fit the party. With a `guess`, the customer types that it can
        tell count as known where the context does not say them. Raises as `match` does.
        """
        if guess is not None:
            context = guess.fill(context or _unknown())
        from collectscript.respond import Answer

        found = self.match(text, limit, threshold)
        said = [match for match in found.matches if match.accepted]
        readings = self._readings(text, found)
        fired = self._detector.detect(text, context, readings)
        if fired:
            from collectscript.halting import told

            return Answer(
                found,
                self._halted(fired, readings, context, facts, limit, said=text),
                tuple(told(one) for one in fired),
            )
        if not said:
            return Answer(found, self._scripts("neutral", context, facts, limit))
        first = min(said, key=lambda match: match.priority)
        return Answer(found, self._for(first.objection, context, facts, limit, said=text))

    @property
    def stops(self) -> Mapping[str, Stop]:
        """The stops and pauses, by id, the gravest first."""
        return {stop.id: stop for stop in self._compiled.safety.stops}

    def _readings(self, text: str, found: MatchResult) -> list[tuple[Match, ...]]:
        """Return the matches of a text and of each of its clauses, the text first."""
        from collectscript.safety import MATCHES, clauses

        whole = found.matches if len(found.matches) >= MATCHES else self.match(text, MATCHES).matches
        return [whole, *(self.match(clause, MATCHES).matches for clause in clauses(text, self.index.folder))]

    def _halted(
        self,
        fired: Sequence[Fired],
        readings: Sequence[Sequence[Match]],
        context: Context | None,
        facts: Facts | None,
        limit: int,
        *,
        said: str,
    ) -> tuple[RankedResponse, ...]:
        """Return what may be said after these stops and pauses, the gravest of which decides."""
        from collectscript.halting import calm_words, led, meant_by, stop_words
        from collectscript.respond import falling
        from collectscript.stops import BILL, STOP

        first = fired[0]
        known = context or _unknown()
        if first.stop.kind == STOP:
            bill = dict(self._compiled.safety.words).get(BILL, ())
            words = stop_words(first, bill, [self[name] for name in first.stop.entries if name in self])
            return self._checked(self._ranker.in_order(words, known, limit, facts, first.reason), known, facts)
        own = self._checked(
            self._ranker.in_order(first.stop.responses, known, limit, facts, first.reason), known, facts
        )
        match = meant_by(first, readings) or next((one for one in readings[0] if one.accepted), None)
        if match is None or any(one.stop.unless for one in fired):
            return own
        calm = calm_words(match.objection.responses)
        if match.objection.id in first.stop.entries:
            together = (*calm, *first.stop.responses)
            fitting = led(self._rank(together, context, facts, None, concern="dispute", said=said), first)
        else:
            fitting = (*own, *self._rank(calm, context, facts, None, concern="dispute", said=said))
        return falling(fitting[:limit])

    def responses(
        self,
        entry_id: str,
        context: Context | None = None,
        facts: Facts | None = None,
        limit: int | None = 3,
    ) -> tuple[RankedResponse, ...]:
        """Rank the responses of a known objection for this call.

        When none of them may be said to the party on the line, neutral lines fit for that party are returned.
        """
        return self._for(self[entry_id], context, facts, limit)

    def _for(
        self,
        entry: Objection,
        context: Context | None,
        facts: Facts | None,
        limit: int | None,
        *,
        said: str = "",
    ) -> tuple[RankedResponse, ...]:
        """Rank what can be said to an objection, or neutral lines for a party to whom nothing of it may be said."""
        concern = self.tables.concern(entry.id)
        ranked = self._rank(entry.responses, context, facts, limit, concern=concern, said=said)
        if not ranked and concern == "person" and (context is None or context.party in (None, "debtor")):
            # The words themselves say that somebody else speaks: what was assumed of the party gives way.
            other = (context or _unknown()).model_copy(update={"party": "third-party"})
            ranked = self._rank(entry.responses, other, facts, limit, concern=concern, said=said)
            ranked = tuple(replace(one, reasons=("听起来不是本人：先按第三方", *one.reasons)) for one in ranked)
        return ranked or self._scripts("neutral", context, facts, limit)

    def openers(
        self, context: Context | None = None, facts: Facts | None = None, limit: int | None = None
    ) -> tuple[RankedResponse, ...]:
        """Rank the openers for this call; party, sector and channel filter, the rest ranks."""
        return self._scripts("openers", context, facts, limit)

    def closings(
        self, context: Context | None = None, facts: Facts | None = None, limit: int | None = None
    ) -> tuple[RankedResponse, ...]:
        """Rank the closings for this call."""
        return self._scripts("closings", context, facts, limit)

    def follow_ups(
        self, context: Context | None = None, facts: Facts | None = None, limit: int | None = None
    ) -> tuple[RankedResponse, ...]:
        """Rank the follow-ups for this call."""
        return self._scripts("follow-ups", context, facts, limit)

    def messages(
        self, context: Context | None = None, facts: Facts | None = None, limit: int | None = None
    ) -> tuple[RankedResponse, ...]:
        """Rank the messages for this call."""
        return self._scripts("messages", context, facts, limit)

    def scripts(self, kind: str) -> tuple[Response, ...]:
        """Return all openers, closings, follow-ups, messages or neutral lines, by name."""
        return self._compiled.scripts(kind)

    @cached_property
    def _matcher(self) -> Matcher:
        concerns = dict(self.tables.concerns)
        vectors = None
        if self._encoder is not None:
            # numpy is imported only for those who ask for vectors.
            from collectscript.encoder import learn_vectors

            vectors = learn_vectors(self.corpus, self.index, self._encoder)
        return Matcher(self.index, self._compiled.objection, lambda entry_id: concerns.get(entry_id, "other"), vectors)

    @cached_property
    def _detector(self) -> Detector:
        from collectscript.safety import Detector

        return Detector(self._compiled.safety, self.index.folder, self._compiled.signs, self.index.heard)

    @cached_property
    def _ranker(self) -> Ranker:
        from collectscript.respond import Ranker
        from collectscript.scoring import Scorer

        return Ranker(self.tables, Scorer(self.tables, self.index.folder.fold))

    def _scripts(
        self, kind: str, context: Context | None, facts: Facts | None, limit: int | None
    ) -> tuple[RankedResponse, ...]:
        return self._rank(self._compiled.scripts(kind), context, facts, limit)

    def _rank(
        self,
        responses: Sequence[Response],
        context: Context | None,
        facts: Facts | None,
        limit: int | None,
        *,
        concern: str = "other",
        said: str = "",
    ) -> tuple[RankedResponse, ...]:
        """Rank what the authority card allows; the reasons of what touches it say the limits."""
        _check_limit(limit)
        known = context or _unknown()
        if self.overlays:
            known.check_tags(self.tables)
        if not self._authority:
            found = self._ranker.rank(responses, known, facts, limit, concern=concern, said=said)
            return self._checked(found, known, facts)
        from collectscript.authority import Call

        call = Call.of(known, facts)
        verdicts = {response.id: self._authority.judge(response, call) for response in responses}
        allowed = [response for response in responses if verdicts[response.id].allowed]
        found = self._ranker.rank(allowed, known, facts, limit, concern=concern, said=said)
        ranked = self._checked(found, known, facts)
        return tuple(replace(one, reasons=(*one.reasons, *verdicts[one.response.id].reasons)) for one in ranked)

    # -- what may be said ------------------------------------------------------------------------------

    def check(
        self,
        text: str,
        sector: str | None = None,
        party: str | None = None,
        role: str | None = None,
        channel: str | None = None,
    ) -> tuple[Finding, ...]:
        """Return what is unlawful in `text`, in order of the text; see `Checker.check`."""
        return self._checker.check(text, sector, party, role, channel)

    def _checked(
        self, ranked: Sequence[RankedResponse], context: Context, facts: Facts | None
    ) -> tuple[RankedResponse, ...]:
        """Check again what was filled with words of the caller: the texts themselves are lawful, a value may not be."""
        if facts is None:
            return tuple(ranked)
        from collectscript.slots import SLOT, WORDED

        given = facts.texts.keys() & {slot.id for slot in self.tables.slots if slot.type in WORDED} | facts.own
        return tuple(
            replace(one, findings=self._filled_findings(one.text, context))
            if given.intersection(SLOT.findall(one.response.template))
            else one
            for one in ranked
        )

    def _filled_findings(self, text: str, context: Context) -> tuple[Finding, ...]:
        # Whether an opener is whole is a matter of its text, which lint and tests look at; a name may be anything.
        found = self.check(text, context.sector, context.party, None, context.channel)
        return tuple(finding for finding in found if finding.end)

    @cached_property
    def _checker(self) -> Checker | JointChecker:
        from collectscript.checking import Checker

        own = self.own_rules
        ours = Checker(self._compiled.law if own is None else own.ours, self.tables, self._compiled.phrases)
        if own is None or own.index is None:
            return ours
        from collectscript.joint import JointChecker

        return JointChecker(ours, Checker(own.law, self.tables, own.index))

    # -- the customer --------------------------------------------------------------------------------

    def guess_customer(self, texts: Sequence[str]) -> CustomerGuess:
        """Guess what kind of customer said all of `texts`, from the signs on the customer pages.

        Nothing of it is kept; give it to `respond` to use it. Raises `TypeError` unless `texts` holds strings.
        """
        return self._customers.guess(texts)

    @cached_property
    def _customers(self) -> CustomerReader:
        from collectscript.customers import GENERAL_EVERY, CustomerReader

        general = (text for texts in self.index.utterances for text in texts[::GENERAL_EVERY])
        return CustomerReader(self.pages("customers"), self.tables, general, self.index.folder.fold)

    @cached_property
    def _authority(self) -> Authority:
        from collectscript.authority import Authority

        return Authority(self._compiled.authority, {slot.id: slot.label for slot in self.tables.slots})


def load(
    path: str | Path | None = None, *, overlays: Sequence[str | Path] = (), encoder: Encoder | None = None
) -> KnowledgeBase:
    """Load a corpus: the bundled one, or the folder at `path`, with a company's overlays over it.

    Args:
        path: Folder of another corpus; None for the bundled one.
        overlays: Folders of overlays, later over earlier; docs/companies.md says what they hold.
        encoder: A model whose sentence vectors are a second opinion in matching; None for none.

    Raises:
        CorpusNotFound: There is no corpus at `path`, nor in the package or checkout, or no overlay at its place.
        CorpusError: The corpus or an overlay is not valid; the error lists every problem of every file, and nothing
            is loaded in part.
        TypeError: `overlays` is one path instead of several.

    """
    if isinstance(overlays, str | Path):
        msg = f"overlays must be several paths, not one; write overlays=[{str(overlays)!r}]"
        raise TypeError(msg)
    return KnowledgeBase(compile_layers(find_data(path), [Path(one) for one in overlays]), encoder)


@cache
def bundled_tables() -> Tables:
    """Return the owner files of the bundled corpus, which `Context` and `Facts` check their values against."""
    from collectscript.files import read_owner_tables

    return read_owner_tables(find_data())


def _unknown() -> Context:
    # Matching alone needs no context; its validation is imported only when something is ranked.
    from collectscript.context import Context

    return Context()


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 1:
        msg = f"limit must be 1 or more, not {limit}"
        raise ValueError(msg)
