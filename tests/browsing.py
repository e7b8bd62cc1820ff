"""A tab in a real browser that keeps account of what its page asks for and complains of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

WIDTHS = {"phone": (360, 780), "tablet": (768, 1024), "desk": (1440, 900)}


class Visit:
    """One tab, with everything that it asked for and complained of."""

    def __init__(self, browser: Any, width: str = "desk", **options: Any) -> None:
        wide, high = WIDTHS[width]
        self.context = browser.new_context(viewport={"width": wide, "height": high}, **options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, address: str) -> Any:
        """Open a page and wait until its scripts have run."""
        self.page.goto(address)
        self.page.wait_for_load_state("load")
        return self.page

    def forget(self) -> None:
        """Leave the page, with nothing kept of it."""
        self.page.evaluate(
            "() => { if (location.protocol !== 'about:') { localStorage.clear(); sessionStorage.clear(); } }"
        )
        self.context.clear_permissions()
        self.page.goto("about:blank")
        self.requests.clear()
        self.complaints = []

    def say(self, text: str) -> Any:
        """Type what a customer says on the look-up page."""
        self.page.wait_for_selector("html[data-ready=true]")
        self.page.fill("#said", text)
        return self.page


def file_url(site: Path, page: str) -> str:
    """Return the address of a page on disk."""
    path, mark, rest = page.partition("#")
    return (site / path).as_uri() + mark + rest
