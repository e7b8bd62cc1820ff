"""The authors' commands: new, try and inbox, on a tiny corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import copy_tiny
from overlays import extension, layers, response, write
from test_overlay import ENTRY, TAXONOMY

from collectscript import wording
from collectscript.cli.base import cli
from collectscript.drafts import KINDS, Head, draft
from collectscript.files import read_files
from collectscript.inbox import group
from collectscript.knowledge import KnowledgeBase, bundled_tables, load
from collectscript.overlay import lay, version_of
from collectscript.trial import try_in_corpus, try_in_overlay


def run(*args: str, **values: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(cli, [str(one) for one in args], catch_exceptions=False, **values)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny corpus that nobody changes."""
    return copy_tiny(tmp_path_factory.mktemp("authoring") / "corpus")


# -- new -------------------------------------------------------------------------------------------------


def test_new_overlay_and_entry(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From nothing to a template in an overlay, each step saying the next one."""
    monkeypatch.chdir(tmp_path)

    assert "collectscript lint acme" in run("new", "overlay", "acme", "--title", "示例公司").output
    made = run(
        "--data",
        corpus,
        "--overlay",
        "acme",
        "new",
        "objection",
        "acme.points",
        "--title",
        "想用积分抵",
        "--group",
        "billing",
    )
    assert made.exit_code == 0
    assert "collectscript try acme/objections/acme.points.md" in made.output
    assert (
        (tmp_path / "acme" / "taxonomy.tsv")
        .read_text(encoding="utf-8")
        .endswith("billing\tacme.points\t想用积分抵\t\t\n")
    )
    lint = run("--data", corpus, "lint", "acme")
    assert lint.exit_code == 1
    assert "acme/objections/acme.points.md:11: CS014 先说 is empty" in lint.output


def test_new_in_the_overlay_one_stands_in(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an overlay's folder no option is needed."""
    monkeypatch.chdir(write(tmp_path / "acme", {}))

    assert run("--data", corpus, "new", "closing", "acme.bye", "--title", "再见").exit_code == 0
    assert Path("closings/acme.bye.md").read_text(encoding="utf-8").startswith("---\nid: acme.bye\n---\n\n# 再见\n")


def test_new_replacement_records_its_base(corpus: Path, tmp_path: Path) -> None:
    """A file that replaces something records the version of what it replaces."""
    overlay = write(tmp_path / "acme", {})
    run(
        "--data",
        corpus,
        "--overlay",
        overlay,
        "new",
        "opener",
        "acme.hi",
        "--replaces",
        "openers/debtor-d1-6",
        "--title",
        "开场",
    )
    run("--data", corpus, "--overlay", overlay, "new", "objection", "acme.forgot", "--extends", "forgot")

    version = version_of((corpus / "openers" / "debtor-d1-6.md").read_bytes())
    assert f"replaces: openers/debtor-d1-6\nbased-on: {version}\n" in (overlay / "openers" / "acme.hi.md").read_text(
        encoding="utf-8"
    )
    assert "extends: forgot\n---\n\n# 我忘记了\n" in (overlay / "objections" / "acme.forgot.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["opener", "Hi"], "id 'Hi'"),
        (["opener", "hi"], "must start with 'acme' and a dot: acme.hi"),
        (["objection", "acme.x"], "needs --title and --group"),
        (["objection", "acme.x", "--title", "x", "--group", "y"], "one of oversight"),
        (["opener", "acme.x", "--group", "billing"], "--group is for a new objection"),
        (["opener", "acme.x", "--replaces", "openers/none"], "nothing to replace"),
    ],
)
def test_new_refuses(corpus: Path, tmp_path: Path, args: list[str], message: str) -> None:
    """What does not fit is one line that says what to write, and nothing is written."""
    overlay = write(tmp_path / "acme", {})
    done = run("--data", corpus, "--overlay", overlay, "new", *args)

    assert done.exit_code == 2
    assert message in done.output
    assert [path.name for path in overlay.rglob("*")] == ["overlay.md"]


def test_new_never_overwrites(corpus: Path) -> None:
    """An existing file stays as it is."""
    before = (corpus / "objections" / "forgot.md").read_bytes()

    assert "exists already" in run("--data", corpus, "new", "objection", "forgot").output
    assert before == (corpus / "objections" / "forgot.md").read_bytes()


