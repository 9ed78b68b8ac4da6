"""When a list that is read by cursor is at its end, whatever the server says about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streak_dagster.api.envelopes import read_page
from streak_dagster.api.paginators import CursorPages, PageSummary
from streak_dagster.api.paginators.base import MAX_EMPTY, MAX_REPEATED, Params
from streak_dagster.errors import UnreadableAnswerError

Serve = Callable[[str | None], dict[str, Any]]
"""The body for a cursor, None for the first page."""


def records(*keys: str) -> list[dict[str, Any]]:
    return [{"key": key} for key in keys]


def read_all(answer: Serve) -> tuple[list[str], list[Params]]:
    """The keys in the order in which they came, and the parameters of each call."""
    paginator, keys, calls = CursorPages(1000), list[str](), list[Params]()
    while tokens := paginator.next_tokens():
        (token,) = tokens
        assert paginator.awaits_answers
        assert list(paginator.next_tokens()) == [], "its answer is awaited"
        assert paginator.wants(token)
        calls.append(paginator.params(token))
        assert len(calls) < 100, "endless"
        cursor = calls[-1].get("cursor")
        page = read_page(answer(None if cursor is None else str(cursor)), "contacts of team T")
        paginator.check(token, PageSummary.of(page), "contacts of team T")
        keys += [record["key"] for record in page.records]
        paginator.note(token, PageSummary.of(page))
    assert not paginator.awaits_answers
    return keys, calls


def scripted(**bodies: dict[str, Any]) -> Serve:
    """A server of these pages; ``first`` is the one without a cursor."""
    return lambda cursor: bodies[cursor or "first"]


def test_the_cursor_is_sent_from_the_second_page_on() -> None:
    serve = scripted(
        first={"results": records("a", "b"), "cursor": "x"},
        x={"results": records("c"), "cursor": "y"},
        y={"results": records("d")},
    )
    assert read_all(serve) == (
        ["a", "b", "c", "d"],
        [{"limit": 1000}, {"limit": 1000, "cursor": "x"}, {"limit": 1000, "cursor": "y"}],
    )


@pytest.mark.parametrize(
    "last",
    [
        {"results": records("z")},
        {"results": records("z"), "cursor": None},
        {"results": records("z"), "cursor": ""},
        {"results": records("z"), "hasNextPage": False},
        {"results": records("z"), "hasNextPage": False, "cursor": "first"},
        {"results": records("z"), "hasNextPage": False, "cursor": "x"},
    ],
)
@pytest.mark.parametrize("word", [{}, {"hasNextPage": True}])
def test_a_list_ends_where_streak_says_so_or_gives_no_cursor(
    last: dict[str, Any], word: dict[str, Any]
) -> None:
    keys, calls = read_all(scripted(first={"results": records("a"), "cursor": "x"} | word, x=last))
    assert (keys, len(calls)) == (["a", "z"], 2)
    assert read_all(scripted(first=last))[0] == ["z"], "also on its first page"


@pytest.mark.parametrize("last", [{"results": []}, {"results": [], "cursor": "x"}, {"hasNextPage": False}])
def test_a_full_last_page_may_be_followed_by_an_empty_one(last: dict[str, Any]) -> None:
    keys, calls = read_all(scripted(first={"results": records("a"), "cursor": "x"}, x=last))
    assert (keys, len(calls)) == (["a"], 2)


def test_an_empty_page_with_a_new_cursor_may_have_been_filtered() -> None:
    serve = scripted(
        first={"results": [], "cursor": "x"},
        x={"results": records("a"), "cursor": "y"},
        y={"results": [], "cursor": "z"},
        z={"results": records("b")},
    )
    assert read_all(serve)[0] == ["a", "b"]


def test_empty_pages_with_ever_new_cursors_have_an_end() -> None:
    def serve(cursor: str | None) -> dict[str, Any]:
        return {"results": [] if cursor else records("a"), "cursor": f"{cursor or ''}x"}

    keys, calls = read_all(serve)
    assert (keys, len(calls)) == (["a"], 1 + MAX_EMPTY)


def test_a_page_that_isnt_the_last_one_but_has_no_cursor_is_an_error() -> None:
    serve = scripted(first={"results": records("a"), "hasNextPage": True})
    with pytest.raises(UnreadableAnswerError, match=r"contacts of team T with .* without the cursor"):
        read_all(serve)


@pytest.mark.parametrize("word", [{}, {"hasNextPage": True}])
def test_a_cursor_that_leads_back_is_an_error(word: dict[str, Any]) -> None:
    serve = scripted(
        first={"results": records("a"), "cursor": "x"},
        x={"results": records("b"), "cursor": "y"} | word,
        y={"results": records("c"), "cursor": "x"} | word,
    )
    with pytest.raises(UnreadableAnswerError, match="contacts of team T with a cursor that leads back"):
        read_all(serve)


def test_a_server_that_ignores_the_cursor_is_found_out_at_once() -> None:
    with pytest.raises(UnreadableAnswerError, match="leads back"):
        read_all(lambda _: {"results": records("a", "b"), "cursor": "x"})


@pytest.mark.parametrize(
    "results", [records("a", "b"), records("b", "a"), []], ids=["same", "in another order", "empty"]
)
def test_pages_with_nothing_new_for_ever_are_an_error_where_there_is_more(
    results: list[dict[str, Any]],
) -> None:
    calls = 0

    def serve(cursor: str | None) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        found = results if cursor else records("a", "b")
        return {"results": found, "cursor": str(calls), "hasNextPage": True}

    with pytest.raises(UnreadableAnswerError, match="contacts of team T with 10 pages in a row"):
        read_all(serve)
    assert calls == 1 + MAX_REPEATED


def test_one_page_that_repeats_another_is_nothing_to_stop_for() -> None:
    """Whoever edits a list while it is read may shift it."""
    serve = scripted(
        first={"results": records("a", "b"), "cursor": "x"},
        x={"results": records("a", "b"), "cursor": "y"},
        y={"results": records("c")},
    )
    assert read_all(serve)[0] == ["a", "b", "a", "b", "c"]


def test_after_it_was_given_up_nothing_is_asked_for() -> None:
    paginator = CursorPages(1000)
    (token,) = paginator.next_tokens()
    paginator.give_up()
    assert not paginator.wants(token)
    assert list(paginator.next_tokens()) == []
    assert not paginator.awaits_answers
