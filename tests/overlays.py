"""Overlays to break and to load: small texts, and the layers of a corpus that was read without learning."""

from __future__ import annotations

from pathlib import Path

from collectscript import wording
from collectscript.corpus import read_folder
from collectscript.files import read_files
from collectscript.overlay import Layers, lay, said_by
from collectscript.problems import Problem

MANIFEST = "---\nid: acme\n---\n\n# 示例公司\n"

RESPONSE = """### {slug} {title}

- 技巧：{technique}
- 结构：同理式
- 力度：平
- 目标：{goal}
- 对象：{party}

1. 接住：{take}
2. 方案：{offer}
3. 约定：您看行吗？

> 他答应：记下来。
> 他不答应：道谢，另约。
> 不吭声：停三秒。
> 下一步：登记。
> 不要：着急。
> 为什么：让他先动一步。
> 来源：house
"""

EXTENDS_FORGOT = """---
id: acme.forgot
extends: forgot
---

# 我忘记了

## 客户会说

### 电话口语

- 会员日抢券给抢忘了

## 回应

"""

SCRIPT = """---
id: acme.hello
{head}---

# 会员开场

- 技巧：同理
- 结构：同理式
- 力度：平
- 目标：当场付
- 对象：本人

1. 报身份：您好，我是{{company}}的{{agent}}，有录音。
2. 核本人：您是{{customer_name}}吗？

> 他答应：接着说。
> 他不答应：道谢。
> 不吭声：停三秒。
> 不要：着急。
> 为什么：先认人。
> 来源：house
"""

SOURCES = (
    "key\tname\tissuer\tdate\tstatus\tcovers\tcertainty\nacme.book\t服务准则\t示例\t2026-09-01\tin force\tpoints\tA\n"
)
BOUND = "- 一般：禁止"
PHRASES = (
    "今天不还，您的积分就全部清零", "再拖下去积分给您作废", "逾期了，攒的分就没了", "再不付，积分一分都不算数了", "不处理的话积分马上冻结",
    "不还钱我们就没收你的积分", "分还要不要，要就先还款", "攒那么多分，不还款可就白攒了",
)  # fmt: skip
LAWFUL = (
    "您的积分不受这期账单影响", "积分满两年到期自动清零，跟还款没有关系", "您的分都在，这期照常付就行", "积分能在商城兑券", "兑好的券您留着用",
)  # fmt: skip
FLAG = "\n".join(f"- {text}" for text in PHRASES)
GOOD = "\n".join(f"- {text}" for text in LAWFUL)
RULE = f"""---
id: acme.points
checked: 2026-11-22
review: 2027-05-22
---

# 拿积分施压

## 规定

禁止说不还款就清零积分。

## 约束谁

{BOUND}

## 出处

- acme.book 第7条：积分不得与还款挂钩 [A]

## 识别

### 词组

- 积分：积分/攒的分/您的分

### 句式

- 不还/不付/逾期 …… {{积分}} … 清零/作废/没收

### 不算

- 到期自动

## 要指出

{FLAG}

## 不要指出

{GOOD}

## 换成

- “您的积分不受影响，我们只说这一期怎么付。”
"""


def response(slug: str = "now", **fields: str) -> str:
    """Return one response as it stands in an objection."""
    values = {
        "title": "先办一步",
        "technique": "引导",
        "goal": "当场付",
        "party": "本人",
        "take": "听您这么说，我明白。",
        "offer": "点开官方应用，自己办。",
    }
    return RESPONSE.format(slug=slug, **(values | fields))


def extension(*responses: str) -> str:
    """Return a file that extends forgot."""
    return EXTENDS_FORGOT + "\n".join(responses or (response(),))


def extended_rule(name: str, corpus: Path, target: str, head: str, body: str) -> str:
    """Return a file that extends a compliance rule of a corpus, whose title it takes over."""
    lines = (corpus / "compliance" / f"{target}.md").read_text(encoding="utf-8").split("\n")
    title = next(line for line in lines if line.startswith("# "))
    fields = ["---", f"id: acme.{name}", f"extends: {target}", *([head] if head else []), "---"]
    return "\n".join([*fields, "", title, "", body])


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write an overlay folder."""
    for path, text in ({"overlay.md": MANIFEST} | files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def layers(corpus: Path) -> Layers:
    """Read a corpus folder without learning."""
    files = read_files(corpus)
    read, problems = read_folder(files)
    assert not problems
    return Layers.of(read, files, said_by(read, wording.read_folder(files)))


def laid(base: Layers, files: dict[str, str], folder: Path) -> tuple[Layers, list[Problem]]:
    """Lay an overlay of these files over a base, folding as the corpus at `folder` does."""
    whole = {path: text.encode() for path, text in ({"overlay.md": MANIFEST} | files).items()}
    return lay(base, whole, wording.read_folder(read_files(folder)))