def test_new_in_the_corpus(corpus: Path) -> None:
    """In the corpus an objection needs its row first, and nothing is extended or replaced."""
    assert "propose a row" in run("--data", corpus, "new", "objection", "nobody-knows").output
    assert "only an overlay" in run("--data", corpus, "new", "opener", "x", "--replaces", "openers/debtor-d1-6").output
    assert "overlay.md" in run("--data", corpus, "--overlay", corpus, "new", "opener", "acme.x").output


@pytest.mark.parametrize("kind", ["objections", "openers", "closings", "follow-ups", "messages", "background"])
def test_templates_cannot_be_loaded(corpus: Path, kind: str) -> None:
    """A template that nobody filled in is refused: nothing empty is ever read to a customer."""
    text = draft(kind, "acme.x", "题", bundled_tables(), Head())
    files = {"overlay.md": "---\nid: acme\n---\n\n# 题\n".encode(), f"{kind}/acme.x.md": text.encode()}
    files["taxonomy.tsv"] = TAXONOMY.replace("acme.points\t想用积分抵", "acme.x\t题").encode()

    _, problems = lay(layers(corpus), files, wording.read_folder(read_files(corpus)))

    assert problems
    assert {problem.path for problem in problems} == {f"{kind}/acme.x.md"}


def test_every_kind_has_a_template() -> None:
    """Whatever can be made has a head and a title."""
    for folder in KINDS.values():
        assert draft(folder, "acme.x", "题", bundled_tables(), Head()).startswith("---\nid: acme.x\n---\n\n# 题\n")


# -- try -------------------------------------------------------------------------------------------------


def test_try_a_corpus_file(tiny: Path) -> None:
    """Left-out utterances are judged by an index that has not learned them; all check phrases are."""
    trial = try_in_corpus(tiny, "objections/forgot.md")

    assert trial.entry_id == "forgot"
    assert len(trial.left_out) == len(load(tiny)["forgot"].utterances)
    assert all(0 < one.confidence < 1 for one in trial.left_out)
    assert sum(one.found not in {"forgot", "none"} for one in trial.left_out) <= 2
    assert all(one.expected == "forgot" for one in trial.left_out)
    assert all(one.line for one in trial.checks)


def test_try_shows_what_is_stolen_and_broken(corpus: Path, tmp_path: Path) -> None:
    """A sentence that sounds like another entry is said to go there, and a greedy entry breaks others' phrases."""
    entry = ENTRY.replace("- 积分抵呗", "- 积分抵呗\n- 我忘记还了我忘记还了，真的忘了")
    overlay = write(tmp_path / "acme", {"taxonomy.tsv": TAXONOMY, "objections/acme.points.md": entry})
    trial = try_in_overlay(corpus, [], overlay, "objections/acme.points.md")

    assert trial.entry_id == "acme.points"
    assert len(trial.left_out) == 8
    assert "我忘记还了我忘记还了，真的忘了" in [one.text for one in trial.stolen]
    assert {one.found for one in trial.stolen} == {"forgot"}


def test_try_an_extension_judges_only_what_it_adds(corpus: Path, tmp_path: Path) -> None:
    """Of an extended entry only the new utterances are tried."""
    overlay = write(tmp_path / "acme", {"objections/acme.forgot.md": extension()})
    trial = try_in_overlay(corpus, [], overlay, "objections/acme.forgot.md")

    assert [one.text for one in trial.left_out] == ["会员日抢券给抢忘了"]
    assert trial.checks == ()


def test_try_command(corpus: Path, tmp_path: Path) -> None:
    """The command prints its findings, as text and as JSON, and what cannot be tried is wrong use."""
    overlay = write(tmp_path / "acme", {"objections/acme.forgot.md": extension(), "openers/x.md": "# x\n"})
    file = overlay / "objections" / "acme.forgot.md"

    assert "CS061" not in run("--data", corpus, "try", overlay / "openers" / "x.md").output
    assert "is no objection" in run("--data", corpus, "try", overlay / "openers" / "x.md").output
    assert "no such file" in run("--data", corpus, "try", overlay / "none.md").output
    (overlay / "openers" / "x.md").unlink()
    assert "forgot：试题 0 句，客户会说 1 句" in run("--data", corpus, "try", file).output
    value = json.loads(run("--data", corpus, "try", file, "--json").output)
    assert value["id"] == "forgot"
    assert set(value["left_out"][0]) == {"text", "expected", "found", "confidence", "line"}


