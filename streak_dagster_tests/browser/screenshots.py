"""The README's pictures: what a new user sees after the first run. ``python -m`` this writes them anew."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import expect

from streak_dagster.views import picture
from streak_dagster_tests.browser import pages
from streak_dagster_tests.support.browser import HOW_TO, Window, executable, window
from streak_dagster_tests.support.dagster_dev import dagster_dev
from streak_dagster_tests.support.sandboxes import sandbox_of

FOLDER = Path(__file__).parents[2] / "docs" / "images"
SCALE = 1.4
"""Pixels a point, so that small letters stay sharp where a README is shown narrower."""


def main() -> int:
    program = executable()
    if program is None:
        print(HOW_TO, file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        sandbox_of() as sandbox,
        dagster_dev(sandbox) as ui,
        window(ui.url, program, scale=SCALE) as opened,
    ):
        pages.open_lineage(opened)
        if pages.materialize_all(opened) != "Success":
            print(ui.run.output, file=sys.stderr)
            return 1
        asset(opened, FOLDER / "asset.png")
        picture.main(str(ui.database), str(FOLDER / "funnel.png"))
    return 0


def asset(opened: Window, path: Path) -> None:
    pages.open_asset(opened, "pipeline_boxes")
    expect(pages.row_count(opened)).to_be_visible()
    expect(opened.page.get_by_text("Passing", exact=True).first).to_be_visible()  # its freshness
    assert pages.columns(opened, last="_extra")
    _shoot(opened, path)


def _shoot(opened: Window, path: Path) -> None:
    """Without a pointer on anything, and with every letter and icon there."""
    opened.page.mouse.move(720, 5)
    expect(opened.page.get_by_text("Launched run")).to_have_count(0)
    expect(opened.page.get_by_title("Loading…")).to_have_count(0)
    opened.page.evaluate("document.fonts.ready.then(() => null)")
    opened.page.screenshot(path=path, animations="disabled")
    print(f"{path}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    sys.exit(main())
