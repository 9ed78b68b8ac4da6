"""What a user does and reads in the UI, page by page. Waits for what is shown, never for time to pass."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from streak_dagster_tests.support.browser import PATIENCE, Window
from streak_dagster_tests.support.dagster_dev import graphql

Seen = TypeVar("Seen")

LINEAGE = "/asset-groups"
_RUN_PATIENCE = 240_000
_ENDED = re.compile(r"^(Success|Failure|Canceled)$")
_NODES = "foreignObject"
expect.set_options(timeout=PATIENCE * 1000)


def open_lineage(window: Window) -> None:
    """The lineage of all assets, every group unfolded."""
    window.open(LINEAGE)
    page = window.page
    expect(page.get_by_role("button", name="zoom_out")).to_be_visible()
    page.get_by_role("button", name="settings", exact=True).last.click()
    unfold = page.get_by_role("menuitem", name=re.compile("(Expand|Collapse) all groups"))
    if "Expand" in unfold.inner_text():  # else it remembers that they are
        unfold.click()
    page.keyboard.press("Escape")
    expect(unfold).to_have_count(0)


def materialize_all(window: Window) -> str:
    """Press the button, follow the run to its end; says how it ended.

    The message that the run was launched goes away by itself, sooner than a busy machine follows its link.
    """
    window.page.get_by_role("button", name="Materialize all").click()
    runs = until(window, lambda: _runs(window.url), bool)
    window.open(f"/runs/{runs[0]}")
    return ended(window.page)


def until(window: Window, read: Callable[[], Seen], holds: Callable[[Seen], object]) -> Seen:
    """What is read of a page once it ``holds``, or in the end: pages draw their parts as these come."""
    deadline = time.monotonic() + PATIENCE
    while not holds(seen := read()) and time.monotonic() < deadline:
        window.page.wait_for_timeout(100)
    return seen


def _runs(url: str) -> list[str]:
    """The identifiers of the runs, the youngest first."""
    found = graphql(url, "{ runsOrError { ... on Runs { results { runId } } } }")
    return [each["runId"] for each in found["runsOrError"]["results"]]


def ended(page: Page) -> str:
    """How the run that the page shows ended: Success, Failure or Canceled."""
    expect(page).to_have_url(re.compile("/runs/"))
    status = page.get_by_text(_ENDED).first
    status.wait_for(timeout=_RUN_PATIENCE)
    return status.inner_text()


def execute_again(page: Page, run_id: str) -> None:
    """Press the button of a run's page that executes it again, and follow to the page of the new run."""
    page.get_by_role("button", name=re.compile("Re-execute all")).first.click()
    expect(page).not_to_have_url(re.compile(run_id))


def open_asset(window: Window, name: str, view: str = "overview", *, schema: str = "streak") -> None:
    """The page of asset ``<schema>/<name>``; views are overview, events, checks and lineage."""
    window.open(f"/assets/{schema}/{quote(name)}?view={view}")
    expect(window.page.get_by_text("Events", exact=True)).to_be_visible()


def columns(window: Window, last: str) -> dict[str, str]:
    """The descriptions of the columns that the asset's page lists, once the last one is there."""
    rows = window.page.locator("table", has_text="Column name").locator("tbody tr")
    expect(rows.filter(has=window.page.get_by_text(last, exact=True)).first).to_be_visible()
    told = rows.evaluate_all(
        "rows => rows.map(row => [row.cells[0].querySelector('span').textContent, row.cells[2].textContent])"
    )
    return {name: description.strip() for name, description in told if name != "Column name"}


def check(window: Window, name: str) -> Locator:
    """How this one of the asset's checks went, in their list."""
    named = window.page.get_by_text(name, exact=True).first
    return named.locator("xpath=ancestor::div[following-sibling::*][1]/following-sibling::*[1]")


def plot(window: Window, label: str) -> Locator:
    """The plot of one of the asset's numbers over its materializations."""
    window.page.get_by_role("button", name="Plots").click()
    labels = window.page.get_by_text(label, exact=True)
    return window.page.locator("div").filter(has=labels).filter(has=window.page.locator("canvas")).last


def pictures(window: Window, label: str) -> list[int]:
    """The width of each picture that an entry of the latest materialization shows; 0 for a broken one."""
    window.page.locator("tr", has=window.page.get_by_text(label, exact=True)).last.get_by_text(
        "[Show Markdown]"
    ).click()
    window.page.get_by_role("dialog").locator("img").first.wait_for()
    widths = window.page.locator("img").evaluate_all("images => images.map(image => image.naturalWidth)")
    return [int(width) for width in widths]


def row_count(window: Window) -> Locator:
    return window.page.get_by_text("Row count", exact=True).locator("..").locator("[data-tooltip]")


def nodes(window: Window) -> Locator:
    """The assets and groups of the lineage that are in view: others aren't drawn."""
    return window.page.locator(_NODES)


def open_launchpad(window: Window, job: str) -> None:
    window.open(f"/locations/streak_dagster/jobs/{job}/playground")
    expect(window.page.get_by_text("No errors", exact=True)).to_be_visible()


def config_help(window: Window) -> Locator:
    """What the launchpad says about the part of the configuration where the cursor is."""
    return window.page.locator("code[class*=typeSchemaContainer]")
