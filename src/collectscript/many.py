"""Match many texts in several processes: in order, lazily, with bounded memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from collectscript.match import Evidence, Match, MatchResult, check_arguments

if TYPE_CHECKING:
    from collectscript.knowledge import KnowledgeBase

CHUNK = 512
"""Texts sent to a process at once."""
AHEAD = 2
"""Chunks in flight for each process."""

PackedMatch = tuple[str, float, str, tuple[Evidence, ...], bool, int]
Packed = tuple[bool, float, str | None, tuple[PackedMatch, ...]]
"""A result without its text and entries, which the parent has: a twentieth of what would be sent otherwise."""

_worker: list[KnowledgeBase] = []
"""The knowledge base of this process, when it is a worker."""


def match_many(
    kb: KnowledgeBase, texts: Iterable[str], limit: int, threshold: float | None, workers: int
) -> Iterator[MatchResult]:
    """Return the results of `texts` in order; see `KnowledgeBase.match_many`."""
    check_arguments("", limit, threshold)
    if workers < 1:
        msg = f"workers must be 1 or more, not {workers}"
        raise ValueError(msg)
    if workers == 1:
        return (kb.match(text, limit, threshold) for text in texts)
    return _in_processes(kb, iter(texts), limit, threshold, workers)


def _in_processes(
    kb: KnowledgeBase, texts: Iterator[str], limit: int, threshold: float | None, workers: int
) -> Iterator[MatchResult]:
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(kb,)) as pool:
        waiting: deque[tuple[list[str], Future[list[Packed]]]] = deque()

        def send() -> None:
            chunk = list(islice(texts, CHUNK))
            if chunk:
                waiting.append((chunk, pool.submit(_work, chunk, limit, threshold)))

        for _ in range(workers * AHEAD):
            send()
        while waiting:
            chunk, future = waiting.popleft()
            for text, packed in zip(chunk, future.result(), strict=True):
                yield _unpack(kb, text, packed)
            send()


def _start(kb: KnowledgeBase) -> None:
    _worker[:] = [kb]


def _work(texts: list[str], limit: int, threshold: float | None) -> list[Packed]:
    (kb,) = _worker
    return [_pack(kb.match(text, limit, threshold)) for text in texts]


def _pack(result: MatchResult) -> Packed:
    matches = tuple(
        (one.objection.id, one.confidence, one.utterance, one.evidence, one.accepted, one.priority)
        for one in result.matches
    )
    return result.matched, result.threshold, result.ask, matches


def _unpack(kb: KnowledgeBase, text: str, packed: Packed) -> MatchResult:
    matched, threshold, ask, matches = packed
    return MatchResult(text, matched, threshold, tuple(Match(kb[one[0]], *one[1:]) for one in matches), ask)
