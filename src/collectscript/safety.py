"""Hear the stops and pauses of `data/safety/` in what is said: a detector of its own beside the matcher.

Three things make one fire: a pattern whose words are not overheard as a figure of speech, what was learned from
examples, and a very confident match of an objection that means the same. Where examples were learned from, a pattern
only lowers the bar for them: whoever says 我爸跳楼走的，办丧事呢 uses the words of a hint and gives none. What was learned
alone speaks for is not believed where the matcher is sure of something else and hears nothing of the kind. A text is read
sentence by sentence, a short one whole as well, so the cost grows with its length and no faster.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from collectscript.index import Index
from collectscript.model import NONE, Signal, Stop
from collectscript.patterns import BREAK, Lexicon, Pattern, Span, compile_pattern
from collectscript.sentences import LONGEST, Sentence, sentences
from collectscript.stops import LEVELS, UNKNOWN, WEAK
from collectscript.text import Folder

if TYPE_CHECKING:
    from collectscript.context import Context
    from collectscript.match import Match
    from collectscript.model import Safety

LEVEL_NAMES = {level: name for name, level in LEVELS.items()}
GRAVITY = {level: number for number, level in enumerate(LEVELS.values())}
SHORTEST = 4
"""Characters of a clause that the matcher reads by itself."""

CLAUSE = 8
"""Characters of a clause from which on it is judged apart from its turn."""
BRIEF = 16
"""Characters below which a turn says so little that it is judged like a part of one."""
LEFT_OVER = 0.6
"""Share that a part of a turn must have by itself, and a brief turn."""
OVERHEARD = 0.8
"""Share that a turn must have in which words were overheard as harmless."""
BEYOND_DOUBT = 0.98
"""Share from which on nothing that the matcher makes of a text speaks against what was learned."""
SURE_OF_ELSE = 0.8
"""Confidence in another objection that speaks against what was learned."""
HALF_HEARD = 0.05
"""Confidence in an objection of the stop's from which on the matcher does not speak against it."""

CLAUSES = 12
"""Clauses of a text that the matcher reads by themselves: a turn with two thoughts may hide one of them."""
MATCHES = 3
"""Matches of the matcher that are looked at, whatever the caller asked for."""

