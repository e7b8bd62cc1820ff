"""Overlays: what they add, extend, replace and hide, what is refused and where, and what the base keeps."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import copy_tiny
from overlays import MANIFEST, SCRIPT, extension, laid, layers, response, write
from test_overlay_rules import MILDER

import collectscript as cs
from collectscript.overlay import CODES, VERSION, Layers, version_of

TAXONOMY = "group\tid\ttitle\tgloss\tboundary\nbilling\tacme.points\t想用积分抵\tPay with points\tPoints.\n"
ENTRY = (
    """---
id: acme.points
---

# 想用积分抵

## 一句话

- 先说：积分的事，我帮您看。
- 再问：抵一部分还是全部？
- 别说：积分不值钱。

## 听懂

想先花积分。

## 先问清

- 信息：积分在哪儿？
- 问题：不知道怎么用？
- 解决：差多少？

## 客户会说

### 常见说法

- 积分能不能抵账单
- 用积分还这期可以吗
- 会员积分先扣了吧

### 电话口语

- 积分抵呗
- 拿积分顶上
- 先从积分里划

### 少见说法

- 商城里的币兑一兑够不够

## 试题

### 要认出

- 先扣积分，不够我再补

### 不要认出

- 积分怎么查 → none

### 要分清

- 我忘了用积分 → forgot

## 分辨

- forgot：“是想用积分，还是忘了日子？”

## 回应

"""
    + response()
    + """
## 不能说

- “积分不值钱” → 换成：“积分能兑券”
"""
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny corpus that nobody changes."""
    return copy_tiny(tmp_path_factory.mktemp("overlay") / "corpus")


@pytest.fixture(scope="session")
def base(folder: Path) -> Layers:
    """The tiny corpus, read."""
    return layers(folder)


@pytest.fixture
def version(folder: Path) -> str:
    """The version of the opener that is replaced here."""
    return version_of((folder / "openers" / "debtor-d1-6.md").read_bytes())


def opener(head: str) -> dict[str, str]:
    """Return an overlay with one opener."""
    return {"openers/acme.hello.md": SCRIPT.format(head=head)}


# -- what an overlay does ----------------------------------------------------------------------------------


def test_adds_an_entry(base: Layers, folder: Path) -> None:
    """A new entry has a row in the overlay's taxonomy and comes after ours."""
    new, problems = laid(base, {"taxonomy.tsv": TAXONOMY, "objections/acme.points.md": ENTRY}, folder)

    assert problems == []
    entry = new.corpus.objections[-1]
    assert (entry.id, entry.origin, entry.group) == ("acme.points", "acme", "billing")
    assert [one.id for one in entry.responses] == ["acme.points/now"]
    assert new.corpus.content_hash != base.corpus.content_hash


def test_extends_an_entry(base: Layers, folder: Path) -> None:
    """What an overlay adds is named after its own file, comes first among the responses, and ours stay."""
    before = base.corpus.objections[0]
    new, problems = laid(base, {"objections/acme.forgot.md": extension()}, folder)
    after = new.corpus.objections[0]

    assert problems == []
    assert after.id == "forgot"
    assert after.origin == "collectscript+acme"
    assert after.spoken == (*before.spoken, "会员日抢券给抢忘了")
    assert [one.id for one in after.responses] == ["acme.forgot/now", *(one.id for one in before.responses)]
    assert {one.origin for one in after.responses} == {"acme", "collectscript"}
    assert after.say_first == before.say_first
    assert new.corpus.objections[1:] == base.corpus.objections[1:]


def test_replaces_an_entry(base: Layers, folder: Path) -> None:
    """A replaced entry keeps its id, so that links to it hold; nothing of ours is left in it."""
    version = base.versions["objections/forgot"]
    text = ENTRY.replace("id: acme.points", f"id: acme.forgot\nreplaces: forgot\nbased-on: {version}")
    text = (
        text.replace("# 想用积分抵", "# 我忘记了")
        .replace("→ forgot", "→ already-paid")
        .replace("- forgot：", "- already-paid：")
    )

    new, problems = laid(base, {"objections/acme.forgot.md": text}, folder)
    after = new.corpus.objections[0]

    assert problems == []
    assert (after.id, after.origin, len(after.utterances)) == ("forgot", "acme", 7)
    assert [one.id for one in after.responses] == ["acme.forgot/now"]


