"""Every page of a site: where it lies, which template makes it, what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collectscript.knowledge import KnowledgeBase
from collectscript.model import ComplianceRule, Facet, Named, Objection, Page, Response, Stop
from collectscript.site.links import Titles
from collectscript.site.project import CHANGES, Document

KINDS = {
    "objections": "异议",
    "responses": "回应",
    "openers": "开场",
    "closings": "促成",
    "follow-ups": "跟进",
    "messages": "消息",
    "neutral": "没听清时",
    "techniques": "技巧",
    "customers": "客户类型",
    "methods": "方法",
    "preparation": "准备",
    "facts": "事实",
    "compliance": "合规规则",
    "safety": "停与缓",
    "documents": "文档",
}
"""Kinds of things that can be browsed, in the order in which they are listed."""

FILTERS = {
    "group": "类别",
    "technique": "技巧",
    "structure": "结构",
    "influence": "影响",
    "customer": "客户类型",
    "band": "账龄",
    "party": "对象",
    "sector": "行业",
    "channel": "渠道",
    "firmness": "力度",
    "goal": "目标",
}
"""Filters of the browse page: the name in the address and on the page."""

CUSTOMER_FACETS = ("temperament", "psychology", "attitude", "situation", "pattern")

STAGES = (
    ("prepare", "P", "准备", "拨号之前：看记录、看时间、想好今天只要哪一步。", ("preparation",)),
    ("open", "O", "开场", "报身份、核本人、平平地说是什么事，问一个问题。", ("openers",)),
    ("work", "W", "处理异议", "听出是哪一条，接住，弄清，再往前走一步。", ("objections", "techniques", "methods")),
    ("end", "E", "促成", "一个日子、一个数、一条路，从头念一遍。", ("closings",)),
    ("react", "R", "跟进爽约", "到点核对：办成了谢，没办成当天问。", ("follow-ups", "messages")),
)
"""The POWER path: id, letter, name, what it is about, and the kinds that belong to it."""


@dataclass(frozen=True, slots=True)
class SitePage:
    """One page to be rendered."""

    path: str
    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as a page shows it."""

    axis: str
    """Name of the filter that finds all that carry it."""
    id: str
    name: str


class Tags:
    """Names of tags, and which filter each belongs to."""

    def __init__(self, facets: Iterable[Facet]) -> None:
        self._by_axis: dict[str, dict[str, str]] = {}
        for facet in facets:
            axis = "customer" if facet.facet in CUSTOMER_FACETS else facet.facet
            self._by_axis.setdefault(axis, {})[facet.id] = facet.name

    def names(self, axis: str) -> Mapping[str, str]:
        """Return id to name of the tags that a filter knows."""
        return self._by_axis.get(axis, {})

    def of(self, response: Response) -> list[Tag]:
        """Return the tags of a response in the order in which they are shown."""
        return [Tag(axis, tag, self._by_axis[axis][tag]) for axis, ids in _tagged(response) for tag in ids]


def _tagged(response: Response) -> Iterator[tuple[str, Sequence[str]]]:
    yield "technique", (response.technique,)
    yield "structure", (response.structure,)
    yield "influence", (response.influence,) if response.influence else ()
    yield "firmness", (response.firmness,)
    yield "goal", (response.goal,)
    yield "customer", response.customer_types
    yield "band", response.bands
    yield "party", response.parties
    yield "sector", response.sectors
    yield "channel", response.channels


def name_pages(kb: KnowledgeBase, documents: Sequence[Document]) -> Titles:
    """Return every name by which texts of the corpus may mean a page."""
    titles = Titles()
    for entry in kb:
        path = f"objections/{entry.id}.html"
        titles.add(entry.id, entry.title, path)
        titles.add(f"objections/{entry.id}", entry.title, path)
        for response in entry.responses:
            titles.add(response.id, f"{entry.title} · {response.title}", f"{path}#{anchor(response)}")
    corpus = kb.corpus
    for _, scripts in corpus.scripts:
        for script in scripts:
            titles.add(script.id, script.title, f"{script.id}.html")
    for kind, pages in corpus.pages:
        for page in pages:
            titles.add(f"{kind}/{page.id}", page.title, f"{kind}/{page.id}.html")
    for rule in corpus.law.rules:
        titles.add(f"compliance/{rule.id}", rule.title, f"compliance/{rule.id}.html")
    for stop in corpus.safety.stops:
        titles.add(f"safety/{stop.id}", stop.title, f"safety/{stop.id}.html")
        for response in stop.responses:
            titles.add(response.id, f"{stop.title} · {response.title}", f"safety/{stop.id}.html#{anchor(response)}")
    # A fact or method may be named without its folder, where no objection has that name.
    for kind, pages in corpus.pages:
        for page in pages:
            if "-" in page.id or kind == "facts":
                titles.add(page.id, page.title, f"{kind}/{page.id}.html")
    for kind, name in KINDS.items():
        if kind not in {"responses", "documents"}:
            titles.add(kind, name, f"browse.html#kind={kind}")
    for document in documents:
        titles.add(document.source.removesuffix(".md"), document.title, document.path)
    return titles


