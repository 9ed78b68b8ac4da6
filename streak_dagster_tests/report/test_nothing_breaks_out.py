"""Whatever people call things stays text, and the page asks nobody for anything."""

from __future__ import annotations

import re

from streak_dagster.report import Page, page
from streak_dagster.report.waiting import linked
from streak_dagster.views.link import LINK
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.report.account import EVIL, EVIL_PIPELINE
from streak_dagster_tests.report.reading import Parsed

LOADS = {"src", "srcset", "data", "poster", "background", "action", "formaction", "xlink:href", "ping"}


def test_names_are_text(made: Page, parsed: Parsed) -> None:
    tags = {tag for tag, _ in parsed.elements}
    assert not tags & {
        "script",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "b",
        "i",
        "image",
        "use",
        "foreignobject",
    }
    assert EVIL in "".join(parsed.sections.values())
    assert EVIL_PIPELINE in parsed.tables
    assert "49" not in parsed.sections[EVIL_PIPELINE]
    assert "{{ 7*7 }}" in parsed.sections[EVIL_PIPELINE]
    assert "\x07" not in made.html


def test_it_is_small(made: Page) -> None:
    assert len(made.html) < 100_000


def test_nothing_is_loaded_from_anywhere(made: Page, parsed: Parsed) -> None:
    for tag, attributes in parsed.elements:
        assert not LOADS & attributes.keys(), tag
        assert not any(name.startswith("on") for name in attributes), tag
        if "href" in attributes:
            assert (tag, attributes["href"]) == ("link", "data:,") or (
                tag == "a" and attributes["href"].startswith(LINK)
            )
    without_links = re.sub(rf'<a href="{re.escape(LINK)}[^"]*"', "", made.html)
    assert re.findall(r"https?:|//\w|url\(|@import", without_links) == []
    assert "<!DOCTYPE html>" in made.html
    assert made.html.lower().count("<!doctype") == 1


def test_a_policy_forbids_what_would_slip_through(parsed: Parsed) -> None:
    (policy,) = [
        attributes["content"]
        for tag, attributes in parsed.elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_pictures_have_words_and_no_ids_that_clash(parsed: Parsed) -> None:
    pictures = [attributes for tag, attributes in parsed.elements if tag == "svg"]
    assert all(each["role"] == "img" and each["aria-label"] and each["viewbox"] for each in pictures)
    assert len({each["aria-label"] for each in pictures}) == len(pictures)
    assert not any("id" in attributes for _, attributes in parsed.elements)
    texts = [tag for tag, _ in parsed.elements if tag == "text"]
    assert len(texts) > 40


def test_a_title_is_text_too(session: Session) -> None:
    made = page(session, title="</title><script>\x00alert(1)</script>")
    assert "<h1>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in made.html


def test_only_links_into_streak_are_links() -> None:
    assert linked(f"{LINK}abc") == f"{LINK}abc"
    assert linked("javascript:alert(1)") is None
    assert linked("https://mail.google.com.evil.example/") is None
    assert linked(None) is None