def test_replaces_a_script(base: Layers, folder: Path, version: str) -> None:
    """A replaced script stands where ours stood, under its own id."""
    new, problems = laid(base, opener(f"replaces: openers/debtor-d1-6\nbased-on: {version}\n"), folder)

    assert problems == []
    before, after = dict(base.corpus.scripts)["openers"], dict(new.corpus.scripts)["openers"]
    assert [one.id for one in before] == ["openers/debtor-d1-6", "openers/relative-answers"]
    assert [one.id for one in after] == ["openers/acme.hello", "openers/relative-answers"]


def test_adds_a_script(base: Layers, folder: Path) -> None:
    """A script that replaces nothing comes after ours."""
    new, problems = laid(base, opener(""), folder)

    assert problems == []
    assert [one.id for one in dict(new.corpus.scripts)["openers"]][-1] == "openers/acme.hello"


def test_hides(base: Layers, folder: Path) -> None:
    """An entry, a response and a script are hidden by the ids that are shown everywhere."""
    manifest = MANIFEST.replace("id: acme\n", "id: acme\nhides: already-paid、forgot/now，openers/relative-answers\n")
    new, problems = laid(base, {"overlay.md": manifest}, folder)

    assert problems == []
    assert [one.id for one in new.corpus.objections] == ["forgot", "no-money-later", "third-party-objects"]
    assert "forgot/now" not in [one.id for one in new.corpus.objections[0].responses]
    assert new.corpus.objections[0].origin == "collectscript+acme"
    assert [one.id for one in dict(new.corpus.scripts)["openers"]] == ["openers/debtor-d1-6"]


def test_own_tags_slots_and_sources(base: Layers, folder: Path) -> None:
    """Tags, slots and sources that an overlay declares are used in its texts."""
    text = response(offer="您有{acme_points}分，自己兑。").replace("- 对象：本人", "- 客户：新会员\n- 对象：本人")
    files = {
        "facets.tsv": "facet\tid\tname\tmeaning\nsituation\tacme.new\t新会员\t\n",
        "slots.tsv": "id\tlabel\ttype\tmeaning\nacme_points\t积分\tinteger\t\n",
        "sources.tsv": "key\ttitle\tkind\nacme.book\t手册\thouse\n",
        "objections/acme.forgot.md": extension(text.replace("来源：house", "来源：acme.book")),
    }
    new, problems = laid(base, files, folder)

    assert problems == []
    first = new.corpus.objections[0].responses[0]
    assert (first.customer_types, first.sources) == (("acme.new",), ("acme.book",))


def test_the_overlay_decides_what_a_sentence_means(base: Layers, folder: Path) -> None:
    """A sentence of ours that an overlay uses elsewhere leaves our entry, so an update cannot break an overlay."""
    stolen = base.corpus.objections[0].utterances[0]
    entry = ENTRY.replace("- 积分抵呗", f"- 积分抵呗\n- {stolen}")
    new, problems = laid(base, {"taxonomy.tsv": TAXONOMY, "objections/acme.points.md": entry}, folder)

    assert problems == []
    assert stolen not in new.corpus.objections[0].utterances
    assert stolen in new.corpus.objections[-1].utterances


def test_repeating_a_sentence_of_the_extended_entry_is_harmless(base: Layers, folder: Path) -> None:
    """A sentence that the entry has already is not added again."""
    before = base.corpus.objections[0]
    text = extension().replace("会员日抢券给抢忘了", before.utterances[0] + "！")
    new, problems = laid(base, {"objections/acme.forgot.md": text}, folder)

    assert problems == []
    assert new.corpus.objections[0].utterances == before.utterances


