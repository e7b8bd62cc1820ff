"""Templates of new files for authors: every section and field in its place, nothing said yet.

A template is not a valid entry: what is left empty is reported by `lint` with its line, so that no placeholder can
ever be read out to a customer. Guidance stands in comments, which reading skips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collectscript.authority import CARD, COLUMNS, GRANTS
from collectscript.entries import FIELDS, REQUIRED_FIELDS, REQUIRED_NOTES, UTTERANCE_SECTIONS
from collectscript.model import Tables

KINDS = {
    "objection": "objections",
    "opener": "openers",
    "closing": "closings",
    "follow-up": "follow-ups",
    "message": "messages",
    "technique": "techniques",
    "customer": "customers",
    "method": "methods",
    "preparation": "preparation",
    "fact": "facts",
    "background": "background",
}
"""What `collectscript new` makes, and the folder it goes to."""
PARTS = {"objections": "responses"}
CUSTOMER_SECTIONS = (
    "一句话", "信号", "表现", "说话方式", "声音", "长处", "弱点", "需要什么", "切入点", "开场一句", "不要", "各组异议里的样子",
)  # fmt: skip
TECHNIQUE_SECTIONS = ("一句话", "什么时候用", "怎么做")


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a new file says beside its id."""

    extends: str | None = None
    replaces: str | None = None
    based_on: str | None = None

    def lines(self, entry_id: str) -> list[str]:
        """Return the head."""
        fields = {"id": entry_id, "extends": self.extends, "replaces": self.replaces, "based-on": self.based_on}
        return ["---", *(f"{key}: {value}" for key, value in fields.items() if value), "---"]


def draft(kind: str, entry_id: str, title: str, tables: Tables, head: Head) -> str:
    """Return the template of one file.

    Args:
        kind: A folder of `KINDS`.
        entry_id: Id of the new file.
        title: Its title; empty to be filled in.
        tables: The closed lists, whose names are offered in comments.
        head: What it extends or replaces.

    """
    if kind == "objections":
        body = _objection(tables, partial=head.extends is not None)
    elif kind == "background":
        body = ["## 哪一类话", "", "<!-- 一行一句，不是任何异议的话。 -->", "", "- "]
    elif kind == "customers":
        body = _sections(CUSTOMER_SECTIONS)
    elif kind == "techniques":
        body = _sections(TECHNIQUE_SECTIONS)
    elif kind in {"methods", "preparation", "facts"}:
        body = _sections(("一句话",))
    else:
        body = _response(kind, tables)
    return "\n".join([*head.lines(entry_id), "", f"# {title}", "", *body]).rstrip() + "\n"


def overlay_files(name: str, title: str) -> Mapping[str, str]:
    """Return the files of a new overlay: its manifest, and a card on which nobody may grant anything yet."""
    manifest = "\n".join(
        ["---", f"id: {name}", "---", "", f"# {title or name}", "", "谁写的、给谁用、多久看一遍。", ""]
    )
    rows = ["\t".join(COLUMNS), *(f"{grant}\tnobody\t\t{label}" for grant, label in GRANTS.items()), ""]
    return {"overlay.md": manifest, CARD: "\n".join(rows)}


def next_steps(path: str, kind: str) -> tuple[str, ...]:
    """Return what to do with a new file, in Chinese, with the commands."""
    steps = [f"打开 {path}，照里面的提示填；提示行（<!-- … -->）可以留着，也可以删掉。"]
    steps.append(f"查错：collectscript lint {path}")
    if kind == "objections":
        steps.append(f"试一试它会对上什么、会不会抢别人的话：collectscript try {path}")
    return tuple(steps)


def _sections(names: Sequence[str]) -> list[str]:
    return [line for name in names for line in (f"## {name}", "")]


def _objection(tables: Tables, *, partial: bool) -> list[str]:
    lines = ["<!-- 只留要加的那几节，别的整节删掉。 -->", ""] if partial else []
    lines += ["## 一句话", "", "<!-- 先说最多15个字，不提欠款、金额、公司业务。 -->", ""]
    lines += ["- 先说：", "- 再问：", "- 别说：", ""]
    lines += ["## 听懂", "", "<!-- 两三句：多半是什么意思，背后还可能是什么。 -->", ""]
    lines += ["## 先问清", "", "- 信息：", "- 问题：", "- 解决：", ""]
    lines += ["## 客户会说", ""]
    for name in UTTERANCE_SECTIONS:
        lines += [f"### {name}", "", "- ", ""]
    lines += ["## 试题", "", "<!-- 出题的人不看“客户会说”；试题永远不进索引。 -->", ""]
    lines += [
        "### 要认出",
        "",
        "- ",
        "",
        "### 不要认出",
        "",
        "- …… → none",
        "",
        "### 要分清",
        "",
        "- …… → 邻居编号",
        "",
    ]
    lines += ["## 分辨", "", "- 邻居编号：“……？”", ""]
    lines += ["## 回应", "", "### short-name 中文题目", "", *_response("objections", tables), ""]
    return [*lines, "## 不能说", "", "- “……” → 换成：“……”"]


def _response(kind: str, tables: Tables) -> list[str]:
    required = (*REQUIRED_FIELDS, *(("渠道",) if kind == "messages" else ()))
    lines = ["<!-- 选填：影响、客户、账龄、行业、渠道、爽约（2次以上）、通话（第2次起）、前提。", ""]
    lines += [f"{key}：{'/'.join(tables.names(*FIELDS[key][1]))}" for key in FIELDS if key in required]
    lines += ["-->", "", *(f"- {key}：" for key in required), ""]
    use = PARTS.get(kind, kind)
    names = [part.title for part in tables.parts if use in part.gloss.split(",")]
    lines += [f"{number}. {name}：" for number, name in enumerate(names, 1)]
    return [*lines, "", *(f"> {key}：" for key in REQUIRED_NOTES[kind])]
