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
