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

CHUNK = 128
"""Texts sent to a process at once: sending costs a percent of the matching, and the last chunks end close together."""
AHEAD = 4
"""Chunks in flight for each process."""

PackedEvidence = tuple[int, int, float, str]
PackedMatch = tuple[str, float, str, tuple[PackedEvidence, ...], bool, int, str]
Packed = tuple[bool, float, str | None, tuple[PackedMatch, ...], tuple[PackedEvidence, ...]]
"""A result as plain values, without its text and entries, which the parent has: sending it whole would cost as much
as matching."""

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
        (
            one.objection.id,
            one.confidence,
            one.utterance,
            _pack_evidence(one.evidence),
            one.accepted,
            one.priority,
            one.reason,
        )
        for one in result.matches
    )
    return result.matched, result.threshold, result.ask, matches, _pack_evidence(result.versus)


def _pack_evidence(evidence: tuple[Evidence, ...]) -> tuple[PackedEvidence, ...]:
    return tuple((one.start, one.end, one.weight, one.kind) for one in evidence)


def _unpack(kb: KnowledgeBase, text: str, packed: Packed) -> MatchResult:
    matched, threshold, ask, matches, versus = packed
    found = tuple(
        Match(kb[entry_id], confidence, utterance, _unpack_evidence(text, seen), accepted, priority, reason)
        for entry_id, confidence, utterance, seen, accepted, priority, reason in matches
    )
    return MatchResult(text, matched, threshold, found, ask, _unpack_evidence(text, versus))


def _unpack_evidence(text: str, packed: tuple[PackedEvidence, ...]) -> tuple[Evidence, ...]:
    return tuple(Evidence(text[start:end], start, end, weight, kind) for start, end, weight, kind in packed)
