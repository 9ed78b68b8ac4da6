"""One Dagster and one window for all tests of the UI; without a browser they are skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from streak_dagster_tests.browser import pages
from streak_dagster_tests.support.browser import HOW_TO, Window, executable, window
from streak_dagster_tests.support.dagster_dev import Serving, dagster_dev
from streak_dagster_tests.support.sandboxes import sandbox_of

REQUIRED = bool(os.environ.get("STREAK_REQUIRE_BROWSER"))
"""Where this is set, as in CI, a missing browser fails."""


@pytest.fixture(scope="package")
def program() -> str:
    found = executable()
    if found is None:
        (pytest.fail if REQUIRED else pytest.skip)(HOW_TO)
    return found


@pytest.fixture(scope="package")
def ui(program: str) -> Iterator[Serving]:
    with sandbox_of() as sandbox, dagster_dev(sandbox) as running:
        yield running


# Not for the whole session: while Playwright is at work, its thread has a running event loop, in which
# tests of other folders couldn't start their own.
@pytest.fixture(scope="package")
def browser(ui: Serving, program: str) -> Iterator[Window]:
    with window(ui.url, program) as opened:
        yield opened


@pytest.fixture(scope="package")
def first_run(browser: Window) -> str:
    """How the run ended that copies the account for the first time."""
    pages.open_lineage(browser)
    return pages.materialize_all(browser)


@pytest.fixture
def shown(
    browser: Window, ui: Serving, first_run: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Window]:
    """The window, after the first run. Whatever is wrong in a page fails the test that opened it."""
    assert first_run == "Success", ui.run.output
    failed = request.session.testsfailed
    yield browser
    if request.session.testsfailed > failed:
        browser.page.screenshot(path=tmp_path / "page.png")
        print(f"what the page looked like: {tmp_path / 'page.png'}\n{ui.run.output}")
    complaints = browser.complaints.copy()
    browser.complaints.clear()
    assert complaints == []
    assert "deprecated" not in browser.page.locator("body").inner_text().lower()
