"""Find a corpus folder, read all of it and check it: the only module that knows where files lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

from collectscript import wording
from collectscript.entries import EntryReader
from collectscript.errors import CorpusError, CorpusNotFound
from collectscript.markdown import Document, read_document
from collectscript.model import PAGE_KINDS, SCRIPT_KINDS, Background, Corpus, Objection, Page, Response, Tables
from collectscript.problems import Problem
from collectscript.tables import OWNER_FILES, read_tables
from collectscript.text import Folder

NOT_ENTRIES = frozenset({"README.md"})
"""Markdown files in a corpus folder that explain and are not entries."""


def find_data(path: str | Path | None = None) -> Path:
    """Return the corpus folder: `path` when given, else the installed one, else that of the checkout.

    Raises `CorpusNotFound` naming the places looked at.
    """
    if path is not None:
        folder = Path(path)
        if not (folder / "taxonomy.tsv").is_file():
            reason = "has no taxonomy.tsv" if folder.is_dir() else "is not a folder"
            msg = f"no corpus at {folder}: it {reason}"
            raise CorpusNotFound(msg)
        return folder
    packaged = Path(str(resources.files("collectscript"))) / "data"
    if packaged.is_dir():
        return packaged
    # An editable install or a checkout: the package lies in src/ beside data/.
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "data" / "taxonomy.tsv").is_file():
        return checkout / "data"
    msg = f"no corpus in the installed package ({packaged}) nor in a checkout ({checkout})"
    raise CorpusNotFound(msg)


def read_files(folder: Path) -> dict[str, bytes]:
    """Return every file of a corpus folder that counts: path relative to it, with forward slashes, and bytes."""
    found: dict[str, bytes] = {}
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        hidden = any(part.startswith((".", "_")) for part in relative.parts)
        if file.suffix in {".md", ".tsv"} and file.is_file() and not hidden and file.name not in NOT_ENTRIES:
            found[relative.as_posix()] = file.read_bytes()
    return found


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return a hash of paths and bytes: the same corpus gives the same hash on every machine."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(files):
        digest.update(f"{path}\0{len(files[path])}\0".encode())
        digest.update(files[path])
    return digest.hexdigest()


def read_folder(files: Mapping[str, bytes], origin: str = "collectscript") -> tuple[Corpus, list[Problem]]:
    """Read a corpus from its files; return it with everything that is wrong, ordered by path and line.

    With problems the corpus is what could be read: for reports only, `load_corpus` never returns it.
    """
    problems: list[Problem] = []
    tables = read_tables(files, problems)
    documents = {
        path: read_document(path, data) for path, data in files.items() if path.endswith(".md") and "/" in path
    }
    facts = frozenset(Path(path).stem for path in documents if path.startswith("facts/"))
    reader = EntryReader(tables, origin, facts)
    order = {row.id: number for number, row in enumerate(tables.taxonomy)}
    objections = [one for path in _in(documents, "objections") if (one := reader.objection(documents[path]))]
    objections.sort(key=lambda one: order[one.id])
    scripts: list[tuple[str, tuple[Response, ...]]] = []
    for kind in SCRIPT_KINDS:
        scripts.append((kind, tuple(s for path in _in(documents, kind) if (s := reader.script(documents[path], kind)))))
    pages: list[tuple[str, tuple[Page, ...]]] = []
    for kind in PAGE_KINDS:
        read = [reader.page(documents[path], kind, _body(files[path])) for path in _in(documents, kind)]
        pages.append((kind, tuple(page for page in read if page)))
    background = tuple(b for path in _in(documents, "background") if (b := reader.background(documents[path])))
    problems += reader.problems
    problems += _duplicates(objections, background, documents, wording.read_folder(files, problems))
    corpus = Corpus(tables, tuple(objections), tuple(scripts), tuple(pages), background, content_hash(files))
    return corpus, sorted(set(problems))


def read_owner_tables(folder: Path) -> Tables:
    """Read only the owner files of a corpus folder; `CorpusError` when they are not valid."""
    problems: list[Problem] = []
    tables = read_tables(
        {name: (folder / name).read_bytes() for name in OWNER_FILES if (folder / name).is_file()}, problems
    )
    if problems:
        raise CorpusError(problems)
    return tables


def load_corpus(folder: Path) -> Corpus:
    """Read a corpus folder strictly: `CorpusError` with all problems, never a partial corpus."""
    corpus, problems = read_folder(read_files(folder))
    if problems:
        raise CorpusError(problems)
    return corpus


def _in(documents: Mapping[str, Document], kind: str) -> list[str]:
    return sorted(path for path in documents if path.startswith(f"{kind}/") and path.count("/") == 1)


def _body(data: bytes) -> str:
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
    _, _, rest = text.partition("\n---\n")
    return rest.strip("\n") + "\n"


def _duplicates(
    objections: Iterable[Objection],
    background: Iterable[Background],
    documents: Mapping[str, Document],
    folder: Folder,
) -> list[Problem]:
    """Report every utterance that stands twice after folding, within an entry, across entries or in the background."""
    said = [(entry.path, text) for entry in objections for text in entry.utterances]
    said += [(topic.path, text) for topic in background for text in topic.utterances]
    first: dict[str, tuple[str, str]] = {}
    problems: list[Problem] = []
    lines = {path: _bullet_lines(document) for path, document in documents.items()}
    for path, text in said:
        key = folder.fold(text)
        if not key:
            problems.append(Problem(path, lines[path].get(text, 1), "CS009", f"{text!r} has no characters to match"))
            continue
        if key not in first:
            first[key] = (path, text)
            continue
        other, other_text = first[key]
        numbers = [line for line_text, line in _bullets(documents[path]) if line_text == text]
        other_line = lines[other].get(other_text, 1)
        code = "CS025" if other == path else "CS026"
        message = f"{text!r} stands at {other}:{other_line} too; keep it in one place"
        problems.append(Problem(path, numbers[-1] if numbers else 1, code, message))
    return problems


def _bullets(document: Document) -> list[tuple[str, int]]:
    return [(item.text, item.line) for section in document.root.walk() for item in section.bullets]


def _bullet_lines(document: Document) -> dict[str, int]:
    lines: dict[str, int] = {}
    for text, line in _bullets(document):
        lines.setdefault(text, line)
    return lines