def anchor(response: Response) -> str:
    """Return the anchor of a response on the page of its entry."""
    return response.id.partition("/")[2]


# -- pages -----------------------------------------------------------------------------------------------


def site_pages(
    kb: KnowledgeBase,
    documents: Sequence[Document],
    markdown: Callable[[str, str], Any],
    document_markdown: Callable[[Document], Any],
) -> list[SitePage]:
    """Return all pages of the site.

    Args:
        kb: What the site shows.
        documents: The project's documents.
        markdown: Renders a corpus page's Markdown, given the path of its page.
        document_markdown: Renders a document.

    """
    corpus = kb.corpus
    tags = Tags(kb.tables.facets)
    scripts = dict(corpus.scripts)
    bodies = dict(corpus.pages)
    carriers = _carriers(kb, tags)
    pages = [
        SitePage("index.html", "lookup.html", {"nav": "lookup"}),
        SitePage("browse.html", "browse.html", {"nav": "browse"}),
        SitePage("path.html", "path.html", {"nav": "path", "stages": STAGES, "listed": _listed(kb)}),
        SitePage("practise.html", "practise.html", {"nav": "practise"}),
        SitePage("check.html", "check.html", {"nav": "check"}),
        SitePage("coverage.html", "coverage.html", {"nav": "browse", **_coverage(kb)}),
        SitePage("sources.html", "sources.html", {"nav": "browse", "sources": kb.tables.sources, "laws": corpus.law}),
        SitePage("print.html", "print.html", {"nav": "print", "groups": _used_groups(kb)}),
        SitePage("print/pocket.html", "pocket.html", {"nav": "print", "stages": STAGES, "stops": corpus.safety.stops}),
    ]
    entries = list(kb)
    for number, entry in enumerate(entries):
        around = {"before": entries[number - 1] if number else None, "after": (*entries, None)[number + 1 :][0]}
        pages.append(
            SitePage(f"objections/{entry.id}.html", "objection.html", {"nav": "browse", "entry": entry, **around})
        )
    for group in _used_groups(kb):
        members = [entry for entry in entries if entry.group == group.id]
        values = {"nav": "print", "group": group, "entries": members}
        pages.append(SitePage(f"print/{group.id}.html", "sheet.html", values))
    for kind, found in scripts.items():
        for script in found:
            pages.append(
                SitePage(f"{script.id}.html", "script.html", {"nav": "browse", "kind": kind, "response": script})
            )
    for kind, of_kind in bodies.items():
        for page in of_kind:
            path = f"{kind}/{page.id}.html"
            values = {"nav": "browse", "kind": kind, "page": page, "body": markdown(page.body, path)}
            pages.append(SitePage(path, "page.html", {**values, "carriers": carriers.get(page.id, ())}))
    for rule in corpus.law.rules:
        pages.append(SitePage(f"compliance/{rule.id}.html", "rule.html", {"nav": "browse", "rule": rule}))
    for stop in corpus.safety.stops:
        pages.append(SitePage(f"safety/{stop.id}.html", "stop.html", {"nav": "browse", "stop": stop}))
    for document in documents:
        nav = "changes" if document.source == CHANGES else "docs"
        values = {"nav": nav, "document": document, "body": document_markdown(document)}
        pages.append(SitePage(document.path, "document.html", values))
    guides = [document for document in documents if document.source != CHANGES]
    if guides:
        pages.append(SitePage("docs.html", "documents.html", {"nav": "docs", "documents": guides}))
    return pages


def _used_groups(kb: KnowledgeBase) -> list[Named]:
    used = {entry.group for entry in kb}
    return [group for group in kb.tables.groups if group.id in used]


def _listed(kb: KnowledgeBase) -> dict[str, list[tuple[str, str, str]]]:
    """Return (path, title, gloss) of everything, by kind."""
    listed = {"objections": [(f"objections/{one.id}.html", one.title, one.gloss) for one in kb]}
    for kind, scripts in kb.corpus.scripts:
        listed[kind] = [(f"{one.id}.html", one.title, _gloss(one)) for one in scripts]
    for kind, pages in kb.corpus.pages:
        listed[kind] = [(f"{kind}/{one.id}.html", one.title, one.gloss) for one in pages]
    return listed


def _gloss(script: Response) -> str:
    return script.id.partition("/")[2].replace("-", " ")


