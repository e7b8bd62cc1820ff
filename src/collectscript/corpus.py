"""Read all files of a corpus and check them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from collectscript import wording
from collectscript.entries import EntryReader
from collectscript.errors import CorpusError
from collectscript.files import content_hash, find_data, read_files
from collectscript.markdown import Document, read_document
from collectscript.model import PAGE_KINDS, SCRIPT_KINDS, Background, Corpus, Objection, Page, Response
from collectscript.problems import Problem
from collectscript.rules import RuleReader
from collectscript.stops import FOLDER, StopReader
from collectscript.tables import read_tables
from collectscript.text import Folder


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
        read = [reader.page(documents[path], kind, body_of(files[path])) for path in _in(documents, kind)]
        pages.append((kind, tuple(page for page in read if page)))
    background = tuple(b for path in _in(documents, "background") if (b := reader.background(documents[path])))
    folder = wording.read_folder(files, problems)
    wording.read_sounds(files, problems)
    wording.read_dialects(files, folder, problems)
    rules = RuleReader(tables, folder)
    law = rules.law(files, {path: documents[path] for path in _in(documents, "compliance")})
    stops = StopReader(tables, origin, facts)
    safety = stops.safety(
        files, {path: documents[path] for path in documents if path.startswith(f"{FOLDER}/")}, objections, folder
    )
    problems += reader.problems
    problems += rules.problems
    problems += stops.problems
    problems += duplicates(objections, background, documents, folder)
    corpus = Corpus(
        tables, tuple(objections), tuple(scripts), tuple(pages), background, content_hash(files), law, safety
    )
    return corpus, sorted(set(problems))


def load_corpus(folder: Path) -> Corpus:
    """Read a corpus folder strictly: `CorpusError` with all problems, never a partial corpus."""
    corpus, problems = read_folder(read_files(folder))
    if problems:
        raise CorpusError(problems)
    return corpus


def _in(documents: Mapping[str, Document], kind: str) -> list[str]:
    return sorted(path for path in documents if path.startswith(f"{kind}/") and path.count("/") == 1)


def body_of(data: bytes) -> str:
    """Return the Markdown of a page below its head."""
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
    _, _, rest = text.partition("\n---\n")
    return rest.strip("\n") + "\n"


def duplicates(
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


__all__ = ["content_hash", "find_data", "load_corpus", "read_files", "read_folder"]
