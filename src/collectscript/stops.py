"""Read `data/safety/`: word classes, one file for each stop or pause, and the examples that recognition learns from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from collectscript.entries import EntryReader
from collectscript.markdown import Document, Item, Section
from collectscript.model import LevelExamples, NeverSay, Objection, Response, Safety, Signal, Stop
from collectscript.patterns import Lexicon, PatternError, compile_pattern, words_of
from collectscript.problems import near
from collectscript.tables import read_rows
from collectscript.text import Folder

FOLDER = "safety"
WORDS = "safety/words.tsv"
EXAMPLES = "safety/examples"
STOP = "stop"
PAUSE = "pause"
KINDS = (STOP, PAUSE)
LEVELS = {"正在发生": "in-progress", "流露": "hint", "含糊": "ambiguous", "听到": "said"}
"""Heading under 认法, 先说哪条 and of examples to level, the gravest first."""
WEAK = "weak"
"""Level of signals, under the heading 疑似, that count only when what was learned speaks for them too."""
MISHEARD = "音近"
"""Heading under 认法 of words that also count when only their sound is there."""
SILENCE = "不算"
"""Heading under 认法 of what only sounds alike."""
HARMLESS = "harmless"
"""Level of examples, under the heading 不算, that only sound alike."""
BILL = "账"
"""The word class of everything that tells of a bill: a stop's words hold none of it."""
UNKNOWN = "unknown"
"""Stands for a party that nobody has named; 未知 in the files."""
SECTIONS = ("什么时候", "认法", "可以说", "不能说", "记录", "交给谁", "出处")
"""Sections of a stop or pause, all required, in this order; 先说哪条 may stand before 可以说."""
FIRST = "先说哪条"
UNLESS = ("identity_verified",)
"""Fields of `Context` that may fire a pause when they are False."""
FIELDS = (
    "id", "kind", "gravity", "checked", "review", "sources",
    "entries", "undecided", "matcher", "learned", "suspected", "parties", "unless",
)  # fmt: skip
"""Fields of the head; the first six are required."""
_LAWS = "compliance/sources.tsv"
_HEADING = re.compile(r"([^·（→ ]+)(?:·([^（→]+?))?(?:（([^）]+)）)?(?:\s*→\s*([\w/、-]+))?")


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all files of one corpus are read against."""

    words: Mapping[str, tuple[str, ...]]
    lexicon: Lexicon
    entries: Mapping[str, Objection]
    sources: frozenset[str]
    examples: Mapping[str, tuple[LevelExamples, ...]]


class StopReader(EntryReader):
    """Reads the safety files of one corpus; problems of all files are collected in `problems`."""

    def safety(
        self,
        files: Mapping[str, bytes],
        documents: Mapping[str, Document],
        entries: Sequence[Objection],
        folder: Folder,
    ) -> Safety:
        """Read everything under `safety/`.

        Args:
            files: All files of the corpus.
            documents: Its Markdown files, by path.
            entries: Its objections, whose responses a stop may use too.
            folder: How patterns and examples are folded.

        """
        words = self._classes(files)
        examples = {
            PurePosixPath(path).stem: self._examples(documents[path], folder)
            for path in sorted(documents)
            if path.startswith(f"{EXAMPLES}/")
        }
        laws = {row["key"] for _, row in read_rows(_LAWS, files[_LAWS], ("key",), [])} if _LAWS in files else set()
        shared = _Shared(
            words=words,
            lexicon=Lexicon(folder.fold),
            entries={entry.id: entry for entry in entries},
            sources=frozenset(laws | {source.id for source in self.tables.sources}),
            examples=examples,
        )
        paths = [path for path in sorted(documents) if path.startswith(f"{FOLDER}/") and path.count("/") == 1]
        stops = [stop for path in paths if (stop := self._stop(documents[path], shared))]
        for name in sorted(set(examples) - {stop.id for stop in stops}):
            self._add(f"{EXAMPLES}/{name}.md", 1, "CS050", f"no {FOLDER}/{name}.md; name the file like a stop or pause")
        stops.sort(key=lambda stop: (KINDS.index(stop.kind), stop.gravity, stop.id))
        return Safety(tuple(words.items()), tuple(stops))

    def _stop(self, document: Document, shared: _Shared) -> Stop | None:
        self.problems += document.problems
        path = document.path
        stop_id = self._id(document)
        if stop_id is None:
            return None
        top = self._title(document, None)
        self._stop_sections(path, top)
        head = _Head(self, document)
        entries = self._known_entries(path, head, "entries", shared)
        responses = self._stop_responses(path, stop_id, top.child("可以说"), shared)
        sayable = {one.id for one in responses} | {one.id for name in entries for one in shared.entries[name].responses}
        signals, silence, misheard = self._signals(path, stop_id, top.child("认法"), shared, sayable)
        for key in head.names("sources"):
            if key not in shared.sources:
                message = f"source {key!r} is in neither sources.tsv nor {_LAWS}{near(key, shared.sources)}"
                self._add(path, head.line("sources"), "CS029", message)
        return Stop(
            id=stop_id,
            kind=head.one_of("kind", KINDS),
            gravity=int(head.number("gravity", whole=True) or 0),
            title=top.title,
            checked=head.day("checked"),
            review=head.day("review"),
            when=self._prose(path, top.child("什么时候")),
            signals=signals,
            silence=silence,
            misheard=misheard,
            entries=entries,
            undecided=self._known_entries(path, head, "undecided", shared),
            matcher=head.number("matcher"),
            learned=head.number("learned"),
            suspected=head.number("suspected"),
            parties=self._parties(path, head.line("parties"), "、".join(head.names("parties"))),
            unless=head.one_of("unless", UNLESS) if "unless" in document.fields else None,
            responses=responses,
            order=self._order(path, stop_id, top.child(FIRST), sayable),
            never=self._never_said(path, top.child("不能说")),
            record=self._lines(path, top.child("记录")),
            hand_over=self._prose(path, top.child("交给谁")),
            sources=tuple(head.names("sources")),
            basis=self._lines(path, top.child("出处")),
            examples=shared.examples.get(stop_id, ()),
            path=path,
        )

    # -- recognition -----------------------------------------------------------------------------------

    def _classes(self, files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
        rows = read_rows(WORDS, files[WORDS], ("name", "words"), self.problems) if WORDS in files else []
        found: dict[str, tuple[str, ...]] = {}
        for line, row in rows:
            if row["name"] in found:
                self._add(WORDS, line, "CS051", f"word class {row['name']!r} stands twice; join the two rows")
            try:
                found[row["name"]] = tuple(dict.fromkeys(words_of(row["words"], found)[0]))
            except PatternError as error:
                self._add(WORDS, line, "CS051", str(error))
        return found

    def _signals(
        self, path: str, stop_id: str, section: Section | None, shared: _Shared, sayable: set[str]
    ) -> tuple[tuple[Signal, ...], tuple[str, ...], tuple[str, ...]]:
        levels = {**LEVELS, "疑似": WEAK}
        signals: list[Signal] = []
        silence: list[str] = []
        misheard: list[str] = []
        for child in section.children if section else ():
            found = _HEADING.fullmatch(child.title)
            level = found[1] if found else ""
            if found is None or level not in {*levels, MISHEARD, SILENCE}:
                names = "、".join((*levels, MISHEARD, SILENCE))
                message = f"heading {child.title!r}; write '### 流露·题目（对象） → 短名' with one of {names}"
                self._add(path, child.line, "CS051", message)
                continue
            self._only(path, child, "bullets")
            patterns = [item.text for item in child.bullets if self._readable(path, item, shared)]
            if level in {MISHEARD, SILENCE}:
                (silence if level == SILENCE else misheard).extend(patterns)
                continue
            parties = self._parties(path, child.line, found[3] or "")
            leads = [
                self._sayable(path, child.line, stop_id, name, sayable) for name in (found[4] or "").split("、") if name
            ]
            topic = (found[2] or "").strip()
            known = tuple(lead for lead in leads if lead)
            signals += [Signal(levels[level], topic, pattern, parties, known) for pattern in patterns]
        words = [word for pattern in misheard for word in words_of(pattern, shared.words)[0]]
        return tuple(signals), tuple(silence), tuple(dict.fromkeys(words))

    def _readable(self, path: str, item: Item, shared: _Shared) -> bool:
        try:
            compile_pattern(item.text, shared.words, shared.lexicon)
        except PatternError as error:
            self._add(path, item.line, "CS051", str(error))
            return False
        return True

    def _parties(self, path: str, line: int, text: str) -> tuple[str, ...]:
        names = {**self.tables.names("party"), "未知": UNKNOWN}
        found: list[str] = []
        for name in re.split(r"[、,，]", text) if text else ():
            if name in names:
                found.append(names[name])
            else:
                self._add(path, line, "CS018", f"party {name!r}{near(name, names)}; use one of {'、'.join(names)}")
        return tuple(found)

    def _examples(self, document: Document, folder: Folder) -> tuple[LevelExamples, ...]:
        self.problems += document.problems
        levels = {**LEVELS, SILENCE: HARMLESS}
        said: dict[str, tuple[str, int]] = {}
        found: list[LevelExamples] = []
        for section in self._title(document, None).children:
            if section.title not in levels:
                message = f"heading {section.title!r}; use one of {'、'.join(levels)}"
                self._add(document.path, section.line, "CS052", message)
                continue
            self._only(document.path, section, "bullets")
            for item in section.bullets:
                key = folder.fold(item.text)
                if not key or key in said:
                    other = f"stands on line {said[key][1]} too" if key else "has no characters to learn from"
                    self._add(document.path, item.line, "CS052", f"{item.text!r} {other}; keep one with words")
                said.setdefault(key, (section.title, item.line))
            found.append(LevelExamples(levels[section.title], tuple(item.text for item in section.bullets)))
        return tuple(found)

    # -- what may be said ------------------------------------------------------------------------------

    def _stop_responses(
        self, path: str, stop_id: str, section: Section | None, shared: _Shared
    ) -> tuple[Response, ...]:
        responses = self._responses(path, stop_id, section)
        taken = {one.id for entry in shared.entries.values() for one in entry.responses}
        for response in responses:
            if response.id in taken:
                message = f"short name {response.id.partition('/')[2]!r} is one of objections/{stop_id}.md; rename it"
                self._add(path, response.line, "CS027", message)
        return responses

    def _order(
        self, path: str, stop_id: str, section: Section | None, sayable: set[str]
    ) -> tuple[tuple[str, tuple[str, ...]], ...]:
        found: list[tuple[str, tuple[str, ...]]] = []
        for item in section.bullets if section else ():
            level, _, listed = item.text.partition("：")
            if level not in LEVELS or not listed:
                message = f"line {item.text[:12]!r}; write '- 流露：短名、短名' with one of {'、'.join(LEVELS)}"
                self._add(path, item.line, "CS051", message)
                continue
            names = [self._sayable(path, item.line, stop_id, name.strip(), sayable) for name in listed.split("、")]
            found.append((LEVELS[level], tuple(name for name in names if name)))
        return tuple(found)

    def _sayable(self, path: str, line: int, stop_id: str, name: str, sayable: set[str]) -> str | None:
        full = name if "/" in name else f"{stop_id}/{name}"
        if full in sayable:
            return full
        self._add(path, line, "CS053", f"response {name!r} is neither here nor in its entries{near(full, sayable)}")
        return None

    def _never_said(self, path: str, section: Section | None) -> tuple[NeverSay, ...]:
        found: list[NeverSay] = []
        for item in self._items(path, section):
            wrong, arrow, instead = item.text.partition("→")
            if not arrow or not wrong.strip() or not instead.strip():
                self._add(path, item.line, "CS022", f"line {item.text[:12]!r}; write '“坏话” → 换成：“好话”'")
                continue
            found.append(NeverSay(wrong.strip(), instead.strip()))
        return tuple(found)

    # -- small things ----------------------------------------------------------------------------------

    def _stop_sections(self, path: str, top: Section) -> None:
        names = [child.title for child in top.children if child.title != FIRST]
        for child in top.children:
            if child.title not in {*SECTIONS, FIRST}:
                self._add(path, child.line, "CS015", f"unknown section {child.title!r}; use {'、'.join(SECTIONS)}")
        for name in SECTIONS:
            if name not in names:
                self._add(path, top.line, "CS014", f"section {name} is missing; add '## {name}'")
        if [name for name in names if name in SECTIONS] != [name for name in SECTIONS if name in names]:
            self._add(path, top.line, "CS015", f"sections out of order; write {'、'.join(SECTIONS)}")

    def _items(self, path: str, section: Section | None) -> list[Item]:
        if section is None:
            return []
        self._only(path, section, "bullets")
        return section.bullets

    def _lines(self, path: str, section: Section | None) -> tuple[str, ...]:
        return tuple(item.text for item in self._items(path, section))

    def _known_entries(self, path: str, head: _Head, field: str, shared: _Shared) -> tuple[str, ...]:
        # A row of the taxonomy whose entry is not written yet is legal everywhere.
        for name in head.names(field):
            self._target(path, head.line(field), name)
        return tuple(name for name in head.names(field) if name in shared.entries)

    def add(self, path: str, line: int, code: str, message: str) -> None:
        """Collect one problem."""
        self._add(path, line, code, message)


class _Head:
    """The head of one file, read field by field."""

    def __init__(self, reader: StopReader, document: Document) -> None:
        self._reader = reader
        self._document = document
        for name in FIELDS[1:6]:
            if name not in document.fields:
                reader.add(document.path, 1, "CS050", f"{name} is missing in the head; add '{name}: …'")
        for name, item in document.fields.items():
            if name not in FIELDS:
                message = f"field {name!r} of the head{near(name, FIELDS)}; use {', '.join(FIELDS)}"
                reader.add(document.path, item.line, "CS050", message)

    def line(self, name: str) -> int:
        return self._document.fields[name].line if name in self._document.fields else 1

    def names(self, name: str) -> list[str]:
        text = self._document.fields[name].text if name in self._document.fields else ""
        return [one.strip() for one in re.split(r"[、,，]", text) if one.strip()]

    def one_of(self, name: str, known: tuple[str, ...]) -> str:
        value = "".join(self.names(name))
        if value not in known and name in self._document.fields:
            message = f"{name} {value!r}; write one of {', '.join(known)}"
            self._reader.add(self._document.path, self.line(name), "CS050", message)
        return value if value in known else known[0]

    def day(self, name: str) -> str:
        """Return a day as `YYYY-MM-DD`; empty when the field is not there or holds no day."""
        if name not in self._document.fields:
            return ""
        text = self._document.fields[name].text
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            message = f"{name} {text!r}; write a day as '{name}: 2026-11-22'"
            self._reader.add(self._document.path, self.line(name), "CS050", message)
            return ""

    def number(self, name: str, *, whole: bool = False) -> float | None:
        """Return a whole number from 1 on, or a share from 0 to 1; None when the field is not there."""
        if name not in self._document.fields:
            return None
        text = self._document.fields[name].text
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            value = -1
        if value < (1 if whole else 0) or (not whole and value > 1):
            wanted = "a whole number from 1 on" if whole else "a number from 0 to 1"
            message = f"{name} {text!r}; write {wanted}"
            self._reader.add(self._document.path, self.line(name), "CS050", message)
            return None
        return value
