"""Checks the built site: every link and image leads somewhere, and every page opens in a browser without an error."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import server
from .places import Failure

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTHS = {"phone": (390, 2400), "desktop": (1280, 2000)}
THEMES = ("light", "dark")


def check(site: Path, screenshots: Path | None, with_browser: bool) -> None:
    if not (site / "index.html").exists():
        raise Failure(f"{site}: found no site, expected the folder of Utilities/site build; run that first")
    pages = {_address(site, path): json.loads(path.read_text()) for path in sorted((site / "data").rglob("*.json"))}
    count, dead = 0, []
    for address, page in pages.items():
        for target in sorted(set(_links(page))):
            count += 1
            if problem := _problem(site, pages, target):
                dead.append(f"{address}: {target}: {problem}")
    if dead:
        raise Failure("dead links:\n" + "\n".join(dead))
    print(f"{count} links and images on {len(pages)} pages: none is dead")
    if not with_browser:
        return
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise Failure(f"found no browser, expected one of {', '.join(BROWSERS)}; install one or use --without-browser")
    with _Inspection(site) as inspection:
        errors = inspection.open_all(browser, sorted(pages))
        if errors:
            raise Failure("errors in the browser:\n" + "\n".join(errors))
        print(f"{len(pages)} pages opened in a browser without an error")
        if screenshots:
            articles = [address for address, page in pages.items() if page.get("kind") == "article"]
            inspection.photograph(browser, [*(f"/documentation/{m}" for m in _modules(pages)), *articles], screenshots)


def _modules(pages: dict[str, Any]) -> list[str]:
    return sorted(address.split("/")[2] for address in pages if address.count("/") == 2)


def _address(site: Path, data: Path) -> str:
    return "/" + str(data.relative_to(site / "data").with_suffix(""))


def _links(page: Any) -> Iterator[str]:
    """The addresses that a page refers to: of other pages, of images, of the world outside."""
    for reference in page.get("references", {}).values():
        if "url" in reference:
            yield reference["url"]
        for variant in reference.get("variants", []):
            yield variant["url"]


def _problem(site: Path, pages: dict[str, Any], target: str) -> str | None:
    address = urllib.parse.urlsplit(target)
    if address.scheme in ("http", "https"):
        return None  # of others; there may be no network
    path = urllib.parse.unquote(address.path).rstrip("/")
    if path.startswith("/documentation"):
        page = pages.get(path.lower()) or pages.get(path)
        if page is None:
            return "no such page"
        if address.fragment and address.fragment not in set(_anchors(page)):
            return f"no such heading in {path}"
        return None
    return None if (site / path.lstrip("/")).is_file() else "no such file"


def _anchors(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("anchor"), str):
            yield node["anchor"]
        for value in node.values():
            yield from _anchors(value)
    elif isinstance(node, list):
        for value in node:
            yield from _anchors(value)


# Goes through all pages in a few frames. A page is there when it shows a heading.
HARNESS = """<!doctype html><title>check</title><script>
const pages = PAGES
const report = message => navigator.sendBeacon("/check/report", message)
const wait = time => new Promise(done => setTimeout(done, time))
async function worker() {
  const frame = document.body.appendChild(document.createElement("iframe"))
  frame.width = 1280; frame.height = 900
  while (pages.length) {
    const page = pages.shift()
    frame.src = page
    let isThere = false
    for (let turn = 0; turn < 300 && !isThere; turn++) {
      await wait(30)
      isThere = frame.contentWindow.location.pathname == page && !!frame.contentDocument?.querySelector("h1")
    }
    if (!isThere) report(page + ": shows no heading after ten seconds")
  }
}
onload = () => Promise.all([1, 2, 3, 4].map(worker)).then(() => report("done"))
</script><body></body>"""

# In each page, ahead of all other scripts.
LISTENER = """<script>
{
  const report = message => navigator.sendBeacon("/check/report", location.pathname + ": " + message)
  addEventListener("error", e => report(e.message || "cannot load " + (e.target.src || e.target.href)), true)
  addEventListener("unhandledrejection", e => report("unhandled: " + e.reason))
  const before = console.error
  console.error = (...words) => { report(words.join(" ")); before(...words) }
}
</script>"""


class _Inspection:
    """A server that puts a listener into each page, and what the listeners said."""

    def __init__(self, site: Path) -> None:
        self._messages: list[str] = []
        self._is_done = threading.Event()
        self._harness = ""
        self._server = server.make(site, 0, self._handler(site))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> _Inspection:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, site: Path) -> type[server.Handler]:
        inspection = self

        class Handler(server.Handler):
            def do_GET(self) -> None:
                path = urllib.parse.urlsplit(self.path).path
                page = site / path.strip("/") / "index.html"
                if path == "/check/pages":
                    self._send(inspection._harness)
                elif page.is_file():
                    self._send(page.read_text().replace("<head>", "<head>" + LISTENER, 1))
                else:
                    super().do_GET()

            def do_POST(self) -> None:
                message = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if message == "done":
                    inspection._is_done.set()
                else:
                    inspection._messages.append(message)
                self._send("")

            def _send(self, text: str) -> None:
                data = text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler

    @property
    def _origin(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def open_all(self, browser: str, pages: list[str]) -> list[str]:
        self._harness = HARNESS.replace("PAGES", json.dumps([f"{page}/" for page in pages]))
        with tempfile.TemporaryDirectory() as profile:
            process = subprocess.Popen(
                [*_command(browser, profile), "--remote-debugging-port=0", f"{self._origin}/check/pages"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            patience = 60 + len(pages)
            isDone = self._is_done.wait(patience)
            process.terminate()
            process.wait()
        if not isDone:
            raise Failure(f"the browser opened not all of {len(pages)} pages within {patience} seconds")
        return self._messages

    def photograph(self, browser: str, pages: list[str], folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for page in pages:
            for size, (width, height) in WIDTHS.items():
                for theme in THEMES:
                    picture = folder / f"{page.rsplit('/', 1)[-1]}-{size}-{theme}.png"
                    with tempfile.TemporaryDirectory() as profile:
                        subprocess.run(
                            [
                                *_command(browser, profile), f"--window-size={width},{height}",
                                f"--blink-settings=preferredColorScheme={0 if theme == 'dark' else 1}",
                                "--virtual-time-budget=8000", f"--screenshot={picture}", f"{self._origin}{page}/",
                            ],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                        )
                    if not picture.exists():
                        raise Failure(f"{page}: the browser made no picture")
            print(f"{page}: photographed")


def _command(browser: str, profile: str) -> list[str]:
    return [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
        f"--user-data-dir={profile}",
    ]
