"""Commands for authors: new, try, inbox."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collectscript.cli.base import ExitStatus, fail, json_option, load_kb, overlay_folders, print_json, quoted, stamp
from collectscript.drafts import KINDS
from collectscript.model import NONE

if TYPE_CHECKING:
    from collectscript.inbox import Group
    from collectscript.model import Tables
    from collectscript.trial import Trial, Verdict

SHOWN = 10
"""Sentences of one group that are shown."""
WORTH_PROPOSING = 0.1
"""Confidence from which the nearest entry is worth proposing for words that nothing matches."""
_ID = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


@click.command("new")
@click.argument("kind", type=click.Choice([*KINDS, "overlay"]))
@click.argument("entry_id", metavar="ID")
@click.option("--title", default="", help="Title of the new file.")
@click.option("--group", help="Group of a new objection of an overlay, an id of groups.tsv.")
@click.option("--extends", help="Objection that the file adds to; overlays only.")
@click.option("--replaces", help="Id of what the file replaces; overlays only. Its version is recorded.")
@click.pass_context
def new_command(
    ctx: click.Context,
    /,
    *,
    kind: str,
    entry_id: str,
    title: str,
    group: str | None,
    extends: str | None,
    replaces: str | None,
) -> None:
    """Write a template for a new file with the next steps; never over an existing one.

    It goes into the overlay that --overlay names (the last, when there are several), or that the current folder is,
    else into the corpus. `collectscript new overlay ID` starts an overlay in a new folder of that name.
    """
    if not _ID.fullmatch(entry_id):
        fail(f"id {entry_id!r}: write lower-case letters, digits, hyphens and, in an overlay, its name and a dot")
    if kind == "overlay":
        _new_overlay(entry_id, title)
        return
    from collectscript.drafts import Head, draft, next_steps

    place = _Place.of(ctx.obj)
    folder = KINDS[kind]
    row_title = place.check(kind, entry_id, title, group, extends or replaces)
    head = Head(extends, replaces, place.version(folder, replaces) if replaces else None)
    path = place.folder / folder / f"{entry_id}.md"
    write_new(path, draft(folder, entry_id, title or row_title, place.tables, head))
    if group is not None:
        place.add_row(entry_id, title, group)
    click.echo(f"写好了 {path}")
    for number, step in enumerate(next_steps(quoted(str(path)), folder), 1):
        click.echo(f"{number}. {step}")


def _new_overlay(name: str, title: str) -> None:
    from collectscript.drafts import overlay_files

    for path, text in overlay_files(name, title).items():
        write_new(Path(name) / path, text)
    click.echo(f"写好了 {name}/overlay.md 和 {name}/authority.tsv")
    click.echo(f"1. 在 {name}/authority.tsv 里写明谁能给什么；现在写的是谁都不能给。")
    click.echo(f"2. 加一条：collectscript --overlay {name} new objection {name}.名字 --title 题目 --group inquiry")
    click.echo(f"3. 查错：collectscript lint {name}")
    click.echo(f"4. 用起来：collectscript --overlay {name} 客户说的话")


class _Place:
    """Where a new file goes: the corpus, or an overlay over it."""

    def __init__(self, folder: Path, tables: Tables, name: str | None, base: Path) -> None:
        self.folder = folder
        self.tables = tables
        self._name = name
        self._base = base

    @classmethod
    def of(cls, data: str | None) -> _Place:
        """Find it from the options and the current folder."""
        from collectscript.files import find_data, read_owner_tables
        from collectscript.layers import MANIFEST
        from collectscript.markdown import read_document

        base = find_data(data)
        folders = [Path(one) for one in overlay_folders()] or ([Path()] if Path(MANIFEST).is_file() else [])
        if not folders:
            return cls(base, read_owner_tables(base), None, base)
        manifest = folders[-1] / MANIFEST
        if not manifest.is_file():
            fail(f"{folders[-1]} is no overlay: it has no {MANIFEST}; start one with 'collectscript new overlay ID'")
        item = read_document(MANIFEST, manifest.read_bytes()).fields.get("id")
        return cls(folders[-1], read_owner_tables(base), item.text if item else "", base)

    def check(self, kind: str, entry_id: str, title: str, group: str | None, target: str | None) -> str:
        """Stop when the id does not fit the place; return the title that the taxonomy gives it."""
        rows = {row.id: row.title for row in self.tables.taxonomy}
        if self._name is None:
            if target is not None:
                fail("only an overlay extends or replaces; name it with --overlay")
            if kind == "objection" and entry_id not in rows:
                fail(f"{entry_id!r} is not in taxonomy.tsv; propose a row there first, or write it in an overlay")
            return rows.get(entry_id, "")
        if not entry_id.startswith(f"{self._name}."):
            fail(f"id {entry_id!r} in this overlay must start with {self._name!r} and a dot: {self._name}.{entry_id}")
        if kind == "objection" and target is None:
            groups = [one.id for one in self.tables.groups]
            if not title or group not in groups:
                fail(f"a new objection needs --title and --group (one of {', '.join(groups)})")
        elif group is not None:
            fail("--group is for a new objection of an overlay")
        return rows.get(target or "", "")

    def version(self, folder: str, target: str) -> str:
        """Return the version of what is replaced."""
        from collectscript.overlay import version_key, version_of

        path = self._base / f"{version_key(folder, target)}.md"
        if not path.is_file():
            fail(f"nothing to replace: {path} does not exist")
        return version_of(path.read_bytes())

    def add_row(self, entry_id: str, title: str, group: str) -> None:
        """Add an objection to the overlay's taxonomy."""
        path = self.folder / "taxonomy.tsv"
        text = path.read_text(encoding="utf-8") if path.is_file() else "group\tid\ttitle\tgloss\tboundary\n"
        row = "\t".join([group, entry_id, title.replace("\t", " "), "", ""])
        path.write_text(text.rstrip("\n") + f"\n{row}\n", encoding="utf-8")


