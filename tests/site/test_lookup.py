"""The look-up page as a person uses it: type, paste, choose, fill, copy, end; by mouse and by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import WIDTHS, Visit, file_url

import collectscript as cs

PAID = "我前天就转过去了呀"
NONSENSE = "明天几点开门呀"


@pytest.fixture(params=["disk", "server"])
def page(request: pytest.FixtureRequest, site: Path, served: str, visit: Visit) -> Any:
    """The look-up page, from a disk and from a server."""
    address = file_url(site, "index.html") if request.param == "disk" else served + "index.html"
    opened = visit.open(address)
    opened.wait_for_selector("html[data-ready=true]")
    loaded = len(visit.requests)
    yield opened
    # Everything was loaded with the page, from its own place; nothing is ever asked for later.
    start = address.removesuffix("index.html")
    assert all(url.startswith(start) for url in visit.requests)
    assert len([url for url in visit.requests if "index.html" not in url]) <= loaded * (
        1 + visit.complaints.count("reload")
    )


def chosen(page: Any) -> str:
    return str(page.get_attribute(".match[aria-pressed=true]", "data-entry"))


def test_typing_is_answered_and_the_words_stay(page: Any) -> None:
    page.keyboard.type(PAID, delay=5)
    assert page.input_value("#said") == PAID
    assert chosen(page) == "already-paid"
    assert page.inner_text("#echo") == PAID
    assert page.locator("#echo mark").count() > 0
    assert "把握" in page.inner_text(".match")
    assert page.locator(".breath .first dd").inner_text()
    assert page.locator(".response").count() >= 3
    assert "秒" in page.inner_text(".response")


def test_pasting_is_answered(page: Any) -> None:
    page.focus("#said")
    page.keyboard.insert_text(PAID + "\n" + "你们怎么还打")
    assert chosen(page) == "already-paid"


def test_none_of_these_is_said_and_leads_on(page: Any) -> None:
    page.fill("#said", NONSENSE)
    assert "没有对上" in page.inner_text("#found")
    assert page.locator(".match").count() >= 1
    assert "先问一句" in page.inner_text("#answer")
    assert page.locator(".response").count() >= 1
    assert page.get_attribute(".none a", "href").startswith("browse.html#q=")


def test_near_misses_say_why_they_do_not_count(page: Any, kb: cs.KnowledgeBase) -> None:
    page.fill("#said", NONSENSE)
    assert kb.match(NONSENSE, limit=5).matches[0].reason in page.inner_text(".none")
    assert page.locator(".versus").count() == 0


def test_the_first_match_says_why_it_stands_before_the_second(page: Any, kb: cs.KnowledgeBase) -> None:
    results = (kb.match(check.text, limit=2) for entry in kb for check in entry.checks)
    result = next(
        one
        for one in results
        if one.matched
        and not one.ask
        and not one.matches[1].accepted
        and one.versus
        and one.matches[1].confidence > 0.1
    )
    page.fill("#said", result.text)
    line = page.inner_text(".versus")
    assert line.startswith(f"排在“{result.matches[1].objection.title}”前面，因为“")
    assert max(result.versus, key=lambda one: one.weight).text in line


def test_two_close_ones_are_asked_about_and_not_decided(page: Any, kb: cs.KnowledgeBase) -> None:
    results = (kb.match(check.text, limit=2) for entry in kb for check in entry.checks)
    result = next(one for one in results if one.matched and one.ask)
    page.fill("#said", result.text)
    assert page.inner_text(".question") == "先问清：" + result.ask
    assert page.locator(".versus").count() == 0


def test_chips_rank_again_at_once(page: Any) -> None:
    page.fill("#said", "我忘记还了")
    before = page.locator(".response h4").all_inner_texts()
    page.evaluate("document.getElementById('context-fold').open = true")
    page.check("input[name=band][value=d91-plus]", force=True)
    page.check("input[name=promises_broken][value='3']", force=True)
    after = page.locator(".response h4").all_inner_texts()
    assert after != before
    assert "爽约3次" in page.inner_text(".response")
    assert "逾期90天以上" in page.inner_text("#context-shown")


def test_slots_are_filled_everywhere(page: Any) -> None:
    page.fill("#said", "这个数不对")
    page.evaluate("document.getElementById('slots-fold').open = true")
    page.fill("#slot-amount", "1280.5")
    page.fill("#slot-due_date", "2026-11-10")
    page.fill("#said", "我忘记还了")
    shown = page.inner_text("#answer")
    assert "1,280.50元" in shown
    assert "11月10日" in shown
    page.fill("#slot-amount", "很多")
    assert page.get_attribute("#slot-amount", "aria-invalid") == "true"
    assert page.inner_text("#slot-error-amount") == "写成 1280.50"
    assert "1,280.50元" not in page.inner_text("#answer")


def test_an_open_slot_leads_to_its_field(page: Any) -> None:
    page.fill("#said", "我忘记还了")
    page.click("button.slot >> nth=0")
    assert page.evaluate("document.activeElement.id").startswith("slot-")


def test_copy_marks_as_said(page: Any, visit: Visit) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.fill("#said", PAID)
    page.click(".response .primary >> nth=0")
    page.wait_for_selector(".toast.shown")
    assert "复制好了" in page.inner_text("#toast")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == "".join(page.locator(".response >> nth=0 >> .parts dd").all_inner_texts())
    assert "说过了" in page.inner_text(".response header")


def test_keyboard_alone(page: Any, visit: Visit) -> None:
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("document.activeElement.blur()")
    keys = page.keyboard
    keys.press("/")
    keys.type(PAID)
    first = chosen(page)
    keys.press("ArrowDown")
    assert chosen(page) != first
    keys.press("ArrowUp")
    assert chosen(page) == first
    keys.press("Enter")
    assert page.evaluate("document.activeElement.className") == "card response"
    here = page.evaluate("document.activeElement.dataset.id")
    keys.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.id") != here
    keys.press("ArrowUp")
    keys.press("y")
    assert "他答应：" in page.inner_text(".turn")
    keys.press("n")
    assert "他不答应：" in page.inner_text(".turn")
    keys.press("s")
    assert "不吭声：" in page.inner_text(".turn")
    assert page.evaluate("document.activeElement.dataset.id") == here
    keys.press("c")
    page.wait_for_selector(".toast.shown")
    keys.press("w")
    assert page.is_visible("#note")
    note = page.input_value("#note-text")
    assert PAID in note
    assert "我已经还了" in note
    keys.press("Escape")
    assert not page.is_visible("#note")
    keys.press("Escape")
    assert page.evaluate("document.activeElement.id") == "said"
    keys.press("Escape")
    assert page.input_value("#said") == ""
    page.evaluate("document.activeElement.blur()")
    keys.press("?")
    assert page.is_visible("#help")
    keys.press("Escape")


def test_used_moves_other_ways_forward(page: Any) -> None:
    page.fill("#said", "我忘记还了")
    first = page.get_attribute(".response >> nth=0", "data-id")
    page.focus(".response >> nth=0")
    page.keyboard.press("u")
    assert page.get_attribute(".response >> nth=0", "data-id") != first


def test_an_objection_named_in_a_text_opens_here(page: Any) -> None:
    page.evaluate("location.hash = '#show=forgot'")
    page.wait_for_selector(".answer-head")
    assert "我忘记了" in page.inner_text(".answer-head")


def test_reload_keeps_the_call_and_the_end_clears_it(page: Any, visit: Visit) -> None:
    page.fill("#said", PAID)
    page.evaluate("document.getElementById('slots-fold').open = true")
    page.fill("#slot-customer_name", "王女士")
    page.evaluate("document.getElementById('context-fold').open = true")
    page.check("input[name=party][value=debtor]", force=True)
    loaded = len(visit.requests)
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    del visit.requests[loaded:]
    assert page.input_value("#said") == PAID
    assert page.input_value("#slot-customer_name") == "王女士"
    assert page.is_checked("input[name=party][value=debtor]")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("e")
    assert page.input_value("#said") == ""
    assert page.input_value("#slot-customer_name") == ""
    assert page.evaluate("sessionStorage.getItem('collectscript.call')") is None
    assert page.evaluate("JSON.stringify(localStorage)").find("王女士") < 0
    page.click("#toast button")
    assert page.input_value("#said") == PAID


def test_a_forgotten_call_is_cleared_by_time(page: Any, visit: Visit) -> None:
    page.fill("#said", PAID)
    page.evaluate(
        """() => {
          const saved = JSON.parse(sessionStorage.getItem("collectscript.call"));
          sessionStorage.setItem("collectscript.call", JSON.stringify({ ...saved, at: saved.at - 31 * 60 * 1000 }));
        }"""
    )
    loaded = len(visit.requests)
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    del visit.requests[loaded:]
    assert page.input_value("#said") == ""


def test_any_text_is_taken(page: Any) -> None:
    for text in ("<img src=x onerror=alert(1)>", "{{7*7}}", "\u202e忘了", "😂" * 30, "没钱" * 5_000):
        page.fill("#said", text)
        assert page.input_value("#said") == text
        assert "<img" not in page.inner_html("#echo")
        # Latin letters sound like a machine's announcement.
        if page.is_visible("#stop"):
            page.click("#stop button")
    page.fill("#said", "\u202e我忘记还了")
    assert "\u202e" not in page.inner_text("#echo")


def test_theme_and_glosses_are_kept(page: Any, visit: Visit) -> None:
    page.fill("#said", PAID)
    assert not page.is_visible(".match .gloss >> nth=0")
    page.click("#gloss-switch")
    assert page.is_visible(".match .gloss >> nth=0")
    page.click("#theme-switch")
    page.click("#theme-switch")
    loaded = len(visit.requests)
    page.reload()
    del visit.requests[loaded:]
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("document.documentElement.dataset.gloss") == "on"


@pytest.mark.parametrize("width", sorted(WIDTHS))
def test_every_width(site: Path, browser: Any, width: str, tmp_path: Path) -> None:
    visit = Visit(browser, width)
    page = visit.open(file_url(site, "index.html"))
    visit.say(PAID)
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width][0]
    assert page.screenshot(path=tmp_path / f"{width}.png")
    assert visit.complaints == []
    visit.context.close()


def test_a_stop_takes_over_the_page(page: Any, kb: cs.KnowledgeBase) -> None:
    if not kb.stops:
        pytest.skip("this corpus has no stops")
    stop = next(iter(kb.stops.values()))
    text = stop.examples[0].texts[0]
    said = kb.respond(text).responses[0].parts[0][1]
    page.fill("#said", text)
    assert page.is_visible("#stop")
    assert said in page.inner_text("#stop")
    assert stop.hand_over[:6] in page.inner_text("#stop")
    assert page.evaluate("document.querySelector('.desk').inert")
    page.click("#stop button")
    assert not page.is_visible("#stop")
    assert "停：" in page.inner_text(".pause")


def test_a_stop_waits_for_the_end_of_the_typing(page: Any) -> None:
    page.keyboard.type("我不想活了")
    assert "停：" in page.inner_text(".pause")
    assert page.input_value("#said") == "我不想活了"
    page.wait_for_selector("#stop:not([hidden])")
    assert "我不想活了" in page.inner_text("#stop")
