"""The system's Chromium without a screen, shut off from all but the UI, with an eye on its complaints."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Response, Route, sync_playwright

HOW_TO = (
    "No Chromium here: install Debian's package `chromium`, or Google Chrome, to test the UI in a browser."
)
PATIENCE = 120.0
"""Seconds that a slow, busy machine may take until a page shows something."""
_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The browser itself finds nobody, either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class Window:
    """A page of the UI, and what went wrong in it: errors on the console, exceptions, failing answers."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("response", self._on_response)

    def open(self, path: str) -> None:
        self.page.goto(self.url + path, wait_until="domcontentloaded")

    def _on_console(self, message: ConsoleMessage) -> None:
        source = message.location.get("url", "")
        refused = source.startswith("http") and not source.startswith(self.url)
        if message.type == "error" and not refused:
            self.complaints.append(f"console: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"answer {response.status}: {response.url}")


def executable() -> str | None:
    """The browser's path, where there is one."""
    return next(filter(None, map(shutil.which, _COMMANDS)), None)


@contextmanager
def window(url: str, path: str, *, scale: float = 1.0) -> Iterator[Window]:
    """A window of a browser with a fresh profile, in English and UTC; closed and removed at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="streak-chromium-", ignore_cleanup_errors=True) as profile,
        sync_playwright() as playwright,
        playwright.chromium.launch_persistent_context(
            Path(profile),
            executable_path=path,
            headless=True,
            args=_FLAGS,
            viewport={"width": 1440, "height": 900},
            device_scale_factor=scale,
            locale="en-US",
            timezone_id="UTC",
            timeout=PATIENCE * 1000,
        ) as context,
    ):
        context.set_default_timeout(PATIENCE * 1000)
        context.route(lambda asked: not asked.startswith(url), _refuse)
        yield Window(context.pages[0], url)


def _refuse(route: Route) -> None:
    route.abort("blockedbyclient")
