"""The knowledge base: one loaded corpus with its matcher and ranker; the object that users hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from collectscript.compiled import Compiled, compile_corpus
from collectscript.errors import UnknownId
from collectscript.files import find_data
from collectscript.index import Index
from collectscript.match import Matcher, MatchResult
from collectscript.model import Corpus, Objection, Page, Response, Tables
from collectscript.problems import near

if TYPE_CHECKING:
    from collectscript.context import Context
    from collectscript.encoder import Encoder
    from collectscript.respond import Answer, RankedResponse, Ranker
    from collectscript.slots import Facts


class KnowledgeBase:
    """A corpus that can be asked; immutable and safe to share between threads. Made by `load`."""

    def __init__(self, compiled: Compiled, encoder: Encoder | None = None) -> None:
        self._compiled = compiled
        self._encoder = encoder

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
    def content_hash(self) -> str:
        """Hash of the corpus's files, 32 hex digits."""
        return self._compiled.content_hash

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
    ) -> Answer:
        """Match `text` and return what to say for the first thing to handle.

        When nothing matches, the responses are neutral questions that fit the party. Raises as `match` does.
        """
        from collectscript.respond import Answer

        found = self.match(text, limit, threshold)
        said = [match for match in found.matches if match.accepted]
        if not said:
            return Answer(found, self._scripts("neutral", context, facts, limit))
        first = min(said, key=lambda match: match.priority)
        return Answer(found, self.responses(first.objection.id, context, facts, limit))

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
        _check_limit(limit)
        ranked = self._ranker.rank(
            self[entry_id].responses, context or _unknown(), facts, limit, self.tables.concern(entry_id)
        )
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
    def _ranker(self) -> Ranker:
        from collectscript.respond import Ranker

        return Ranker(self.tables)

    def _scripts(
        self, kind: str, context: Context | None, facts: Facts | None, limit: int | None
    ) -> tuple[RankedResponse, ...]:
        _check_limit(limit)
        return self._ranker.rank(self._compiled.scripts(kind), context or _unknown(), facts, limit)


def load(path: str | Path | None = None, *, encoder: Encoder | None = None) -> KnowledgeBase:
    """Load a corpus: the bundled one, or the folder at `path`.

    Args:
        path: Folder of another corpus; None for the bundled one.
        encoder: A model whose sentence vectors are a second opinion in matching; None for none.

    Raises:
        CorpusNotFound: There is no corpus at `path`, nor in the package or checkout.
        CorpusError: The corpus is not valid; the error lists every problem of every file.

    """
    return KnowledgeBase(compile_corpus(find_data(path)), encoder)


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
