"""Compliance rules of overlays: new ones, ours made stricter, ours made milder with a reason, and what is refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import copy_tiny
from overlays import BOUND, LAWFUL, MANIFEST, PHRASES, RULE, SOURCES, laid, layers, write

import collectscript as cs
from collectscript import wording
from collectscript.cli.base import cli
from collectscript.files import find_data, read_files
from collectscript.model import ComplianceRule
from collectscript.overlay import LOOSENED, Layers
from collectscript.problems import Problem
from collectscript.review import review

TABLES = ("sources.tsv", "words.tsv", "reading.tsv")
TAKEN = ("private-channel-contact", "false-criminal-threat", "first-call-elements")
"""Rules of ours that the small corpus has."""
EXTENDS = """---
id: acme.numbers
extends: private-channel-contact
{head}---

# 用私人手机、私人微信联系

"""
GROUP = """## 识别

### 词组

- 群：会员群/客户群

### 句式

- 拉你/拉您 … {群}

## 要指出

- 拉您进我们会员群，有事群里说
- 扫这个码进群，我在群里盯着
"""


def extends(body: str = GROUP, head: str = "") -> dict[str, str]:
    """Return an overlay with one file that extends a rule of ours."""
    return {"compliance/acme.numbers.md": EXTENDS.format(head=head) + body}


def bound(*lines: str) -> str:
    """Return the section that says for whom a rule is how severe."""
    return "\n".join(["## 约束谁", "", *(f"- {line}" for line in lines), ""])


ADDED = {"compliance/acme.points.md": RULE, "compliance/sources.tsv": SOURCES}
HIDES = MANIFEST.replace("id: acme\n", "id: acme\nhides: false-criminal-threat\n")
WHY = "loosens: 外包合同另有约定\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny corpus with three rules of ours."""
    target = copy_tiny(tmp_path_factory.mktemp("rules") / "corpus")
    (target / "compliance").mkdir()
    for name in (*TABLES, *(f"{rule}.md" for rule in TAKEN)):
        shutil.copy(find_data() / "compliance" / name, target / "compliance" / name)
    return target


@pytest.fixture(scope="module")
def base(folder: Path) -> Layers:
    """That corpus, read."""
    return layers(folder)


@pytest.fixture(scope="module")
def plain(folder: Path) -> cs.KnowledgeBase:
    """That corpus, loaded."""
    return cs.load(folder)


