"""When a list has been read to its end, whatever the server says about it and in whatever order."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streak_dagster.api.paging import Chain, Page, PageFacts, read_page
from streak_dagster.errors import UnreadableAnswerError
from streak_dagster.sync.walk import _missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class Server:
    """A paged list as Streak may serve it. ``asked`` is every page that was asked for."""

    length: int
    cap: int | None = None
    word: str = "present"
    wrapped: bool = True
    asked: list[int] = field(default_factory=list)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [{"key": f"k{number}"} for number in range(self.length)]

    def given(self, limit: int) -> int:
        """How many records a page has when ``limit`` are asked for."""
        return min(limit, self.cap or limit)

    def answer(self, page: int, limit: int) -> Any:
        self.asked.append(page)
        first = page * self.given(limit)
        last = first + self.given(limit)
        return self.envelope(self.records[first:last], more=last < self.length)

    def envelope(self, records: list[dict[str, Any]], *, more: bool) -> Any:
        if not self.wrapped:
            return records
        if self.word == "present" or (self.word == "false_omitted" and more):
            return {"results": records, "hasNextPage": more}
        return {"results": records}


def read_all(
    chain: Chain,
    answer: Callable[[int, int], Any],
    in_flight: int = 1,
    order: random.Random | None = None,
    first: Sequence[int] | None = None,
) -> list[dict[str, Any]]:
    """Ask as a walk does: pages in turn, some at once, answers in any order. The records page by page."""
    queue = deque(chain.next_pages() if first is None else first)
    flying: list[tuple[int, Page]] = []
    pages: dict[int, Page] = {}
    while queue or flying:
        while queue and len(flying) < in_flight:
            number = queue.popleft()
            if not chain.wants(number):
                chain.skip()
            else:
                flying.append(
                    (number, read_page(answer(number, chain.page_size or 0), "boxes", keys=("key",)))
                )
            assert len(pages) + len(flying) < 500, "endless"
        if flying:
            place = order.randrange(len(flying)) if order else 0
            number, page = flying.pop(place)
            chain.check(number, PageFacts.of(page), "boxes")
            pages[number] = page
            chain.note(number, PageFacts.of(page))
        queue.extend(chain.next_pages())
    assert not chain.awaits_answers
    return [record for number in sorted(pages) for record in pages[number].records]


@st.composite
def servers(draw: st.DrawFn) -> Server:
    length = draw(st.integers(0, 60))
    cap = draw(st.none() | st.integers(1, 20))
    word = draw(st.sampled_from(["present", "absent", "false_omitted"]))
    return Server(length, cap, word, wrapped=draw(st.booleans()))


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
    silent = not server.wrapped or server.word == "absent"
    capped = server.given(limit) < limit
    # A list said to be small is believed when its first page is short: that is what small means.
    assume(not (silent and capped and small and server.length > server.given(limit)))
    hint = None if expected is None else max(0, server.length + expected)
    # A wrong hint that is exactly the server's secret cap can't be told from a right one.
    assume(not (silent and capped and hint == server.given(limit) and server.length > hint))

    records = read_all(Chain(limit, hint, small=small), server.answer, in_flight, random.Random(seed))

    assert records == server.records
    assert len(set(server.asked)) == len(server.asked)
    needed = max(1, -(-server.length // server.given(limit)))
    too_many_expected = hint is not None and hint > server.length
    assert len(server.asked) <= needed + (in_flight + 1 if too_many_expected else 2)


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

    records = read_all(Chain(limit, expected, small=small), everything)
    assert {record["key"] for record in records} == {record["key"] for record in server.records}
    assert len(asked) <= 3
    if length > limit and more is None:
        assert len(asked) == 1, "a page longer than asked for shows at once that paging is ignored"


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

    chain = Chain(5, server.length if hint else None, small=False)
    assert read_all(chain, with_glitches, in_flight, random.Random(seed)) == right


@pytest.mark.parametrize("word", ["present", "absent"])
def test_a_page_that_stays_another_ones_copy_is_an_error(word: str) -> None:
    server = Server(23, word=word)

    def stuck(page: int, limit: int) -> Any:
        answer = server.answer(page, limit)
        return {**answer, "results": server.records[5:10]} if page == 2 else answer

    with pytest.raises(UnreadableAnswerError, match="page 2 of boxes with the records of an earlier page"):
        read_all(Chain(5, 23, small=False), stuck)
    assert server.asked.count(2) == 2


def test_pages_that_count_from_one_are_read_whole() -> None:
    server = Server(23, wrapped=False)
    records = read_all(Chain(5, small=False), lambda page, limit: server.answer(max(0, page - 1), limit))
    assert {each["key"] for each in records} == {each["key"] for each in server.records}


def test_a_list_without_paging_is_one_call() -> None:
    chain = Chain(None)
    assert list(chain.next_pages()) == [0]
    chain.note(0, PageFacts(7, more=None, fingerprint="a"))
    assert list(chain.next_pages()) == []
    assert not chain.wants(1)


def test_streaks_word_on_further_pages_is_taken_even_without_paging() -> None:
    server = Server(7, cap=3)
    assert read_all(Chain(None), lambda page, _: server.answer(page, 3)) == server.records


def test_the_first_page_goes_alone_then_all_that_are_expected() -> None:
    chain = Chain(100, 1000)
    assert list(chain.next_pages()) == [0]
    assert list(chain.next_pages()) == [], "the first answer is awaited"
    chain.note(0, PageFacts(100, more=None, fingerprint="a"))
    assert list(chain.next_pages()) == list(range(1, 10))


def test_a_server_that_gives_less_than_asked_is_asked_by_its_own_page_size() -> None:
    chain = Chain(100, 90, small=False)
    chain.next_pages()
    chain.note(0, PageFacts(30, more=None, fingerprint="a"))
    assert (list(chain.next_pages()), chain.page_size) == ([1, 2], 30)


@pytest.mark.parametrize("small", [True, False])
def test_an_empty_list_is_one_call(small: bool) -> None:
    server = Server(0, word="absent")
    assert read_all(Chain(100, small=small), server.answer) == []
    assert server.asked == [0]


def test_more_rows_than_were_counted_prove_the_count_wrong() -> None:
    """A first page shorter than asked for ends a list of known length, but only if it is just that long."""
    server = Server(100, cap=30, wrapped=False)
    assert read_all(Chain(100, 20, small=False), server.answer) == server.records


def test_a_short_page_with_a_record_sent_twice_is_a_full_one() -> None:
    server = Server(23, wrapped=False)

    def twice(page: int, limit: int) -> Any:
        answer = server.answer(page, limit)
        return [*answer[:-1], answer[0]] if page == 1 else answer

    read = read_all(Chain(5, small=False), twice)
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
    facts = {page: [PageFacts.of(read_page(body, "boxes"))] for page, body in known.items()}
    chain = Chain(5, length if hint else None, small=False)
    server.asked.clear()
    read = read_all(chain, server.answer, in_flight, random.Random(seed), _missing(chain, facts))
    held = [record for page in known.values() for record in page["results"]]
    assert {each["key"] for each in (*held, *read)} == {each["key"] for each in server.records}
    assert not set(server.asked) & known.keys()


@pytest.mark.parametrize("cap", [30, 100])
def test_a_small_list_is_read_on_where_more_rows_are_known_of(cap: int) -> None:
    server = Server(230, cap=cap, word="absent")
    assert read_all(Chain(1000, 230), server.answer) == server.records
    assert read_all(Chain(1000, 30), Server(30, word="absent").answer) == server.records[:30]
