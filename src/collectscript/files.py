"""Find a corpus folder and its files: the only module that knows where they lie."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from collectscript.errors import CorpusError, CorpusNotFound

if TYPE_CHECKING:
    from collectscript.model import Tables
    from collectscript.problems import Problem

NOT_ENTRIES = frozenset({"README.md"})
"""Markdown files in a corpus folder that explain and are not entries."""


def find_data(path: str | Path | None = None) -> Path:
    """Return the corpus folder: `path` when given, else the installed one, else that of the checkout.

    Raises `CorpusNotFound` naming the places looked at.
    """
    if path is not None:
        folder = Path(path)
        if not (folder / "taxonomy.tsv").is_file():
            reason = "has no taxonomy.tsv" if folder.is_dir() else "is not a folder"
            msg = f"no corpus at {folder}: it {reason}"
            raise CorpusNotFound(msg)
        return folder
    # Not importlib.resources: its import alone would cost a tenth of a start.
    packaged = Path(__file__).parent / "data"
    if packaged.is_dir():
        return packaged
    # An editable install or a checkout: the package lies in src/ beside data/.
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "data" / "taxonomy.tsv").is_file():
        return checkout / "data"
    msg = f"no corpus in the installed package ({packaged}) nor in a checkout ({checkout})"
    raise CorpusNotFound(msg)


def read_files(folder: Path) -> dict[str, bytes]:
    """Return every file of a corpus folder that counts: path relative to it, with forward slashes, and bytes."""
    found: dict[str, bytes] = {}
    # os.walk and open: with pathlib this would take three times as long, at every start.
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        inside = os.path.relpath(place, folder).replace(os.sep, "/")
        for name in names:
            if name.endswith((".md", ".tsv")) and not name.startswith((".", "_")) and name not in NOT_ENTRIES:
                with open(os.path.join(place, name), "rb") as file:
                    found[name if inside == "." else f"{inside}/{name}"] = file.read()
    return dict(sorted(found.items()))


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return a hash of paths and bytes: the same corpus gives the same hash on every machine."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(files):
        digest.update(f"{path}\0{len(files[path])}\0".encode())
        digest.update(files[path])
    return digest.hexdigest()


def read_owner_tables(folder: Path) -> Tables:
    """Read only the owner files of a corpus folder; `CorpusError` when they are not valid."""
    from collectscript.tables import OWNER_FILES, read_tables

    problems: list[Problem] = []
    tables = read_tables(
        {name: (folder / name).read_bytes() for name in OWNER_FILES if (folder / name).is_file()}, problems
    )
    if problems:
        raise CorpusError(problems)
    return tables
