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


THIN = """() => {
  const within = (node) => [...new Set([...node.children].map(shape))].sort().join("");
  const shape = (node) => `<${node.localName} ${node.getAttribute("class")} ${within(node)}>`;
  (function thin(node) {
    const seen = new Map();
    for (const child of [...node.children]) {
      const known = shape(child);
      seen.set(known, (seen.get(known) || 0) + 1);
      if (seen.get(known) > 2) child.remove();
      else thin(child);
    }
  })(document.querySelector("main"));
}"""
"""Leaves two of all children of an element that are made of the same: nothing else is said of the others, and axe takes its time."""
TWICE = """() => {
  const seen = new Set();
  return [...document.querySelectorAll("[id]")].map((one) => one.id).filter((id) => seen.size === seen.add(id).size);
}"""
LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable"]
"""Rules that depend on theme and width and not on the structure."""


def test_no_violation(site: Path, browser: Any, axe: str) -> None:
    visit = Visit(browser, "phone", color_scheme="dark", reduced_motion="reduce")
    page = visit.page
    wrong: dict[str, Any] = {}

    def check(name: str, looks: str, options: dict[str, Any]) -> None:
        found = page.evaluate(
            "(options) => axe.run(document, options)", {**options, "resultTypes": ["violations"], "preload": False}
        )
        for one in found["violations"]:
            nodes = [node["html"][:120] + node["failureSummary"] for node in one["nodes"][:2]]
            wrong[f"{name} {looks} {one['id']}"] = nodes

    for name in (*PAGES, *first_of(site, "compliance"), *first_of(site, "safety")):
        visit.open("about:blank")
        page.set_viewport_size(size("phone"))
        page.emulate_media(color_scheme="dark")
        visit.open(file_url(site, name))
        if name == "index.html":
            visit.say("我前天就转过去了呀")
        page.evaluate("document.documentElement.dataset.gloss = 'on'")
        if twice := page.evaluate(TWICE):
            wrong[f"{name} ids"] = twice
        for width in WIDTHS:
            page.set_viewport_size(size(width))
            if page.evaluate("document.documentElement.scrollWidth") > WIDTHS[width][0]:
                wrong[f"{name} {width}"] = "wider than the window"
        page.evaluate(THIN)
        page.evaluate(axe)
        for width, scheme, options in (("phone", "dark", {}), ("desk", "light", {"runOnly": LOOKS})):
            page.set_viewport_size(size(width))
            page.emulate_media(color_scheme=scheme)
            check(name, f"{width} {scheme}", options)
    visit.context.close()
    assert (wrong, visit.complaints) == ({}, [])


def size(width: str) -> Any:
    wide, high = WIDTHS[width]
    return {"width": wide, "height": high}
