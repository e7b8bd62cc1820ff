"""No violation found by axe-core on any kind of page, in both themes and at three widths; nothing wider than the window."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from browsing import WIDTHS, Visit, file_url

PAGES = (
    "index.html", "index.html#show=forgot", "browse.html", "browse.html#q=分期&technique=empathy", "path.html", "practise.html#mode=choose",
    "practise.html#mode=write", "practise.html#mode=apart", "practise.html#mode=play", "check.html", "print.html",
    "print/pocket.html", "print/billing.html", "coverage.html", "sources.html", "docs.html", "objections/forgot.html",
    "openers/debtor-d1-6.html", "messages/sms-urgent.html", "techniques/empathy.html", "customers/precise.html",
    "methods/power.html", "preparation/channels.html", "facts/limitation.html", "docs/authors.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def first_of(site: Path, kind: str) -> list[str]:
    """Return the first page of a kind that this corpus may or may not have yet."""
    return [f"{kind}/{path.name}" for path in sorted((site / kind).glob("*.html"))[:1]]


@pytest.mark.parametrize(("width", "scheme"), [("phone", "dark"), ("desk", "light")])
def test_no_violation(site: Path, browser: Any, axe: str, width: str, scheme: str) -> None:
    visit = Visit(browser, width, color_scheme=scheme, reduced_motion="reduce")
    wrong: dict[str, Any] = {}
    for name in (*PAGES, *first_of(site, "compliance"), *first_of(site, "safety")):
        page = visit.open("about:blank")
        page = visit.open(file_url(site, name))
        if name == "index.html":
            visit.say("我前天就转过去了呀")
        page.evaluate("document.documentElement.dataset.gloss = 'on'")
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")
        for one in found["violations"]:
            wrong[f"{name} {one['id']}"] = [node["html"][:120] + node["failureSummary"] for node in one["nodes"][:2]]
        if page.evaluate("document.documentElement.scrollWidth") > WIDTHS[width][0]:
            wrong[name] = "wider than the window"
    visit.context.close()
    assert (wrong, visit.complaints) == ({}, [])
