"""The compiled form of a corpus, so that a start costs milliseconds: read, checked and learned once, then kept.

It is found by the content of the corpus and of the code that made it: inside an installed package, where the
wheel put it, or in the user's cache folder, where the first `load` of a checkout writes it. A changed file or a
changed learner has another name, so nothing stale is ever read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from collectscript.codec import decode, encode
from collectscript.errors import CorpusError
from collectscript.files import content_hash, read_files
from collectscript.index import Index, from_files, to_files
from collectscript.model import Background, Corpus, Objection, Page, Response, Tables

PACKAGED = "_compiled"
"""Folder inside the installed package that holds what the wheel was built with."""
_MAKERS = (
    "build", "codec", "compiled", "corpus", "entries", "features", "files", "index", "learn", "markdown", "model", "tables",
    "text", "wording",
)  # fmt: skip
"""Modules whose change changes the compiled form."""

T = TypeVar("T")


class Compiled:
    """A corpus and its index; entries are decoded when they are asked for."""

    def __init__(self, lines: list[bytes], header: Mapping[str, Any], rows: bytes) -> None:
        self._lines = lines
        self._top: dict[str, Any] = json.loads(lines[0])
        self._header = header
        self._rows = rows

    @cached_property
    def index(self) -> Index:
        """The index that matching reads."""
        return Index.from_parts(self._header, self._rows)

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
        )

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
    files = read_files(folder)
    name = compiled_name(files)
    for place in (Path(__file__).parent / PACKAGED, cache_folder()):
        found = _read(place / name)
        if found is not None:
            return found
    made = make(files)
    write(made, cache_folder() / name)
    lines, header, rows = made
    return Compiled(lines, header, rows)


Made = tuple[list[bytes], dict[str, Any], bytes]
"""Lines of the corpus file, header of the index, rows of the index."""


def make(files: Mapping[str, bytes]) -> Made:
    """Read, check and learn a corpus; `CorpusError` when it is not valid."""
    # Learning needs numpy and jieba; a start from the compiled form does not.
    from collectscript.build import build_index
    from collectscript.corpus import read_folder

    corpus, problems = read_folder(files)
    if problems:
        raise CorpusError(problems)
    index = build_index(corpus, files)
    return _corpus_lines(corpus), index.header(), index.rows


def write(made: Made, target: Path) -> None:
    """Write the compiled form into a new folder `target`, all at once or not at all."""
    lines, header, rows = made
    import tempfile

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as making:
            folder = Path(making) / "form"
            folder.mkdir()
            (folder / "corpus.jsonl").write_bytes(b"\n".join(lines))
            for name, content in to_files(header, rows).items():
                (folder / name).write_bytes(content)
            folder.rename(target)
    except OSError:
        # Another process was first, or the place cannot be written: both leave a usable state.
        return


def compiled_name(files: Mapping[str, bytes]) -> str:
    """Return the folder name of the compiled form of these files as made by this code."""
    return f"{content_hash(files)}-{_maker_hash()}"


@cache
def _maker_hash() -> str:
    digest = hashlib.blake2b(digest_size=6)
    for module in _MAKERS:
        digest.update((Path(__file__).parent / f"{module}.py").read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Return the folder that keeps compiled forms: `COLLECTSCRIPT_CACHE`, or the user's cache folder."""
    from platformdirs import user_cache_path

    return Path(os.environ.get("COLLECTSCRIPT_CACHE") or user_cache_path("collectscript"))


def _read(folder: Path) -> Compiled | None:
    try:
        lines = (folder / "corpus.jsonl").read_bytes().split(b"\n")
        header, rows = from_files(lambda name: (folder / name).read_bytes())
        return Compiled(lines, header, rows)
    except (OSError, ValueError):
        return None


def _corpus_lines(corpus: Corpus) -> list[bytes]:
    lines: list[bytes] = [b""]

    def add(value: object) -> int:
        lines.append(json.dumps(encode(value), ensure_ascii=False, separators=(",", ":")).encode())
        return len(lines) - 1

    top = {
        "tables": encode(corpus.tables),
        "content_hash": corpus.content_hash,
        "objections": {entry.id: add(entry) for entry in corpus.objections},
        "scripts": {kind: add(scripts) for kind, scripts in corpus.scripts},
        "pages": {kind: add(pages) for kind, pages in corpus.pages},
        "background": {"background": add(corpus.background)},
    }
    lines[0] = json.dumps(top, ensure_ascii=False, separators=(",", ":")).encode()
    return lines
