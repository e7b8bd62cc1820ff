"""What an overlay costs: load with and without thirty entries, from a fresh and from a filled cache, and matching.

Run from a checkout: `python benchmarks/overlay.py [--entries 30] [--runs 3]`. Times are seconds of processor time of
fresh processes, so that a busy machine disturbs them little; the corpus itself is in the cache throughout.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from collectscript.files import find_data

UTTERANCES = 60
WARES = (
    "积分卡", "停车位", "储物柜", "租赁机", "净水器", "打印机", "充电桩", "婚庆套餐", "月子餐", "家教课", "琴房", "泳池票", "摄影棚",
    "直播间", "民宿订单", "洗衣卡", "宠物寄养", "代驾券", "农机", "冷库", "叉车", "脚手架", "展位", "会议室", "礼服", "帐篷", "投影仪",
    "按摩椅", "咖啡机", "快递柜", "广告牌", "校服",
)  # fmt: skip
BEGINNINGS = ("那个", "我说", "", "你听我讲", "喂", "是这样", "哎", "老实说", "不瞒你说", "")
REASONS = (
    "坏了三天没人来修", "根本没开通过", "上个月就退掉了", "型号跟说好的不一样", "押金还在你们那儿", "一直排不上号", "用了两回就不能用",
    "说明书都没给我", "换了地方不好使", "搬家时弄丢了一件",
)  # fmt: skip
ENDINGS = (
    "，这钱不能算我的",
    "，先弄好再说",
    "，你们得给个说法",
    "，我不认这一笔",
    "，下个月再看吧",
    "",
    "，凭什么收费",
    "，找你们经理问问",
)
RESPONSE = """
### log-first 先登记{ware}的事

- 技巧：倾听认同
- 结构：同理式
- 力度：轻
- 目标：核实
- 对象：本人

1. 接住：{ware}没让您用好，是该先说这件。
2. 说明：我记下来，转给管{ware}的同事去查。
3. 约定：最早是哪一天出的问题？

> 他答应：记日子，报登记号。
> 他不答应：说“想起来再补”。
> 不吭声：问“是这个月的事，还是更早？”
> 下一步：按登记的日子回话。
> 不要：没查就说没问题。
> 为什么：先听清{ware}出了什么事，才谈得下去。
> 来源：house
"""


def write_overlay(folder: Path, entries: int) -> None:
    """Write an overlay of so many entries, each about one kind of ware, with sixty utterances and a response."""
    draw = random.Random(20261125)
    (folder / "objections").mkdir(parents=True)
    (folder / "overlay.md").write_text("---\nid: many\n---\n\n# 三十种租赁\n", encoding="utf-8")
    rows = ["group\tid\ttitle\tgloss\tboundary\tsource"]
    for place, ware in enumerate(WARES[:entries]):
        name = f"many.ware-{place}"
        rows.append(f"billing\t{name}\t{ware}的事没弄好\tWare {place}\tComplains of ware {place}.\tnew")
        said: set[str] = set()
        while len(said) < UTTERANCES + 10:
            said.add(f"{draw.choice(BEGINNINGS)}{ware}{draw.choice(REASONS)}{draw.choice(ENDINGS)}")
        body = sorted(said)
        draw.shuffle(body)
        lists = [f"- {text}" for text in body[:UTTERANCES]]
        checks = [f"- {text}" for text in body[UTTERANCES:][:5]]
        (folder / "objections" / f"{name}.md").write_text(
            "\n".join([
                "---", f"id: {name}", "---", "", f"# {ware}的事没弄好", "",
                "## 一句话", "", "- 先说：您先说，我记着。", f"- 再问：{ware}是哪天出的事？", "- 别说：这不归我管。", "",
                "## 听懂", "", f"{ware}没用好，心里不服，先要个说法。", "",
                "## 先问清", "", f"- 信息：{ware}是哪天起不能用的？", "- 问题：找过谁，怎么说的？", "- 解决：先修还是先查？", "",
                "## 客户会说", "", "### 常见说法", "", *lists[:20], "", "### 电话口语", "", *lists[20:50], "",
                "### 少见说法", "", *lists[50:], "",
                "## 试题", "", "### 要认出", "", *checks, "",
                "### 不要认出", "", "- 你们营业到几点 → none", "- 我忘记还了 → forgot", "- 就是不还 → refuse", "",
                "### 要分清", "", "- 你们服务太差了 → service-poor", "- 我都没用过 → not-used", "",
                "## 分辨", "", f"- service-poor：“是{ware}这一件，还是别的服务也不满意？”",
                "- not-used：“是没用过，还是用了不好使？”", "",
                "## 回应", RESPONSE.format(ware=ware), "",
                "## 不能说", "", "- “坏了也得交。” → 换成：“坏在哪儿我先登记，查清再说费用。”", "",
            ]),
            encoding="utf-8",
        )  # fmt: skip
    (folder / "taxonomy.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


LOAD = """
import sys, time
import collectscript as cs
begun = time.process_time()
kb = cs.load(overlays=sys.argv[1:])
kb.match("我忘记了")
loaded = time.process_time() - begun
texts = [check.text for entry in list(kb)[:100] for check in entry.checks][:1000]
begun = time.process_time()
for text in texts:
    kb.match(text)
print(loaded, (time.process_time() - begun) / len(texts), len(kb), sum(len(entry.utterances) for entry in kb))
"""


def measure(cache: Path, overlays: list[str]) -> tuple[float, float, int, int]:
    """Return seconds to load and match once, seconds a match, entries and utterances, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *overlays],
        capture_output=True, text=True, encoding="utf-8", check=False, env={**os.environ, "COLLECTSCRIPT_CACHE": str(cache)},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    load, match, entries, utterances = done.stdout.split()
    return float(load), float(match), int(entries), int(utterances)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=30, choices=range(1, len(WARES) + 1), metavar="N")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        write_overlay(place / "many", options.entries)
        warm = place / "warm"
        measure(warm, [])
        plain, fresh, cached = [], [], []
        for run in range(options.runs):
            plain.append(measure(warm, []))
            cold = place / f"cold{run}"
            shutil.copytree(warm, cold)
            fresh.append(measure(cold, [str(place / "many")]))
            cached.append(measure(cold, [str(place / "many")]))
        report(plain, fresh, cached)


def report(*series: list[tuple[float, float, int, int]]) -> None:
    """Print the medians of the three cases and their ratios."""
    names = ("without an overlay", "with it, not yet cached", "with it, cached")
    base = [statistics.median(one[column] for one in series[0]) for column in range(4)]
    print(f"corpus: {find_data()}")
    for name, ones in zip(names, series, strict=True):
        load, match, entries, utterances = (statistics.median(one[column] for one in ones) for column in range(4))
        print(
            f"{name}: {entries:.0f} entries, {utterances:.0f} utterances, load {load:.2f} s "
            f"({load - base[0]:+.2f}), a match {match * 1e6:.0f} µs (x{match / base[1]:.2f} for x{utterances / base[3]:.2f} utterances)"
        )


if __name__ == "__main__":
    main()
