"""The documents of the project that become part of the site: in an installed package or in a checkout."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

PACKAGED = "_project"
"""Folder inside the installed package that holds the documents under their paths in the project."""
CHANGES = "CHANGELOG.md"
SINGLE = {"README.md": "about", "CONTRIBUTING.md": "contributing", "data/README.md": "corpus-format"}
"""Documents outside docs/, and the names of their pages."""
SOURCES = (*SINGLE, CHANGES, "docs")
"""Everything that a site takes from the project, as paths of files and folders."""
_TITLE = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One Markdown document of the project."""

    source: str
    """Its path in the project, with forward slashes."""
    path: str
    """The path of its page in the site."""
    title: str
    text: str


def project_root() -> Path | None:
    """Return the folder that the documents lie under; None when the package was installed without them."""
    packaged = Path(str(resources.files("collectscript"))) / PACKAGED
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).resolve().parents[3]
    return checkout if (checkout / "pyproject.toml").is_file() else None


def read_documents(root: Path | None) -> tuple[list[Document], dict[str, bytes]]:
    """Return the documents below `root` in the order of the site, and the pictures of docs/ by their site path."""
    if root is None:
        return [], {}
    sources = [name for name in SINGLE if (root / name).is_file()]
    sources += sorted(path.relative_to(root).as_posix() for path in (root / "docs").rglob("*.md"))
    sources += [CHANGES] if (root / CHANGES).is_file() else []
    documents: list[Document] = []
    for source in sources:
        text = (root / source).read_text(encoding="utf-8")
        found = _TITLE.search(text)
        documents.append(Document(source, _page_path(source), found[1] if found else source, text))
    pictures = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "docs").rglob("*"))
        if path.suffix in {".svg", ".png"}
    }
    return documents, pictures


def _page_path(source: str) -> str:
    if source == CHANGES:
        return "changes.html"
    if source in SINGLE:
        return f"docs/{SINGLE[source]}.html"
    return posixpath.splitext(source)[0] + ".html"
