"""The compiled form of a corpus, so that a start costs milliseconds: read, checked and learned once, then kept.

It is found by the content of the corpus and of the code that made it: inside an installed package, where the
wheel put it, or in the user's cache folder, where the first `load` of a checkout writes it. A changed file or a
changed learner has another name, so nothing stale is ever read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from collectscript.codec import decode, encode
from collectscript.errors import CorpusError
from collectscript.files import content_hash, read_files
from collectscript.index import Index, from_files, packed, to_files, unpacked
from collectscript.model import Background, Corpus, Grant, Law, Objection, Overlay, Page, Response, Safety, Tables
from collectscript.parts import PREFIX

PACKAGED = "_compiled"
"""Folder inside the installed package that holds what the wheel was built with."""
_MAKERS = (
    "build", "classes", "codec", "compiled", "corpus", "dialects", "entries", "features", "files", "index", "learn", "markdown", "model", "patterns",
    "parts", "phrases", "reading", "rules", "signs", "slots", "stops", "tables", "text", "wording",
)  # fmt: skip
"""Modules whose change changes the compiled form."""
_PREFIX = "form-"
_KEPT_FORMS = 8
_KEPT_PARTS = 24
"""Compiled forms and learned parts that the cache keeps, the newest of each."""
_LEARNER = ("build", "dialects", "features", "index", "learn", "parts", "text", "wording")
"""Modules whose change changes everything that is learned."""
_PHRASES = ("classes", "patterns", "phrases", "reading", "slots")
"""Modules whose change also changes what is learned of the compliance rules."""
_SIGNS = ("signs", "stops")
"""Modules whose change also changes what is learned of stops."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OwnRules:
    """The compliance rules of a corpus with overlays over it as they are checked: two laws, of which neither knows the other."""

    ours: Law
    """The corpus's rules, bound as overlays say."""
    law: Law
    """What overlays brought: new rules, and what recognises what they added to others."""
    index: Index | None
    """What was learned of their phrases; None when there are none."""


