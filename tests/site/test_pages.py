"""Browse, practise and print in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import golden
import overlays
import pytest
from browsing import Visit, file_url
from hostile import EVIL, make_hostile

import collectscript as cs
from collectscript.site import build_site


def open_page(site: Path, visit: Visit, name: str) -> Any:
    page = visit.open(file_url(site, name))
    page.wait_for_selector("html[data-ready=true]")
    return page


# -- browse --------------------------------------------------------------------------------------------------


def test_address_holds_the_view(site: Path, visit: Visit) -> None:
    page = open_page(site, visit, "browse.html#kind=responses&technique=empathy&band=d1-6")
    assert page.input_value("select[name=technique]") == "empathy"
    assert page.locator("#results section").count() == 1
    number = int(page.inner_text("#count").split(" ")[0])
    page.select_option("select[name=sector]", "property")
    assert "sector=property" in page.url
    assert int(page.inner_text("#count").split(" ")[0]) < number
    page.click("#clear")
    assert "#" not in page.url


def test_any_piece_of_text_is_found(kb: cs.KnowledgeBase, site: Path, visit: Visit) -> None:
    page = open_page(site, visit, "browse.html")
    for entry in list(kb)[::17]:
        piece = entry.responses[0].parts[0].text[2:9]
        page.fill("#query", piece)
        titles = page.locator("#results .title").all_inner_texts()
        assert any(entry.responses[0].title in title for title in titles), piece
        assert page.locator("#results mark").count() > 0
    page.fill("#query", "没有这样一段话吧zzz")
    assert "一条也没有" in page.inner_text("#count")


def test_bad_address_shows_everything(site: Path, visit: Visit) -> None:
    page = open_page(site, visit, "browse.html#kind=nothing&technique=constructor&q=%E0%A4%A")
    assert page.locator("#results section").count() > 5


def test_browse_by_keyboard(site: Path, visit: Visit) -> None:
    page = open_page(site, visit, "browse.html")
    page.keyboard.press("/")
    page.keyboard.type("忘")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.className") == "title"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "query"
    page.keyboard.press("Escape")
    assert page.input_value("#query") == ""


def test_tag_leads_to_all_that_carry_it(site: Path, visit: Visit) -> None:
    page = visit.open(file_url(site, "objections/forgot.html"))
    page.click("a.tag-technique >> nth=0")
    page.wait_for_selector("html[data-ready=true]")
    assert "browse.html#technique=" in page.url
    assert page.locator("#results .title").count() > 5


# -- practise ------------------------------------------------------------------------------------------------


def test_choose_says_why_and_remembers(site: Path, visit: Visit) -> None:
    page = open_page(site, visit, "practise.html")
    for _ in range(4):
        page.keyboard.press("1")
        assert page.locator(".verdict").count() >= 1
        assert len(page.inner_text(".verdict >> nth=0")) > 8
        assert "{" not in page.inner_text("#exercise")
        page.keyboard.press("Enter")
    assert "练了 4 题" in page.inner_text("#progress")
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    assert "练了 4 题" in page.inner_text("#progress")


def test_written_reply_is_judged(site: Path, visit: Visit) -> None:
    page = open_page(site, visit, "practise.html#mode=write")
    page.fill("#written", "再不还就抓你去坐牢，你家人单位我们都知道？你还不还？")
    page.click("text=看看")
    assert page.locator(".findings .bad").count() >= 2
    assert page.locator(".card").count() == 1


def test_neighbours_are_told_apart(site: Path, visit: Visit) -> None:
    page = open_page(site, visit, "practise.html#mode=apart")
    page.keyboard.press("2")
    assert "拿不准就问" in page.inner_text("#exercise")


def test_role_card_hides_the_reason(site: Path, visit: Visit) -> None:
    page = open_page(site, visit, "practise.html#mode=play")
    assert not page.is_visible(".secret")
    page.click("summary")
    assert "真缘故" in page.inner_text(".secret")
    for number in range(5):
        page.check(f"#score-{number}")
    assert "5 分" in page.inner_text("#exercise [role=status]")


# -- print ---------------------------------------------------------------------------------------------------


def test_one_page_a_group(kb: cs.KnowledgeBase, site: Path, visit: Visit) -> None:
    for name in ("pocket", *(group.id for group in kb.tables.groups)):
        page = visit.open(file_url(site, f"print/{name}.html"))
        paper = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, name


# -- complaints, hostile content ----------------------------------------------------------------------------


def test_pages_run_without_complaint(site: Path, visit: Visit) -> None:
    for name in (
        "path.html",
        "print.html",
        "coverage.html",
        "docs.html",
        "sources.html",
        "check.html",
        "objections/forgot.html",
    ):
        visit.open(file_url(site, name))
    start = site.as_uri()
    assert all(url.startswith(start) for url in visit.requests)


@pytest.fixture(scope="module")
def hostile_site(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a corpus and an overlay whose every free text is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    golden.copy_frozen(folder / "corpus")
    made = make_hostile(folder / "corpus")
    assert sum(made.values()) >= 4000
    forgot = overlays.response("now", title="先办" + EVIL, take="听您这么说" + EVIL, offer="自己办" + EVIL)
    extends = re.sub(r"(?m)^(# |- ).+$", lambda line: line[0] + EVIL, overlays.EXTENDS_FORGOT)
    overlay = {
        "overlay.md": overlays.MANIFEST.rstrip("\n") + EVIL + "\n",
        "objections/acme.forgot.md": extends + forgot,
        "openers/acme.hello.md": re.sub(
            r"(?m)^(> (?!来源).+|\d\. .+|# .+)$", lambda line: line[1] + EVIL, overlays.SCRIPT.format(head="")
        ),
    }
    said = "|".join((*overlays.PHRASES, *overlays.LAWFUL))
    overlay |= {
        "compliance/acme.points.md": re.sub(
            rf"(?m)^(# .+|禁止.+|- “.+|- (?:{said}))$", lambda line: line[1] + EVIL, overlays.RULE
        ),
        "compliance/sources.tsv": overlays.SOURCES.replace("准则", "准则" + EVIL),
        "compliance/acme.urgent.md": overlays.extended_rule(
            "urgent",
            folder / "corpus",
            "false-urgency",
            f"loosens: 约定{EVIL}",
            f"## 约束谁\n\n- 短信：提醒（约定{EVIL}）\n",
        ),
    }
    kb = cs.load(folder / "corpus", overlays=[overlays.write(folder / "acme", overlay)])
    build_site(kb, folder / "site", law_date="2026-11-22", title="{{7*7}}" + EVIL)
    return folder / "site"


def test_hostile_content_is_shown_as_text(hostile_site: Path, visit: Visit) -> None:
    names = ["index.html#show=forgot", "browse.html#q=hit", "path.html", "print.html", "coverage.html", "sources.html"]
    names += ["practise.html#mode=" + mode for mode in ("choose", "write", "apart", "play")]
    for kind in ("objections", "neutral", "openers", "facts", "compliance", "safety", "print"):
        names += [f"{kind}/{path.name}" for path in sorted((hostile_site / kind).glob("*.html"))[:3]]
    names += ["compliance/acme.points.html", "compliance/false-urgency.html"]
    for name in names:
        page = visit.open("about:blank")
        page = visit.open(file_url(hostile_site, name))
        if "practise" in name:
            page.keyboard.press("1")
        untouched(page, name)
        assert "window.hit" in page.inner_text("main"), name
    page = visit.open(file_url(hostile_site, "index.html"))
    for text in ("我已经在医院躺着了，没钱" + EVIL, "我都还清了呀", "我不想活了", EVIL):
        visit.say(text)
        untouched(page, text)
        if page.is_visible("#stop"):
            assert "window.hit" in page.inner_text("#stop")
            page.click("#stop button")
    page = visit.open(file_url(hostile_site, "check.html"))
    page.fill("#check-text", "再不还钱就抓你去坐牢" + EVIL)
    untouched(page, "check.html")
    assert page.locator(".findings li").count() > 0
    page.fill("#check-text", overlays.PHRASES[0] + EVIL)
    untouched(page, "check.html of an overlay")
    assert "来自 acme" in page.inner_text(".findings")


def untouched(page: Any, name: str) -> None:
    """Check that nothing on a page became a script, a picture, a foreign link or a steering character."""
    # A picture that failed would have run its handler by the second task from now.
    hit, bad, text = page.evaluate(
        """async () => {
          for (let n = 0; n < 2; n++) await new Promise((done) => setTimeout(done));
          const bad = document.querySelectorAll("main img, a[href^='javascript']").length;
          return [window.hit ?? null, bad, document.body.innerText];
        }"""
    )
    assert (hit, bad) == (None, 0), name
    assert "\u202e" not in text, name
