"""Serves the site to this machine and no other."""

from __future__ import annotations

import functools
import http.server
from pathlib import Path

from .places import Failure


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and says nothing of those it found."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if str(code) >= "400":
            super().log_request(code, size)


def make(site: Path, port: int, handler: type[Handler] = Handler) -> http.server.ThreadingHTTPServer:
    if not (site / "index.html").exists():
        raise Failure(f"{site}: found no site, expected the folder of Utilities/site build; run that first")
    try:
        return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(handler, directory=str(site)))
    except OSError as error:
        raise Failure(f"port {port}: cannot be used ({error.strerror}); name another with --port") from None


def serve(site: Path, port: int) -> None:
    with make(site, port) as server:
        print(f"http://127.0.0.1:{server.server_port}/  (end with Control-C)", flush=True)
        server.serve_forever()
