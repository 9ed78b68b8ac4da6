"""The page in a real browser: on a phone, in print, and without anything from elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from streak_dagster.report import write_report
from streak_dagster_tests.support.browser import HOW_TO, Window, executable, window

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page") / "page.html"


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """The addresses that the browser asked for."""
    return []


@pytest.fixture(scope="module")
def shown(database: Path, target: Path, asked: list[str]) -> Iterator[Window]:
    program = executable()
    if program is None:
        (pytest.fail if os.environ.get("STREAK_REQUIRE_BROWSER") else pytest.skip)(HOW_TO)
    write_report(database, target, interval=timedelta(hours=6))
    with window(target.as_uri(), program) as opened:
        opened.page.on("request", lambda request: asked.append(request.url))
        opened.open("")
        yield opened


def test_it_loads_nothing_and_complains_of_nothing(shown: Window, target: Path, asked: list[str]) -> None:
    assert shown.page.title().startswith("Tern & <Tiller>, ")
    assert asked == [target.as_uri()]
    assert shown.complaints == []


@pytest.mark.parametrize("width", [360, 390, 640, 768, 1280])
def test_it_is_as_wide_as_the_screen(shown: Window, width: int) -> None:
    shown.page.set_viewport_size({"width": width, "height": 800})
    assert shown.page.evaluate("document.documentElement.scrollWidth") == width
    letters = shown.page.evaluate(
        "[...document.querySelectorAll('svg text')].map(e => e.getBoundingClientRect().height)"
    )
    assert min(letters) > 8
    outside = shown.page.evaluate(
        "[...document.querySelectorAll('svg text')].filter(e => { const t = e.getBoundingClientRect(), "
        "s = e.ownerSVGElement.getBoundingClientRect(); return t.left < s.left - 2 || t.right > s.right + 2 "
        "}).map(e => e.textContent)"
    )
    assert outside == []


def test_it_follows_the_dark(shown: Window) -> None:
    colours = []
    for scheme in ("light", "dark"):
        shown.page.emulate_media(color_scheme=scheme)
        colours.append(shown.page.evaluate("getComputedStyle(document.querySelector('svg text')).fill"))
    shown.page.emulate_media(color_scheme="light")
    assert colours[0] != colours[1]


def test_it_prints(shown: Window) -> None:
    printed = shown.page.pdf(format="A4", print_background=True)
    assert printed.startswith(b"%PDF-")
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 3 <= pages <= 14
    shown.page.emulate_media(media="print")
    shown.page.set_viewport_size({"width": 688, "height": 1000})  # A4 without its margins
    hidden = shown.page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
    )
    shown.page.emulate_media(media="screen")
    assert hidden == 0
