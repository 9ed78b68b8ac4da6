"""Which value a column takes, and which goes to ``_extra`` because it doesn't fit."""

from __future__ import annotations

from typing import Any

import pytest

from streak_dagster.sync.projection import project
from streak_dagster.tables.box_threads import BOX_THREADS
from streak_dagster.tables.columns import flag, integer, nested, number, text, timestamp
from streak_dagster.tables.model import Endpoint, Kind, Table
from streak_dagster.tables.pipeline_boxes import PIPELINE_BOXES
from streak_dagster.tables.snippets import SNIPPETS

TABLE = Table(
    name="things",
    description="One column of each type.",
    primary_key=("key",),
    group="test",
    kind=Kind.ACCOUNT_LIST,
    endpoint=Endpoint("v1/things"),
    columns=(
        text("key", "Key.", aliases=("thingKey",)),
        text("words", "Text.", unwrap="value"),
        integer("size", "Whole number."),
        number("share", "Number."),
        flag("done", "Flag."),
        timestamp("at", "Moment."),
        nested("tree", "Anything."),
        integer("position", "Place.", derived=True),
    ),
)
LAST, FIRST = 253_402_300_799_999, -62_135_596_800_000
"""The last millisecond of the year 9999, which people type for "never", and the first of the year 1."""
NOON = 1_709_208_000_000  # 2024-02-29T12:00:00Z


def row_of(**record: Any) -> dict[str, Any]:
    row = project(TABLE, record, synced_at=1)
    assert row.pop("_synced_at") == 1
    return row


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("size", 5, 5),
        ("size", "17", 17),
        ("size", " -17 ", -17),
        ("size", 5.0, 5),
        ("size", 2**63 - 1, 2**63 - 1),
        ("share", 5, 5.0),
        ("share", 0.25, 0.25),
        ("share", "0.25", 0.25),
        ("done", True, True),
        ("done", "False", False),
        ("done", " TRUE", True),
        ("done", 1, True),
        ("done", "1", True),
        ("done", 0, False),
        ("done", "0", False),
        ("at", NOON, NOON),
        ("at", str(NOON), NOON),
        ("at", float(NOON), NOON),
        ("at", NOON + 1, NOON + 1),
        ("at", -2, -2),
        ("at", LAST, LAST),
        ("at", FIRST, FIRST),
        ("at", "1970-01-01T00:00:00Z", 0),
        ("at", "1970-01-20T18:00:00Z", 1_706_400_000),
        ("at", "9999-12-31T23:59:59.999999Z", LAST),
        ("at", "0001-01-01T00:00:00Z", FIRST),
        ("at", "2024-02-29T12:00:00Z", NOON),
        ("at", "2024-02-29T14:00:00.250+02:00", NOON + 250),
        ("at", "2024-02-29T12:00:00", NOON),
        ("words", "plain", "plain"),
        ("words", {"value": "wrapped"}, "wrapped"),
        ("words", 12, "12"),
        ("words", True, "true"),
        ("words", 1.5, "1.5"),
        ("tree", "just text", "just text"),
        ("tree", [1, {"a": None}], [1, {"a": None}]),
        ("tree", 0, 0),
    ],
)
def test_a_value_that_fits_becomes_the_columns_type(name: str, sent: Any, kept: Any) -> None:
    row = row_of(**{name: sent})
    assert row == {name: kept}
    assert type(row[name]) is type(kept)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("size", 2**63),
        ("size", "9" * 30),
        ("size", "9" * 5000),
        ("size", 5.5),
        ("size", True),
        ("size", ""),
        ("size", "-"),
        ("size", "²"),
        ("size", [5]),
        ("share", True),
        ("share", "nan"),
        ("share", "infinity"),
        ("share", "much"),
        ("share", 10**400),
        ("share", 2**53 + 1),
        ("done", 2),
        ("done", "yes"),
        ("at", LAST + 1),
        ("at", FIRST - 1),
        ("at", -1),
        ("at", 0),
        ("at", "-1"),
        ("at", " 0"),
        ("at", -1.0),
        ("at", 2**62),
        ("at", str(2**62)),
        ("at", "next week"),
        ("at", 1.5),
        ("at", True),
        ("words", {"other": "x"}),
        ("words", {"value": "x", "other": "x"}),
        ("words", {"value": ["x"]}),
        ("words", ["x"]),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_value_that_doesnt_fit_goes_to_extra_as_it_was_sent(name: str, sent: Any) -> None:
    assert row_of(**{name: sent}) == {"_extra": {name: sent}}


