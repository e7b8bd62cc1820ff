"""Weight and speed of the look-up page in a real browser: ready, and from a keystroke to the answer on the screen.

Run as `python benchmarks/site.py [--site FOLDER] [--rounds N]` with the extra `browser` and a Chromium. Times depend on
the machine and on what else it does; each is therefore also given in units of a fixed loop that the same browser runs
between the measurements.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import collectscript as cs
from collectscript.cli.base import LAW_DATE
from collectscript.site import build_site

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
READY = """
  window.measured = {};
  new MutationObserver(() => {
    if (document.documentElement && document.documentElement.dataset.ready) window.measured.ready ??= performance.now();
  }).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });
"""
TYPE = """([text, last]) => {
  const field = document.getElementById("said");
  const chars = Array.from(text);
  const times = [];
  for (let size = chars.length - last + 1; size <= chars.length; size++) {
    field.value = chars.slice(0, size).join("");
    const start = performance.now();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.offsetHeight;
    times.push(performance.now() - start);
  }
  return times;
}"""
LOOP = """() => {
  const start = performance.now();
  let sum = 0;
  for (let n = 0; n < 2e7; n++) sum = (sum * 31 + n) | 0;
  return [performance.now() - start, sum];
}"""
SHORT = (
    "我前天就已经转过去了呀，你们怎么今天还在打电话过来催我",
    "最近厂里一直没有发工资，等下个月十五号发了我再还行不行",
    "你们物业什么都不管，电梯坏了一个礼拜，这个费我凭什么交",
    "我老公的卡我不知道，你打给他本人好了，别再打给我这边了",
    "利息收得这么高是不是违法的，你把合同发过来给我看清楚吧",
)
LONG = 500


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def open_page(browser: Browser, address: str, asked: list[str]) -> Page:
    """Open the look-up page in a browser that has seen nothing yet, and wait until it can be used.

    `asked` receives the addresses of everything that it loads.
    """
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(READY)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_function("window.measured.ready")
    return page


def unit(page: Page) -> float:
    """Return how long the fixed loop takes now, in milliseconds; the first run warms up."""
    return min(page.evaluate(LOOP)[0] for _ in range(4))


def weigh(site: Path, asked: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return name, bytes and gzipped bytes of everything that was loaded from a site."""
    start = site.resolve().as_uri() + "/"
    found: list[tuple[str, int, int]] = []
    for name in dict.fromkeys(asked):
        data = (site / name.removeprefix(start)).read_bytes()
        found.append((name.removeprefix(start), len(data), len(gzip.compress(data, 9, mtime=0))))
    return found


def measure(browser: Browser, site: Path, rounds: int) -> None:
    """Measure and print."""
    address = (site / "index.html").resolve().as_uri()
    ready: list[float] = []
    units: list[float] = []
    short: list[float] = []
    long: list[float] = []
    turn = "。".join(SHORT) + "。"
    whole = (turn * (LONG // len(turn) + 1))[:LONG]
    asked: list[str] = []
    for number in range(rounds):
        page = open_page(browser, address, asked)
        ready.append(page.evaluate("window.measured.ready"))
        units.append(unit(page))
        # A page that was never typed into is slower for its first letters; they count.
        short += page.evaluate(TYPE, [SHORT[number % len(SHORT)] + "行吗", 30])
        long += page.evaluate(TYPE, [whole, 20])
        page.context.close()
    parts = weigh(site, asked)
    loop = percentile(units, 0.5)
    print(f"{'file':32} {'bytes':>10} {'gzipped':>10}")
    for name, size, packed in sorted(parts, key=lambda one: -one[2]):
        print(f"{name:32} {size:10,} {packed:10,}")
    print(f"{'together':32} {sum(one[1] for one in parts):10,} {sum(one[2] for one in parts):10,}\n")
    print(f"fixed loop: {loop:.1f} ms (of {len(units)}, {min(units):.1f} to {max(units):.1f})")
    print(f"{'':32} {'median ms':>10} {'p95 ms':>10} {'median/loop':>12} {'p95/loop':>10}")
    for name, values in (("ready", ready), ("letter of 30 characters", short), (f"letter of {LONG} characters", long)):
        middle, high = percentile(values, 0.5), percentile(values, 0.95)
        print(f"{name:32} {middle:10.1f} {high:10.1f} {middle / loop:12.2f} {high / loop:10.2f}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--site", type=Path, help="a site that is built already; without it the shipped corpus is built"
    )
    parser.add_argument("--rounds", type=int, default=10, help="pages opened and typed into")
    asked = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as made, sync_playwright() as driver:
        site = asked.site or Path(made) / "site"
        if asked.site is None:
            build_site(cs.load(), site, law_date=LAW_DATE)
        browser = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        measure(browser, site, asked.rounds)
        browser.close()


if __name__ == "__main__":
    main()
