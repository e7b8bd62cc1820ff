"""Turn values into pages: Jinja2 templates that escape everything, Markdown with HTML switched off."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from collectscript.model import Facet, Scope
from collectscript.site.links import Titles
from collectscript.site.visible import visible

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'none'; connect-src 'none'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing but our own files; no inline script or style; no text ever becomes markup or code."""

CHARACTERS_A_SECOND = 4.2
"""Calm speech on the telephone: about 250 characters a minute."""
_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_UNSPOKEN = re.compile(r"[\s，。？！、；：“”‘’（）《》…—【】·,.?!;:()\"'-]")


class Renderer:
    """Renders the pages of one site."""

    def __init__(self, common: Mapping[str, Any], titles: Titles) -> None:
        self._titles = titles
        self._labels: Mapping[str, str] = common["slot_names"]
        self._environment = Environment(
            loader=PackageLoader("collectscript.site"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_shown,
        )
        self._environment.globals.update(common)
        self._environment.globals["csp"] = CONTENT_SECURITY_POLICY
        self._environment.filters |= {
            "seconds": seconds,
            "slots": split_slots,
            "listed": listed,
            "scoped": scoped,
            "sourced": sourced,
        }
        self._markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
        self._markdown.disable("image")
        self._with_images = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")

    def page(self, path: str, template: str, values: Mapping[str, Any]) -> bytes:
        """Return the page that lies at `path` of the site."""
        root = "../" * path.count("/")
        text = self._environment.get_template(template).render(
            root=root,
            here=path,
            linked=lambda text: self.linked(text, root),
            **values,
        )
        return text.encode("utf-8")

    def linked(self, text: str | None, root: str) -> Markup:
        """Return a plain text as markup in which the names of pages are links to them and slots read as their labels."""
        pieces = [
            self._labelled(piece) if path is None else Markup('<a href="{}">{}</a>').format(root + path, visible(piece))
            for piece, path in self._titles.split(text or "")
        ]
        return Markup().join(pieces)

    def _labelled(self, text: str) -> Markup:
        return Markup().join(
            Markup('<span class="slot">【{}】</span>').format(visible(self._labels.get(piece["text"], piece["text"])))
            if piece["slot"]
            else escape(visible(piece["text"]))
            for piece in split_slots(text)
        )

    def markdown(self, text: str, path: str, resolve: Callable[[str], str | None] | None = None) -> Markup:
        """Return Markdown as markup for the page at `path`, without its first-level heading.

        Args:
            text: The Markdown; HTML in it is shown as text.
            path: Where the page lies.
            resolve: For the documents: what a relative link leads to, None when the site has no such page, which
                leaves its words without a link. Corpus pages have no links of their own.

        """
        root = "../" * path.count("/")
        parser = self._with_images if resolve else self._markdown
        tokens = parser.parse(visible(text))
        while tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
            del tokens[:3]
        seen: dict[str, int] = {}
        for number, token in enumerate(tokens):
            if token.type == "heading_open":
                token.attrSet("id", heading_id(tokens[number + 1].content, seen))
            if token.children:
                token.children = self._inline(token.children, root, resolve)
        html = parser.renderer.render(tokens, parser.options, {})
        # Wide tables scroll by themselves; each needs a name of its own to be told from the others.
        opened, *rest = html.split("<table>")
        for number, piece in enumerate(rest, 1):
            opened += f'<div class="table" tabindex="0" role="region" aria-label="表格{number}"><table>{piece}'
        html = opened.replace("</table>", "</table></div>").replace("<pre>", '<pre tabindex="0">')
        return Markup(html)  # noqa: S704 - made by markdown-it with HTML off

    def _inline(self, children: Sequence[Token], root: str, resolve: Callable[[str], str | None] | None) -> list[Token]:
        """Turn names of pages in code into links, and links of documents into links of the site."""
        found: list[Token] = []
        dropped: list[bool] = []
        for token in children:
            if token.type == "code_inline" and resolve is None and (page := self._titles.find(token.content)):
                # The name of a folder or entry is for authors; a reader of the corpus wants its title. In a document of
                # the project the same word may be a command.
                found += _link(page[0], root + page[1])
            elif token.type == "link_open":
                target = self._target(str(token.attrGet("href") or ""), root, resolve)
                dropped.append(target is None)
                if target is not None:
                    token.attrSet("href", target)
                    if urlsplit(target).scheme:
                        token.attrSet("rel", "noopener noreferrer")
                    found.append(token)
            elif token.type == "link_close":
                found += [] if dropped.pop() else [token]
            elif token.type == "image":
                source = self._target(str(token.attrGet("src") or ""), root, resolve)
                if source is not None and not urlsplit(source).scheme:
                    token.attrSet("src", source)
                    found.append(token)
            else:
                found.append(token)
        return found

    def _target(self, href: str, root: str, resolve: Callable[[str], str | None] | None) -> str | None:
        parts = urlsplit(href)
        if parts.scheme in {"http", "https"}:
            return href
        if parts.scheme or parts.netloc or resolve is None:
            return None
        if not parts.path:
            return href
        path = resolve(unquote(parts.path))
        if path is None:
            return None
        return root + quote(path) + (f"#{parts.fragment}" if parts.fragment else "")


def heading_id(text: str, seen: dict[str, int]) -> str:
    """Return the anchor of a heading, as code-hosting pages make it; `seen` counts those of the page so far."""
    kept = "".join(char for char in text.lower() if char in "-_ " or unicodedata.category(char)[0] in "LN").strip()
    slug = kept.replace(" ", "-") or "section"
    number = seen.get(slug, 0)
    seen[slug] = number + 1
    return f"{slug}-{number}" if number else slug


def seconds(text: str) -> int:
    """Return how long a text takes to say, in whole seconds, 1 or more; an open slot counts as four characters."""
    return max(1, round(len(_UNSPOKEN.sub("", _SLOT.sub("四个字的", text))) / CHARACTERS_A_SECOND))


def split_slots(text: str) -> list[dict[str, Any]]:
    """Cut a text into pieces `{"text", "slot"}`; the text of a slot is its id."""
    return [{"text": piece, "slot": bool(number % 2)} for number, piece in enumerate(_SLOT.split(text)) if piece]


def listed(text: str) -> list[str]:
    """Return the items of a field that lists them with 、 or commas."""
    return [one.strip() for one in re.split("[、,，]", text) if one.strip()]


def sourced(text: str, names: Mapping[str, str]) -> str:
    """Return a reference such as `civil-code 188` with the title of its source."""
    key, _, rest = text.partition(" ")
    return f"{names.get(key, key)} {rest}".strip()


def scoped(scope: Scope, facets: Sequence[Facet]) -> str:
    """Return for whom a rule holds, in words."""
    names = {(facet.facet, facet.id): facet.name for facet in facets}
    axes = (("sector", scope.sectors), ("party", scope.parties), ("role", scope.roles), ("channel", scope.channels))
    return "，".join("、".join(names.get((axis, one), one) for one in ids) for axis, ids in axes if ids) or "所有人"


def doc_resolver(source: str, pages: Mapping[str, str]) -> Callable[[str], str | None]:
    """Return the function that resolves relative links of the document at `source` (in the project).

    Args:
        source: Path of the document from the project's root, such as `docs/matching.md`.
        pages: Path of a document from the project's root to its page's path in the site.

    """
    folder = posixpath.dirname(source)

    def resolve(target: str) -> str | None:
        return pages.get(posixpath.normpath(posixpath.join(folder, target)))

    return resolve


def _link(title: str, href: str) -> list[Token]:
    opened = Token("link_open", "a", 1)
    opened.attrSet("href", href)
    text = Token("text", "", 0)
    text.content = title
    return [opened, text, Token("link_close", "a", -1)]


def _shown(value: Any) -> Any:
    """What every `{{ }}` passes through: nothing shown may steer the text around it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return "" if value is None else value
    return visible(value)
