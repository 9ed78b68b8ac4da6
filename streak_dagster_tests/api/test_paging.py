"""When a list has been read to its end, whatever the server says about it and in whatever order."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streak_dagster.api.envelopes import Page, read_page
from streak_dagster.api.paginators import NumberedPages, PageSummary, SingleAnswer
from streak_dagster.errors import UnreadableAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class Server:
    """A paged list as Streak may serve it. ``asked`` is every page that was asked for, ``calls`` with limits.

    After so many records comes one that is ``unseen``: it has its place, and is filtered out of its page.
    A server that ``skips`` begins a page where the one before it ends by what was asked for, not by its cap.
    """

    length: int
    cap: int | None = None
    word: str = "present"
    wrapped: bool = True
    unseen: int | None = None
    skips: bool = False
    asked: list[int] = field(default_factory=list)
    calls: list[tuple[int, int]] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        return not self.wrapped or self.word == "absent"

    @property
    def places(self) -> list[dict[str, Any] | None]:
        found: list[dict[str, Any] | None] = []
        for number, record in enumerate(self.records, 1):
            found.append(record)
            if self.unseen and number % self.unseen == 0:
                found.append(None)
        return found

    @property
    def records(self) -> list[dict[str, Any]]:
        return [{"key": f"k{number}"} for number in range(self.length)]

    def given(self, limit: int) -> int:
        """How many records a page has when ``limit`` are asked for."""
        return min(limit, self.cap or limit)

    def answer(self, page: int, limit: int) -> Any:
        self.asked.append(page)
        self.calls.append((page, limit))
        first = page * (limit if self.skips else self.given(limit))
        last = first + self.given(limit)
        shown = [record for record in self.places[first:last] if record is not None]
        return self.envelope(shown, more=last < len(self.places))

    def envelope(self, records: list[dict[str, Any]], *, more: bool) -> Any:
        if not self.wrapped:
            return records
        if self.word == "present" or (self.word == "false_omitted" and more):
            return {"results": records, "hasNextPage": more}
        return {"results": records}


def read_all(
    paginator: NumberedPages,
    answer: Callable[[int, int], Any],
    in_flight: int = 1,
    order: random.Random | None = None,
    first: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Ask as a walk does: pages in turn, some at once, answers in any order. The records page by page."""
    queue = deque(paginator.next_tokens() if first is None else first)
    flying: list[tuple[str, Page]] = []
    pages: dict[int, Page] = {}
    while queue or flying:
        while queue and len(flying) < in_flight:
            token = queue.popleft()
            if not paginator.wants(token):
                paginator.skip(token)
            else:
                flying.append((token, ask(paginator, answer, token)))
            assert len(pages) + len(flying) < 500, "endless"
        if flying:
            place = order.randrange(len(flying)) if order else 0
            token, page = flying.pop(place)
            paginator.check(token, PageSummary.of(page), "boxes")
            pages[int(token)] = page
            paginator.note(token, PageSummary.of(page))
        queue.extend(paginator.next_tokens())
    assert not paginator.awaits_answers
    return [record for number in sorted(pages) for record in pages[number].records]


def ask(paginator: NumberedPages, answer: Callable[[int, int], Any], token: str) -> Page:
    params = paginator.params(token)
    return read_page(answer(int(params.get("page", 0)), int(params.get("limit", 0))), "boxes", keys=("key",))


@st.composite
def servers(draw: st.DrawFn) -> Server:
    length = draw(st.integers(0, 60))
    cap = draw(st.none() | st.integers(1, 20))
    word = draw(st.sampled_from(["present", "absent", "false_omitted"]))
    return Server(length, cap, word, wrapped=draw(st.booleans()), unseen=draw(st.none() | st.integers(1, 9)))


