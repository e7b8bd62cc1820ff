"""Lay a company's own folder over a corpus: read it, check it and merge it, or refuse all of it.

An overlay has the format of the corpus and holds only what it needs. Each of its files has an id of its own,
`acme.name`, and says in its head what it is for: nothing (it adds an entry), `extends: forgot`, or `replaces: forgot`
with `based-on:`, the version it was written against. `hides:` takes entries or single responses away. Where the two
say the same sentence, the overlay's meaning counts; so an update of the corpus cannot break an overlay by adding one.
A compliance rule is made milder, replaced or hidden only by a file that says why, in `loosens:`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TypeVar

from collectscript.authority import CARD, read_card
from collectscript.corpus import body_of, duplicates
from collectscript.entries import EntryReader
from collectscript.files import content_hash
from collectscript.layers import MANIFEST
from collectscript.lint import Context, no_forbidden_words, third_party_safe
from collectscript.markdown import Document, Item, read_document
from collectscript.model import (
    CONCERNS,
    CUSTOMER_AXES,
    NONE,
    PAGE_KINDS,
    SCRIPT_KINDS,
    Background,
    ComplianceRule,
    Corpus,
    Facet,
    Grant,
    Named,
    Objection,
    Overlay,
    Page,
    Response,
    Slot,
    Tables,
    TaxonomyRow,
)
from collectscript.problems import Problem, near
from collectscript.rules import SOURCE_COLUMNS, SOURCES, RuleReader
from collectscript.slots import TYPES
from collectscript.tables import OWNER_FILES, Row, read_rows
from collectscript.text import Folder
from collectscript.tightening import Rulebook, less_bound

OPEN_AXES = ("technique", "structure", "influence", *CUSTOMER_AXES, "sector", "channel")
"""Axes of facets.tsv that an overlay may add tags to; the code gives the others their meaning."""
TABLES = ("taxonomy.tsv", "groups.tsv", "facets.tsv", "sources.tsv", "slots.tsv", "concerns.tsv")
"""Owner files that an overlay may have, each with only its own rows."""
RULES = "compliance"
FOLDERS = ("objections", *SCRIPT_KINDS, *PAGE_KINDS, "background", RULES)
HEAD: Mapping[str, tuple[str, ...]] = {
    "objections": ("id", "extends", "replaces", "based-on", "hides", "threshold"),
    **dict.fromkeys(SCRIPT_KINDS, ("id", "gloss", "replaces", "based-on", "hides")),
    "background": ("id",),
    RULES: ("id", "checked", "review", "extends", "replaces", "based-on", "loosens"),
}
"""Fields that the head of a file may have, by folder; a page may have any."""
VERSION = re.compile(r"[0-9a-f]{12}")
CODES = {
    "CS060": "An overlay has an `overlay.md` whose head gives its id: lower-case letters, digits and hyphens.",
    "CS061": "Every id of an overlay starts with the overlay's id and a dot, a slot's with the id and an underscore.",
    "CS062": "An overlay holds nothing but what is read of it.",
    "CS063": "The head of a file has known fields, and what it says about other entries is complete.",
    "CS064": "What a file extends, replaces or hides is there.",
    "CS065": "An overlay says one thing about an entry.",
    "CS066": "A row of an overlay's table is complete, and its axis is open.",
    "CS067": "The authority card says who may grant each of the four grants, and up to what.",
    "CS068": "A compliance rule is not made milder, replaced or hidden without a reason in `loosens`.",
}
"""Rules that reading an overlay adds to those of reading a corpus."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LIST = re.compile(r"[、,，\s]+")

T = TypeVar("T", Response, Page)

LOOSENED = "CS263"
"""What `lint` says of every rule that an overlay makes milder, replaces or hides."""


