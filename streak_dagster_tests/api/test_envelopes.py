"""Every envelope around a list is read; anything else is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.api.answers import NO_CONTENT
from streak_dagster.api.envelopes import Page, keyed_records, read_page
from streak_dagster.api.paginators import PageSummary
from streak_dagster.errors import UnreadableAnswerError

A, B = {"key": "a", "name": "A"}, {"key": "b"}


@pytest.mark.parametrize(
    ("body", "page"),
    [
        ([], Page([])),
        ([A, B], Page([A, B])),
        ({"results": []}, Page([])),
        ({"results": [A, B]}, Page([A, B])),
        ({"results": [A], "hasNextPage": True}, Page([A], more=True)),
        ({"results": [A], "hasNextPage": False}, Page([A], more=False)),
        ({"results": [A], "hasNextPage": None}, Page([A])),
        (NO_CONTENT, Page([])),
        ({"results": None, "hasNextPage": False}, Page([], more=False)),
        ({"results": None, "hasNextPage": "false", "cursor": None}, Page([], more=False)),
        ({"hasNextPage": False}, Page([], more=False)),
        ({"results": [A], "cursor": "next"}, Page([A], cursor="next")),
        ({"results": [A], "cursor": ""}, Page([A])),
        ({"results": [A], "cursor": None}, Page([A])),
        ({"results": [A], "cursor": 7}, Page([A], cursor="7")),
        ({"results": [A], "cursor": {"at": 7}}, Page([A], cursor='{"at": 7}')),
        ({"a": A, "b": B}, Page([A, B])),
        ({"a": {"boxKey": "a"}}, Page([{"boxKey": "a", "key": "a"}])),
    ],
)
def test_every_envelope_is_read(body: Any, page: Page) -> None:
    assert read_page(body, "teams") == page


@pytest.mark.parametrize(
    ("sent", "more"),
    [
        *((sent, True) for sent in (True, "true", "True", " TRUE ", 1, 1.0, "1")),
        *((sent, False) for sent in (False, "false", "False", 0, 0.0, "0")),
        *((sent, None) for sent in (None, "", "yes", "null", 2, -1, 0.5, [], [True], {}, {"value": True})),
    ],
    ids=repr,
)
def test_streaks_word_is_read_however_it_is_written(sent: Any, more: bool | None) -> None:
    """What says neither yes nor no is no word."""
    assert read_page({"results": [A], "hasNextPage": sent}, "boxes") == Page([A], more)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("text", "a string"),
        (7, "a number"),
        (True, "a boolean"),
        (None, "null"),
        ({}, "an object of nothing"),
        ({"results": None}, "an object of results"),
        ({"results": None, "hasNextPage": True}, "an object of hasNextPage, results"),
        ({"results": None, "hasNextPage": None}, "an object of hasNextPage, results"),
        ({"results": {}, "hasNextPage": False}, "an object of hasNextPage, results"),
        ({"items": [A], "hasNextPage": False}, "an object of hasNextPage, items"),
        ({"error": "no"}, "an object of error"),
        ({"key": "k", "name": "one object"}, "an object of key, name"),
        ([A, "b"], "a string"),
        ([A, None], "null"),
        ({"results": [[A]]}, "a list"),
        ({"data": {"items": [A]}}, "an object of data"),
        ({"results": {"0": A}}, "an object of results"),
        ({"a": A, "b": {"name": "no key"}}, "an object of a, b"),
    ],
)
def test_what_isnt_a_list_is_refused_by_name(body: Any, shown: str) -> None:
    with pytest.raises(UnreadableAnswerError) as caught:
        read_page(body, "box_tasks of box K1")
    assert shown in str(caught.value)
    assert "box_tasks of box K1" in str(caught.value)


@pytest.mark.parametrize("record", [{}, {"key": None}, {"key": ""}, {"key": 4711}, {"taskKey": ["k"]}])
def test_a_record_without_its_key_is_refused_by_name(record: dict[str, Any]) -> None:
    with pytest.raises(UnreadableAnswerError, match="without key or taskKey among the box_tasks of box K1"):
        read_page([A, record], "box_tasks of box K1", keys=("key", "taskKey"))


def test_a_record_that_comes_twice_on_a_page_counts_once() -> None:
    newer = {**A, "name": "changed"}
    assert read_page([A, B, A], "teams", keys=("key",)).records == [A, B]
    assert read_page([A, newer], "teams", keys=("key",)).records == [A, newer], "which one is told later"


def test_either_name_of_the_key_does() -> None:
    records: list[dict[str, Any]] = [{"key": "a"}, {"taskKey": "b"}, {"key": 4711, "taskKey": "c"}]
    assert read_page(records, "tasks", keys=("key", "taskKey")) == Page(records)


@pytest.mark.parametrize("record", [{}, {"key": None}])
def test_a_record_without_a_key_gets_it_from_its_place(record: dict[str, Any]) -> None:
    assert keyed_records({"5001": record})[0]["key"] == "5001"


def test_a_record_keeps_its_own_key() -> None:
    assert keyed_records({"5001": {"key": "5002"}}) == [{"key": "5002"}]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["results", "hasNextPage", "cursor", "key", "x"]), inner)
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_a_page_or_a_named_error(body: Any) -> None:
    try:
        page = read_page(body, "boxes")
    except UnreadableAnswerError:
        return
    assert all(isinstance(record, dict) for record in page.records)
    assert page.more in (None, True, False)
    assert PageSummary.of(page).count == len(page.records)


@given(st.lists(st.lists(st.text(max_size=8), max_size=4), min_size=2, max_size=2, unique_by=tuple))
def test_different_keys_have_different_fingerprints(lists: list[list[str]]) -> None:
    one, other = (PageSummary.of(Page([{"key": key} for key in keys])) for keys in lists)
    assert one.digest != other.digest


@pytest.mark.parametrize("records", [[{"boxKey": "b"}], [{"name": "no key"}], [{"key": "\ud800"}]])
def test_a_fingerprint_depends_on_the_records_alone(records: list[dict[str, Any]]) -> None:
    summary = PageSummary.of(Page(records, more=True))
    assert summary == PageSummary.of(Page([dict(record) for record in records], more=True))
    assert summary.digest != PageSummary.of(Page([{"key": "other"}])).digest
