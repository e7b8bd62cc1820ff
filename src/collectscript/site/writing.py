"""Write the files of a site into a folder: all of them or none, and never over anything that it did not write."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from collectscript.errors import CollectscriptError

MANIFEST = "site-files.json"
"""Lists every file of a site with its hash, so that the next build knows what is its own."""
SCHEMA = "collectscript-site/1"
_NAME = re.compile(r"[A-Za-z0-9_.\-\u4e00-\u9fff]+(?:/[A-Za-z0-9_.\-\u4e00-\u9fff]+)*")


class SiteError(CollectscriptError):
    """A site cannot be made or written; the message says what is in the way and what to do."""


def write_site(files: Mapping[str, bytes], out: Path) -> None:
    """Put `files` (path inside the site to bytes) at `out`, in place of an earlier site there.

    They are written into a new folder beside `out`, which then takes its name. Files at `out` that an earlier
    build did not write, or that were changed since, are never touched: they are an error.

    Raises `SiteError` when `out` is not a folder of ours, or cannot be written.
    """
    for name in files:
        if not _NAME.fullmatch(name) or ".." in name.split("/"):
            msg = f"page {name!r} has no name that can be a file on every system"
            raise SiteError(msg)
    target = out.resolve()
    _check_own(target)
    manifest = {"schema": SCHEMA, "files": {name: _hash(data) for name, data in sorted(files.items())}}
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-new-") as making:
            fresh = Path(making) / "site"
            for name, data in {**files, MANIFEST: text.encode("utf-8")}.items():
                file = fresh / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            _swap(fresh, target, Path(making) / "old")
    except OSError as error:
        msg = f"cannot write the site to {out}: {error.strerror or error}; choose a folder that can be written"
        raise SiteError(msg) from error


def _swap(fresh: Path, target: Path, old: Path) -> None:
    """Give `target`'s name to `fresh`; what stood there goes to `old`, and comes back when the second step fails."""
    if not target.exists():
        fresh.rename(target)
        return
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _check_own(target: Path) -> None:
    """Raise `SiteError` unless `target` does not exist, is empty, or holds exactly what an earlier build wrote."""
    if not target.exists():
        return
    if not target.is_dir():
        msg = f"{target} is a file; name a folder for the site"
        raise SiteError(msg)
    found = sorted(_files(target))
    if not found and not any(target.iterdir()):
        return
    own = _manifest(target)
    foreign = [name for name in found if name != MANIFEST and name not in own]
    changed = [name for name in found if name in own and _hash((target / name).read_bytes()) != own[name]]
    for names, what in ((foreign, "not written by this command"), (changed, "changed since it was written")):
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            msg = f"{target} holds files {what}: {', '.join(names[:3])}{more}; move them away or name another folder"
            raise SiteError(msg)


def _manifest(target: Path) -> Mapping[str, str]:
    file = target / MANIFEST
    if not file.is_file():
        return {}
    try:
        read = json.loads(file.read_text(encoding="utf-8"))
        files = read["files"] if read["schema"] == SCHEMA else {}
        return {str(name): str(value) for name, value in files.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _files(target: Path) -> list[str]:
    """Return every file, link and empty folder below `target`."""
    found: list[str] = []
    for folder, folders, names in os.walk(target):
        here = Path(folder)
        links = [name for name in folders if (here / name).is_symlink()]
        found += [(here / name).relative_to(target).as_posix() for name in (*names, *links)]
        if here != target and not folders and not names:
            found.append(here.relative_to(target).as_posix() + "/")
    return found


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