@dataclass(frozen=True)
class Layers:
    """A corpus with what has been laid over it, and what laying more needs to know."""

    corpus: Corpus
    versions: Mapping[str, str]
    """`objections/forgot` and the like to the version of what defines it, 12 hex digits."""
    said: Mapping[str, str]
    """Folded utterance to the objection it belongs to, or `none`."""
    rules: Rulebook
    """The compliance rules; `corpus.law` is how they are shown."""
    loosened: tuple[Problem, ...] = ()
    """Where the last overlay makes rules milder, and why: nothing wrong, but for `lint` to print."""

    @classmethod
    def of(cls, corpus: Corpus, files: Mapping[str, bytes], said: Mapping[str, str]) -> Layers:
        """Start from a corpus and its files."""
        versions = {path.removesuffix(".md"): version_of(data) for path, data in files.items()}
        return cls(corpus, versions, said, Rulebook.of(corpus.law))


def version_of(data: bytes) -> str:
    """Return the version of an entry's file, as `based-on` records it."""
    return hashlib.blake2b(data, digest_size=6).hexdigest()


def said_by(corpus: Corpus, folder: Folder) -> dict[str, str]:
    """Return every folded utterance of a corpus and the objection it belongs to, or `none`."""
    said = {folder.fold(text): entry.id for entry in corpus.objections for text in entry.utterances}
    return said | {folder.fold(text): NONE for topic in corpus.background for text in topic.utterances}


def lay(base: Layers, files: Mapping[str, bytes], folder: Folder) -> tuple[Layers, list[Problem]]:
    """Lay an overlay's files over a base; return the result with everything that is wrong, by path and line.

    Never raises for what the files hold. With problems the result is the base: an overlay never loads in part.
    """
    reader = _Reader(base, files, folder)
    laid = reader.read()
    return laid, sorted(set(reader.problems))


@dataclass(slots=True)
class _Own:
    """What an overlay holds, read."""

    added: list[Objection] = field(default_factory=list)
    extended: dict[str, Objection] = field(default_factory=dict)
    replaced: dict[str, Objection] = field(default_factory=dict)
    scripts: dict[str, list[tuple[Response, str | None]]] = field(default_factory=dict)
    """By folder: the response and the id of the one it replaces."""
    pages: dict[str, list[tuple[Page, str | None]]] = field(default_factory=dict)
    background: list[Background] = field(default_factory=list)
    rules: list[tuple[ComplianceRule, Document]] = field(default_factory=list)
    """With the document that each was read from."""
    hidden: dict[str, tuple[str, int]] = field(default_factory=dict)
    """What is hidden and where that is said."""
    versions: dict[str, str] = field(default_factory=dict)


