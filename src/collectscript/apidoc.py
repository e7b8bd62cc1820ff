"""The API reference, made from the signatures and docstrings of everything that `collectscript` exports."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from importlib import import_module
from inspect import getsource

import collectscript

_SECTION = re.compile(r"(Args|Raises|Returns):")
_ENTRY = re.compile(r"(\*{0,2}\w+): (.*)")


def reference() -> str:
    """Return the reference as Markdown: one heading for each public name, in alphabetical order."""
    names = [name for name in collectscript.__all__ if not name.startswith("_")]
    intro = "# API\n\nEverything below is imported from `collectscript`. Errors derive from `CollectscriptError`.\n"
    return "\n".join([intro, *(_entry(name) for name in sorted(names, key=str.casefold))])


def _entry(name: str) -> str:
    value = getattr(collectscript, name)
    tree = ast.parse(getsource(import_module(value.__module__)))
    node = next(
        one for one in tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef) and one.name == value.__name__
    )
    if isinstance(node, ast.FunctionDef):
        return "\n".join([f"## {name}\n", _signature(node, name), *_text(ast.get_docstring(node))])
    return "\n".join(_class(node))


def _class(node: ast.ClassDef) -> Iterator[str]:
    bases = [ast.unparse(base) for base in node.bases if ast.unparse(base) not in {"BaseModel", "Protocol"}]
    yield f"## {node.name}" + (f" ({', '.join(bases)})" if bases else "") + "\n"
    yield from _text(ast.get_docstring(node))
    fields = list(_fields(node))
    if fields:
        yield "| field | type | |\n|---|---|---|"
        yield from fields
        yield ""
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and (not one.name.startswith("_") or one.name in _SPOKEN):
            yield _method(one)
            yield from _text(ast.get_docstring(one))


_SPOKEN = {
    "__getitem__": "kb[entry_id]",
    "__iter__": "iter(kb)",
    "__len__": "len(kb)",
    "__contains__": "entry_id in kb",
}


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """Yield a table row for every public annotated field, with the string that stands below it."""
    for number, one in enumerate(node.body):
        if not isinstance(one, ast.AnnAssign) or not isinstance(one.target, ast.Name):
            continue
        kind = ast.unparse(one.annotation)
        if one.target.id.startswith("_") or kind.startswith("ClassVar"):
            continue
        after = node.body[number + 1] if number + 1 < len(node.body) else None
        text = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            text = " ".join(after.value.value.split())
        # A bar would end the cell.
        yield f"| `{one.target.id}` | `{kind.replace(' | ', ' or ')}` | {text} |"


def _method(node: ast.FunctionDef) -> str:
    if node.name in _SPOKEN:
        return f"### `{_SPOKEN[node.name]}`\n"
    decorators = {ast.unparse(one) for one in node.decorator_list}
    if decorators & {"property", "cached_property"}:
        kind = f": {ast.unparse(node.returns)}" if node.returns else ""
        return f"### `.{node.name}{kind}`\n"
    return f"### .{node.name}\n\n" + _signature(node, node.name, skip_first="staticmethod" not in decorators)


def _signature(node: ast.FunctionDef, name: str, *, skip_first: bool = False) -> str:
    arguments = ast.parse(ast.unparse(node)).body[0]
    assert isinstance(arguments, ast.FunctionDef)
    if skip_first and arguments.args.args:
        arguments.args.args.pop(0)
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    one_line = f"{name}({ast.unparse(arguments.args)}){returns}"
    return f"```\n{textwrap.fill(one_line, 110, subsequent_indent='    ', break_long_words=False)}\n```\n"


def _text(docstring: str | None) -> Sequence[str]:
    """Return a docstring as Markdown: sections as bold words, their entries as list items."""
    lines: list[str] = []
    section = ""
    for line in (docstring or "").split("\n"):
        heading = _SECTION.fullmatch(line.strip())
        if heading:
            section = heading[1]
            lines += [f"**{section}**", ""]
            continue
        entry = _ENTRY.fullmatch(line.strip()) if section and line.startswith("    ") else None
        deeper = line.startswith("        ")
        if entry and not deeper:
            lines.append(f"- `{entry[1]}`: {entry[2]}")
        elif deeper and lines and lines[-1].startswith(("- ", "  ")):
            lines.append(f"  {line.strip()}")
        else:
            lines.append(line.strip())
    return [*lines, ""]