def write_new(path: Path, text: str) -> None:
    """Write a file that must not exist yet."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{path} exists already; edit it, or choose another id")
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror}")


# -- try -------------------------------------------------------------------------------------------------


@click.command("try")
@click.argument("path", metavar="FILE.md", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def try_command(ctx: click.Context, path: Path, as_json: bool) -> None:
    """Show what an objection would match, what others would take from it, and what it would break.

    FILE.md lies in a corpus or in an overlay. The first try of a corpus file learns the rest of the corpus, which
    takes half a minute; further tries take seconds. Exit status 1 when something is wrong.
    """
    trial = _trial(ctx.obj, path)
    wrong = [one for one in trial.checks if not one.right]
    if as_json:
        from collectscript.report import SCHEMA

        print_json({"schema": SCHEMA, "path": str(path), **_trial_json(trial)})
    else:
        click.echo(_trial_text(trial))
    sys.exit(ExitStatus.NOTHING if wrong or trial.stolen or trial.broken else ExitStatus.OK)


def _trial(data: str | None, path: Path) -> Trial:
    from collectscript.files import find_data
    from collectscript.layers import overlay_of
    from collectscript.trial import try_in_corpus, try_in_overlay

    if not path.is_file():
        fail(f"no such file: {path}")
    place = path.resolve()
    if place.parent.name != "objections":
        fail(f"{path} is no objection; try is for files in objections/, lint for all others")
    overlay = overlay_of(path)
    if overlay is None:
        return try_in_corpus(find_data(data or place.parents[1]), f"objections/{path.name}")
    below = [Path(one) for one in overlay_folders() if Path(one).resolve() != overlay.resolve()]
    return try_in_overlay(find_data(data), below, overlay, f"objections/{path.name}")


def _trial_text(trial: Trial) -> str:
    lines = [f"{trial.entry_id}：试题 {len(trial.checks)} 句，客户会说 {len(trial.left_out)} 句"]
    wrong = [one for one in trial.checks if not one.right]
    lines.append(f"\n试题答错 {len(wrong)} 句" + ("：" if wrong else ""))
    lines += [f"  第{one.line}行 “{one.text}” 该是 {one.expected}，{_found(one)}" for one in wrong]
    stolen = trial.stolen
    lines.append(f"\n没学过时会被别的条目拿走 {len(stolen)} 句" + ("：" if stolen else ""))
    lines += [f"  “{one.text}” {_found(one)}" for one in stolen]
    unknown = [one for one in trial.left_out if not one.right and one.found == NONE]
    lines.append(f"\n没学过时谁也对不上 {len(unknown)} 句（生僻的说法，正该写进来）")
    lines.append(f"\n弄坏别的条目的试题 {len(trial.broken)} 句" + ("：" if trial.broken else ""))
    lines += [
        f"  {owner} 第{one.line}行 “{one.text}” 该是 {one.expected}，{_found(one)}" for owner, one in trial.broken
    ]
    return "\n".join(lines)


def _found(verdict: Verdict) -> str:
    if verdict.found == NONE:
        return f"没有对上（{verdict.confidence:.0%}）"
    return f"对上了 {verdict.found}（{verdict.confidence:.0%}）"


def _trial_json(trial: Trial) -> dict[str, Any]:
    def values(one: Verdict) -> dict[str, Any]:
        return {
            "text": one.text,
            "expected": one.expected,
            "found": one.found,
            "confidence": round(one.confidence, 6),
            "line": one.line,
        }

    return {
        "id": trial.entry_id,
        "checks": [values(one) for one in trial.checks],
        "left_out": [values(one) for one in trial.left_out],
        "broken": [{"entry": owner, **values(one)} for owner, one in trial.broken],
    }


# -- inbox -----------------------------------------------------------------------------------------------


@click.command("inbox")
@click.argument("file", type=click.Path())
@click.option("--name", "names", multiple=True, help="A name to mask; repeat for more.")
@click.option("--no-redact", is_flag=True, help="Do not mask numbers that identify a person.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the drafts into this new file instead.")
@json_option
@click.pass_context
def inbox_command(
    ctx: click.Context, /, *, file: str, names: tuple[str, ...], no_redact: bool, out: Path | None, as_json: bool
) -> None:
    """Group the utterances of FILE (one a line, `-` reads stdin) that nothing matches, with drafts for three choices.

    The choices are a new entry, further utterances of the nearest one, or to ignore them. Exit status 1 when there is
    something to decide.
    """
    from collectscript.inbox import group
    from collectscript.redaction import redact

    kb = load_kb(ctx.obj)
    lines = read_lines(file)
    if not no_redact:
        lines = [redact(line, names) for line in lines]
    groups = group(lines, lambda text: kb.match(text, limit=1), kb.index)
    if as_json:
        from collectscript.report import SCHEMA

        print_json({"schema": SCHEMA, **stamp(kb), "lines": len(lines), "groups": [_group_json(one) for one in groups]})
    else:
        text = _groups_text(groups, len(lines))
        if out is None:
            click.echo(text)
        else:
            write_new(out, text + "\n")
            click.echo(f"写好了 {out}：{len(groups)} 组")
    sys.exit(ExitStatus.NOTHING if groups else ExitStatus.OK)


def read_lines(file: str) -> list[str]:
    """Return the lines of a UTF-8 file, or of stdin for `-`, without blank ones."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        lines = [line.strip() for line in data.decode("utf-8-sig").split("\n")]
        return [line for line in lines if line]
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return fail(f"{file}:{line}: byte {data[error.start]:#04x} is not UTF-8; convert the file to UTF-8")
    except OSError as error:
        return fail(f"cannot read {file}: {error.strerror}")


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "count": group.count,
        "nearest": group.nearest,
        "confidence": round(group.confidence, 6),
        "sentences": [{"text": one.text, "count": one.count} for one in group.sentences],
    }