class Compiled:
    """A corpus and its index; entries are decoded when they are asked for."""

    def __init__(
        self, lines: list[bytes], header: Mapping[str, Any], rows: bytes, phrases: tuple[bytes, bytes]
    ) -> None:
        self._lines = lines
        self._top: dict[str, Any] = json.loads(lines[0])
        self._header = header
        self._rows = rows
        self._phrases = phrases

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle what it was made from; everything else is worked out again where it is wanted."""
        return Compiled, (self._lines, self._header, self._rows, self._phrases)

    @cached_property
    def index(self) -> Index:
        """The index that matching reads."""
        return Index.from_parts(self._header, self._rows)

    @cached_property
    def phrases(self) -> Index:
        """The index of forbidden phrases that the compliance check reads."""
        header, rows = self._phrases
        return Index.from_parts(json.loads(header), rows)

    @cached_property
    def law(self) -> Law:
        """The compliance rules with their sources and words."""
        return decode(Law, json.loads(self._lines[self._top["law"]]))

    @cached_property
    def own_rules(self) -> OwnRules | None:
        """What overlays make of the compliance rules; None when they bring and change none."""
        if self._top["own"] is None:
            return None
        ours, own, index = (json.loads(self._lines[line]) for line in self._top["own"])
        return OwnRules(decode(Law, ours), decode(Law, own), unpacked(index, self.phrases) if index else None)

    @cached_property
    def safety(self) -> Safety:
        """The stops and pauses with the words they are recognised by."""
        return decode(Safety, json.loads(self._lines[self._top["safety"]]))

    @cached_property
    def signs(self) -> Mapping[str, Index]:
        """What was learned of stops and pauses that have examples, by id."""
        return {name: unpacked(json.loads(self._lines[line]), self.index) for name, line in self._top["signs"].items()}

    @cached_property
    def tables(self) -> Tables:
        """The owner files."""
        return decode(Tables, self._top["tables"])

    @property
    def content_hash(self) -> str:
        """Hash of the corpus's files."""
        return str(self._top["content_hash"])

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the objections, in taxonomy order."""
        return tuple(self._top["objections"])

    @cached_property
    def _objections(self) -> dict[str, Objection]:
        return {}

    def objection(self, entry_id: str) -> Objection:
        """Return one objection; KeyError when there is none."""
        if entry_id not in self._objections:
            line = self._top["objections"][entry_id]
            self._objections[entry_id] = decode(Objection, json.loads(self._lines[line]))
        return self._objections[entry_id]

    def scripts(self, kind: str) -> tuple[Response, ...]:
        """Return the openers, closings, follow-ups or messages."""
        return self._list(Response, "scripts", kind)

    def pages(self, kind: str) -> tuple[Page, ...]:
        """Return the pages of one folder."""
        return self._list(Page, "pages", kind)

    def corpus(self) -> Corpus:
        """Return everything decoded."""
        return Corpus(
            tables=self.tables,
            objections=tuple(self.objection(entry_id) for entry_id in self.ids),
            scripts=tuple((kind, self.scripts(kind)) for kind in self._top["scripts"]),
            pages=tuple((kind, self.pages(kind)) for kind in self._top["pages"]),
            background=self._list(Background, "background", "background"),
            content_hash=self.content_hash,
            law=self.law,
            safety=self.safety,
            overlays=self.overlays,
            authority=self.authority,
        )

    @cached_property
    def overlays(self) -> tuple[Overlay, ...]:
        """What was laid over the corpus, the last one on top."""
        return tuple(decode(Overlay, one) for one in self._top["overlays"])

    @cached_property
    def authority(self) -> tuple[Grant, ...]:
        """The authority card; empty when there is none."""
        return tuple(decode(Grant, one) for one in self._top["authority"])

    def remade(self, corpus: Corpus, index: Index, own: OwnRules | None) -> Made:
        """Return what to save of another corpus grown from this one; what was learned of the rules of this one stays."""
        same = {id(self.law): self._lines[self._top["law"]], id(self.safety): self._lines[self._top["safety"]]}
        for group, names in self._top.items():
            if group in {"objections", "scripts", "pages", "background"}:
                for name, line in names.items():
                    value = self._objections.get(name) if group == "objections" else self._lists.get(f"{group}/{name}")
                    same[id(value)] = self._lines[line]
        signs = {name: self._lines[line] for name, line in self._top["signs"].items()}
        return corpus_lines(corpus, same, signs, own), index.header(), index.rows, self._phrases

    def _list(self, kind: type[T], group: str, name: str) -> tuple[T, ...]:
        key = f"{group}/{name}"
        if key not in self._lists:
            line = self._top[group].get(name)
            data = json.loads(self._lines[line]) if line is not None else []
            self._lists[key] = tuple(decode(kind, one) for one in data)
        return self._lists[key]

    @cached_property
    def _lists(self) -> dict[str, tuple[Any, ...]]:
        return {}


def compile_corpus(folder: Path) -> Compiled:
    """Return the compiled form of a corpus folder, from the package, from the cache or made now.

    Raises `CorpusError` with every problem when the corpus is not valid. A cache that cannot be written is no
    error: the next start makes the form again.
    """
    return compile_files(read_files(folder))


def compile_files(files: Mapping[str, bytes]) -> Compiled:
    """Return the compiled form of a corpus given as its files; see `compile_corpus`."""
    name = compiled_name(files)
    for place in (Path(__file__).parent / PACKAGED, cache_folder()):
        found = read_form(place / name)
        if found is not None:
            return found
    made = make(files)
    write(made, cache_folder() / name)
    prune(cache_folder(), _PREFIX, _KEPT_FORMS)
    prune(cache_folder(), PREFIX, _KEPT_PARTS)
    lines, header, rows, phrases = made
    return Compiled(lines, header, rows, phrases)


Made = tuple[list[bytes], dict[str, Any], bytes, tuple[bytes, bytes]]
"""Lines of the corpus file, header of the index, its rows, and header and rows of the phrase index, all as saved."""


def make(files: Mapping[str, bytes]) -> Made:
    """Read, check and learn a corpus; `CorpusError` when it is not valid."""
    # Learning needs numpy and jieba; a start from the compiled form does not.
    from collectscript.build import build_index
    from collectscript.corpus import read_folder
    from collectscript.parts import heard, kept, said, sayable
    from collectscript.phrases import build_phrase_index
    from collectscript.signs import build_sign, with_signs
    from collectscript.wording import DIALECTS

    corpus, problems = read_folder(files)
    if problems:
        raise CorpusError(problems)

    folding = {path: content for path, content in files.items() if path != DIALECTS}

    def learned(
        modules: tuple[str, ...],
        known: Corpus,
        learn: Callable[[Corpus, Mapping[str, bytes]], Index],
        given: Mapping[str, bytes] = folding,
    ) -> Index:
        code = code_hash((*_LEARNER, *modules))
        return kept(cache_folder(), known, given, code=code, learn=learn, save=write_folder)

    index = learned((), said(corpus), build_index, files)
    phrases = learned(_PHRASES, sayable(corpus), build_phrase_index)
    signs = {stop.id: _json(packed(learned(_SIGNS, heard(corpus, stop), build_sign))) for stop in with_signs(corpus)}
    return corpus_lines(corpus, None, signs), index.header(), index.rows, (_json(phrases.header()), phrases.rows)


def write(made: Made, target: Path) -> None:
    """Write the compiled form into a new folder `target`, all at once or not at all."""
    lines, header, rows, phrases = made
    named = {"phrases.json": phrases[0], "phrases.rows": phrases[1]}
    write_folder(target, {"corpus.jsonl": b"\n".join(lines), **to_files(header, rows), **named})


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a new folder `target`, all at once or not at all."""
    import tempfile

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as making:
            folder = Path(making) / "form"
            folder.mkdir()
            for name, content in files.items():
                (folder / name).write_bytes(content)
            folder.rename(target)
    except OSError:
        # Another process was first, or the place cannot be written: both leave a usable state.
        return


