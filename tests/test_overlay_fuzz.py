"""Two thousand damaged overlays: each is refused with path and line or accepted as a whole, and nothing else happens."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

import collectscript as cs
from collectscript import wording
from collectscript.checking import _Compiled
from collectscript.files import find_data, read_files
from collectscript.model import Corpus
from collectscript.overlay import Layers, lay, said_by
from collectscript.patterns import Lexicon
from collectscript.report import Text
from collectscript.respond import Ranker
from collectscript.scoring import Scorer
from collectscript.text import Folder
from collectscript.verdicts import rule_text

ACME = Path(__file__).parents[1] / "docs" / "examples" / "acme"
RUNS = 2000
WORDS = [
    "forgot", "acme.forgot", "extends", "replaces", "hides", "based-on", "id: ", "---", "\n", "# ", "## ", "### ", "- ",
    "1. ", "> ", "接住：", "约定：", "技巧：", "{amount}", "{", "}", "\t", "\0", "\ufeff", "\u2028", "欠款", "第三方", "→ none",
    "9" * 5000, "agent", "nobody", "10%", "-1", "cash-out/minimum", "、", "：", "<b>", "```", "* ", "  ", "当" * 2000,
    "private-channel-contact", "loosens: 有约定\n", "{群}", "{", " … ", " ＋ ", " ！ ", "〔", "〔渠道：短信〕", "一般：提醒", "不适用", "/", "[A]", "### 不算",
    "### 该有", "### 整段开场", "acme.service-rules", "：；：",
]  # fmt: skip

Files = dict[str, bytes]
Edit = Callable[[random.Random, Files, str], None]


@pytest.fixture(scope="module")
def base(shipped: Corpus) -> tuple[Layers, Folder]:
    """The shipped corpus and its folding."""
    files = read_files(find_data())
    folder = wording.read_folder(files)
    return Layers.of(shipped, files, said_by(shipped, folder)), folder


def splice(rng: random.Random, files: Files, path: str) -> None:
    """Put a word of the format anywhere, or in the place of a stretch."""
    data = files[path]
    start = rng.randrange(len(data) + 1)
    end = min(len(data), start + rng.choice([0, 0, 1, 3, 40]))
    files[path] = data[:start] + rng.choice(WORDS).encode() + data[end:]


def byte(rng: random.Random, files: Files, path: str) -> None:
    """Change one byte."""
    data = bytearray(files[path])
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)
    files[path] = bytes(data)


def line(rng: random.Random, files: Files, path: str) -> None:
    """Delete, double, move or swap lines."""
    lines = files[path].split(b"\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        del lines[first]
    elif what == 1:
        lines.insert(second, lines[first])
    elif what == 2:
        lines[first], lines[second] = lines[second], lines[first]
    else:
        del lines[min(first, second) : max(first, second)]
    files[path] = b"\n".join(lines)


def truncate(rng: random.Random, files: Files, path: str) -> None:
    """Cut a file off."""
    files[path] = files[path][: rng.randrange(len(files[path]) + 1)]


def rename(rng: random.Random, files: Files, path: str) -> None:
    """Move a file, or its content, to another place."""
    places = [
        "objections/acme.x.md",
        "x/y.md",
        "openers/acme.forgot.md",
        "compliance/acme.x.md",
        "facts/a.md",
        "notes.md",
        "wording/a.tsv",
        path + "~.md",
    ]
    files[rng.choice([*places, *files])] = files.pop(path)


def drop(rng: random.Random, files: Files, path: str) -> None:
    """Leave a file out."""
    del rng
    del files[path]


EDITS: tuple[Edit, ...] = (splice, splice, splice, byte, line, line, truncate, rename, drop)


def show(laid: Layers) -> None:
    """Rank and write out everything that an accepted overlay brought: what was accepted can be used."""
    context = cs.Context(party="debtor", days_overdue=12, promises_broken=1)
    ranker, text = Ranker(laid.corpus.tables, Scorer(laid.corpus.tables, str)), Text(laid.corpus.tables, colour=False)
    own = [entry for entry in laid.corpus.objections if "acme" in entry.origin]
    scripts = [script for _, kind in laid.corpus.scripts for script in kind if script.origin == "acme"]
    for responses in (*(entry.responses for entry in own), scripts):
        text.ranked(ranker.rank(responses, context, None, None))
    for entry in own:
        text.objection(entry)
    for rule in laid.rules.own:
        rule_text(rule, {}, {})
    lexicon = Lexicon(str)
    for rule in (*laid.rules.own, *laid.rules.ours.rules[:1]):
        _Compiled.of(rule, dict(laid.corpus.law.words), lexicon)


def test_damaged_overlays(base: tuple[Layers, Folder]) -> None:
    """No traceback, no partial load: problems with path and line and the base as it was, or the whole overlay."""
    layers, folder = base
    whole = read_files(ACME)
    accepted = 0
    for seed in range(RUNS):
        rng = random.Random(seed)
        files = dict(whole)
        for _ in range(rng.choice([1, 1, 2, 5])):
            rng.choice(EDITS)(rng, files, rng.choice(sorted(files) or [""])) if files else None

        laid, problems = lay(layers, files, folder)

        accepted += not problems
        if not problems:
            show(laid)
        assert (laid is layers) == bool(problems)
        for problem in problems:
            assert problem.line >= 1
            assert problem.code.startswith("CS")
            data = files.get(problem.path, b"")
            assert problem.line <= data.count(b"\n") + 2 + data.count(b"\r"), (seed, problem)
    assert RUNS * 0.02 < accepted < RUNS * 0.6
