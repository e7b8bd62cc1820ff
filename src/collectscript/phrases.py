"""Learn to recognise what is like a forbidden phrase: the phrases of each rule as classes, lawful speech as one more.

The same features, learner and index as for objections; only the classes and what calibration looks at differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from collectscript import wording
from collectscript.build import fit_calibration, key_weight, quantise
from collectscript.classes import WordClasses
from collectscript.features import cut, sound_table
from collectscript.index import RARITY_UNIT, Calibration, Index
from collectscript.learn import Floats, Ints, Vocabulary, build_vocabulary, fit, prior
from collectscript.model import NONE, Corpus, Law, Scope
from collectscript.patterns import Lexicon
from collectscript.reading import Reading
from collectscript.slots import fill
from collectscript.text import Folder

STEPS = 45
"""Quasi-Newton steps; 20 take half the time and cost three points of false alarms."""
FOLDS = 2
"""Confidence and threshold come from phrases each of which was left out of learning once."""
NEAR_MISS = 3
"""A near miss, lawful but close to a rule, counts for so many lawful sentences."""
FALSE_ALARMS = 0.14
"""The threshold lets through at most this share of near misses that were left out of learning, before it is looked at
what a sentence denies, which clears most of them; of ordinary lawful speech, a few in a hundred."""
TOPICS = frozenset({"agent", "smalltalk"})
"""Background topics that hold what an agent says; the others hold what customers say."""
USUAL = {"money": "1元", "date": "1月1日", "integer": "1", "callback_number": "1"}
"""What stands in a slot of this type or id, all digits being one to the check."""
SENTENCE = re.compile(r"[^。！？；\n]+")
QUOTED = re.compile("“([^“”]+)”")
"""In notes and advice: what is said."""


@dataclass(frozen=True, slots=True)
class Example:
    """A folded text to learn from."""

    text: str
    target: int
    """The number of its rule, or of `none`."""
    near: bool
    """Whether it is a near miss: lawful, and close to a rule."""


def build_phrase_index(corpus: Corpus, files: Mapping[str, bytes]) -> Index:
    """Learn the index of forbidden phrases; deterministic, seconds for some fifty rules.

    A corpus without rules gives an index that knows only what is lawful.
    """
    traditional = wording.read_folder_table(files, [])
    sounds = wording.read_sounds(files, [])
    classes = (*(rule.id for rule in corpus.law.rules), NONE)
    if len(classes) == 1:
        return Index(classes, (), (), b"", 1.0, (0.0,), traditional, sounds, ((),), Calibration(0, 0, 0, 0, 1))
    folder = Folder(traditional)
    found = examples(corpus, folder)
    cutter = Cutter(corpus.law, folder, sound_table(sounds))
    vocabulary, weights, biases = cutter.learn(found, len(classes))
    scale, rows = quantise(weights, vocabulary.rarity)
    return Index(
        classes=classes,
        keys=vocabulary.keys,
        rarity=tuple(round(float(value) * RARITY_UNIT) for value in vocabulary.rarity),
        rows=rows,
        scale=scale,
        biases=tuple(round(float(value), 6) for value in biases),
        traditional=traditional,
        sounds=sounds,
        utterances=tuple(tuple(one.text for one in found if one.target == number) for number in range(len(classes))),
        calibration=calibrate(*cutter.left_out(found, len(classes)), found),
    )


def lawful_sentences(corpus: Corpus) -> list[str]:
    """Return what may be said, sentence by sentence: with slots open, as it is read, and filled, as it is said."""
    slots = corpus.tables.slots
    labels = {slot.id: slot.label for slot in slots}
    usual = {slot.id: USUAL[name] for slot in slots for name in (slot.type, slot.id) if name in USUAL}
    return [
        sentence
        for text in lawful_texts(corpus)
        for values in ({}, usual)
        for sentence in SENTENCE.findall(fill(text, values, labels)[0])
    ]


def lawful_texts(corpus: Corpus) -> Iterator[str]:
    """Yield every text to say of the corpus, and what an agent says in its background."""
    responses = [response for entry in corpus.objections for response in entry.responses]
    responses += [response for _, scripts in corpus.scripts for response in scripts]
    responses += [response for stop in corpus.safety.stops for response in stop.responses]
    for response in responses:
        yield from (part.text for part in response.parts)
        for note in (response.if_yes, response.if_no, response.if_silent):
            yield from QUOTED.findall(note or "")
    for entry in corpus.objections:
        yield from (entry.say_first, entry.ask_first, *(never.instead for never in entry.never))
        yield from (distinction.question for distinction in entry.distinctions)
    for stop in corpus.safety.stops:
        yield from (never.instead for never in stop.never)
    for rule in corpus.law.rules:
        for advice in rule.instead:
            yield from QUOTED.findall(advice)
    for topic in corpus.background:
        if topic.topic in TOPICS:
            yield from topic.utterances


def examples(corpus: Corpus, folder: Folder) -> list[Example]:
    """Return folded texts, each once; a phrase of a rule counts before the same lawful one."""
    found: dict[str, Example] = {}

    def add(text: str, target: int, near: bool) -> None:
        folded = folder.fold(text)
        found.setdefault(folded, Example(folded, target, near))

    rules = corpus.law.rules
    for number, rule in enumerate(rules):
        for phrase in rule.flag:
            # What is forbidden only in some call, before a third party for instance, may be said in others.
            if phrase.scope == Scope():
                add(phrase.text, number, False)
    for phrase in [phrase for rule in rules for phrase in rule.lawful]:
        add(phrase.text, len(rules), True)
        # A text is looked at sentence by sentence, and each of these is lawful.
        for sentence in SENTENCE.findall(phrase.text):
            add(sentence, len(rules), True)
    for sentence in lawful_sentences(corpus):
        add(sentence, len(rules), False)
    found.pop("", None)
    return list(found.values())


class Cutter:
    """Learns from folded texts, cut into characters, pairs, pairs of sounds and the word classes of the rules."""

    def __init__(self, law: Law, folder: Folder, heard: Mapping[int, str]) -> None:
        self._heard = heard
        self._lexicon = Lexicon(folder.fold)
        self._reading = Reading(dict(law.markers), self._lexicon)
        self._classes = WordClasses(law, self._lexicon)

    def cut(self, text: str) -> set[str]:
        """Return the keys of a folded text."""
        return cut(text, self._heard) | self._classes.keys(self._reading.words(self._lexicon.scan(text)))

    def learn(self, known: Sequence[Example], classes: int) -> tuple[Vocabulary, Floats, Floats]:
        """Return the vocabulary of these texts with the weights and biases of the classes.

        A forbidden phrase with 你 is learned with 您 too: rudeness is not what makes it forbidden.
        """
        texts = [one for one in known for _ in range(NEAR_MISS if one.near else 1)]
        texts += [
            Example(one.text.replace("你", "您"), one.target, False)
            for one in known
            if one.target < classes - 1 and "你" in one.text
        ]
        keys = [self.cut(one.text) for one in texts]
        targets = np.asarray([one.target for one in texts], np.int64)
        vocabulary = build_vocabulary(keys, key_weight)
        design = vocabulary.design(keys)
        start = prior(design, targets, classes, vocabulary.rarity)
        return vocabulary, *fit(design, targets, classes, start, steps=STEPS)

    def left_out(self, known: Sequence[Example], classes: int) -> tuple[Floats, Ints]:
        """Return for every text the scores of all classes by weights learned without it, and its number of keys."""
        scores = np.zeros((len(known), classes), np.float32)
        sizes = np.zeros(len(known), np.int64)
        # Every class is spread evenly over the folds.
        fold = np.zeros(len(known), np.int64)
        fold[np.argsort([one.target for one in known], kind="stable")] = np.arange(len(known)) % FOLDS
        for number in range(FOLDS):
            kept = [one for one, place in zip(known, fold, strict=True) if place != number]
            out = np.flatnonzero(fold == number)
            vocabulary, weights, biases = self.learn(kept, classes)
            queries = vocabulary.design([self.cut(known[place].text) for place in out.tolist()])
            scores[out] = queries.times(weights) + biases
            sizes[out] = np.diff(queries.starts)
        return scores, sizes


def calibrate(scores: Floats, sizes: Ints, known: Sequence[Example]) -> Calibration:
    """Fit the confidence that a text breaks some rule on texts that nothing was learned from.

    Its logit is `bias + lead * (the rules' scores together - score(none)) + size * log2(1 + number of known keys)`;
    `share` is not used.

    Args:
        scores: A score for each text and class; the last class is `none`.
        sizes: The number of known keys of each text.
        known: The texts.

    """
    none = scores.shape[1] - 1
    top = scores[:, :none].max(axis=1)
    together = np.log(np.exp(scores[:, :none] - top[:, None]).sum(axis=1)) + top
    lead = (together - scores[:, none]).astype(np.float64)
    features = np.column_stack([np.zeros(len(lead)), lead, np.log2(1.0 + sizes)])
    broken = np.asarray([one.target != none for one in known])
    bias, _, weight, size = fit_calibration(features, broken.astype(np.float64))
    confidence = 1 / (1 + np.exp(-(bias + weight * features[:, 1] + size * features[:, 2])))
    hard = np.asarray([one.near for one in known])
    return Calibration(bias, 0.0, weight, size, _threshold(confidence[hard if hard.any() else ~broken]))


def _threshold(lawful: npt.NDArray[np.float64]) -> float:
    """Return the lowest confidence, in hundredths, that few enough of the lawful texts reach."""
    for hundredth in range(5, 100):
        if float((lawful >= hundredth / 100).mean()) <= FALSE_ALARMS:
            return hundredth / 100
    return 0.99
