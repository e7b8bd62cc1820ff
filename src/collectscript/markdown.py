"""Read one corpus file as sections of items, each keeping its line number.

Only the block structure of Markdown is used (headings, lists, quotes, paragraphs): the text of an item is
taken as written, so that a customer's `*` or `_` stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from collectscript.problems import Problem

_PLAIN = re.compile(
    r"(?P<heading>#{1,6}) (?P<title>[^\s#](?:[^\n]*[^\s#])?)|(?P<mark>- |[0-9]{1,9}\. |> |)(?P<text>[^\s#>\-+*_~`<|=:0-9][^\n]*"
    r"|[0-9]+(?:[^0-9.)\n][^\n]*)?)"
)
"""A line whose meaning in Markdown depends on nothing but the block it stands in: no nesting, no markup at its start."""
_FRONT_KEY = re.compile(r"([A-Za-z][\w-]*)[:：][ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of text and the line it starts on."""

    text: str
    line: int


@dataclass(slots=True)
class Section:
    """A heading with everything under it up to the next heading of the same or a higher level."""

    title: str
    level: int
    line: int
    paragraphs: list[Item] = field(default_factory=list)
    bullets: list[Item] = field(default_factory=list)
    """Items of `-` lists."""
    steps: list[Item] = field(default_factory=list)
    """Items of `1.` lists."""
    quotes: list[Item] = field(default_factory=list)
    """Lines of `>` quotes, one item a line."""
    tables: list[Item] = field(default_factory=list)
    """Lines of pipe tables, one item a line."""
    children: list[Section] = field(default_factory=list)

    def child(self, title: str) -> Section | None:
        """Return the first section directly under this one with that title."""
        return next((one for one in self.children if one.title == title), None)

    def walk(self) -> Iterator[Section]:
        """Yield this section and all below it, in document order."""
        yield self
        for one in self.children:
            yield from one.walk()


@dataclass(slots=True)
class Document:
    """One corpus file: its head fields and its tree of sections."""

    path: str
    fields: dict[str, Item]
    root: Section
    """A section of level 0 whose children are the top headings."""
    problems: list[Problem]


def read_document(path: str, data: bytes) -> Document:
    """Read the bytes of one Markdown file.

    Never raises for what the file contains: problems of encoding and structure are collected in the result.
    """
    problems: list[Problem] = []
    text = _decode(path, data, problems)
    fields, body_line, body = _front_matter(path, text, problems)
    root = Section("", 0, 1)
    builder = _Builder(path, problems, body_line)
    if not builder.build_plain(root, body):
        builder.build(root, body)
    return Document(path, fields, root, problems)


def _decode(path: str, data: bytes, problems: list[Problem]) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        problems.append(Problem(path, 1, "CS002", "file starts with a byte order mark; save as UTF-8 without BOM"))
        data = data[3:]
    if b"\r" in data:
        line = data[: data.index(b"\r")].count(b"\n") + 1
        problems.append(Problem(path, line, "CS003", "line ends with CR; save with LF line ends"))
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(Problem(path, line, "CS001", f"byte {data[error.start]:#04x} is not UTF-8; save as UTF-8"))
        text = data.decode("utf-8", errors="replace")
    for number, row in enumerate(text.split("\n"), 1):
        bad = next((char for char in row if (char < " " and char != "\t") or char in "\x7f\u2028\u2029\ufeff"), None)
        if bad:
            message = f"control character U+{ord(bad):04X} in the text; delete it"
            problems.append(Problem(path, number, "CS004", message))
    return text


def _front_matter(path: str, text: str, problems: list[Problem]) -> tuple[dict[str, Item], int, str]:
    """Split `key: value` lines between two `---` from the body; return fields, lines before the body, body."""
    fields: dict[str, Item] = {}
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return fields, 0, text
    for number, row in enumerate(lines[1:], 2):
        if row.strip() == "---":
            return fields, number, "\n".join(lines[number:])
        if not row.strip() or (row.startswith("#") and not fields):
            continue
        found = _FRONT_KEY.fullmatch(row.strip())
        if not found:
            break
        key, value = found.groups()
        if key in fields:
            problems.append(Problem(path, number, "CS006", f"field {key!r} twice in the head; keep one"))
        fields.setdefault(key, Item(value.strip(), number))
    problems.append(Problem(path, 1, "CS005", "the head opened by '---' is not closed; write '---' below its fields"))
    return fields, len(fields) + 1, "\n".join(lines[len(fields) + 1 :])


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    # Inline parsing would cost two thirds of the time and its result is not used.
    parser.core.ruler.enableOnly(["normalize", "block"])
    # Setext headings turn a sentence above '---' into a heading, which no author means; code blocks need fences.
    parser.block.ruler.disable(["lheading", "code", "reference"])
    return parser