@pytest.fixture(scope="module")
def kb(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> cs.KnowledgeBase:
    """That corpus with an overlay that adds a rule and extends another."""
    return cs.load(folder, overlays=[write(tmp_path_factory.mktemp("over") / "acme", ADDED | extends())])


def rule(new: Layers, name: str) -> ComplianceRule:
    """Return a rule as it is shown."""
    return new.rules.rule(name)


# -- reading -----------------------------------------------------------------------------------------------


def test_adds_a_rule(base: Layers, folder: Path) -> None:
    """A rule of its own has the overlay's id before its name, and may cite its own sources."""
    new, problems = laid(base, ADDED, folder)

    assert problems == []
    assert [one.id for one in new.corpus.law.rules] == [*(one.id for one in base.corpus.law.rules), "acme.points"]
    assert rule(new, "acme.points").origin == "acme"
    assert new.corpus.law.sources[-1].key == "acme.book"
    assert new.rules.ours == replace(base.corpus.law, sources=new.corpus.law.sources)


def test_extends_a_rule(base: Layers, folder: Path) -> None:
    """What an overlay adds stands beside ours, whose recognition stays as it is."""
    advice = "\n## 换成\n\n- “官网上的号码都行。”\n\n## 出处\n\n- house\n"
    new, problems = laid(base, extends(bound("债权方自催：禁止（准则第12条）") + "\n" + GROUP + advice), folder)
    before, after = rule(base, "private-channel-contact"), rule(new, "private-channel-contact")

    assert problems == []
    assert (after.origin, after.loosened, after.title) == ("collectscript+acme", "", before.title)
    assert after.instead == ("“官网上的号码都行。”", *before.instead)
    assert after.flag[: len(before.flag)] == before.flag
    assert len(after.flag) == len(before.flag) + 2
    assert before.severity_for(None, None, "creditor", None) == "caution"
    assert after.severity_for(None, None, "creditor", None) == "forbidden"
    ours = next(one for one in new.rules.ours.rules if one.id == after.id)
    assert (ours.patterns, ours.flag, ours.unless) == (before.patterns, before.flag, before.unless)
    assert ours.bindings == after.bindings


def test_two_overlays_extend_one_rule(base: Layers, folder: Path) -> None:
    """The second builds on the first, and both are named."""
    first, _ = laid(base, extends(), folder)
    second = {"overlay.md": MANIFEST.replace("id: acme", "id: beta")}
    body = (
        GROUP.replace("群：会员群/客户群", "店：门店")
        .replace("{群}", "{店}/{群}")
        .replace("会员群", "店")
        .replace("进群", "进店")
    )
    second |= {"compliance/beta.numbers.md": EXTENDS.format(head="").replace("acme", "beta") + body}
    new, problems = laid(first, second, folder)

    assert problems == []
    assert rule(new, "private-channel-contact").origin == "collectscript+acme+beta"
    assert [len(one.patterns) for one in new.rules.own] == [2]
    assert [len(one.flag) for one in new.rules.own] == [4]


def test_stricter_for_everybody_needs_no_reason(base: Layers, folder: Path) -> None:
    """A rule that is a caution for some may be forbidden to all."""
    new, problems = laid(base, extends(bound("一般：禁止（准则第12条）")), folder)

    assert problems == []
    assert rule(new, "private-channel-contact").severity_for("property", None, "creditor", None) == "forbidden"


# -- what becomes milder -------------------------------------------------------------------------------------

PATH = "compliance/acme.numbers.md"
UNLESS = "## 识别\n\n### 不算\n\n- 公司借的手机\n"
MILDER: list[tuple[dict[str, str], str]] = [
    (extends(bound("一般：提醒")), f"{PATH}:10: CS068 rule 'private-channel-contact' binds 一般 less: 提醒 instead of 禁止"),
    (extends(bound("受托机构：提醒")), f"{PATH}:10: CS068 rule 'private-channel-contact' binds 受托机构 less"),
    (extends(bound("短信：不适用")), f"{PATH}:10: CS068 rule 'private-channel-contact' binds 短信 less: 不适用 instead of 禁止"),
    (extends(UNLESS), f"{PATH}:12: CS068 rule 'private-channel-contact' no longer flags what has '公司借的手机'"),
    (extends("## 不要指出\n\n- 加我私人微信，我们私下谈\n"), f"{PATH}:10: CS068 '加我私人微信，我们私下谈' is to be flagged"),
    ({"overlay.md": HIDES}, "overlay.md:3: CS068 rule 'false-criminal-threat' is hidden; hide it in overlay.md and write"),
    ({"compliance/acme.points.md": RULE.replace("id: acme.points", "id: acme.points\nreplaces: false-criminal-threat\n"
      "based-on: 0123456789ab"), "compliance/sources.tsv": SOURCES}, "acme.points.md:3: CS068 rule 'false-criminal-threat' is replaced"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), MILDER, ids=[expected[-24:] for _, expected in MILDER])
def test_milder_without_a_reason_is_refused(base: Layers, folder: Path, files: dict[str, str], expected: str) -> None:
    """The place is named and what to write instead; nothing is taken."""
    new, problems = laid(base, files, folder)

    assert new is base
    found = [str(problem) for problem in problems if expected in str(problem)]
    assert found, [str(problem) for problem in problems]
    assert "; " in found[0]
    assert "loosens: reason" in found[0]


@pytest.mark.parametrize("files", [files for files, _ in MILDER[:4]], ids=["all", "role", "channel", "words"])
def test_milder_with_a_reason(base: Layers, folder: Path, files: dict[str, str]) -> None:
    """It loads; lint says so with the reason, and so does the rule."""
    head = {path: text.replace("extends:", WHY + "extends:") for path, text in files.items()}
    new, problems = laid(base, head, folder)
    found = reviewed(base, head, folder)

    assert problems == []
    assert rule(new, "private-channel-contact").loosened == "acme：外包合同另有约定"
    assert rule(new, "private-channel-contact").provenance == "collectscript+acme（放宽：acme：外包合同另有约定）"
    assert [(one.path, one.code) for one in found] == [(PATH, LOOSENED)] * len(found)
    assert "the reason given: 外包合同另有约定" in found[0].message


def test_hidden_with_a_reason(base: Layers, folder: Path) -> None:
    """A hidden rule is shown, binds nobody, and lint prints the reason."""
    files = {"overlay.md": HIDES.replace("hides", WHY + "hides")}
    new, problems = laid(base, files, folder)
    found = rule(new, "false-criminal-threat")

    assert problems == []
    assert [one.severity for one in found.bindings] == [None]
    assert found.severity_for("property", "debtor", "agency", "phone") is None
    assert [(one.path, one.line, one.code) for one in reviewed(base, files, folder)] == [("overlay.md", 4, LOOSENED)]


def replacing(base: Layers, rule_id: str) -> dict[str, str]:
    """Return the files of an overlay that puts its rule in the place of one of ours, with a reason."""
    head = f"id: acme.points\n{WHY}replaces: {rule_id}\nbased-on: {base.versions[f'compliance/{rule_id}']}"
    text = RULE.replace("id: acme.points", head).replace("拿积分施压", rule(base, rule_id).title)
    return {"compliance/acme.points.md": text, "compliance/sources.tsv": SOURCES}


def test_replaced_with_a_reason(base: Layers, folder: Path) -> None:
    """A replaced rule keeps its id and title; ours is checked no more."""
    new, problems = laid(base, replacing(base, "false-criminal-threat"), folder)

    assert problems == []
    assert len(new.corpus.law.rules) == len(base.corpus.law.rules)
    assert rule(new, "false-criminal-threat").origin == "acme"
    ours = next(one for one in new.rules.ours.rules if one.id == "false-criminal-threat")
    assert ours.severity_for(None, None, None, None) is None
    assert [one.id for one in new.rules.own] == ["false-criminal-threat"]


def test_extends_what_another_overlay_replaced(base: Layers, folder: Path) -> None:
    """Ours, once replaced, stays silent; the rule in its place grows."""
    first, _ = laid(base, replacing(base, "private-channel-contact"), folder)
    files = {path.replace("acme", "beta"): text.replace("acme", "beta") for path, text in extends().items()}
    new, problems = laid(first, {"overlay.md": MANIFEST.replace("id: acme", "id: beta")} | files, folder)

    assert problems == []
    ours = next(one for one in new.rules.ours.rules if one.id == "private-channel-contact")
    assert ours.severity_for(None, None, None, None) is None
    assert rule(new, ours.id).origin == "acme+beta"
    assert [(one.id, len(one.patterns), len(one.flag)) for one in new.rules.own] == [(ours.id, 2, len(PHRASES) + 2)]


def test_a_reason_for_nothing(base: Layers, folder: Path) -> None:
    """A reason that loosens nothing is worth a look."""
    assert rule(laid(base, extends(head=WHY), folder)[0], "private-channel-contact").loosened == ""
    found = reviewed(base, extends(head=WHY), folder)
    assert [str(one) for one in found] == [f"{PATH}:4: {LOOSENED} loosens: nothing below becomes milder; delete it"]


def reviewed(base: Layers, files: dict[str, str], folder: Path) -> list[Problem]:
    """Return what lint says of an overlay."""
    whole = {path: text.encode() for path, text in ({"overlay.md": MANIFEST} | files).items()}
    return review(base, whole, wording.read_folder(read_files(folder)))


# -- what is refused -----------------------------------------------------------------------------------------

WRONG: list[tuple[dict[str, str], str]] = [
    (ADDED | {"compliance/acme.points.md": RULE.replace("acme.points", "points")}, "acme.points.md:2: CS061 id 'points' of an overlay"),
    (ADDED | {"compliance/sources.tsv": SOURCES.replace("acme.", "")}, "compliance/sources.tsv:2: CS061 key 'book'"),
    (ADDED | {"compliance/sources.tsv": SOURCES.replace("示例", "")}, "compliance/sources.tsv:2: CS066 issuer is empty"),
    ({"compliance/acme.points.md": RULE}, "acme.points.md:19: CS041 source 'acme.book' is not in compliance/sources.tsv"),
    (ADDED | {"compliance/acme.points.md": RULE.replace(BOUND, "- 短信：禁止")}, "acme.points.md:15: CS040 the first line is for everybody"),
    (ADDED | {"compliance/acme.points.md": RULE.replace("{积分}", "{分数}")}, "acme.points.md:29: CS043 word class {分数} is not defined"),
    (ADDED | {"compliance/acme.points.md": RULE.replace("checked: 2026-11-22\n", "")}, "acme.points.md:1: CS042 checked is no day"),
    (ADDED | {"compliance/acme.points.md": RULE.replace("## 换成", "## 改成")}, "CS015 unknown section '改成'"),
    (extends(GROUP.replace("- 群：", "- 私号：")), "acme.numbers.md:12: CS043 '私号：会员群/客户群'"),
    (extends(head="severity: 提醒\n"), "acme.numbers.md:4: CS063 field 'severity' in the head"),
    ({"compliance/acme.numbers.md": EXTENDS.format(head="").replace("extends: private", "extends: privat") + GROUP},
     "acme.numbers.md:3: CS064 'privat-channel-contact' is not in compliance/ of what lies below; nearest: private-channel-contact"),
    ({"compliance/words.tsv": "name\twords\n"}, "compliance/words.tsv:1: CS062 this is not read in an overlay"),
    (extends() | {"overlay.md": HIDES.replace("false-criminal-threat", "private-channel-contact")}, "overlay.md:3: CS065"),
    (extends() | {"compliance/acme.b.md": EXTENDS.format(head="").replace("acme.numbers", "acme.b")}, "CS065 'private-channel-contact' is dealt with"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), WRONG, ids=[expected[-28:] for _, expected in WRONG])
def test_refused_with_path_and_line(base: Layers, folder: Path, files: dict[str, str], expected: str) -> None:
    """Whatever is wrong is named with its place, and nothing of the overlay is taken."""
    new, problems = laid(base, files, folder)

    assert new is base
    assert any(expected in str(problem) for problem in problems), [str(problem) for problem in problems]


# -- checking --------------------------------------------------------------------------------------------------


def told(kb: cs.KnowledgeBase, text: str, **call: str) -> dict[str, cs.Finding]:
    """Return what is found in a text, by rule."""
    return {one.rule.id: one for one in kb.check(text, **call)}


def test_finds_what_the_overlay_forbids(kb: cs.KnowledgeBase) -> None:
    """Its phrases are found, each with the overlay as origin; near misses are not."""
    for text in PHRASES:
        assert told(kb, text)["acme.points"].origin == "acme", text
    for text in LAWFUL:
        assert "acme.points" not in told(kb, text), text
    assert told(kb, "逾期的话积分清零")["acme.points"].fired == "pattern"


def test_finds_what_is_like_it(kb: cs.KnowledgeBase) -> None:
    """What nobody has written down is found by likeness to its phrases."""
    found = told(kb, "你不还款的话，攒那么多积分可全都白攒了")["acme.points"]
    assert found.fired == "similar"
    assert found.confidence < 1


def test_extension_is_found_beside_ours(kb: cs.KnowledgeBase, plain: cs.KnowledgeBase) -> None:
    """An extended rule is found by what the overlay adds, and by what it had."""
    added = told(kb, "我拉您到客户群里说")["private-channel-contact"]
    assert (added.fired, added.origin) == ("pattern", "collectscript+acme")
    assert not told(plain, "我拉您到客户群里说")
    assert "private-channel-contact" in told(kb, "加我私人微信，我们私下谈")


def test_nothing_of_ours_is_lost(kb: cs.KnowledgeBase, plain: cs.KnowledgeBase) -> None:
    """Whatever the corpus finds alone is found with an overlay over it, in the same place and as grave."""
    texts = [phrase.text for one in plain.rules.values() for phrase in (*one.flag, *one.lawful)]
    texts += [f"{one}，{two}" for one, two in zip(PHRASES * 20, texts[::3], strict=False)]
    for text in texts:
        ours = {(one.rule.id, one.start, one.end, one.severity) for one in plain.check(text)}
        both = {(one.rule.id, one.start, one.end, one.severity) for one in kb.check(text)}
        assert ours <= both, text


def test_loosened_words_clear_phrases_too(folder: Path, tmp_path: Path) -> None:
    """Words with a reason clear what ours flags, a phrase of the rule included; the origin of others says so."""
    files = extends("## 识别\n\n### 不算\n\n- 私下谈\n", WHY)
    kb = cs.load(folder, overlays=[write(tmp_path / "acme", files)])

    assert "private-channel-contact" not in told(kb, "加我私人微信，我们私下谈")
    assert "放宽：acme：外包合同另有约定" in told(kb, "加我私人微信聊")["private-channel-contact"].origin


def test_a_loosened_binding_clears_no_phrase(folder: Path, tmp_path: Path) -> None:
    """What is milder for somebody leaves what is recognised as it is."""
    kb = cs.load(folder, overlays=[write(tmp_path / "acme", extends(bound("短信：提醒"), WHY))])
    phrases = [phrase.text for phrase in kb.rules["private-channel-contact"].flag]

    assert all("private-channel-contact" in told(kb, text) for text in phrases)
    assert told(kb, phrases[0], channel="sms")["private-channel-contact"].severity == "caution"


def test_hidden_rule_finds_nothing(folder: Path, tmp_path: Path) -> None:
    """A rule that is hidden with a reason fires no more; the others do."""
    files = {"overlay.md": HIDES.replace("hides", WHY + "hides")}
    kb = cs.load(folder, overlays=[write(tmp_path / "acme", files)])
    phrases = [phrase.text for phrase in kb.rules["false-criminal-threat"].flag]

    assert not any("false-criminal-threat" in told(kb, text) for text in phrases)
    assert "private-channel-contact" in told(kb, "加我私人微信，我们私下谈")


def test_extension_of_required_elements(folder: Path, tmp_path: Path, plain: cs.KnowledgeBase) -> None:
    """An element that an overlay requires of openers is missed beside ours, and one finding tells of ours."""
    title = plain.rules["first-call-elements"].title
    text = f"---\nid: acme.first\nextends: first-call-elements\n---\n\n# {title}\n\n## 识别\n\n### 该有\n\n- 会员服务号：会员服务号\n"
    kb = cs.load(folder, overlays=[write(tmp_path / "acme", {"compliance/acme.first.md": text})])
    whole = (
        "您好，我是XX银行委托的XX公司工作人员，姓李，工号3056，本次通话会录音，请问是王女士本人吗，您有一笔账单逾期了"
    )

    assert not told(plain, whole)
    missing = told(kb, whole)["first-call-elements"]
    assert (missing.start, missing.end, missing.origin) == (0, 0, "collectscript+acme")
    assert missing.advice.startswith("缺：会员服务号。")


def test_learned_alike_each_time(kb: cs.KnowledgeBase, folder: Path, tmp_path: Path) -> None:
    """The same folders give the same index, and ours stays byte for byte."""
    again = cs.load(folder, overlays=[write(tmp_path / "acme", ADDED | extends())])
    assert kb.own_rules is not None
    assert again.own_rules is not None
    assert kb.own_rules.index is not None
    assert again.own_rules.index is not None
    assert kb.own_rules.index.to_json() == again.own_rules.index.to_json()
    assert kb.phrases.to_json() == cs.load(folder).phrases.to_json()
    assert kb.own_rules.index.classes == ("private-channel-contact", "acme.points", "none")


# -- the command line ----------------------------------------------------------------------------------------------


def test_commands_say_where_a_rule_comes_from(folder: Path, tmp_path: Path) -> None:
    """`check`, `show`, `list --rules` and `lint` name the overlay, and the reason where it makes a rule milder."""
    files = ADDED | extends(bound("短信：提醒"), WHY)
    place = ["--data", str(folder), "--overlay", str(write(tmp_path / "acme", files))]

    def run(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, [*place, *args], catch_exceptions=False)
        return done.exit_code, done.stdout

    status, text = run("check", PHRASES[0])
    assert (status, "（acme.points · acme）" in text) == (1, True)
    text = run("check", "--json", PHRASES[0])[1]
    assert [one["origin"] for one in json.loads(text)["findings"] if one["rule"]["id"] == "acme.points"] == ["acme"]
    status, text = run("show", "acme.points")
    assert (status, text.split("\n")[0]) == (0, "禁止 拿积分施压  acme.points · acme")
    assert json.loads(run("show", "--json", "private-channel-contact")[1])["origin"].endswith("外包合同另有约定）")
    status, text = run("list", "--rules")
    assert [line.split()[0] for line in text.splitlines()] == [*sorted(TAKEN), "acme.points"]
    assert "· collectscript+acme（放宽：acme：外包合同另有约定）" in text
    assert {"id": "acme.points", "title": "拿积分施压", "severity": "forbidden", "origin": "acme"} in json.loads(
        run("list", "--rules", "--json")[1]
    )["rules"]
    assert run("list", "--rules", "--group", "billing")[0] == 2
    status, text = run("lint", str(tmp_path / "acme"))
    assert (status, LOOSENED in text, "外包合同另有约定" in text) == (1, True, True)
