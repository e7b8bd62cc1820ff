"""Build a site: all pages, scripts and data as bytes, checked, ready to be written."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from importlib.resources.abc import Traversable
from pathlib import Path

from collectscript.knowledge import KnowledgeBase
from collectscript.site import data
from collectscript.site.links import broken_links
from collectscript.site.pages import FILTERS, KINDS, Tags, anchor, name_pages, search_records, site_pages
from collectscript.site.practice import practice
from collectscript.site.project import CHANGES, Document, project_root, read_documents
from collectscript.site.render import Renderer, doc_resolver
from collectscript.site.scripts import bare, bundles
from collectscript.site.theme import DEFAULT, theme_css
from collectscript.site.visible import visible
from collectscript.site.writing import SiteError, write_site

ZIPPED = frozenset({"entries", "safety", "folding"})
"""Data of the look-up page that is text; packed indexes would gain nothing."""
TITLE = "催收话术"
"""Name of the site when none is given."""


def build_site(kb: KnowledgeBase, out: str | Path, *, law_date: str, title: str = TITLE, accent: str = DEFAULT) -> int:
    """Write the static site of a knowledge base into the folder `out`; return the number of files.

    Args:
        kb: What the site shows and answers with.
        out: The folder; it may be new, empty, or hold an earlier site.
        law_date: Day on which the law was last checked, `YYYY-MM-DD`.
        title: Name of the site, shown on every page.
        accent: Colour of links and buttons, `#rrggbb`; it is darkened or lightened until it can be read.

    Raises:
        SiteError: `out` cannot be written or holds something else, or a link of the site leads nowhere.
        InvalidValue: `accent` is not a colour.

    """
    files = site_files(kb, law_date=law_date, title=title, accent=accent)
    write_site(files, Path(out))
    return len(files)


def site_files(
    kb: KnowledgeBase, *, law_date: str, title: str = TITLE, accent: str = DEFAULT, project: Path | None = None
) -> dict[str, bytes]:
    """Return every file of the site by its path; the same arguments give the same bytes.

    Args:
        kb: What the site shows and answers with.
        law_date: Day on which the law was last checked.
        title: Name of the site.
        accent: Colour of links and buttons.
        project: Folder that holds the project's documents; None finds that of the package.

    Raises `SiteError` when a link leads nowhere, naming page and target.

    """
    documents, pictures = read_documents(project or project_root())
    titles = name_pages(kb, documents)
    pages = {document.source: document.path for document in documents} | {name: name for name in pictures}
    tables = kb.tables
    common = {
        "site_title": title,
        "version": _version(),
        "content_hash": kb.content_hash,
        "law_date": law_date,
        "kinds": KINDS,
        "filters": FILTERS,
        "tags": Tags(tables.facets),
        "anchor": anchor,
        "part_names": {part.id: part.title for part in tables.parts},
        "slot_names": {slot.id: slot.label for slot in tables.slots},
        "group_names": {group.id: group.title for group in tables.groups},
        "facets": tables.facets,
        "source_names": _source_names(kb),
        "entry_titles": {entry.id: entry.title for entry in kb},
        "fact_titles": {page.id: page.title for page in kb.pages("facts")},
        "has_docs": any(document.source != CHANGES for document in documents),
        "has_changes": any(document.source == CHANGES for document in documents),
    }
    renderer = Renderer(common, titles)

    def document_markdown(document: Document) -> object:
        return renderer.markdown(document.text, document.path, doc_resolver(document.source, pages))

    files = {
        page.path: renderer.page(page.path, page.template, page.values)
        for page in site_pages(kb, documents, renderer.markdown, document_markdown)
    }
    short = {name: page for name, page in titles.items() if "/" not in name or name.startswith("facts/")}
    values: Mapping[str, object] = {
        "tables": data.tables(kb, short),
        "folding": data.folding(kb),
        "index": data.index(kb),
        "rules": data.rules(kb),
        "safety": data.safety(kb),
        "signs": data.signs(kb),
        "entries": data.entries(kb),
        "responses": data.responses(kb),
        "search": {
            "kinds": KINDS,
            "filters": FILTERS,
            "names": _filter_names(kb),
            "rows": _shown_rows(search_records(kb, documents)),
        },
        "practice": practice(kb),
    }
    for name, value in values.items():
        written = data.zipped_script(name, value) if name in ZIPPED else data.script(name, value)
        files[f"data/{name}.js"] = written.encode("utf-8")
    files |= _static() | bundles() | pictures
    files["static/css/theme.css"] = theme_css(accent).encode("utf-8")
    broken = broken_links(files)
    if broken:
        msg = f"{len(broken)} link(s) lead nowhere: " + "; ".join(broken[:10])
        raise SiteError(msg)
    return dict(sorted(files.items()))


def _static() -> dict[str, bytes]:
    found: dict[str, bytes] = {}

    def walk(folder: Traversable, path: str) -> None:
        for one in sorted(folder.iterdir(), key=lambda one: one.name):
            if one.name == "js":
                continue  # Scripts travel in bundles.
            if one.is_dir():
                walk(one, f"{path}/{one.name}")
            elif one.name.endswith(".css"):
                found[f"{path}/{one.name}"] = bare(one.read_text(encoding="utf-8")).encode("utf-8")
            else:
                found[f"{path}/{one.name}"] = one.read_bytes()

    walk(resources.files("collectscript.site") / "static", "static")
    return found


def _source_names(kb: KnowledgeBase) -> dict[str, str]:
    names = {source.id: source.title for source in kb.tables.sources}
    return names | {source.key: source.title for source in kb.corpus.law.sources}


def _filter_names(kb: KnowledgeBase) -> dict[str, dict[str, str]]:
    tags = Tags(kb.tables.facets)
    names = {axis: {tag: visible(name) for tag, name in tags.names(axis).items()} for axis in FILTERS}
    names["group"] = {group.id: visible(group.title) for group in kb.tables.groups}
    return names


def _shown_rows(rows: list[list[object]]) -> list[list[object]]:
    return [[visible(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]


def _version() -> str:
    try:
        return version("collectscript")
    except PackageNotFoundError:
        return "unknown"