@pytest.mark.parametrize("seconds", [1_000_000_000, NOON // 1000, 4_200_000_000])
@pytest.mark.parametrize("form", [int, str, float])
def test_a_moment_in_seconds_is_read_and_kept_as_it_was_sent(seconds: int, form: type) -> None:
    sent = form(seconds)
    assert row_of(at=sent) == {"at": seconds * 1000, "_extra": {"at": sent}}


@pytest.mark.parametrize("milliseconds", [999_999_999, 4_200_000_001])
def test_what_is_no_likely_second_is_a_millisecond(milliseconds: int) -> None:
    assert row_of(at=milliseconds) == {"at": milliseconds}


@pytest.mark.parametrize("name", ["key", "thingKey", "words", "size", "share", "done", "at", "tree"])
def test_null_of_a_declared_property_is_as_if_it_hadnt_come(name: str) -> None:
    assert row_of(**{name: None}) == {}


def test_null_of_an_unknown_property_is_kept() -> None:
    assert row_of(new=None) == {"_extra": {"new": None}}


@pytest.mark.parametrize("number", [float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["size", "share", "at", "tree", "words", "unheardOf"])
def test_a_number_beyond_every_type_is_kept_as_text(name: str, number: float) -> None:
    """``1e400`` is JSON; Python reads it as infinity, which JSON can't write."""
    row = row_of(**{name: number})
    word = "Infinity" if number > 0 else "-Infinity"
    assert word in {*map(str, row.values()), *map(str, row.get("_extra", {}).values())}


def test_derived_columns_are_never_filled_by_a_property_of_that_name() -> None:
    assert row_of(position=7) == {"_extra": {"position": 7}}
    row = project(TABLE, {"position": 7}, synced_at=1, position=2)
    assert (row["position"], row["_extra"]) == (2, {"position": 7})


@pytest.mark.parametrize("twin", ["key", "boxKey"])
def test_twins_fill_each_other(twin: str) -> None:
    row = project(PIPELINE_BOXES, {twin: "b1"}, synced_at=1)
    assert (row["key"], row["box_key"], row.get("_extra")) == ("b1", "b1", None)


@pytest.mark.parametrize(("set_one", "other"), [("key", "boxKey"), ("boxKey", "key")])
def test_a_twin_that_is_null_says_nothing(set_one: str, other: str) -> None:
    row = project(PIPELINE_BOXES, {set_one: "b1", other: None}, synced_at=1)
    assert row == {"key": "b1", "box_key": "b1", "_synced_at": 1}


def test_a_twin_that_says_something_else_is_kept() -> None:
    assert row_of(key="a", thingKey="b") == {"key": "a", "_extra": {"thingKey": "b"}}
    assert row_of(key="a", thingKey="a") == {"key": "a"}
    assert row_of(key=None, thingKey="b") == {"key": "b"}
    assert row_of(key=["odd"], thingKey="b") == {"key": "b", "_extra": {"key": ["odd"]}}


def test_snippet_text_comes_as_object_or_as_string() -> None:
    for sent in ({"value": "Hello"}, "Hello"):
        assert project(SNIPPETS, {"key": "s", "snippetText": sent}, synced_at=1)["snippet_text"] == "Hello"


def test_the_box_that_was_asked_for_owns_the_thread_and_the_other_is_remembered() -> None:
    row = project(BOX_THREADS, {"key": "t", "boxKey": "other"}, synced_at=1, parent="asked")
    assert (row["box_key"], row["_extra"]) == ("asked", {"boxKey": "other"})
    row = project(BOX_THREADS, {"key": "t", "boxKey": "asked"}, synced_at=1, parent="asked")
    assert (row["box_key"], row.get("_extra")) == ("asked", None)


def test_a_childs_own_word_on_its_parent_counts_where_it_may_have_moved() -> None:
    row = project(PIPELINE_BOXES, {"key": "b", "pipelineKey": "moved"}, synced_at=1, parent="asked")
    assert (row["pipeline_key"], row.get("_extra")) == ("moved", None)
    assert project(PIPELINE_BOXES, {"key": "b"}, synced_at=1, parent="asked")["pipeline_key"] == "asked"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("cut \ud83d", "cut \ufffd"),
        ("\udc00 first", "\ufffd first"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),
        ("nul \0 inside", "nul \0 inside"),
        ("\ufeffmark", "\ufeffmark"),
    ],
    ids=["high half", "low half", "in the middle", "whole pair", "nul", "byte order mark"],
)
def test_text_that_utf8_cant_hold_is_repaired_everywhere(sent: str, kept: str) -> None:
    row = row_of(**{"words": sent, "tree": {sent: [sent]}, sent: sent})
    assert row == {"words": kept, "tree": {kept: [kept]}, "_extra": {kept: kept}}