def test_later_over_earlier(base: Layers, folder: Path) -> None:
    """A second overlay extends, replaces and hides what the first brought."""
    first, _ = laid(base, {"taxonomy.tsv": TAXONOMY, "objections/acme.points.md": ENTRY}, folder)
    manifest = MANIFEST.replace("id: acme\n", "id: beta\nhides: acme.points/now\n")

    second, problems = laid(first, {"overlay.md": manifest}, folder)

    assert problems == []
    assert second.corpus.objections[-1].responses == ()
    assert [one.name for one in second.corpus.overlays] == ["acme", "beta"]
    assert laid(first, {}, folder)[1][0].message.startswith("id 'acme' is taken")


def test_the_base_is_never_changed(base: Layers, folder: Path) -> None:
    """Laying over returns something new."""
    before = replace(base.corpus)
    laid(base, {"objections/acme.forgot.md": extension()}, folder)

    assert base.corpus == before


# -- what is refused ---------------------------------------------------------------------------------------

WRONG: list[tuple[dict[str, str], str]] = [
    ({"overlay.md": "---\nid: Acme\n---\n\n# 题\n"}, "overlay.md:2: CS060 id 'Acme'"),
    ({"overlay.md": "---\nid: acme\n---\n"}, "overlay.md:1: CS060 no title"),
    ({"overlay.md": "# 题\n"}, "overlay.md:1: CS060 id ''"),
    ({"overlay.md": "---\nid: collectscript\n---\n\n# 题\n"}, "overlay.md:2: CS060 id 'collectscript' is taken"),
    ({"overlay.md": "---\nid: acme\nhide: forgot\n---\n\n# 题\n"}, "overlay.md:3: CS063 field 'hide'"),
    ({"overlay.md": "---\nid: acme\nhides: forget\n---\n\n# 题\n"}, "overlay.md:3: CS064 nothing 'forget' to hide; nearest: forgot"),
    ({"taxonomy.tsv": TAXONOMY.replace("acme.", "")}, "taxonomy.tsv:2: CS061 id 'points' of an overlay; write 'acme.name'"),
    ({"taxonomy.tsv": TAXONOMY.replace("billing", "bills")}, "taxonomy.tsv:2: CS066 group 'bills' is not known; nearest: billing"),
    ({"taxonomy.tsv": TAXONOMY.replace("想用积分抵", "")}, "taxonomy.tsv:2: CS066 title is empty"),
    ({"taxonomy.tsv": TAXONOMY + TAXONOMY.split("\n")[1] + "\n"}, "taxonomy.tsv:3: CS065 'acme.points' stands on line 2"),
    ({"slots.tsv": "id\tlabel\ttype\tmeaning\nacme.points\t积分\ttext\t\n"}, "slots.tsv:2: CS061 id 'acme.points'"),
    ({"slots.tsv": "id\tlabel\ttype\tmeaning\nacme_p\t积分\tfloat\t\n"}, "slots.tsv:2: CS066 type 'float'"),
    ({"facets.tsv": "facet\tid\tname\tmeaning\nband\tacme.late\t很晚\t\n"}, "facets.tsv:2: CS066 facet 'band'"),
    ({"concerns.tsv": "id\tconcern\nacme.points\tdispute\n"}, "concerns.tsv:2: CS066 id 'acme.points' is not known"),
    ({"wording/traditional.tsv": "traditional\tsimplified\n"}, "wording/traditional.tsv:1: CS062 this is not read"),
    ({"notes.md": "# x\n"}, "notes.md:1: CS062 this is not read"),
    ({"openers/x/y.md": "# x\n"}, "openers/x/y.md:1: CS062 this is not read"),
    (opener("replaces: openers/nobody\nbased-on: 0123456789ab\n"), "openers/acme.hello.md:3: CS064 'openers/nobody' is not"),
    (opener("replaces: openers/debtor-d1-6\n"), "openers/acme.hello.md:3: CS063 no based-on; write 'based-on: "),
    (opener("replaces: openers/debtor-d1-6\nbased-on: x\n"), "openers/acme.hello.md:4: CS063 based-on 'x'; write"),
    (opener("based-on: 0123456789ab\n"), "openers/acme.hello.md:3: CS063 based-on belongs to replaces"),
    (opener("extends: openers/debtor-d1-6\n"), "openers/acme.hello.md:3: CS063 field 'extends'"),
    ({"openers/hello.md": SCRIPT.format(head="").replace("acme.hello", "hello")}, "openers/hello.md:2: CS061 id 'hello'"),
    ({"objections/acme.x.md": extension().replace("acme.forgot", "acme.x").replace("extends: forgot", "extends: forgat")},
     "objections/acme.x.md:3: CS064 'forgat' is not in objections/"),
    ({"objections/acme.points.md": ENTRY}, "objections/acme.points.md:1: CS011 id 'acme.points' is not in taxonomy.tsv"),
    ({"objections/acme.forgot.md": extension().replace("# 我忘记了", "# 忘记")}, "objections/acme.forgot.md:6: CS013 title '忘记'"),
    ({"objections/acme.forgot.md": extension(response(technique="赞扬"))}, "CS018 技巧 '赞扬' is not in facets.tsv"),
    ({"objections/acme.forgot.md": extension(response(offer="您有{acme_points}分"))}, "CS020 unknown slot {acme_points}"),
    ({"objections/acme.forgot.md": extension(), "background/acme.b.md": "---\nid: acme.b\n---\n\n# 题\n\n- 会员日抢券给抢忘了\n"},
     "CS026 '会员日抢券给抢忘了' stands at"),
    ({"objections/acme.forgot.md": extension(response(party="第三方", offer="告诉他该还款了。"))}, "CS127 acme.forgot/now: '还款'"),
    ({"objections/acme.forgot.md": extension(response(party="第三方", offer="有{amount}。"))}, "CS127 acme.forgot/now: slot {amount}"),
    ({"objections/acme.forgot.md": extension(response(offer="再不办就等着坐牢。"))}, "CS126 acme.forgot/now: '坐牢'"),
    ({"authority.tsv": "grant\twho\tlimit\tnote\nwaiver\tboss\t\t\n"}, "authority.tsv:2: CS067 who 'boss'"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_refused_with_path_and_line(base: Layers, folder: Path, files: dict[str, str], expected: str) -> None:
    """Whatever is wrong is named with its place, and nothing of the overlay is taken."""
    new, problems = laid(base, files, folder)

    assert new is base
    assert any(expected in str(problem) for problem in problems), [str(problem) for problem in problems]


def test_every_code_has_an_example() -> None:
    """Each rule about overlays is broken above, that about compliance rules in test_overlay_rules.py."""
    broken = (expected for _, expected in (*WRONG, *MILDER))
    assert set(CODES) == set(re.findall(r"CS06\d", " ".join(broken)))


def test_one_thing_about_an_entry(base: Layers, folder: Path) -> None:
    """Two files for one entry, or hiding what is extended, is refused and both places are named."""
    second = extension().replace("id: acme.forgot", "id: acme.forgot2").replace("会员日抢券给抢忘了", "又抢忘了")
    both = {"objections/acme.forgot.md": extension(), "objections/acme.forgot2.md": second}
    hidden = {
        "overlay.md": MANIFEST.replace("id: acme\n", "id: acme\nhides: forgot\n"),
        "objections/acme.forgot.md": extension(),
    }

    assert "objections/acme.forgot2.md:3: CS065 'forgot' is dealt with at objections/acme.forgot.md:3" in str(
        laid(base, both, folder)[1][0]
    )
    assert "overlay.md:3: CS065 'forgot' is dealt with at objections/acme.forgot.md:3" in str(
        laid(base, hidden, folder)[1][0]
    )


def test_all_problems_at_once(base: Layers, folder: Path) -> None:
    """Everything that is wrong in all files comes in one report."""
    files = {path: text for wrong, _ in WRONG[6:16] for path, text in wrong.items()}
    _, problems = laid(base, files, folder)

    assert len({problem.path for problem in problems}) >= 5
    assert problems == sorted(problems)


# -- loading -----------------------------------------------------------------------------------------------


def test_load_learns_and_caches(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded overlay is matched; its sentences score 1; loading it again gives the same index."""
    files = {
        "taxonomy.tsv": TAXONOMY,
        "objections/acme.points.md": ENTRY,
        "objections/acme.forgot.md": extension(),
        "background/acme.b.md": "---\nid: acme.b\n---\n\n# 题\n\n- 会员日是哪天\n",
    }
    overlay = write(tmp_path / "acme", files)
    kb = cs.load(folder, overlays=[overlay])
    monkeypatch.setenv("COLLECTSCRIPT_CACHE", str(tmp_path / "other"))
    again = cs.load(folder, overlays=[overlay])

    assert kb.match("拿积分抵一下这期吧").matches[0].objection.id == "acme.points"
    assert kb.match("会员日抢券给抢忘了").matches[0].confidence == 1
    assert not kb.match("会员日是哪天").matches
    assert kb.index.to_json() == again.index.to_json()
    assert kb["forgot"].origin == "collectscript+acme"


def test_frozen_columns(folder: Path, tmp_path: Path) -> None:
    """The bytes of classes that the overlay does not touch are those of the base."""
    overlay = write(tmp_path / "acme", {"taxonomy.tsv": TAXONOMY, "objections/acme.points.md": ENTRY})
    before, after = cs.load(folder).index, cs.load(folder, overlays=[overlay]).index

    assert after.keys[: len(before.keys)] == before.keys
    assert after.rarity[: len(before.keys)] == before.rarity
    for name in before.classes:
        old, new = before.classes.index(name), after.classes.index(name)
        assert before.biases[old] == after.biases[new]
        column = after.rows[new :: len(after.classes)]
        assert before.rows[old :: len(before.classes)] == column[: len(before.keys)]


def test_broken_overlay_is_an_error_with_places(folder: Path, tmp_path: Path) -> None:
    """The error lists every problem with the overlay's folder in its path; two broken overlays are listed together."""
    first = write(tmp_path / "one", {"notes.md": "# x\n"})
    second = write(tmp_path / "two", {"overlay.md": "# x\n"})
    with pytest.raises(cs.CorpusError) as caught:
        cs.load(folder, overlays=[first, second])

    assert [problem.path for problem in caught.value.problems] == [
        f"{first.as_posix()}/notes.md",
        f"{second.as_posix()}/overlay.md",
    ]


@pytest.mark.parametrize("place", ["nowhere", "overlay.md"])
def test_missing_overlay(folder: Path, tmp_path: Path, place: str) -> None:
    """A path that is no folder is said so."""
    write(tmp_path, {})
    with pytest.raises(cs.CorpusNotFound, match=place):
        cs.load(folder, overlays=[tmp_path / place])


def test_one_path_is_not_several(folder: Path) -> None:
    """A path where a list is meant is a TypeError that shows what to write."""
    with pytest.raises(TypeError, match=r"overlays=\['our-scripts/'\]"):
        cs.load(folder, overlays="our-scripts/")


def test_own_tags_in_the_context(folder: Path, tmp_path: Path) -> None:
    """A tag of an overlay is a value of the context where that overlay is loaded, and an error elsewhere."""
    text = response().replace("- 对象：本人", "- 客户：新会员\n- 对象：本人")
    overlay = write(
        tmp_path / "acme",
        {
            "facets.tsv": "facet\tid\tname\tmeaning\nsituation\tacme.new\t新会员\t\n",
            "objections/acme.forgot.md": extension(text),
        },
    )
    context = cs.Context(situation="acme.new")

    assert "客户：新会员" in cs.load(folder, overlays=[overlay]).responses("forgot", context)[0].reasons
    with pytest.raises(cs.InvalidValue, match=r"acme\.new"):
        cs.load(folder, overlays=[write(tmp_path / "other", {"objections/acme.forgot.md": extension()})]).responses(
            "forgot", context
        )


def test_versions_are_stable() -> None:
    """A version is twelve hex digits of the file's content."""
    assert VERSION.fullmatch(version_of(b"x"))
    assert version_of(b"x") == version_of(b"x") != version_of(b"y")
