"""Show a site in a browser of this machine, and of no other."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from collectscript.site.writing import SiteError

ADDRESS = "127.0.0.1"
"""Only this machine: what is typed into the pages is nobody else's business."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the method it replaces
        """Say nothing about single requests."""


def open_server(folder: str | Path, port: int) -> ThreadingHTTPServer:
    """Return a server for a folder on `port` of this machine, 0 for any free one; the caller runs and closes it.

    Raises `SiteError` when the port is taken.
    """
    try:
        return ThreadingHTTPServer((ADDRESS, port), partial(_Quiet, directory=str(folder)))
    except OSError as error:
        msg = f"port {port} of {ADDRESS} cannot be used: {error.strerror or error}; name another with --port"
        raise SiteError(msg) from error