@given(
    server=servers(),
    limit=st.integers(1, 25),
    expected=st.none() | st.just(0) | st.integers(-60, 10),
    small=st.booleans(),
    in_flight=st.integers(1, 8),
    seed=st.integers(0, 2**32),
)
def test_every_record_is_read_once_and_no_page_in_vain(
    server: Server, limit: int, expected: int | None, small: bool, in_flight: int, seed: int
) -> None:
    """``expected`` is off by so many: the count on the pipeline is only a hint."""
    given, whole = server.given(limit), len(server.places)
    # A list said to be small is believed when a page is short: that is what small means.
    assume(not (server.silent and small and whole > given and (given < limit or server.unseen)))
    # Without a word, a page whose only record is filtered out can't be told from the end. A list whose first
    # page shows one record is read again by pages of one.
    shown = sum(place is not None for place in server.places[:given])
    assume(not (server.silent and server.unseen and 1 in (given, shown)))
    assume(not (small and server.unseen))
    hint = None if expected is None else max(0, server.length + expected)

    records = read_all(NumberedPages(limit, hint, small=small), server.answer, in_flight, random.Random(seed))

    found = [record["key"] for record in records]
    assert sorted(set(found)) == sorted(record["key"] for record in server.records)
    assert server.unseen or found == [record["key"] for record in server.records]
    assert len(set(server.calls)) == len(server.calls)
    # The empty page that shows the end, and one by smaller pages that shows that nothing was skipped.
    needed = max(1, -(-whole // given)) + 2
    if hint is not None and hint > server.length:
        needed += in_flight
    if not server.unseen:
        assert len(server.calls) <= needed


@given(
    length=st.integers(0, 60),
    cap=st.integers(1, 20),
    limit=st.integers(2, 25),
    word=st.sampled_from(["present", "absent", "false_omitted"]),
    expected=st.none() | st.integers(-60, 10),
    in_flight=st.integers(1, 8),
    seed=st.integers(0, 2**32),
)
def test_a_server_that_skips_what_it_didnt_give_is_read_whole(
    length: int, cap: int, limit: int, word: str, expected: int | None, in_flight: int, seed: int
) -> None:
    server = Server(length, cap, word, skips=True)
    hint = None if expected is None else max(0, length + expected)
    # A wrong hint that is exactly what such a server shows can't be told from a right one.
    assume(hint == length or hint != sum(1 for place in range(length) if place % limit < cap))
    records = read_all(NumberedPages(limit, hint, small=False), server.answer, in_flight, random.Random(seed))
    assert {record["key"] for record in records} == {record["key"] for record in server.records}


@pytest.mark.parametrize("word", ["present", "absent", "false_omitted"])
@pytest.mark.parametrize("expected", [None, 39, 99, 100])
@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_page_that_was_filtered_isnt_the_end(word: str, expected: int | None, place: int) -> None:
    """Whatever the counter says: 39 are what such a list seemed to hold."""
    server = Server(100, word=word)

    def filtered(page: int, limit: int) -> Any:
        answer = server.answer(page, limit)
        return {**answer, "results": answer["results"][:-1]} if page == place else answer

    read = read_all(NumberedPages(20, expected, small=False), filtered)
    assert len({each["key"] for each in read}) >= 99
    assert len(server.calls) <= 8


def test_a_page_that_was_filtered_empty_isnt_the_end_where_streak_says_so() -> None:
    server = Server(100)

    def filtered(page: int, limit: int) -> Any:
        answer = server.answer(page, limit)
        return {**answer, "results": []} if page in (1, 2) else answer

    assert len(read_all(NumberedPages(20, small=False), filtered)) == 60


def test_a_page_behind_an_empty_one_shows_that_the_list_goes_on() -> None:
    """The expected pages go out together; what wasn't sent when the empty one came is asked for then."""
    server = Server(100, word="absent")

    def filtered(page: int, limit: int) -> Any:
        answer = server.answer(page, limit)
        return {**answer, "results": []} if page == 1 else answer

    assert len(read_all(NumberedPages(20, 100, small=False), filtered, in_flight=2)) == 80


def test_a_server_that_promises_more_for_ever_is_left() -> None:
    server = Server(40)

    def promising(page: int, limit: int) -> Any:
        return {**server.answer(page, limit), "hasNextPage": True}

    assert read_all(NumberedPages(20, small=False), promising) == server.records
    assert server.asked == [0, 1, 2, 3, 4]


def test_an_empty_page_that_promises_more_behind_one_that_doesnt_has_an_end() -> None:
    """What it promises isn't wanted, because the page before it seemed to be the end."""
    paginator = NumberedPages(10, 25, small=False)
    paginator.next_tokens()
    paginator.note("0", PageSummary(10, more=True, digest="a"))
    assert list(paginator.next_tokens()) == ["1", "2"]
    paginator.note("1", PageSummary(0, more=None, digest=""))
    paginator.note("2", PageSummary(0, more=True, digest=""))
    for token in paginator.next_tokens():
        assert not paginator.wants(token)
        paginator.skip(token)
    assert list(paginator.next_tokens()) == []
    assert not paginator.awaits_answers


@given(
    length=st.integers(1, 40),
    limit=st.integers(1, 40),
    more=st.sampled_from([True, False, None]),
    expected=st.none() | st.integers(0, 60),
    small=st.booleans(),
)
def test_a_server_that_ignores_paging_is_not_asked_for_ever(
    length: int, limit: int, more: bool | None, expected: int | None, small: bool
) -> None:
    server = Server(length)
    asked = []

    def everything(page: int, _limit: int) -> Any:
        asked.append(page)
        return {"results": server.records} | ({} if more is None else {"hasNextPage": more})

    records = read_all(NumberedPages(limit, expected, small=small), everything)
    assert {record["key"] for record in records} == {record["key"] for record in server.records}
    assert len(asked) <= 3
    if length > limit and more is None:
        assert len(asked) == 1, "a page longer than asked for shows at once that paging is ignored"


@given(
    length=st.integers(1, 40),
    limit=st.integers(1, 45),
    came_at=st.integers(1, 6),
    more=st.sampled_from([True, None]),
    expected=st.none() | st.integers(0, 60),
    seed=st.integers(0, 2**32),
)
def test_ignored_paging_has_an_end_while_people_work(
    length: int, limit: int, came_at: int, more: bool | None, expected: int | None, seed: int
) -> None:
    """A box comes between two calls, and the order is that of what was updated last."""
    server, order = Server(length), random.Random(seed)
    asked: list[int] = []

    def everything(page: int, _limit: int) -> Any:
        asked.append(page)
        records = [*server.records, *([{"key": "new"}] if len(asked) > came_at else [])]
        order.shuffle(records)
        return {"results": records} | ({} if more is None else {"hasNextPage": more})

    records = read_all(NumberedPages(limit, expected, small=False), everything)
    assert {record["key"] for record in records} >= {record["key"] for record in server.records}
    assert len(asked) <= 30 + (expected or 0), "what is expected is asked for at once"


@given(
    pages=st.integers(1, 6),
    more=st.sampled_from([True, None]),
    expected=st.none() | st.integers(0, 150),
    in_flight=st.integers(1, 8),
)
def test_a_last_page_that_comes_again_and_again_is_the_end(
    pages: int, more: bool | None, expected: int | None, in_flight: int
) -> None:
    server = Server(pages * 20 - 5)
    asked: list[int] = []

    def clamped(page: int, limit: int) -> Any:
        asked.append(page)
        found = server.answer(min(page, (server.length - 1) // limit), limit)
        return {"results": found["results"]} | ({} if more is None else {"hasNextPage": more})

    records = read_all(NumberedPages(20, expected, small=False), clamped, in_flight)
    assert {record["key"] for record in records} == {record["key"] for record in server.records}
    assert len(asked) <= 60


@given(
    pages=st.integers(2, 12),
    glitches=st.sets(st.integers(1, 11), min_size=1),
    word=st.sampled_from(["present", "absent", "false_omitted"]),
    hint=st.booleans(),
    in_flight=st.integers(1, 8),
    seed=st.integers(0, 2**32),
)
def test_a_page_sent_twice_is_asked_for_again(
    pages: int, glitches: set[int], word: str, hint: bool, in_flight: int, seed: int
) -> None:
    server = Server(pages * 5 - 2, word=word)
    right = list(server.records)

    def with_glitches(page: int, limit: int) -> Any:
        answer = server.answer(page, limit)
        if page not in glitches or server.asked.count(page) > 1:
            return answer
        return {**answer, "results": right[(page - 1) * 5 : page * 5]}

    paginator = NumberedPages(5, server.length if hint else None, small=False)
    assert read_all(paginator, with_glitches, in_flight, random.Random(seed)) == right


@pytest.mark.parametrize("word", ["present", "absent"])
def test_a_page_that_stays_another_ones_copy_is_an_error(word: str) -> None:
    server = Server(23, word=word)

    def stuck(page: int, limit: int) -> Any:
        answer = server.answer(page, limit)
        return {**answer, "results": server.records[5:10]} if page == 2 else answer

    with pytest.raises(UnreadableAnswerError, match="page 2 of boxes with the records of an earlier page"):
        read_all(NumberedPages(5, 23, small=False), stuck)
    assert server.asked.count(2) == 2


def test_pages_that_count_from_one_are_read_whole() -> None:
    server = Server(23, wrapped=False)
    records = read_all(
        NumberedPages(5, small=False), lambda page, limit: server.answer(max(0, page - 1), limit)
    )
    assert {each["key"] for each in records} == {each["key"] for each in server.records}


def test_a_list_without_paging_is_one_call() -> None:
    paginator = SingleAnswer()
    assert list(paginator.next_tokens()) == ["0"]
    paginator.note("0", PageSummary(7, more=None, digest="a"))
    assert list(paginator.next_tokens()) == []
    assert not paginator.wants("1")


def test_streaks_word_on_further_pages_is_taken_even_without_paging() -> None:
    server = Server(7, cap=3)
    assert read_all(SingleAnswer(), lambda page, _: server.answer(page, 3)) == server.records


def test_the_first_page_goes_alone_then_all_that_are_expected() -> None:
    paginator = NumberedPages(100, 1000)
    assert list(paginator.next_tokens()) == ["0"]
    assert list(paginator.next_tokens()) == [], "the first answer is awaited"
    paginator.note("0", PageSummary(100, more=None, digest="a"))
    assert list(paginator.next_tokens()) == [str(page) for page in range(1, 10)]


def test_the_empty_page_that_shows_the_end_goes_with_the_expected_ones() -> None:
    for word, pages in (("absent", ["0", "1", "2", "3"]), ("present", ["0", "1", "2"])):
        server = Server(90, cap=30, word=word)
        paginator = NumberedPages(100, 90, small=False)
        paginator.next_tokens()
        paginator.note("0", PageSummary.of(read_page(server.answer(0, 100), "boxes")))
        assert ["0", *paginator.next_tokens()] == pages


def test_a_small_list_is_asked_by_the_page_size_that_the_server_gives() -> None:
    paginator = NumberedPages(100, 90)
    paginator.next_tokens()
    paginator.note("0", PageSummary(30, more=None, digest="a"))
    assert (list(paginator.next_tokens()), paginator.page_size) == (["1", "2"], 30)


@pytest.mark.parametrize(
    ("length", "expected", "calls"),
    [
        (41, 41, [(0, 100), (1, 100)]),
        (41, None, [(0, 100), (1, 100), (1, 41)]),
        (100, 100, [(0, 100), (1, 100)]),
        (100, None, [(0, 100), (1, 100)]),
        (250, 250, [(0, 100), (1, 100), (2, 100), (3, 100)]),
        (250, None, [(0, 100), (1, 100), (2, 100), (3, 100)]),
    ],
)
def test_what_a_list_without_streaks_word_costs(
    length: int, expected: int | None, calls: list[tuple[int, int]]
) -> None:
    silent, telling = Server(length, wrapped=False), Server(length)
    assert read_all(NumberedPages(100, expected, small=False), silent.answer) == silent.records
    assert silent.calls == calls
    read_all(NumberedPages(100, expected, small=False), telling.answer)
    assert telling.asked == list(range(-(-length // 100)))


@pytest.mark.parametrize("small", [True, False])
def test_an_empty_list_is_one_call(small: bool) -> None:
    server = Server(0, word="absent")
    assert read_all(NumberedPages(100, small=small), server.answer) == []
    assert server.asked == [0]


def test_more_rows_than_were_counted_prove_the_count_wrong() -> None:
    """A first page shorter than asked for ends a list of known length, but only if it is just that long."""
    server = Server(100, cap=30, wrapped=False)
    assert read_all(NumberedPages(100, 20, small=False), server.answer) == server.records


def test_a_short_page_with_a_record_sent_twice_is_a_full_one() -> None:
    server = Server(23, wrapped=False)

    def twice(page: int, limit: int) -> Any:
        answer = server.answer(page, limit)
        return [*answer[:-1], answer[0]] if page == 1 else answer

    read = read_all(NumberedPages(5, small=False), twice)
    assert [each["key"] for each in read] == [f"k{number}" for number in range(23) if number != 9]


@given(
    length=st.integers(0, 60),
    earlier=st.sets(st.integers(1, 14)),
    word=st.sampled_from(["present", "absent", "false_omitted"]),
    hint=st.booleans(),
    in_flight=st.integers(1, 8),
    seed=st.integers(0, 2**32),
)
def test_a_list_is_whole_whichever_of_its_pages_were_answered_before(
    length: int, earlier: set[int], word: str, hint: bool, in_flight: int, seed: int
) -> None:
    """A walk that was cut short may have the last page and not the one before it."""
    server = Server(length, word=word)
    last = max(0, (length - 1) // 5)
    had = {0, *earlier} if hint else range(max(earlier, default=0) + 1)
    known = {page: server.answer(page, 5) for page in had if page <= last}
    facts = {str(page): [PageSummary.of(read_page(body, "boxes"))] for page, body in known.items()}
    paginator = NumberedPages(5, length if hint else None, small=False)
    server.asked.clear()
    read = read_all(paginator, server.answer, in_flight, random.Random(seed), paginator.resume(facts))
    held = [record for page in known.values() for record in page["results"]]
    assert {each["key"] for each in (*held, *read)} == {each["key"] for each in server.records}
    assert not set(server.asked) & known.keys()


@pytest.mark.parametrize("cap", [30, 100])
def test_a_small_list_is_read_on_where_more_rows_are_known_of(cap: int) -> None:
    server = Server(230, cap=cap, word="absent")
    assert read_all(NumberedPages(1000, 230), server.answer) == server.records
    assert read_all(NumberedPages(1000, 30), Server(30, word="absent").answer) == server.records[:30]
