"""Read `data/compliance/`: the sources, word classes and markers, and one file for each rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import PurePosixPath

from collectscript import reading
from collectscript.markdown import Document, Item, Section
from collectscript.model import (
    BUNDLED,
    SEVERITIES,
    Binding,
    ComplianceRule,
    ContactLimit,
    Law,
    LawSource,
    RequiredElement,
    RulePattern,
    RulePhrase,
    RuleSource,
    Scope,
    Tables,
)
from collectscript.patterns import NUMBER, Lexicon, PatternError, compile_pattern, words_of
from collectscript.problems import Problem, near
from collectscript.tables import read_rows
from collectscript.text import Folder

SOURCES = "compliance/sources.tsv"
WORDS = "compliance/words.tsv"
MARKERS = "compliance/reading.tsv"
LIMITS = "compliance/contact.tsv"
SOURCE_COLUMNS = ("key", "name", "issuer", "date", "status", "covers", "certainty")
"""Columns of the table of sources."""
SEVERITY_IDS = {name: severity for severity, name in SEVERITIES.items() if severity}
"""Chinese name to id, the gravest first."""
NOT_BOUND = SEVERITIES[None]
HOUSE = "house"
"""The source of a rule that no text was found for."""
SECTIONS = ("规定", "约束谁", "出处", "识别", "要指出", "不要指出", "换成")
"""Sections of a rule, all required, in this order."""
OPTIONAL = ("说明",)
RECOGNISE = ("词组", "句式", "不算", "整段开场", "该有")
FIGURES = {
    "first_hour": "hour of the day from which contact is allowed",
    "last_hour": "hour of the day at which it ends",
    "conversations_a_day": "answered conversations with one debtor",
    "attempts_a_day": "unanswered attempts to one number",
    "third_party_refused": "contacts to a third party who has said stop",
    "unreached_days": "days in a row on which the debtor was not reached, before a third party may be contacted",
    "visitors": "people on a visit, at least",
}
"""Every figure of contact.tsv."""
AXES = {"行业": "sectors", "对象": "parties", "角色": "roles", "渠道": "channels"}
"""Chinese name of an axis to the field of a scope."""
_FACETS = {"sectors": "sector", "parties": "party", "roles": "role", "channels": "channel"}
_SOURCE = re.compile(r"([\w.-]+)(?:\s+([^：\[\]]*?))?(?:：(.*?))?(?:\s*\[([A-D])\])?")
_BINDING = re.compile(r"([^：]+)：\s*([^（）]+?)\s*(?:（(.*)）)?")
_OPTIONS = re.compile(r"(.*?)\s*〔([^〔〕]*)〕")
_ALWAYS = "否定也算"


class RuleReader:
    """Reads the compliance files of one corpus or overlay; problems of all files are collected in `problems`."""

    def __init__(self, tables: Tables, folder: Folder, origin: str = BUNDLED, below: Law | None = None) -> None:
        """Start with the sources and word classes of what an overlay is laid over, if it is one that is read."""
        self.problems: list[Problem] = []
        self._tables = tables
        self._folder = folder
        self._origin = origin
        self._sources: dict[str, LawSource] = {source.key: source for source in below.sources} if below else {}
        self._shared: dict[str, tuple[str, ...]] = dict(below.words) if below else {}
        self._phrases: dict[str, tuple[str, int]] = {}

    def law(self, files: Mapping[str, bytes], documents: Mapping[str, Document]) -> Law:
        """Read everything under `compliance/`; `documents` are its Markdown files, by path."""
        sources = tuple(self.source(row) for _, row in self._rows(SOURCES, files, SOURCE_COLUMNS))
        self._shared = self._classes(files)
        markers = self._markers(files)
        rules = tuple(rule for path in sorted(documents) if (rule := self.rule(documents[path])))
        return Law(sources, tuple(self._shared.items()), markers, rules, self._limits(files))

    # -- tables ----------------------------------------------------------------------------------------

    def source(self, row: Mapping[str, str]) -> LawSource:
        """Return one row of the table of sources, which rules may cite from now on."""
        source = LawSource(*(row[name] for name in SOURCE_COLUMNS))
        self._sources[source.key] = source
        return source

    def _rows(
        self, path: str, files: Mapping[str, bytes], columns: tuple[str, ...]
    ) -> list[tuple[int, dict[str, str]]]:
        return read_rows(path, files[path], columns, self.problems) if path in files else []

    def _classes(self, files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for line, row in self._rows(WORDS, files, ("name", "words")):
            name = row["name"]
            if name in found or name == NUMBER:
                self._add(WORDS, line, "CS043", f"word class {name!r} is defined already; rename one")
            found[name] = self._words(WORDS, line, row["words"], found)
        return found

    def _markers(self, files: Mapping[str, bytes]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        found: dict[str, list[str]] = {}
        for line, row in self._rows(MARKERS, files, ("kind", "words", "note")):
            if row["kind"] not in reading.KINDS:
                message = f"kind {row['kind']!r}; use one of {', '.join(reading.KINDS)}"
                self._add(MARKERS, line, "CS045", message)
                continue
            found.setdefault(row["kind"], []).extend(self._words(MARKERS, line, row["words"], {}))
        return tuple((kind, tuple(words)) for kind, words in found.items())

    def _limits(self, files: Mapping[str, bytes]) -> tuple[ContactLimit, ...]:
        columns = ("pack", "figure", "value", "sectors", "source", "certainty", "reason")
        found: list[ContactLimit] = []
        for line, row in self._rows(LIMITS, files, columns):
            if row["figure"] not in FIGURES:
                message = f"figure {row['figure']!r}{near(row['figure'], FIGURES)}; use one of {', '.join(FIGURES)}"
                self._add(LIMITS, line, "CS045", message)
            if not row["value"].isdecimal():
                self._add(LIMITS, line, "CS045", f"value {row['value']!r}; write a whole number")
                continue
            known = self._tables.ids("sector")
            sectors = tuple(row["sectors"].split(",")) if row["sectors"] else ()
            for sector in sectors:
                if sector not in known:
                    self._add(LIMITS, line, "CS045", f"sector {sector!r} is not in facets.tsv{near(sector, known)}")
            self._source_key(LIMITS, line, row["source"])
            found.append(
                ContactLimit(
                    row["pack"],
                    row["figure"],
                    int(row["value"]),
                    sectors,
                    row["source"],
                    row["certainty"],
                    row["reason"],
                )
            )
        return tuple(found)

    # -- one rule --------------------------------------------------------------------------------------

    def rule(
        self, document: Document, target: ComplianceRule | None = None, *, partial: bool = False
    ) -> ComplianceRule | None:
        """Read one rule; None when it has no usable id or title.

        Args:
            document: The file.
            target: The rule that it is for, when it is a file of an overlay that replaces or extends one.
            partial: Whether it holds only what it adds, as a file that extends a rule; its word classes are then those
                of the target and its own, and its severity is empty unless it says one for everybody.

        """
        self.problems += document.problems
        path = document.path
        rule_id = self._id(document)
        tops = document.root.children
        if rule_id is None:
            return None
        if len(tops) != 1 or tops[0].level != 1:
            self._add(path, 1, "CS013", "not one heading of level 1; write '# 规则的题目'")
            return None
        top = tops[0]
        if target is not None and top.title != target.title:
            self._add(path, top.line, "CS013", f"title {top.title!r}; write '# {target.title}'")
        self._sections(path, top, partial=partial)
        known = target.words if target is not None and partial else ()
        words, patterns, unless, when, elements = self._recognise(path, top.child("识别"), dict(known), partial=partial)
        severity, bindings = self._bindings(path, top.child("约束谁"), partial=partial)
        return ComplianceRule(
            id=rule_id if target is None else target.id,
            title=top.title,
            severity=severity,
            requirement=_prose(top.child("规定")),
            bindings=bindings,
            sources=self._rule_sources(path, top.child("出处")),
            checked=self._day(document, "checked", partial=partial),
            review=self._day(document, "review", partial=partial),
            words=tuple(words.items()),
            patterns=patterns,
            unless=unless,
            when=when,
            elements=elements,
            flag=self._phrase_list(path, top.child("要指出")),
            lawful=self._phrase_list(path, top.child("不要指出")),
            instead=tuple(item.text for item in self._bullets(path, top.child("换成"))),
            note=_prose(top.child("说明")),
            path=path,
            origin=self._origin,
        )

    def _bindings(self, path: str, section: Section | None, *, partial: bool) -> tuple[str, tuple[Binding, ...]]:
        """Return how severe it is for everybody, and the exceptions."""
        severity = ""
        found: list[Binding] = []
        for number, item in enumerate(self._bullets(path, section)):
            match = _BINDING.fullmatch(item.text)
            if match is None or match[2] not in SEVERITIES.values():
                known = "、".join(SEVERITIES.values())
                self._add(
                    path, item.line, "CS040", f"{item.text[:16]!r}; write '一般：禁止（理由）', with one of {known}"
                )
                continue
            names = _names(match[1])
            if names == ["一般"] and number == 0 and match[2] != NOT_BOUND:
                severity = SEVERITY_IDS[match[2]]
                continue
            if number == 0 and not partial:
                self._add(path, item.line, "CS040", "the first line is for everybody; write '一般：禁止'")
                continue
            scope = self._scope_of_names(path, item, names)
            found.append(Binding(scope, SEVERITY_IDS.get(match[2]), match[3] or ""))
        return severity or ("" if partial else "forbidden"), tuple(found)

    def _scope_of_names(self, path: str, item: Item, names: list[str]) -> Scope:
        values: dict[str, list[str]] = {field: [] for field in _FACETS}
        for name in names:
            fields = [field for field, facet in _FACETS.items() if name in self._tables.names(facet)]
            if not fields:
                known = [known for facet in _FACETS.values() for known in self._tables.names(facet)]
                self._add(path, item.line, "CS018", f"{name!r} is no sector, party, role or channel{near(name, known)}")
                continue
            values[fields[0]].append(self._tables.names(_FACETS[fields[0]])[name])
        return Scope(**{field: tuple(ids) for field, ids in values.items()})

    def _rule_sources(self, path: str, section: Section | None) -> tuple[RuleSource, ...]:
        found: list[RuleSource] = []
        for item in self._bullets(path, section):
            match = _SOURCE.fullmatch(item.text)
            if match is None or (match[1] != HOUSE and not match[4]):
                self._add(path, item.line, "CS041", f"{item.text[:20]!r}; write 'civil-code 第944条：要点 [A]'")
                continue
            self._source_key(path, item.line, match[1])
            found.append(RuleSource(match[1], (match[2] or "").strip(), (match[3] or "").strip(), match[4] or ""))
        return tuple(found)

    def _source_key(self, path: str, line: int, key: str) -> None:
        if key != HOUSE and key not in self._sources:
            message = f"source {key!r} is not in {SOURCES}{near(key, self._sources)}; or write {HOUSE}"
            self._add(path, line, "CS041", message)

    def _recognise(
        self, path: str, section: Section | None, words: dict[str, tuple[str, ...]], *, partial: bool
    ) -> tuple[
        dict[str, tuple[str, ...]],
        tuple[RulePattern, ...],
        tuple[str, ...],
        tuple[RulePattern, ...],
        tuple[RequiredElement, ...],
    ]:
        if section is None:
            return words, (), (), (), ()
        for child in section.children:
            if child.title not in RECOGNISE:
                self._add(path, child.line, "CS015", f"section {child.title!r} under 识别; use {'、'.join(RECOGNISE)}")
        for item in self._bullets(path, section.child("词组"), optional=True):
            name, _, listed = item.text.partition("：")
            if not listed or name in words or name == NUMBER:
                self._add(path, item.line, "CS043", f"{item.text[:16]!r}; write '名字：词/词/词', each name once")
                continue
            words[name] = self._words(path, item.line, listed, {**self._shared, **words})
        classes = {**self._shared, **words}
        patterns = self._patterns(path, section.child("句式"), classes)
        unless = tuple(
            word
            for item in self._bullets(path, section.child("不算"), optional=True)
            for word in self._words(path, item.line, item.text, classes)
        )
        elements = []
        for item in self._bullets(path, section.child("该有"), optional=True):
            name, _, listed = item.text.partition("：")
            asked = [self._pattern(path, Item(one.strip(), item.line), classes) for one in listed.split("；") if one]
            elements.append(RequiredElement(name, tuple(one for one in asked if one)))
        when = self._patterns(path, section.child("整段开场"), classes)
        if not patterns and not elements and not (partial and unless):
            self._add(path, section.line, "CS014", "nothing under 识别; add '### 句式' with patterns")
        return words, patterns, unless, when, tuple(elements)

    def _patterns(
        self, path: str, section: Section | None, classes: Mapping[str, tuple[str, ...]]
    ) -> tuple[RulePattern, ...]:
        read = [self._pattern(path, item, classes) for item in self._bullets(path, section, optional=True)]
        return tuple(one for one in read if one)

    def _pattern(self, path: str, item: Item, classes: Mapping[str, tuple[str, ...]]) -> RulePattern | None:
        text, scope, always = item.text, Scope(), False
        match = _OPTIONS.fullmatch(text)
        if match:
            text = match[1]
            options = [one.strip() for one in match[2].split("；")]
            always = _ALWAYS in options
            scope = self._scope(path, item, [one for one in options if one != _ALWAYS])
        try:
            compile_pattern(text, classes, Lexicon(self._folder.fold))
        except PatternError as error:
            self._add(path, item.line, "CS043", str(error))
            return None
        return RulePattern(text, scope, always, item.line)

    def _words(self, path: str, line: int, text: str, classes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        try:
            words, numbers = words_of(text.strip(), classes)
        except PatternError as error:
            self._add(path, line, "CS043", str(error))
            return ()
        empty = [word for word in words if not self._folder.fold(word)]
        if empty or numbers:
            message = f"{(empty or [NUMBER])[0]!r} is no word; write words with characters between '/'"
            self._add(path, line, "CS043", message)
        return tuple(dict.fromkeys(word for word in words if word not in empty))

    def _phrase_list(self, path: str, section: Section | None) -> tuple[RulePhrase, ...]:
        found: list[RulePhrase] = []
        for item in self._bullets(path, section):
            text, scope = item.text, Scope()
            match = _OPTIONS.fullmatch(text)
            if match:
                text, scope = match[1], self._scope(path, item, match[2].split("；"))
            for field in _FACETS:
                if len(getattr(scope, field)) > 1:
                    self._add(path, item.line, "CS044", "a phrase is said in one call; write one value on each axis")
            key = self._folder.fold(text)
            if not key:
                self._add(path, item.line, "CS009", f"{text!r} has no characters to find")
                continue
            if key in self._phrases:
                other, line = self._phrases[key]
                self._add(path, item.line, "CS044", f"{text!r} stands at {other}:{line} too; keep it in one place")
            self._phrases[key] = (path, item.line)
            found.append(RulePhrase(text, scope, item.line))
        return tuple(found)

    def _scope(self, path: str, item: Item, options: list[str]) -> Scope:
        values: dict[str, tuple[str, ...]] = {}
        for option in options:
            axis, _, listed = option.partition("：")
            field = AXES.get(axis.strip())
            if field is None:
                self._add(path, item.line, "CS044", f"〔{option}〕; write 〔{'；'.join(f'{one}：…' for one in AXES)}〕")
                continue
            names = self._tables.names(_FACETS[field])
            for name in _names(listed):
                if name not in names:
                    self._add(path, item.line, "CS018", f"{axis} {name!r} is not in facets.tsv{near(name, names)}")
            values[field] = tuple(names[name] for name in _names(listed) if name in names)
        return Scope(**values)

    # -- small things ----------------------------------------------------------------------------------

    def _add(self, path: str, line: int, code: str, message: str) -> None:
        self.problems.append(Problem(path, line, code, message))

    def _id(self, document: Document) -> str | None:
        item = document.fields.get("id")
        name = PurePosixPath(document.path).stem
        if item is None or not item.text:
            self._add(document.path, 1, "CS011", f"no id in the head; write '---', 'id: {name}', '---' on top")
            return None
        if item.text != name:
            message = f"id {item.text!r} is unlike the file name; write 'id: {name}' or rename the file"
            self._add(document.path, item.line, "CS012", message)
        return item.text

    def _day(self, document: Document, key: str, *, partial: bool) -> str:
        item = document.fields.get(key)
        if item is None and partial:
            return ""
        try:
            return date.fromisoformat(item.text if item else "").isoformat()
        except ValueError:
            line = item.line if item else 1
            self._add(document.path, line, "CS042", f"{key} is no day; write '{key}: 2026-11-22' in the head")
            return ""

    def _sections(self, path: str, top: Section, *, partial: bool) -> None:
        known = (*SECTIONS, *OPTIONAL)
        for child in top.children:
            if child.title not in known:
                self._add(path, child.line, "CS015", f"unknown section {child.title!r}; use {'、'.join(known)}")
        for name in SECTIONS:
            if top.child(name) is None and not partial:
                self._add(path, top.line, "CS014", f"section {name} is missing; add '## {name}'")
        if top.child("规定") is not None and not _prose(top.child("规定")):
            self._add(path, top.line, "CS014", "规定 is empty; write what is forbidden or required")

    def _bullets(self, path: str, section: Section | None, *, optional: bool = False) -> list[Item]:
        if section is None:
            return []
        for other in ("paragraphs", "steps", "quotes", "children", "tables"):
            items = getattr(section, other)
            if items:
                message = f"unexpected text in {section.title}; it holds lines that start with '- '"
                self._add(path, items[0].line, "CS031", message)
        if not section.bullets and not optional:
            self._add(path, section.line, "CS014", f"{section.title} is empty; write lines that start with '- '")
        return section.bullets


def _prose(section: Section | None) -> str:
    return "\n".join(item.text for item in section.paragraphs) if section is not None else ""


def _names(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[、,，]", text) if one.strip()]