def _added_to(group: Group) -> str:
    if group.nearest is None or group.confidence < WORTH_PROPOSING:
        return "加进已有的：没有相近的，要加就从 collectscript list 里挑一条。"
    return f"加进 {group.nearest}（{group.confidence:.0%}）：上面几句放进它的“客户会说 → 电话口语”。"


def _groups_text(groups: list[Group], lines: int) -> str:
    if not groups:
        return f"{lines} 行都有着落，没有要定的。"
    parts = [f"# 对不上的话：{len(groups)} 组，{sum(one.count for one in groups)} 行（共 {lines} 行）"]
    parts.append("每组三选一，照抄其中一段，别的删掉。")
    for number, one in enumerate(groups, 1):
        said = [f"- {sentence.text}" for sentence in one.sentences[:SHOWN]]
        more = f"（另有 {len(one.sentences) - SHOWN} 句）" if len(one.sentences) > SHOWN else ""
        parts += [f"\n## 第{number}组，{one.count} 行{more}", "", *said, ""]
        parts.append("新条目：collectscript new objection 编号（自己的话术里写 前缀.编号），上面几句放进“客户会说”。")
        parts.append(_added_to(one))
        parts.append("忽略：上面几句放进 background/ 里合适的一篇，以后不再问。")
    return "\n".join(parts)