# -- inbox -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def small_kb(corpus: Path) -> KnowledgeBase:
    """The tiny corpus, learned."""
    return load(corpus)


LINES = [
    "电梯又坏了",
    "电梯坏了半年没人修",
    "那个电梯老坏",
    "我忘记还了",
    "我忘记还了！",
    "谢谢啊",
    "",
    "嗯",
    "停车位被人占了",
]


def test_inbox_groups_what_nothing_matches(small_kb: KnowledgeBase) -> None:
    """Sentences that match, that are background, or that are too short are left out; the rest is grouped."""
    groups = group([*LINES, "电梯又坏了。"], lambda text: small_kb.match(text, limit=1, threshold=0.9), small_kb.index)
    said = [[one.text for one in found.sentences] for found in groups]

    assert said[0][0] == "电梯又坏了"
    assert sorted(said[0]) == sorted(LINES[:3])
    assert groups[0].count == 4
    assert ["停车位被人占了"] in said
    assert not {"我忘记还了", "谢谢啊", "嗯"} & {text for texts in said for text in texts}
    again = group([*LINES, "电梯又坏了。"], lambda text: small_kb.match(text, limit=1, threshold=0.9), small_kb.index)
    assert groups == again


def test_inbox_masks_by_default(corpus: Path, tmp_path: Path) -> None:
    """What is printed or written holds no number or given name unless that is asked for."""
    file = tmp_path / "said.txt"
    file.write_text("王丽家电梯坏了打13800138000\n", encoding="utf-8")
    out = tmp_path / "drafts.md"
    done = run("--data", corpus, "inbox", file, "--name", "王丽", "--out", out)

    assert done.exit_code == 1
    written = out.read_text(encoding="utf-8")
    assert "【姓名】家电梯坏了打【电话】" in written
    assert "collectscript new objection" in written
    assert "background/" in written
    assert "13800138000" in run("--data", corpus, "inbox", file, "--no-redact").output
    assert "exists already" in run("--data", corpus, "inbox", file, "--out", out).output


def test_inbox_input(corpus: Path, tmp_path: Path) -> None:
    """A file of matching lines has nothing to decide; stdin works; other encodings and missing files are wrong use."""
    file = tmp_path / "said.txt"
    file.write_text("谢谢啊\r\n\n", encoding="utf-8")
    broken = tmp_path / "gbk.txt"
    broken.write_bytes("好\n电梯".encode("gbk"))

    assert "没有要定的" in run("--data", corpus, "inbox", file).output
    assert run("--data", corpus, "inbox", file).exit_code == 0
    value = json.loads(run("--data", corpus, "inbox", "-", "--json", input="电梯坏了\n".encode()).output)
    assert [one["sentences"] for one in value["groups"]] == [[{"text": "电梯坏了", "count": 1}]]
    assert "gbk.txt:1: byte" in run("--data", corpus, "inbox", broken).output
    assert "cannot read" in run("--data", corpus, "inbox", tmp_path / "none").output


def test_lint_of_an_overlay(corpus: Path, tmp_path: Path) -> None:
    """Lint lists what is worth a look: a changed base, a sentence taken over, a long part."""
    version = version_of((corpus / "openers" / "debtor-d1-6.md").read_bytes())
    stolen = load(corpus)["forgot"].utterances[0]
    from overlays import SCRIPT

    files = {
        "openers/acme.hello.md": SCRIPT.format(head="replaces: openers/debtor-d1-6\nbased-on: 0123456789ab\n"),
        "taxonomy.tsv": TAXONOMY,
        "objections/acme.points.md": ENTRY.replace("- 积分抵呗", f"- {stolen}"),
        "objections/acme.forgot.md": extension(response(offer="长" * 46)),
    }
    lines = run("--data", corpus, "lint", write(tmp_path / "acme", files)).output

    assert (
        f"openers/acme.hello.md:4: CS261 'openers/debtor-d1-6' has changed since 0123456789ab; compare, then write 'based-on: {version}'"
        in lines
    )
    assert f"CS262 '{stolen}' is a sentence of forgot below; with acme it means acme.points" in lines
    assert "CS121 acme.forgot/now" in lines
