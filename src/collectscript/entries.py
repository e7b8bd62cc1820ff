"""Turn a document into an objection, script or page of the model, with every problem and its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from collectscript.markdown import Document, Item, Section
from collectscript.model import (
    CUSTOMER_AXES,
    NONE,
    Background,
    CheckPhrase,
    Distinction,
    NeverSay,
    Objection,
    Page,
    PageSection,
    Part,
    Response,
    Tables,
)
from collectscript.problems import Problem, near

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FIELD = re.compile(r"([^：:，。？]{1,8})[：:]\s*(.*)", re.DOTALL)
_ARROW = re.compile(r"(.+?)\s*→\s*([\w.-]+)\s*$")
_KNOWN_FAILURE = re.compile(r"(.*?)\s*〔暂不能：(.+?)〕(.*)")
_QUESTION = re.compile(r"([\w.-]+)[：:]\s*[“\"](.+)[”\"]")
_INSTEAD = re.compile(r"(.+?)\s*→\s*(.+)")
_SLOT = re.compile(r"\{([^{}]*)\}|([{}])")
_COUNT = re.compile(r"(\d{1,3})次以上")
_CALL = re.compile(r"第(\d{1,3})次起?")

SECTIONS = ("一句话", "听懂", "先问清", "客户会说", "试题", "分辨", "回应", "不能说")
"""Sections of an objection, all required, in this order."""
UTTERANCE_SECTIONS = ("常见说法", "电话口语", "少见说法")
CHECK_SECTIONS = {"要认出": "must", "不要认出": "must-not", "要分清": "tell-apart"}
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "技巧": ("technique", ("technique",)),
    "结构": ("structure", ("structure",)),
    "影响": ("influence", ("influence",)),
    "力度": ("firmness", ("firmness",)),
    "目标": ("goal", ("goal",)),
    "客户": ("customer_types", CUSTOMER_AXES),
    "账龄": ("bands", ("band",)),
    "行业": ("sectors", ("sector",)),
    "对象": ("parties", ("party",)),
    "渠道": ("channels", ("channel",)),
}
"""Tag fields of a response: Chinese key to model field and the facet axes its values come from."""
SINGLE = frozenset({"technique", "structure", "influence", "firmness", "goal"})
REQUIRED_FIELDS = ("技巧", "结构", "力度", "目标", "对象")
OTHER_FIELDS = ("爽约", "通话", "前提")
NOTES = {
    "他答应": "if_yes",
    "他不答应": "if_no",
    "不吭声": "if_silent",
    "下一步": "next_step",
    "不要": "avoid",
    "为什么": "why",
    "来源": "sources",
    "事实": "facts",
}
"""Quoted lines of a response."""
REQUIRED_NOTES = {
    "objections": ("他答应", "他不答应", "不吭声", "下一步", "不要", "为什么", "来源"),
    "openers": ("他答应", "他不答应", "不吭声", "不要", "为什么", "来源"),
    "closings": ("他答应", "他不答应", "不吭声", "下一步", "不要", "为什么", "来源"),
    "follow-ups": ("下一步", "不要", "为什么", "来源"),
    "messages": ("下一步", "不要", "为什么", "来源"),
    "neutral": ("下一步", "不要", "为什么", "来源"),
}
PART_USE = {"objections": "responses", "neutral": "responses"}
"""Folder to its name in the `used_in` column of parts.tsv, where the two differ."""


@dataclass(slots=True)
class EntryReader:
    """Reads the documents of one corpus; problems of all files are collected in `problems`."""

    tables: Tables
    origin: str
    fact_ids: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    # -- objections ---------------------------------------------------------------------------

    def objection(self, document: Document, target: str | None = None, *, partial: bool = False) -> Objection | None:
        """Read one file of `objections/`; None when it has no usable id.

        Args:
            document: The file.
            target: The objection that it is for, when that is not its own id: a file of an overlay that replaces or
                extends one. Its responses are named after the file all the same.
            partial: Whether sections may be missing, as in a file that extends an objection.

        """
        self.problems += document.problems
        path = document.path
        entry_id = self._id(document)
        rows = {row.id: row for row in self.tables.taxonomy}
        row = rows.get(target or entry_id or "")
        if entry_id is None or row is None:
            if entry_id is not None:
                message = f"id {entry_id!r} is not in taxonomy.tsv; propose a row there first{near(entry_id, rows)}"
                self._add(path, 1, "CS011", message)
            return None
        top = self._title(document, row.title)
        self._sections(path, top, SECTIONS, partial=partial)
        breath = self._labelled(path, top.child("一句话"), ("先说", "再问", "别说"), partial=partial)
        questions = self._labelled(path, top.child("先问清"), ("信息", "问题", "解决"), partial=partial)
        said = self._utterances(path, top.child("客户会说"), partial=partial)
        return Objection(
            id=row.id,
            title=row.title,
            gloss=row.gloss,
            group=row.group,
            boundary=row.boundary,
            say_first=breath.get("先说", ""),
            ask_first=breath.get("再问", ""),
            never_say=breath.get("别说", ""),
            meaning=self._prose(path, top.child("听懂")),
            find_out=tuple(questions.get(key, "") for key in ("信息", "问题", "解决")),
            typical=said["常见说法"],
            spoken=said["电话口语"],
            rare=said["少见说法"],
            checks=self._checks(path, row.id, top.child("试题")),
            distinctions=self._distinctions(path, top.child("分辨")),
            responses=self._responses(path, entry_id, top.child("回应")),
            never=self._never(path, top.child("不能说")),
            threshold=self._threshold(document),
            origin=self.origin,
            path=path,
        )

    def _threshold(self, document: Document) -> float | None:
        item = document.fields.get("threshold")
        if item is None:
            return None
        try:
            value = float(item.text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            self._add(document.path, item.line, "CS016", f"threshold {item.text!r}; write a number from 0 to 1")
            return None
        return value

    def _utterances(self, path: str, section: Section | None, *, partial: bool) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = dict.fromkeys(UTTERANCE_SECTIONS, ())
        if section is None:
            return found
        self._only(path, section, "children")
        for child in section.children:
            if child.title not in UTTERANCE_SECTIONS:
                message = f"section {child.title!r} under 客户会说; use {'、'.join(UTTERANCE_SECTIONS)}"
                self._add(path, child.line, "CS015", message)
                continue
            self._only(path, child, "bullets")
            found[child.title] = tuple(item.text for item in child.bullets)
        for name in UTTERANCE_SECTIONS:
            if section.child(name) is None and not partial:
                self._add(path, section.line, "CS014", f"section {name} is missing under 客户会说; add '### {name}'")
        return found

    def _checks(self, path: str, entry_id: str, section: Section | None) -> tuple[CheckPhrase, ...]:
        if section is None:
            return ()
        self._only(path, section, "children")
        found: list[CheckPhrase] = []
        for child in section.children:
            kind = CHECK_SECTIONS.get(child.title)
            if kind is None:
                message = f"section {child.title!r} under 试题; use {'、'.join(CHECK_SECTIONS)}"
                self._add(path, child.line, "CS015", message)
                continue
            self._only(path, child, "bullets")
            found += [check for item in child.bullets if (check := self._check(path, entry_id, kind, item))]
        for name in CHECK_SECTIONS:
            if section.child(name) is None:
                self._add(path, section.line, "CS014", f"section {name} is missing under 试题; add '### {name}'")
        return tuple(found)

    def _check(self, path: str, entry_id: str, kind: str, item: Item) -> CheckPhrase | None:
        text, failure = item.text, None
        marked = _KNOWN_FAILURE.fullmatch(text)
        if marked:
            text, failure = f"{marked[1]} {marked[3]}".strip(), marked[2]
        if kind == "must":
            return CheckPhrase(text, entry_id, kind, failure, item.line)
        found = _ARROW.fullmatch(text)
        if not found:
            self._add(path, item.line, "CS022", "no target; write '句子 → 编号' or '句子 → none'")
            return None
        target = found[2]
        self._target(path, item.line, target)
        if kind == "tell-apart" and target in {NONE, entry_id}:
            self._add(path, item.line, "CS022", f"target {target!r} is no neighbour; write the neighbour's id")
        return CheckPhrase(found[1], target, kind, failure, item.line)

    def _distinctions(self, path: str, section: Section | None) -> tuple[Distinction, ...]:
        if section is None:
            return ()
        self._only(path, section, "bullets")
        found: list[Distinction] = []
        for item in section.bullets:
            match = _QUESTION.fullmatch(item.text)
            if not match:
                self._add(path, item.line, "CS022", "not 'id：“question”'; write - no-time：“……？”")
                continue
            self._target(path, item.line, match[1])
            found.append(Distinction(match[1], match[2]))
        return tuple(found)

    def _never(self, path: str, section: Section | None) -> tuple[NeverSay, ...]:
        if section is None:
            return ()
        self._only(path, section, "bullets")
        found: list[NeverSay] = []
        for item in section.bullets:
            match = _INSTEAD.fullmatch(item.text)
            if not match:
                self._add(path, item.line, "CS022", "no '→'; write - “坏话” → 换成：“合法的说法”")
                continue
            instead = match[2].removeprefix("换成：").removeprefix("换成:").strip()
            found.append(NeverSay(match[1].strip("“”"), instead.strip("“”") if instead.count("“") == 1 else instead))
        return tuple(found)

    def _responses(self, path: str, entry_id: str, section: Section | None) -> tuple[Response, ...]:
        if section is None:
            return ()
        self._only(path, section, "children")
        found: list[Response] = []
        slugs: dict[str, int] = {}
        for child in section.children:
            slug, _, title = child.title.partition(" ")
            if not _SLUG.fullmatch(slug) or not title.strip():
                self._add(path, child.line, "CS024", f"heading {child.title!r}; write '### short-name 中文题目'")
                continue
            if slug in slugs:
                self._add(path, child.line, "CS027", f"short name {slug!r} stands on line {slugs[slug]} too; rename it")
            slugs[slug] = child.line
            found.append(self._response(path, "objections", f"{entry_id}/{slug}", title.strip(), child))
        return tuple(found)

    # -- openers, closings, follow-ups, messages ------------------------------------------------

    def script(self, document: Document, kind: str) -> Response | None:
        """Read one file of `openers/`, `closings/`, `follow-ups/` or `messages/`."""
        self.problems += document.problems
        name = self._id(document)
        if name is None:
            return None
        top = self._title(document, None)
        for child in top.children:
            self._add(document.path, child.line, "CS015", f"section {child.title!r}; a script has only its heading")
        return self._response(document.path, kind, f"{kind}/{name}", top.title, top)

    # -- pages -----------------------------------------------------------------------------------

    def page(self, document: Document, kind: str, body: str) -> Page | None:
        """Read one page of explanation."""
        self.problems += document.problems
        name = self._id(document)
        if name is None:
            return None
        top = self._title(document, None)
        fields = {key: item for key, item in document.fields.items() if key != "id"}
        sections = tuple(
            PageSection(
                one.title,
                one.level,
                "\n".join(item.text for item in one.paragraphs),
                tuple(item.text for item in (*one.bullets, *one.steps)),
            )
            for one in top.walk()
        )
        for key in [item.strip() for item in _split(fields["sources"].text)] if "sources" in fields else []:
            self._source(document.path, fields["sources"].line, key)
        return Page(
            id=name,
            kind=kind,
            title=top.title,
            gloss=fields["gloss"].text if "gloss" in fields else "",
            fields=tuple((key, item.text) for key, item in fields.items() if key != "gloss"),
            sections=sections,
            body=body,
            origin=self.origin,
            path=document.path,
        )

    def background(self, document: Document) -> Background | None:
        """Read one topic of `background/`."""
        self.problems += document.problems
        name = self._id(document)
        if name is None:
            return None
        top = self._title(document, None)
        said = [item.text for section in top.walk() for item in section.bullets]
        if not said:
            self._add(document.path, top.line, "CS014", "no sentences; write one '- ' line each")
        return Background(name, top.title, tuple(said), document.path)

    # -- one response ------------------------------------------------------------------------------

    def _response(self, path: str, kind: str, response_id: str, title: str, section: Section) -> Response:
        tags, others = self._fields(path, kind, section)
        notes = self._notes(path, kind, section)
        parts = self._parts(path, kind, section)
        sources = tuple(_split(notes["来源"].text)) if "来源" in notes else ()
        for key in sources:
            self._source(path, notes["来源"].line, key)
        facts = tuple(_split(notes["事实"].text)) if "事实" in notes else ()
        for key in facts:
            if key not in self.fact_ids:
                message = f"fact {key!r} has no page in facts/{near(key, self.fact_ids)}"
                self._add(path, notes["事实"].line, "CS030", message)

        def single(name: str) -> str:
            values = tags.get(name, ())
            return values[0] if values else ""

        def note(key: str) -> str | None:
            return notes[key].text if key in notes else None

        return Response(
            id=response_id,
            title=title,
            technique=single("technique"),
            structure=single("structure"),
            influence=single("influence") or None,
            firmness=single("firmness"),
            goal=single("goal"),
            customer_types=tags.get("customer_types", ()),
            bands=tags.get("bands", ()),
            sectors=tags.get("sectors", ()),
            parties=tags.get("parties", ()),
            channels=tags.get("channels", ()),
            min_promises_broken=self._number(path, others.get("爽约"), _COUNT, "2次以上", 0),
            min_call=self._number(path, others.get("通话"), _CALL, "第2次起", 1),
            condition=others["前提"].text if "前提" in others else None,
            parts=parts,
            if_yes=note("他答应"),
            if_no=note("他不答应"),
            if_silent=note("不吭声"),
            next_step=note("下一步"),
            avoid=note("不要"),
            why=note("为什么"),
            facts=facts,
            sources=sources,
            origin=self.origin,
            path=path,
            line=section.line,
        )

    def _fields(self, path: str, kind: str, section: Section) -> tuple[dict[str, tuple[str, ...]], dict[str, Item]]:
        tags: dict[str, tuple[str, ...]] = {}
        others: dict[str, Item] = {}
        seen: dict[str, int] = {}
        for item in section.bullets:
            match = _FIELD.fullmatch(item.text)
            key = match[1].strip() if match else ""
            if match is None or (key not in FIELDS and key not in OTHER_FIELDS):
                known = (*FIELDS, *OTHER_FIELDS)
                self._add(path, item.line, "CS016", f"field {key or item.text!r}; use one of {'、'.join(known)}")
                continue
            if key in seen:
                self._add(path, item.line, "CS028", f"field {key} stands on line {seen[key]} too; join them with 、")
                continue
            seen[key] = item.line
            if not _split(match[2]):
                self._add(path, item.line, "CS017", f"field {key} is empty; write its value or delete the line")
                continue
            if key in OTHER_FIELDS:
                others[key] = Item(match[2].strip(), item.line)
                continue
            name, axes = FIELDS[key]
            tags[name] = self._tags(path, item.line, key, match[2], axes)
            if name in SINGLE and len(tags[name]) > 1:
                self._add(
                    path, item.line, "CS018", f"{key} has {len(tags[name])} values; keep the one that does the work"
                )
        required = REQUIRED_FIELDS if kind != "messages" else (*REQUIRED_FIELDS, "渠道")
        for key in required:
            if key not in seen:
                self._add(path, section.line, "CS017", f"field {key} is missing; add '- {key}：…'")
        return tags, others

    def _tags(self, path: str, line: int, key: str, text: str, axes: tuple[str, ...]) -> tuple[str, ...]:
        names = self.tables.names(*axes)
        found: list[str] = []
        for name in _split(text):
            if name in names:
                found.append(names[name])
            else:
                self._add(path, line, "CS018", f"{key} {name!r} is not in facets.tsv{near(name, names)}")
        return tuple(dict.fromkeys(found))

    def _parts(self, path: str, kind: str, section: Section) -> tuple[Part, ...]:
        use = PART_USE.get(kind, kind)
        names = {part.title: part.id for part in self.tables.parts if use in part.gloss.split(",")}
        found: list[Part] = []
        for item in section.steps:
            match = _FIELD.fullmatch(item.text)
            if match is None or match[1].strip() not in names:
                self._add(path, item.line, "CS019", f"step {item.text[:12]!r}; start it with one of {'、'.join(names)}")
                continue
            self._slots(path, item.line, match[2])
            if not match[2].strip():
                self._add(path, item.line, "CS021", f"{match[1]} is empty; write what to say")
                continue
            found.append(Part(names[match[1].strip()], match[2].strip()))
        if not section.steps:
            self._add(path, section.line, "CS021", "nothing to say; write steps like '1. 接住：…'")
        return tuple(found)

    def _notes(self, path: str, kind: str, section: Section) -> dict[str, Item]:
        notes: dict[str, Item] = {}
        for item in section.quotes:
            match = _FIELD.match(item.text)
            key = match[1].strip() if match else ""
            if match is None or key not in NOTES:
                self._add(path, item.line, "CS016", f"note {item.text[:12]!r}; start it with one of {'、'.join(NOTES)}")
                continue
            if key in notes:
                self._add(path, item.line, "CS028", f"note {key} stands on line {notes[key].line} too; join them")
            self._slots(path, item.line, match[2])
            notes[key] = Item(match[2].strip(), item.line)
        for key in REQUIRED_NOTES[kind]:
            if not (notes[key].text if key in notes else ""):
                self._add(path, section.line, "CS017", f"note {key} is missing; add '> {key}：…'")
        return notes

    # -- small things --------------------------------------------------------------------------------

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

    def _title(self, document: Document, expected: str | None) -> Section:
        """Return the section under the one `#` heading."""
        tops = document.root.children
        if len(tops) != 1 or tops[0].level != 1:
            message = f"{sum(one.level == 1 for one in tops)} headings of level 1; write one, '# {expected or 'title'}'"
            self._add(document.path, tops[1].line if len(tops) > 1 else 1, "CS013", message)
        if not tops:
            return document.root
        if not tops[0].title:
            self._add(document.path, tops[0].line, "CS013", "the title is empty; write it behind the '#'")
            return tops[0]
        if expected is not None and tops[0].title != expected:
            message = f"title {tops[0].title!r} is unlike taxonomy.tsv; write '# {expected}'"
            self._add(document.path, tops[0].line, "CS013", message)
        return tops[0]

    def _sections(self, path: str, top: Section, names: tuple[str, ...], *, partial: bool) -> None:
        for child in top.children:
            if child.title not in names:
                self._add(path, child.line, "CS015", f"unknown section {child.title!r}; use {'、'.join(names)}")
        for name in names:
            if top.child(name) is None and not partial:
                self._add(path, top.line, "CS014", f"section {name} is missing; add '## {name}'")
        order = [names.index(child.title) for child in top.children if child.title in names]
        if order != sorted(order):
            self._add(path, top.line, "CS015", f"sections out of order; write {'、'.join(names)}")

    def _only(self, path: str, section: Section, kind: str) -> None:
        """Report text of any other kind than the one this section consists of."""
        wanted = {"bullets": "lines that start with '- '", "children": "'###' sections", "paragraphs": "running text"}
        for other in ("paragraphs", "bullets", "steps", "quotes", "children", "tables"):
            items = getattr(section, other)
            if other != kind and items:
                self._add(path, items[0].line, "CS031", f"unexpected text in {section.title}; it holds {wanted[kind]}")
        if not getattr(section, kind):
            self._add(path, section.line, "CS014", f"{section.title} is empty; write {wanted[kind]}")

    def _prose(self, path: str, section: Section | None) -> str:
        if section is None:
            return ""
        self._only(path, section, "paragraphs")
        return "\n".join(item.text for item in section.paragraphs)

    def _labelled(
        self, path: str, section: Section | None, labels: tuple[str, ...], *, partial: bool
    ) -> dict[str, str]:
        """Read a section of exactly these `- label：text` lines."""
        found: dict[str, str] = {}
        if section is None:
            return found
        self._only(path, section, "bullets")
        for item in section.bullets:
            match = _FIELD.fullmatch(item.text)
            if match is None or match[1] not in labels:
                self._add(path, item.line, "CS022", f"line {item.text[:12]!r}; start it with {'：、'.join(labels)}：")
                continue
            if not match[2].strip():
                self._add(path, item.line, "CS014", f"{match[1]} is empty; write what it says")
            found[match[1]] = f"{found[match[1]]}{match[2]}" if match[1] in found else match[2].strip()
        for label in labels:
            if label not in found and not partial:
                self._add(path, section.line, "CS014", f"{label} is missing in {section.title}; add '- {label}：…'")
        return found

    def _slots(self, path: str, line: int, text: str) -> None:
        known = {slot.id for slot in self.tables.slots}
        for name, brace in _SLOT.findall(text):
            if brace:
                self._add(path, line, "CS020", f"a lone {brace!r}; write a slot as {{amount}}")
            elif name not in known:
                self._add(path, line, "CS020", f"unknown slot {{{name}}}{near(name, known)}")

    def _target(self, path: str, line: int, target: str) -> None:
        known = {row.id for row in self.tables.taxonomy}
        if target != NONE and target not in known:
            self._add(path, line, "CS023", f"{target!r} is no id of taxonomy.tsv{near(target, known)}")

    def _source(self, path: str, line: int, key: str) -> None:
        known = {source.id for source in self.tables.sources}
        if key not in known:
            self._add(path, line, "CS029", f"source {key!r} is not in sources.tsv{near(key, known)}")

    def _number(self, path: str, item: Item | None, form: re.Pattern[str], example: str, default: int) -> int:
        if item is None:
            return default
        match = form.fullmatch(item.text)
        if not match:
            self._add(path, item.line, "CS022", f"{item.text!r}; write for example {example}")
            return default
        return int(match[1])


def _split(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"[、,，]", text) if one.strip()]
