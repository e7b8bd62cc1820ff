"""A site of the shipped corpus and a real browser to open it in.

The browser is Debian's chromium (`apt-get install chromium fonts-noto-cjk`), its driver the extra `browser`. Without
them the tests are skipped, unless COLLECTSCRIPT_BROWSER=required is set.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import golden
import pytest
from browsing import Visit

from collectscript.site import build_site
from collectscript.site.serving import open_server
from collectscript.site.writing import write_site

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def site(browser: Any, shipped_site: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the shipped corpus."""
    out = tmp_path_factory.mktemp("site") / "话术"
    write_site(shipped_site, out)
    return out


@pytest.fixture(scope="session")
def golden_site(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the frozen corpus that the golden file was written with."""
    folder = tmp_path_factory.mktemp("golden")
    build_site(golden.frozen_kb(folder / "corpus"), folder / "site", law_date="2026-11-22")
    return folder / "site"


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """Address of the same site on a local server."""
    with open_server(site, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    missing = CHROMIUM is None or find_spec("playwright") is None
    if missing and os.environ.get("COLLECTSCRIPT_BROWSER") == "required":
        pytest.fail("apt-get install chromium fonts-noto-cjk; pip install -e '.[browser]'")
    if missing:
        pytest.skip("no chromium or no playwright on this machine")
    playwright = import_module("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def tab(browser: Any) -> Iterator[Visit]:
    """The tab that tests share: a new one for each would take longer than most tests do."""
    made = Visit(browser)
    yield made
    made.context.close()


@pytest.fixture
def visit(tab: Visit) -> Iterator[Visit]:
    """A tab that has seen nothing, and that must end without a complaint and without a request to elsewhere."""
    yield tab
    complaints = tab.complaints
    tab.forget()
    assert complaints == []