def _coverage(kb: KnowledgeBase) -> dict[str, Any]:
    from collectscript.lint import EXEMPT_ENTRIES, coverage

    axes = [(axis, FILTERS.get(axis, "性格")) for axis in ("technique", "structure", "temperament", "band")]
    columns = [(axis, tag, kb.tables.name(axis, tag)) for axis, _ in axes for tag in kb.tables.ids(axis)]
    table = coverage(kb.corpus)
    rows = [(entry, [table[entry.id].get(tag, 0) for _, tag, _ in columns], entry.id in EXEMPT_ENTRIES) for entry in kb]
    spans = [(name, len(kb.tables.ids(axis))) for axis, name in axes]
    holes = sum(not number for _, numbers, exempt in rows for number in numbers if not exempt)
    return {"columns": columns, "rows": rows, "spans": spans, "holes": holes}


def _carriers(kb: KnowledgeBase, tags: Tags) -> dict[str, list[tuple[Objection, list[Response]]]]:
    """Return for each tag the objections with a response that carries it."""
    found: dict[str, list[tuple[Objection, list[Response]]]] = {}
    for entry in kb:
        for response in entry.responses:
            for tag in tags.of(response):
                if tag.axis not in {"technique", "structure", "influence", "customer"}:
                    continue
                listed = found.setdefault(tag.id, [])
                if not listed or listed[-1][0] is not entry:
                    listed.append((entry, []))
                listed[-1][1].append(response)
    return found


# -- what the browse page searches -------------------------------------------------------------------------


def search_records(kb: KnowledgeBase, documents: Sequence[Document]) -> list[list[Any]]:
    """Return everything that can be found, as rows of kind, title, gloss, path, tags (`axis=id`) and full text."""
    tags = Tags(kb.tables.facets)
    rows: list[list[Any]] = []
    for entry in kb:
        path = f"objections/{entry.id}.html"
        group = f"group={entry.group}"
        found = {f"{tag.axis}={tag.id}" for response in entry.responses for tag in tags.of(response)}
        rows.append(["objections", entry.title, entry.gloss, path, [group, *sorted(found)], _entry_text(entry)])
        for response in entry.responses:
            own = [group, *(f"{tag.axis}={tag.id}" for tag in tags.of(response))]
            title = f"{entry.title} · {response.title}"
            place = f"{path}#{anchor(response)}"
            rows.append(["responses", title, anchor(response), place, own, _response_text(response)])
    for kind, scripts in kb.corpus.scripts:
        for script in scripts:
            own = [f"{tag.axis}={tag.id}" for tag in tags.of(script)]
            rows.append([kind, script.title, _gloss(script), f"{script.id}.html", own, _response_text(script)])
    for kind, pages in kb.corpus.pages:
        for page in pages:
            rows.append([kind, page.title, page.gloss, f"{kind}/{page.id}.html", _page_tags(page), _page_text(page)])
    for rule in kb.corpus.law.rules:
        own = [f"sector={sector}" for binding in rule.bindings for sector in binding.scope.sectors]
        path = f"compliance/{rule.id}.html"
        rows.append(["compliance", rule.title, rule.id, path, sorted(set(own)), _rule_text(rule)])
    for stop in kb.corpus.safety.stops:
        rows.append(["safety", stop.title, stop.id, f"safety/{stop.id}.html", [], _stop_text(stop)])
    for document in documents:
        rows.append(["documents", document.title, document.source, document.path, [], document.text])
    return rows


def _page_tags(page: Page) -> list[str]:
    facet = page.field("facet")
    if facet is None:
        return []
    return [f"{'customer' if facet in CUSTOMER_FACETS else facet}={page.id}"]


def _lines(*parts: str | None) -> str:
    return "\n".join(part for part in parts if part)


def _entry_text(entry: Objection) -> str:
    return _lines(
        entry.id, entry.say_first, entry.ask_first, entry.never_say, entry.meaning, *entry.find_out,
        *entry.utterances, *(one.question for one in entry.distinctions),
        *(f"{one.wrong} {one.instead}" for one in entry.never),
    )  # fmt: skip


def _response_text(response: Response) -> str:
    return _lines(
        response.id, *(part.text for part in response.parts), response.condition, response.if_yes, response.if_no,
        response.if_silent, response.next_step, response.avoid, response.why,
    )  # fmt: skip


def _page_text(page: Page) -> str:
    return _lines(page.id, *(value for _, value in page.fields), page.body)


def _rule_text(rule: ComplianceRule) -> str:
    return _lines(
        rule.id, rule.requirement, rule.note, *rule.instead, *(one.text for one in (*rule.flag, *rule.lawful))
    )


def _stop_text(stop: Stop) -> str:
    never = (f"{one.wrong} {one.instead}" for one in stop.never)
    return _lines(stop.id, stop.when, stop.hand_over, *stop.record, *never, *map(_response_text, stop.responses))