Found = Mapping[int, Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Fired:
    """A stop or pause that fires, and why."""

    stop: Stop
    level: str
    """in-progress, hint, ambiguous or said."""
    why: str
    """Chinese: what was heard."""
    leads: tuple[str, ...] = ()
    """Ids of the responses that answer it best, when the words say which."""
    share: float | None = None
    """0..1, how sure what was learned is, when nothing else speaks for it."""

    @property
    def reason(self) -> str:
        """Why its words rank first, in Chinese."""
        level = "" if self.level == "said" else f"（{LEVEL_NAMES[self.level]}）"
        return f"{self.stop.title}{level}"


class Detector:
    """Hears stops and pauses; holds no state of a text, so threads may share it."""

    def __init__(
        self,
        safety: Safety,
        folder: Folder,
        learned: Mapping[str, Index],
        sounds: Mapping[int, str] | None = None,
    ) -> None:
        """Make a detector.

        Args:
            safety: The stops and pauses.
            folder: How texts are folded.
            learned: What was learned of those that have examples, by id.
            sounds: Table for `str.translate` from characters to sounds; None: nothing is heard by its sound.

        """
        self._safety = safety
        self._folder = folder
        self._learned = learned
        self._sounds = sounds or {}

    def detect(
        self, text: str, context: Context | None = None, readings: Sequence[Sequence[Match]] = ()
    ) -> tuple[Fired, ...]:
        """Return every stop and pause that fires, stops first, the gravest first.

        Args:
            text: What was said; any string.
            context: What is known of the call; None: nothing.
            readings: What the matcher makes of the text and of its clauses, the text first; it may add a stop, and
                speak against what only resembles examples.

        """
        party = context.party if context is not None and context.party is not None else UNKNOWN
        best: dict[str, Fired] = {}
        for fired in self._all(text, party, context, readings):
            known = best.get(fired.stop.id)
            if known is None or _weight(fired) < _weight(known):
                best[fired.stop.id] = fired
        return tuple(best[stop.id] for stop in self._safety.stops if stop.id in best)

    def _all(
        self, text: str, party: str, context: Context | None, readings: Sequence[Sequence[Match]]
    ) -> Iterator[Fired]:
        verified = {stop.unless for stop in self._safety.stops if stop.unless and getattr(context, stop.unless, None)}
        suspected: set[str] = set()
        for fired in self._heard(text, party):
            if fired.level == WEAK:
                suspected.add(fired.stop.id)
            elif fired.stop.unless not in verified and not _contradicted(fired, readings):
                yield fired
        for stop in self._safety.stops:
            if stop.unless and context is not None and getattr(context, stop.unless) is False:
                yield Fired(stop, "said", "还没有核实是不是本人")
            lowered = stop.id in suspected and not _is_else(stop, readings[:1])
            wanted = stop.suspected if lowered else stop.matcher
            meant = [[match for match in matches if _means(stop, match, party)] for matches in readings]
            sure = next((one for one in meant if one and wanted is not None and _any_of(one) >= wanted), None)
            if sure:
                yield Fired(stop, _usual_level(stop), f"很像“{sure[0].utterance}”")

    def _heard(self, text: str, party: str) -> Iterator[Fired]:
        for turn in self._turns(text):
            signalled: dict[int, list[tuple[Signal, Sentence, Span]]] = {}
            overheard: dict[int, list[tuple[Sentence, Span]]] = {}
            for sentence in turn.sentences:
                found = self._compiled.lexicon.scan(sentence.text)
                signals = self._candidates(found)
                sound = sentence.text.translate(self._sounds) if self._sounds else ""
                for number, stop in enumerate(self._safety.stops):
                    if number not in signals and stop.id not in self._learned and not stop.misheard:
                        continue
                    masked = self._masked(number, sentence.text, found)
                    if masked:
                        overheard.setdefault(number, []).extend((sentence, span) for span in masked)
                    audible = _audible(found, masked)
                    for signal, span in _holding(signals.get(number, ()), sentence.text, audible, party):
                        signalled.setdefault(number, []).append((signal, sentence, span))
                    yield from self._misheard(number, sentence, sound, masked, text)
            for number, stop in enumerate(self._safety.stops):
                if stop.id in self._learned and stop.learned is not None:
                    yield from self._judged(stop, turn, signalled.get(number, ()), overheard.get(number, ()), text)
                    continue
                for signal, sentence, span in signalled.get(number, ()):
                    weak = signal.level == WEAK
                    yield Fired(stop, WEAK, "") if weak else self._signalled(stop, signal, sentence, span, text)

    def _turns(self, text: str) -> Iterator[_Turn]:
        """Yield what is read in one piece: a short text whole, of a longer one each sentence."""
        folded = self._folder.fold(text) if len(text) <= LONGEST else ""
        if folded:
            yield _Turn(folded, tuple(sentences(text, self._folder)))
        else:
            for sentence in sentences(text, self._folder):
                yield _Turn(sentence.text.replace(BREAK, ""), (sentence,))

    # -- patterns --------------------------------------------------------------------------------------

    @cached_property
    def _compiled(self) -> _Compiled:
        return _Compiled.of(self._safety, self._folder)

    def _candidates(self, found: Found) -> dict[int, list[tuple[Signal, Pattern]]]:
        """Return for each stop, by number, those of its signals whose first element stands in the sentence."""
        by_stop: dict[int, list[tuple[Signal, Pattern]]] = {}
        for element in found:
            for number, signal, pattern in self._compiled.signals.get(element, ()):
                by_stop.setdefault(number, []).append((signal, pattern))
        return by_stop

    def _signalled(self, stop: Stop, signal: Signal, sentence: Sentence, span: Span, original: str) -> Fired:
        start, end = sentence.span(*span, original, self._folder)
        topic = "·".join(name for name in (LEVEL_NAMES[signal.level], signal.topic) if name)
        return Fired(stop, signal.level, f"听到“{original[start:end]}”（{topic}）", signal.leads)

    def _masked(self, number: int, text: str, found: Found) -> list[Span]:
        """Return the stretches of a folded sentence that only sound alike for a stop."""
        spans: list[Span] = []
        silence = self._compiled.silence[number]
        for element in found:
            for pattern in silence.get(element, ()):
                spans += [(chain[0][0], chain[-1][1]) for chain in pattern.chains(text, found)]
        return spans

    @cached_property
    def _misheard_words(self) -> list[list[tuple[str, str]]]:
        """Return for each stop its misheard words, folded, with their sounds."""
        folded = [[self._folder.fold(word) for word in stop.misheard] for stop in self._safety.stops]
        return [[(word, word.translate(self._sounds)) for word in words] for words in folded]

    def _misheard(
        self, number: int, sentence: Sentence, sound: str, masked: Sequence[Span], original: str
    ) -> Iterator[Fired]:
        """Yield what only sounds like a word; the word itself is the business of the patterns."""
        for word, wanted in self._misheard_words[number]:
            at = sound.find(wanted)
            span = (at, at + len(wanted))
            if at >= 0 and sentence.text[slice(*span)] != word and not _touches(span, masked):
                start, end = sentence.span(*span, original, self._folder)
                stop = self._safety.stops[number]
                yield Fired(stop, _usual_level(stop), f"听到“{original[start:end]}”，音近“{word}”")

    # -- what was learned --------------------------------------------------------------------------------

    def _judged(
        self,
        stop: Stop,
        turn: _Turn,
        signalled: Sequence[tuple[Signal, Sentence, Span]],
        overheard: Sequence[tuple[Sentence, Span]],
        original: str,
    ) -> Iterator[Fired]:
        """Yield what was learned from examples hears in a turn, by itself or beside the signals in it."""
        index = self._learned[stop.id]
        level, share = judge(index, turn.text)
        wanted = stop.learned or 0.0
        apart = max(wanted, LEFT_OVER)
        bar = max(wanted, OVERHEARD) if overheard else apart if len(turn.text) < BRIEF else wanted
        if turn.sentences and share >= bar:
            opening, closing = turn.sentences[0], turn.sentences[-1]
            start, _ = opening.span(0, len(opening.text), original, self._folder)
            _, end = closing.span(0, len(closing.text), original, self._folder)
            yield _like(stop, original[start:end], level, share)
        for sentence, first, last in turn.pieces():
            if any(one is sentence and _touches((first, last), [span]) for one, span in overheard):
                continue
            level, by_itself = judge(index, sentence.text[first:last].replace(BREAK, ""))
            share = max(share, by_itself)
            if by_itself >= apart:
                start, end = sentence.span(first, last, original, self._folder)
                yield _like(stop, original[start:end], level, by_itself)
        if stop.suspected is None or share >= stop.suspected:
            for signal, sentence, span in signalled:
                if signal.level != WEAK:
                    yield self._signalled(stop, signal, sentence, span, original)
                elif stop.suspected is not None:
                    words = original[slice(*sentence.span(*span, original, self._folder))]
                    # The signal speaks for it too.
                    yield replace(_like(stop, words, level, share), share=None)


def clauses(text: str, folder: Folder) -> list[str]:
    """Return the longer clauses of a text that has several, as said; at most `CLAUSES`, the first ones."""
    found = [text[start:end] for sentence in sentences(text, folder) for start, end in sentence.clauses]
    return [clause for clause in found[:CLAUSES] if len(clause) >= SHORTEST] if len(found) > 1 else []


def judge(index: Index, folded: str) -> tuple[str, float]:
    """Return the likeliest level of a folded text and the share of all levels together, 0..1.

    An example counts as what it is given for.
    """
    exact = index.exact.get(folded)
    levels = [number for number, name in enumerate(index.classes) if name != NONE]
    if exact is not None:
        return (index.classes[exact], 1.0) if exact in levels else (index.classes[levels[0]], 0.0)
    scores = index.scores(index.known_keys(folded))
    top = max(scores)
    shares = [math.exp(score - top) for score in scores]
    likeliest = max(levels, key=shares.__getitem__)
    return index.classes[likeliest], sum(shares[number] for number in levels) / sum(shares)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is read in one piece."""

    text: str
    """Folded, without the marks between clauses."""
    sentences: tuple[Sentence, ...]

    def pieces(self) -> Iterator[tuple[Sentence, int, int]]:
        """Yield its sentences, when there are several, and their longer clauses: a short one says too little."""
        for sentence in self.sentences:
            if len(self.sentences) > 1 and len(sentence.text) >= CLAUSE:
                yield sentence, 0, len(sentence.text)
            if len(sentence.offsets) > 1:
                ends = [offset - len(BREAK) for offset in sentence.offsets[1:]] + [len(sentence.text)]
                for first, last in zip(sentence.offsets, ends, strict=True):
                    if last - first >= CLAUSE:
                        yield sentence, first, last


@dataclass(frozen=True, slots=True)
class _Compiled:
    """All patterns, by the number of an element without which they cannot hold."""

    lexicon: Lexicon
    signals: Mapping[int, list[tuple[int, Signal, Pattern]]]
    """Element to (number of the stop, signal, pattern)."""
    silence: Sequence[Mapping[int, list[Pattern]]]
    """For each stop, element to patterns."""

    @classmethod
    def of(cls, safety: Safety, folder: Folder) -> _Compiled:
        lexicon = Lexicon(folder.fold)
        words = dict(safety.words)
        signals: dict[int, list[tuple[int, Signal, Pattern]]] = {}
        silence: list[dict[int, list[Pattern]]] = []
        for number, stop in enumerate(safety.stops):
            for signal in stop.signals:
                pattern = compile_pattern(signal.pattern, words, lexicon)
                signals.setdefault(max(pattern.needed), []).append((number, signal, pattern))
            silent: dict[int, list[Pattern]] = {}
            for text in stop.silence:
                pattern = compile_pattern(text, words, lexicon)
                silent.setdefault(max(pattern.needed), []).append(pattern)
            silence.append(silent)
        return cls(lexicon, signals, silence)


def _like(stop: Stop, said: str, level: str, share: float) -> Fired:
    return Fired(stop, level, f"“{said}”像是这个意思（{LEVEL_NAMES[level]}，{share:.0%}）", share=share)


def _weight(fired: Fired) -> tuple[int, bool]:
    """Return what decides which of several signals of one stop counts, the least first."""
    return GRAVITY[fired.level], not fired.leads


def _means(stop: Stop, match: Match, party: str) -> bool:
    return match.objection.id in stop.entries and (not stop.parties or party in stop.parties)


def _contradicted(fired: Fired, readings: Sequence[Sequence[Match]]) -> bool:
    """Tell whether only examples speak for it, and not beyond doubt, while the matcher hears something else."""
    return fired.share is not None and fired.share < BEYOND_DOUBT and _is_else(fired.stop, readings)


def _is_else(stop: Stop, readings: Sequence[Sequence[Match]]) -> bool:
    """Tell whether the matcher is sure that a text means something else, and hears none of a stop in these readings."""
    near = (*stop.entries, *stop.undecided)
    known = (match.confidence for matches in readings for match in matches if match.objection.id in near)
    sure = bool(readings and readings[0]) and readings[0][0].confidence >= SURE_OF_ELSE
    return sure and max(known, default=0.0) < HALF_HEARD


def _any_of(matches: Sequence[Match]) -> float:
    """Return how sure it is that one of these was said: they are different objections that mean the same here."""
    return 1 - math.prod(1 - match.confidence for match in matches)


def _usual_level(stop: Stop) -> str:
    """Return the level of a stop that only the matcher has heard: the middle one where there are levels."""
    levels = {signal.level for signal in stop.signals}
    return "hint" if "hint" in levels else "in-progress" if "in-progress" in levels else "said"


def _holding(
    signals: Iterable[tuple[Signal, Pattern]], text: str, found: Found, party: str
) -> Iterator[tuple[Signal, Span]]:
    """Yield the signals that hold in a folded sentence for this party, with the stretch that says so."""
    for signal, pattern in signals:
        if signal.parties and party not in signal.parties:
            continue
        chain = next(pattern.chains(text, found), None)
        if chain is not None:
            yield signal, (chain[0][0], chain[-1][1])


def _audible(found: Found, masked: Sequence[Span]) -> Found:
    if not masked:
        return found
    left = {element: [span for span in spans if not _touches(span, masked)] for element, spans in found.items()}
    return {element: spans for element, spans in left.items() if spans}


def _touches(span: Span, masked: Sequence[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in masked)