def prune(folder: Path, prefix: str, keep: int) -> None:
    """Delete all but the newest `keep` folders of a kind; another process that still wanted one makes it again."""
    import shutil

    try:
        made = sorted(folder.glob(f"{prefix}*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in made[keep:]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        # Somebody else is pruning.
        return


def compiled_name(files: Mapping[str, bytes]) -> str:
    """Return the folder name of the compiled form of these files as made by this code."""
    return f"{_PREFIX}{content_hash(files)}-{code_hash(_MAKERS)}"


@cache
def code_hash(modules: tuple[str, ...]) -> str:
    """Return a hash of the source of modules of this package."""
    digest = hashlib.blake2b(digest_size=6)
    for module in modules:
        digest.update((Path(__file__).parent / f"{module}.py").read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Return the folder that keeps compiled forms: `COLLECTSCRIPT_CACHE`, or the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("COLLECTSCRIPT_CACHE") or user_cache_path("collectscript"))


def read_form(folder: Path) -> Compiled | None:
    """Return what `write` wrote into a folder; None when it is not there or broken."""
    try:
        lines = (folder / "corpus.jsonl").read_bytes().split(b"\n")
        header, rows = from_files(lambda name: (folder / name).read_bytes())
        phrases = (folder / "phrases.json").read_bytes(), (folder / "phrases.rows").read_bytes()
        return Compiled(lines, header, rows, phrases)
    except (OSError, ValueError):
        return None


def corpus_lines(
    corpus: Corpus,
    same: Mapping[int, bytes] | None = None,
    signs: Mapping[str, bytes] | None = None,
    own: OwnRules | None = None,
) -> list[bytes]:
    """Return a corpus as lines: the first holds the owner files and where the rest is, each other one entry.

    `same` gives the lines of values that were read from lines and are unchanged, by `id`; `signs` the lines of what
    was learned of stops and pauses; `own` what overlays make of the rules.
    """
    lines: list[bytes] = [b""]

    def add(value: object) -> int:
        return append((same or {}).get(id(value)) or _json(encode(value)))

    def append(line: bytes) -> int:
        lines.append(line)
        return len(lines) - 1

    top = {
        "tables": encode(corpus.tables),
        "content_hash": corpus.content_hash,
        "objections": {entry.id: add(entry) for entry in corpus.objections},
        "scripts": {kind: add(scripts) for kind, scripts in corpus.scripts},
        "pages": {kind: add(pages) for kind, pages in corpus.pages},
        "background": {"background": add(corpus.background)},
        "law": add(corpus.law),
        "safety": add(corpus.safety),
        "signs": {name: append(line) for name, line in (signs or {}).items()},
        "own": own and [add(own.ours), add(own.law), append(_json(own.index and packed(own.index)))],
        "overlays": encode(corpus.overlays),
        "authority": encode(corpus.authority),
    }
    lines[0] = _json(top)
    return lines


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
