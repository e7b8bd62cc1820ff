"""The compliance files: whole, sourced, dated, every fact where it is said to be, and safe to read when broken."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import date

import pytest

from collectscript import wording
from collectscript.corpus import read_folder
from collectscript.files import find_data, read_files
from collectscript.lint import MIN_FLAGGED, MIN_LAWFUL
from collectscript.markdown import read_document
from collectscript.model import Corpus, Tables
from collectscript.problems import Problem
from collectscript.rules import HOUSE, SOURCES, RuleReader
from collectscript.text import Folder

RUNS = 400
WORDS = [
    "---", "\n", "# ", "## ", "### ", "- ", "：", "/", "{数}", "{", "}", "…", "……", "＋", "！", "^", "〔", "〕", "〔对象：第三方〕",
    "〔行业：火星〕", "[A]", "[E]", "civil-code", "house", "一般：禁止", "一般：不适用", "物业：必须", "checked: ", "2026-02-30", "\t", "\0",
    "\ufeff", "\u2028", "词" * 3000, "9" * 3000, "你", "，", "110", "**", "```", "| a | b |", "> ", "1. ", " ",
]  # fmt: skip


@pytest.fixture(scope="module")
def files() -> Mapping[str, bytes]:
    """The files of the shipped corpus."""
    return read_files(find_data())


# -- what the files hold ---------------------------------------------------------------------------------------


def test_every_rule_is_complete(shipped: Corpus) -> None:
    """Requirement, sources with certainty, days, phrases and the lawful way to say it."""
    sources = {source.key for source in shipped.law.sources}
    for rule in shipped.law.rules:
        assert rule.requirement, rule.path
        assert rule.instead, rule.path
        assert len(rule.flag) >= MIN_FLAGGED, rule.path
        assert len(rule.lawful) >= MIN_LAWFUL, rule.path
        assert rule.sources, rule.path
        for source in rule.sources:
            assert source.key == HOUSE or (source.key in sources and source.certainty in set("ABCD")), rule.path
        assert date.fromisoformat(rule.checked) < date.fromisoformat(rule.review), rule.path


def test_no_rule_claims_more_than_its_source(shipped: Corpus) -> None:
    """A rule is never surer of a source than the owner file, where that names one certainty."""
    owner = {source.key: source.certainty for source in shipped.law.sources if len(source.certainty) == 1}
    for rule in shipped.law.rules:
        for source in rule.sources:
            if source.key in owner:
                assert source.certainty >= owner[source.key], f"{rule.path}: {source.key} [{source.certainty}]"


def test_every_figure_has_a_known_source(shipped: Corpus) -> None:
    """The figures of contact times come from a row of the owner file."""
    sources = {source.key for source in shipped.law.sources}
    assert {limit.source for limit in shipped.law.limits} <= sources | {HOUSE}


# -- facts -----------------------------------------------------------------------------------------------------


CLAIMS = {
    r"(?:征信|不良信息|信用记录)[^。；]{0,20}([一二三四六七八九十两\d]+)年": "credit-record-five-years: five years from paying off",
    r"时效[^。；]{0,12}([一二四五六七八九十两]+)年": "limitation: three years (twenty at most)",
    r"(?:LPR|市场报价利率)[^。；]{0,10}([二三五六七八两]|[235678])倍": "private-loan-cap: four times",
    r"(?:个性化)?分期[^。；]{0,10}最长[^。；]{0,6}([一二三四六七八九十两]+)年": "card-instalments: five years at most",
}
"""Figures that are not the ones of the fact pages; a response that gives one contradicts them."""
ALSO_RIGHT = re.compile(r"二十年|二年|两年|一年|每年")
"""Figures of other facts beside these: the long stop, applying for enforcement, free reports."""


def test_no_response_contradicts_a_fact(shipped: Corpus) -> None:
    """Years and rates in what is said are those of the fact pages."""
    responses = [response for entry in shipped.objections for response in entry.responses]
    responses += [response for _, scripts in shipped.scripts for response in scripts]
    responses += [response for stop in shipped.safety.stops for response in stop.responses]
    for response in responses:
        said = "".join(filter(None, (response.template, response.if_yes, response.if_no, response.if_silent)))
        for pattern, fact in CLAIMS.items():
            found = re.search(pattern, ALSO_RIGHT.sub("", said))
            assert found is None, f"{response.path}:{response.line}: {found and found[0]!r} against {fact}"


def test_facts_are_dated_sourced_and_used(shipped: Corpus) -> None:
    """Every fact page names days, certainty and law, and every link to one resolves."""
    pages = {page.id: page for kind, found in shipped.pages if kind == "facts" for page in found}
    assert pages
    for page in pages.values():
        checked, review = (date.fromisoformat(page.field(name) or "") for name in ("checked", "review"))
        assert checked < review, page.path
        assert (page.field("certainty") or "") in set("ABCD"), page.path
        assert page.field("law"), page.path
    linked = {key for entry in shipped.objections for response in entry.responses for key in response.facts}
    assert linked
    assert linked <= pages.keys()


# -- broken files ----------------------------------------------------------------------------------------------


def read_rule(path: str, data: str, files: Mapping[str, bytes], tables: Tables, folder: Folder) -> list[Problem]:
    """Return the problems of one rule file beside the shipped tables."""
    reader = RuleReader(tables, folder)
    tsv = {name: files[name] for name in files if name.startswith("compliance/") and name.endswith(".tsv")}
    reader.law(tsv, {path: read_document(path, data.encode())})
    return reader.problems


def test_damaged_rules_are_refused_with_their_line(shipped: Corpus, files: Mapping[str, bytes]) -> None:
    """Four hundred random edits: each file is accepted or refused with path and line, nothing else happens."""
    rng = random.Random(7)
    folder = wording.read_folder(files)
    paths = sorted(name for name in files if name.startswith("compliance/") and name.endswith(".md"))
    refused = 0
    for _ in range(RUNS):
        path = rng.choice(paths)
        text = files[path].decode()
        # The head and the sections before the phrases are what the format is about.
        for _ in range(rng.randrange(1, 4)):
            start = rng.randrange(min(len(text), 1500))
            end = start + rng.choice([0, 0, 1, 3, 40])
            text = text[:start] + rng.choice(WORDS) + text[end:]
        problems = read_rule(path, text, files, shipped.tables, folder)
        refused += bool(problems)
        lines = text.count("\n") + 1
        for problem in problems:
            assert problem.path == path
            assert 1 <= problem.line <= lines, str(problem)
            assert re.fullmatch(r"CS\d{3}", problem.code)
    assert refused > RUNS // 4


@pytest.mark.parametrize("name", ["words.tsv", "reading.tsv", "contact.tsv", "sources.tsv"])
def test_damaged_tables_are_refused_with_their_line(files: Mapping[str, bytes], name: str) -> None:
    """The same for the tables; a whole corpus with one of them is read or refused, with path and line."""
    rng = random.Random(11)
    path = f"compliance/{name}"
    small = {key: value for key, value in files.items() if not key.startswith(("objections/", "background/"))}
    for _ in range(10):
        text = files[path].decode()
        start = rng.randrange(len(text))
        edited = text[:start] + rng.choice(WORDS) + text[start + rng.choice([0, 1, 5]) :]
        _, problems = read_folder({**small, path: edited.encode()})
        for problem in problems:
            assert re.fullmatch(r"\S+:\d+: CS\d{3} .+", str(problem), re.DOTALL)


def test_rules_need_their_sources(files: Mapping[str, bytes]) -> None:
    """Without the owner file every citation is reported, each at its own line."""
    _, problems = read_folder({path: data for path, data in files.items() if path != SOURCES})

    cited = [problem for problem in problems if problem.code == "CS041"]
    assert len(cited) > 100
    assert len({(problem.path, problem.line) for problem in cited}) == len(cited)