_PARSER = _parser()


_TEXT = "text"


def _plain_rows(body: str) -> list[tuple[int, str, str]] | None:
    """Return (line from 1, mark, text) of a body of plain lines, blank ones with neither; None for any other body."""
    if "\t" in body or "\r" in body or "\0" in body:
        return None
    rows: list[tuple[int, str, str]] = []
    before = ""
    for number, row in enumerate(body.split("\n"), 1):
        if not row:
            rows.append((number, "", ""))
            before = ""
            continue
        found = _PLAIN.fullmatch(row)
        if found is None:
            return None
        mark = found["heading"] or found["mark"]
        kind = "1" if mark[:1].isdigit() else mark or _TEXT
        # Only a blank line or a heading ends a block for sure.
        if before not in {"", kind} and not before.startswith("#"):
            return None
        rows.append((number, mark, (found["title"] or found["text"]).strip()))
        before = kind
    return rows


class _Builder:
    """Turn the token stream of one body into sections."""

    def __init__(self, path: str, problems: list[Problem], offset: int) -> None:
        self.path = path
        self.problems = problems
        self.offset = offset

    def build_plain(self, root: Section, body: str) -> bool:
        """Build a body of plain lines, in which blank lines part blocks of one kind; False when it is not such a body.

        Nearly every corpus file is one; reading it so takes a twentieth of the time and gives the same.
        """
        rows = _plain_rows(body)
        if rows is None:
            return False
        stack = [root]
        before = ""
        for number, mark, text in rows:
            line = number + self.offset
            if mark.startswith("#"):
                self._open_section(stack, len(mark), text, line)
            elif mark == "- ":
                stack[-1].bullets.append(Item(text, line))
            elif mark == "> ":
                stack[-1].quotes.append(Item(text, line))
            elif mark:
                stack[-1].steps.append(Item(text, line))
            elif before == _TEXT:
                last = stack[-1].paragraphs.pop()
                stack[-1].paragraphs.append(Item(last.text + text, last.line))
            elif text:
                stack[-1].paragraphs.append(Item(text, line))
            before = _TEXT if text and not mark else mark
        return True

    def build(self, root: Section, body: str) -> None:
        stack = [root]
        lists: list[str] = []
        in_quote = False
        tokens = _PARSER.parse(body)
        for position, token in enumerate(tokens):
            kind = token.type
            if kind == "heading_open":
                title = tokens[position + 1].content.strip()
                self._open_section(stack, int(token.tag[1]), title, self._line(token))
            elif kind in {"bullet_list_open", "ordered_list_open"}:
                lists.append(kind)
                if len(lists) == 2:
                    self._problem(token, "CS008", "a list inside a list; start each item at the left margin")
            elif kind in {"bullet_list_close", "ordered_list_close"}:
                lists.pop()
            elif kind in {"blockquote_open", "blockquote_close"}:
                in_quote = kind == "blockquote_open"
            elif kind == "table_open":
                self._table(stack[-1], token, body)
            elif kind == "list_item_open" and tokens[position + 1].type == "list_item_close":
                self._problem(token, "CS009", "an empty list item; write its text or delete it")
            elif kind == "inline" and tokens[position - 1].type == "paragraph_open":
                self._text(stack[-1], token, lists, in_quote)

    def _line(self, token: Token) -> int:
        return (token.map[0] if token.map else 0) + 1 + self.offset

    def _problem(self, token: Token, code: str, message: str) -> None:
        self.problems.append(Problem(self.path, self._line(token), code, message))

    def _open_section(self, stack: list[Section], level: int, title: str, line: int) -> None:
        while stack[-1].level >= level:
            stack.pop()
        section = Section(title, level, line)
        if any(one.title == section.title for one in stack[-1].children):
            message = f"heading {section.title!r} twice; join the two sections"
            self.problems.append(Problem(self.path, line, "CS007", message))
        stack[-1].children.append(section)
        stack.append(section)

    def _text(self, section: Section, token: Token, lists: list[str], in_quote: bool) -> None:
        line = self._line(token)
        rows = token.content.split("\n")
        if in_quote:
            section.quotes += [Item(row.strip(), line + n) for n, row in enumerate(rows)]
        elif lists:
            target = section.bullets if lists[0] == "bullet_list_open" else section.steps
            target.append(Item("".join(row.strip() for row in rows), line))
        else:
            section.paragraphs.append(Item("".join(row.strip() for row in rows), line))

    def _table(self, section: Section, token: Token, body: str) -> None:
        first, last = token.map or [0, 0]
        rows = body.split("\n")[first:last]
        section.tables += [Item(row.strip(), first + n + 1 + self.offset) for n, row in enumerate(rows)]