class _Reader:
    """Reads one overlay; all problems are collected in `problems`."""

    def __init__(self, base: Layers, files: Mapping[str, bytes], folder: Folder) -> None:
        self.problems: list[Problem] = []
        self._base = base
        self._corpus = base.corpus
        self._files = files
        self._folder = folder
        self._documents = {path: read_document(path, data) for path, data in files.items() if path.endswith(".md")}
        self._own = _Own()
        self._targets: dict[str, tuple[str, int]] = {}
        self._rulebook = base.rules
        self._loosened: list[Problem] = []

    def read(self) -> Layers:
        """Read and check everything, and merge it when there is nothing wrong."""
        name, title = self._manifest()
        self._only_known_files()
        tables = self._tables(name)
        facts = {PurePosixPath(path).stem for path in self._files if path.startswith("facts/")}
        facts |= {page.id for page in self._base_pages("facts")}
        reader = EntryReader(tables, name or "", frozenset(facts))
        rules = RuleReader(tables, self._folder, name or "", self._corpus.law)
        self._law_sources(rules, name)
        for path in sorted(self._documents):
            kind = path.partition("/")[0]
            if kind in FOLDERS and path.count("/") == 1:
                self._file(reader, rules, kind, path, name)
        self.problems += reader.problems
        self.problems += rules.problems
        card = read_card(self._files[CARD], self.problems) if CARD in self._files else self._corpus.authority
        self._check_hidden()
        self._check_texts(tables)
        self._rules(name or "")
        bodies = {path: document for path, document in self._documents.items() if path != MANIFEST}
        entries = [*self._own.added, *self._own.extended.values(), *self._own.replaced.values()]
        self.problems += duplicates(entries, self._own.background, bodies, self._folder)
        if self.problems or name is None:
            return self._base
        return self._merged(Overlay(name, title, content_hash(self._files)), tables, card)

    # -- what an overlay consists of --------------------------------------------------------------------

    def _manifest(self) -> tuple[str | None, str]:
        """Return the overlay's id and title."""
        document = self._documents.get(MANIFEST)
        if document is None:
            message = "the overlay has no overlay.md; add one with '---', 'id: acme', '---', '# title'"
            self._add(MANIFEST, 1, "CS060", message)
            return None, ""
        self.problems += document.problems
        self._head(document, ("id", "hides", "loosens"))
        tops = document.root.children
        title = tops[0].title if tops else ""
        if not title:
            self._add(MANIFEST, 1, "CS060", "no title; write '# whose scripts these are' below the head")
        item = document.fields.get("id")
        if item is None or not _NAME.fullmatch(item.text):
            message = f"id {item.text if item else ''!r}; write 'id: acme' with lower-case letters, digits and hyphens"
            self._add(MANIFEST, item.line if item else 1, "CS060", message)
            return None, title
        if item.text in {"collectscript", *(one.name for one in self._corpus.overlays)}:
            self._add(MANIFEST, item.line, "CS060", f"id {item.text!r} is taken already; choose another")
        self._hides(document)
        return item.text, title

    def _only_known_files(self) -> None:
        for path in sorted(self._files):
            kind = path.partition("/")[0]
            in_folder = kind in FOLDERS and path.count("/") == 1 and path.endswith(".md")
            if not in_folder and path not in {MANIFEST, CARD, SOURCES, *TABLES}:
                known = ", ".join([*TABLES, CARD, SOURCES, *(f"{one}/*.md" for one in FOLDERS)])
                self._add(path, 1, "CS062", f"this is not read in an overlay; it may hold {known}")

    def _head(self, document: Document, known: Sequence[str]) -> None:
        for key, item in document.fields.items():
            if key not in known:
                self._add(
                    document.path, item.line, "CS063", f"field {key!r} in the head; use one of {', '.join(known)}"
                )

    # -- tables ------------------------------------------------------------------------------------------

    def _tables(self, name: str | None) -> Tables:
        """Return the base's tables with the overlay's rows below."""
        base = self._corpus.tables
        rows = {table: self._rows(table, name) for table in TABLES}
        facets = [row for line, row in rows["facets.tsv"] if self._open_axis(line, row)]
        groups = (*base.groups, *(Named(row["id"], row["title"], row["gloss"]) for _, row in rows["groups.tsv"]))
        self._among("taxonomy.tsv", rows["taxonomy.tsv"], "group", [group.id for group in groups])
        self._among("slots.tsv", rows["slots.tsv"], "type", TYPES)
        self._among("concerns.tsv", rows["concerns.tsv"], "concern", CONCERNS)
        added = tuple(
            TaxonomyRow(row["id"], row["group"], row["title"], row["gloss"], row["boundary"])
            for _, row in rows["taxonomy.tsv"]
        )
        self._among("concerns.tsv", rows["concerns.tsv"], "id", [row.id for row in added])
        return replace(
            base,
            taxonomy=(*base.taxonomy, *added),
            groups=groups,
            facets=(*base.facets, *(Facet(row["facet"], row["id"], row["name"], row["meaning"]) for row in facets)),
            sources=(*base.sources, *(Named(row["key"], row["title"], row["kind"]) for _, row in rows["sources.tsv"])),
            slots=(
                *base.slots,
                *(Slot(row["id"], row["label"], row["type"], row["meaning"]) for _, row in rows["slots.tsv"]),
            ),
            concerns=(*base.concerns, *((row["id"], row["concern"]) for _, row in rows["concerns.tsv"])),
        )

    def _rows(self, table: str, name: str | None) -> list[tuple[int, Row]]:
        """Read the rows of one table and check that they are the overlay's own and complete."""
        if table not in self._files:
            return []
        columns = SOURCE_COLUMNS if table == SOURCES else OWNER_FILES[table]
        key = "key" if "key" in columns else "id"
        rows = read_rows(table, self._files[table], columns, self.problems)
        seen: dict[tuple[str, str], int] = {}
        for line, row in rows:
            prefix = f"{(name or '').replace('-', '_')}_" if table == "slots.tsv" else f"{name}."
            form = r"[a-z][a-z0-9_]*" if table == "slots.tsv" else r"[a-z][a-z0-9.-]*"
            if name is not None and not (row[key].startswith(prefix) and re.fullmatch(form, row[key])):
                self._add(table, line, "CS061", f"{key} {row[key]!r} of an overlay; write '{prefix}name'")
            empty = [column for column in columns if not row[column] and column not in {"meaning", "gloss", "boundary"}]
            if empty:
                self._add(table, line, "CS066", f"{', '.join(empty)} is empty; fill it in")
            full = (row.get("facet", ""), row[key])
            if full in seen:
                self._add(table, line, "CS065", f"{row[key]!r} stands on line {seen[full]} too; keep one")
            seen[full] = line
            if table == "slots.tsv" and row[key] in {slot.id for slot in self._corpus.tables.slots}:
                self._add(table, line, "CS065", f"slot {row[key]!r} is in the corpus already; name yours otherwise")
        return rows

    def _open_axis(self, line: int, row: Row) -> bool:
        if row["facet"] in OPEN_AXES:
            return True
        message = f"facet {row['facet']!r} takes no tags of an overlay; use one of {', '.join(OPEN_AXES)}"
        self._add("facets.tsv", line, "CS066", message)
        return False

    def _among(self, table: str, rows: Iterable[tuple[int, Row]], column: str, known: Sequence[str]) -> None:
        for line, row in rows:
            if row[column] and row[column] not in known:
                hint = near(row[column], known) or f"; use one of {', '.join(known[:12])}"
                self._add(table, line, "CS066", f"{column} {row[column]!r} is not known{hint}")

    # -- files -------------------------------------------------------------------------------------------

    def _file(self, reader: EntryReader, rules: RuleReader, kind: str, path: str, name: str | None) -> None:
        document = self._documents[path]
        item = document.fields.get("id")
        if name is not None and item is not None and not re.fullmatch(rf"{name}\.[a-z0-9][a-z0-9.-]*", item.text):
            self._add(path, item.line, "CS061", f"id {item.text!r} of an overlay; write '{name}.name', in lower case")
        if kind in HEAD:
            self._head(document, HEAD[kind])
        self._hides(document)
        target = self._target(document, kind)
        own = self._own
        if kind == "objections":
            extends = document.fields.get("extends") is not None
            entry = reader.objection(document, target, partial=extends)
            if entry is None:
                return
            if target is None:
                own.added.append(entry)
            else:
                (own.extended if extends else own.replaced)[target] = entry
        elif kind in SCRIPT_KINDS:
            script = reader.script(document, kind)
            if script is not None:
                own.scripts.setdefault(kind, []).append((script, target))
        elif kind in PAGE_KINDS:
            page = reader.page(document, kind, body_of(self._files[path]))
            if page is not None:
                own.pages.setdefault(kind, []).append((page if target is None else replace(page, id=target), target))
        elif kind == RULES:
            below = self._rulebook.rule(target) if target is not None else None
            rule = rules.rule(document, below, partial="extends" in document.fields)
            if rule is not None and (below is not None or not {"extends", "replaces"} & document.fields.keys()):
                own.rules.append((rule, document))
        else:
            topic = reader.background(document)
            if topic is not None:
                own.background.append(topic)
        self._record(kind, path, document, target)

    def _record(self, kind: str, path: str, document: Document, target: str | None) -> None:
        """Remember the version of what a file defines."""
        key = version_key(kind, target) if target else path.removesuffix(".md")
        version = version_of(self._files[path])
        if "extends" in document.fields:
            # What is extended changes when its base does.
            version = version_of(f"{self._base.versions.get(key, '')}{version}".encode())
        self._own.versions[key] = version

    def _target(self, document: Document, kind: str) -> str | None:
        """Return the id of what a file extends or replaces; None when it adds something."""
        fields = document.fields
        said = [fields[key] for key in ("extends", "replaces") if key in fields]
        based = fields.get("based-on")
        if len(said) > 1:
            self._add(document.path, said[1].line, "CS063", "extends and replaces exclude each other; keep one")
        if not said or (kind not in HEAD and "replaces" not in fields):
            if based is not None:
                self._add(document.path, based.line, "CS063", "based-on belongs to replaces; delete it")
            return None
        item = said[0]
        known = self._known(kind)
        if item.text not in known:
            message = f"{item.text!r} is not in {kind}/ of what lies below{near(item.text, known)}"
            self._add(document.path, item.line, "CS064", message)
            return None
        self._once(document.path, item, item.text)
        if "replaces" in fields:
            self._check_based_on(document.path, item, based, self._base.versions.get(version_key(kind, item.text), ""))
        elif based is not None:
            self._add(document.path, based.line, "CS063", "based-on belongs to replaces; delete it")
        return item.text

    def _check_based_on(self, path: str, item: Item, based: Item | None, version: str) -> None:
        if based is None or not VERSION.fullmatch(based.text):
            found = f"based-on {based.text!r}" if based else "no based-on"
            message = (
                f"{found}; write 'based-on: {version}', the version of {item.text!r} that yours was written against"
            )
            self._add(path, based.line if based else item.line, "CS063", message)

    def _known(self, kind: str) -> list[str]:
        if kind == "objections":
            return [entry.id for entry in self._corpus.objections]
        if kind in SCRIPT_KINDS:
            return [script.id for script in self._base_scripts(kind)]
        if kind == RULES:
            return [rule.id for rule in self._rulebook.shown.rules]
        return [page.id for page in self._base_pages(kind)]

    def _once(self, path: str, item: Item, target: str) -> None:
        if target in self._targets:
            other, line = self._targets[target]
            self._add(path, item.line, "CS065", f"{target!r} is dealt with at {other}:{line} already; keep one")
        self._targets.setdefault(target, (path, item.line))

    def _hides(self, document: Document) -> None:
        item = document.fields.get("hides")
        for target in [one for one in _LIST.split(item.text) if one] if item else []:
            self._own.hidden.setdefault(target, (document.path, item.line if item else 1))

    def _check_hidden(self) -> None:
        if not self._own.hidden:
            return
        known = {entry.id: [response.id for response in entry.responses] for entry in self._corpus.objections}
        responses = {response for ids in known.values() for response in ids}
        scripts = {script.id for kind in SCRIPT_KINDS for script in self._base_scripts(kind)}
        rules = self._known(RULES)
        for target, (path, line) in self._own.hidden.items():
            if target not in known and target not in responses and target not in scripts and target not in rules:
                message = f"nothing {target!r} to hide{near(target, [*known, *responses, *scripts, *rules])}"
                self._add(path, line, "CS064", message)
            if target in self._targets:
                other, other_line = self._targets[target]
                self._add(path, line, "CS065", f"{target!r} is dealt with at {other}:{other_line} too; keep one")

    def _check_texts(self, tables: Tables) -> None:
        """Refuse texts that tell a third party of a debt, threaten or insult: such an overlay does not load."""
        entries = [*self._own.added, *self._own.extended.values(), *self._own.replaced.values()]
        responses = [response for entry in entries for response in entry.responses]
        responses += [script for scripts in self._own.scripts.values() for script, _ in scripts]
        context = Context(replace(self._corpus, tables=tables), self._folder)
        for response in responses:
            self.problems += third_party_safe(context, response)
            self.problems += no_forbidden_words(context, response)

    # -- compliance rules --------------------------------------------------------------------------------

    def _law_sources(self, reader: RuleReader, name: str | None) -> None:
        """Read the overlay's own rows of the table of sources, which its rules may cite."""
        own = tuple(reader.source(row) for _, row in self._rows(SOURCES, name))
        if own:
            self._rulebook = self._rulebook.with_sources(own)

    def _rules(self, name: str) -> None:
        """Lay the overlay's rules over those below; what becomes milder must have a reason."""
        for target, (path, line) in self._own.hidden.items():
            if target in self._known(RULES):
                reason = self._reason(self._documents[path]) if path == MANIFEST else ""
                instead = "hide it in overlay.md and write"
                self._loosen(path, line, target, "is hidden", reason=reason, instead=instead)
                self._rulebook = self._rulebook.hidden(target, name, reason)
        for rule, document in self._own.rules:
            reason, fields = self._reason(document), document.fields
            if "extends" in fields:
                self._check_milder(rule, document, reason)
                milder = any(problem.path == rule.path for problem in self._loosened)
                self._rulebook = self._rulebook.extended(rule, reason if milder else "")
            elif "replaces" in fields:
                line = fields["replaces"].line
                self._loosen(rule.path, line, rule.id, "is replaced", reason=reason, instead="extend it, or write")
                self._rulebook = self._rulebook.replaced(rule, reason)
            else:
                self._rulebook = self._rulebook.added(rule)
        loosened = {problem.path for problem in self._loosened}
        for path, document in self._documents.items():
            item = document.fields.get("loosens")
            if item and path not in loosened and (path == MANIFEST or path.startswith(f"{RULES}/")):
                message = "loosens: nothing below becomes milder; delete it"
                self._loosened.append(Problem(path, item.line, LOOSENED, message))

    def _check_milder(self, rule: ComplianceRule, document: Document, reason: str) -> None:
        """Look at everything by which an extension can take findings away."""
        path, below = rule.path, self._rulebook.rule(rule.id)
        top = document.root.children[0]
        bound = top.child("约束谁")
        first = 1 if rule.severity else 0
        names = {facet.id: facet.name for facet in self._corpus.tables.facets}
        for number, before, after, whom in less_bound(below, rule):
            items = bound.bullets if bound else []
            place = number + first if number >= 0 else 0
            line = items[place].line if place < len(items) else 1
            what = f"binds {'、'.join(names.get(one, one) for one in whom) or '一般'} less: {after} instead of {before}"
            self._loosen(path, line, rule.id, what, reason=reason, instead=f"write {before}, or")
        recognised = top.child("识别")
        cleared = recognised.child("不算") if recognised else None
        for item in cleared.bullets if cleared else []:
            what = f"no longer flags what has {item.text[:12]!r}"
            instead = "write the words after ！ in your own 句式, or"
            self._loosen(path, item.line, rule.id, what, reason=reason, instead=instead)
        fold = self._folder.fold
        flagged = {fold(phrase.text) for phrase in below.flag}
        for phrase in rule.lawful:
            text = fold(phrase.text)
            if text in flagged and not any(fold(word) in text for word in rule.unless):
                message = (
                    f"{phrase.text!r} is to be flagged by {rule.id!r} below; delete it, or write a word of it under 不算 "
                    "and 'loosens: reason' in the head"
                )
                self._add(path, phrase.line, "CS068", message)

    def _reason(self, document: Document) -> str:
        item = document.fields.get("loosens")
        return item.text if item else ""

    def _loosen(self, path: str, line: int, rule_id: str, what: str, *, reason: str, instead: str) -> None:
        """Take down that a rule becomes milder: with a reason for `lint`, without one as an error."""
        if reason:
            self._loosened.append(Problem(path, line, LOOSENED, f"rule {rule_id!r} {what}; the reason given: {reason}"))
        else:
            message = f"rule {rule_id!r} {what}; {instead} 'loosens: reason' in the head"
            self._add(path, line, "CS068", message)

    # -- merging -----------------------------------------------------------------------------------------

    def _merged(self, overlay: Overlay, tables: Tables, card: tuple[Grant, ...]) -> Layers:
        own, base = self._own, self._corpus
        fold = self._folder.fold
        entries = [*own.added, *own.replaced.values(), *own.extended.values()]
        said = {fold(text): entry.id for entry in entries for text in entry.utterances}
        said |= {fold(text): NONE for topic in own.background for text in topic.utterances}
        # Sentences that the overlay gives another meaning, by whose they were.
        taken: dict[str, set[str]] = {}
        for text, owner in said.items():
            before = self._base.said.get(text, owner)
            if before != owner:
                taken.setdefault(before, set()).add(text)
        objections = [self._changed(entry, overlay.name, taken.get(entry.id, set())) for entry in base.objections]
        order = {row.id: number for number, row in enumerate(tables.taxonomy)}
        kept = [entry for entry in (*objections, *own.added) if entry.id not in own.hidden]
        background = base.background
        if NONE in taken or own.background:
            kept_topics = [_without(topic, taken.get(NONE, set()), fold) for topic in base.background]
            background = (*kept_topics, *own.background)
        mixed = f"{base.content_hash}\0{overlay.content_hash}".encode()
        corpus = replace(
            base,
            tables=tables,
            objections=tuple(sorted(kept, key=lambda entry: order[entry.id])),
            scripts=tuple(
                (kind, _placed(scripts, own.scripts.get(kind, []), own.hidden)) for kind, scripts in base.scripts
            ),
            pages=tuple((kind, _placed(pages, own.pages.get(kind, []), {})) for kind, pages in base.pages),
            background=background,
            content_hash=hashlib.blake2b(mixed, digest_size=16).hexdigest(),
            overlays=(*base.overlays, overlay),
            authority=card,
            law=self._rulebook.shown,
        )
        versions = {**self._base.versions, **own.versions}
        return Layers(corpus, versions, {**self._base.said, **said}, self._rulebook, tuple(self._loosened))

    def _changed(self, entry: Objection, name: str, taken: set[str]) -> Objection:
        """Return an objection of the base as the overlay leaves it."""
        own, fold = self._own, self._folder.fold
        if entry.id in own.replaced:
            return own.replaced[entry.id]
        if entry.id in own.extended:
            entry = _extended(entry, own.extended[entry.id], fold)
        responses = tuple(response for response in entry.responses if response.id not in own.hidden)
        if len(responses) != len(entry.responses):
            origin = entry.origin if entry.origin.endswith(f"+{name}") else f"{entry.origin}+{name}"
            entry = replace(entry, responses=responses, origin=origin)
        if not taken:
            return entry

        def left(texts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(text for text in texts if fold(text) not in taken)

        return replace(entry, typical=left(entry.typical), spoken=left(entry.spoken), rare=left(entry.rare))

    # -- small things ------------------------------------------------------------------------------------

    def _base_scripts(self, kind: str) -> tuple[Response, ...]:
        return dict(self._corpus.scripts).get(kind, ())

    def _base_pages(self, kind: str) -> tuple[Page, ...]:
        return dict(self._corpus.pages).get(kind, ())

    def _add(self, path: str, line: int, code: str, message: str) -> None:
        self.problems.append(Problem(path, line, code, message))


def version_key(kind: str, target: str) -> str:
    """Return the key of `versions` for the id of something in a folder."""
    return target if target.startswith(f"{kind}/") else f"{kind}/{target}"


def _extended(base: Objection, own: Objection, fold: Callable[[str], str]) -> Objection:
    """Return an objection with what an overlay adds to it; its own responses come first."""
    known = {fold(text) for text in base.utterances}

    def new(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if fold(text) not in known)

    return replace(
        base,
        say_first=own.say_first or base.say_first,
        ask_first=own.ask_first or base.ask_first,
        never_say=own.never_say or base.never_say,
        meaning="\n".join(text for text in (base.meaning, own.meaning) if text),
        find_out=tuple(ours or theirs for ours, theirs in zip(own.find_out, base.find_out, strict=True)),
        typical=base.typical + new(own.typical),
        spoken=base.spoken + new(own.spoken),
        rare=base.rare + new(own.rare),
        checks=base.checks + own.checks,
        distinctions=own.distinctions + base.distinctions,
        responses=own.responses + base.responses,
        never=base.never + own.never,
        threshold=base.threshold if own.threshold is None else own.threshold,
        origin=f"{base.origin}+{own.origin}",
    )


def _without(topic: Background, taken: set[str], fold: Callable[[str], str]) -> Background:
    if not taken:
        return topic
    return replace(topic, utterances=tuple(text for text in topic.utterances if fold(text) not in taken))


def _placed(base: Sequence[T], own: Sequence[tuple[T, str | None]], hidden: Mapping[str, object]) -> tuple[T, ...]:
    """Return the base's items with the overlay's in the place of those they replace, new ones at the end."""
    if not own and not any(item.id in hidden for item in base):
        return tuple(base)
    instead: dict[str, T] = {target: item for item, target in own if target is not None}
    kept: list[T] = [instead.get(item.id, item) for item in base if item.id in instead or item.id not in hidden]
    added: list[T] = [item for item, target in own if target is None]
    return tuple(kept + added)
