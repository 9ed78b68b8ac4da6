"""A list that is read by page numbers, many pages at once, in whatever order the answers come."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from streak_dagster.errors import UnreadableAnswerError

from .base import MAX_EMPTY, MAX_REPEATED, Paginator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .base import PageSummary, Params


class NumberedPages(Paginator):
    """The pages of a list that is asked for by ``limit`` and a 0-based ``page``, which is the token.

    Of 250 boxes by pages of 100, where the pipeline counts 250 and Streak says nothing of further pages::

        tokens          sent                            answered
        "0"             limit=100, page=0               100 boxes: 150 more are expected, so 2 pages at least
        "1", "2", "3"   limit=100, page=1 (2, 3)        100, 50 and no boxes: the empty page is the end

    Where every page says whether there is a next one, only "1" and "2" follow, and "2" says that it is the
    last. Where nothing is expected, each page is asked for when the one before it was answered.

    Streak's word (``hasNextPage``) counts most. Without it a list ends at an empty page: a short one may
    have been filtered after it was cut, and a count may be of yesterday. Only a list that is ``small`` by
    nature ends at a short page, where no more rows are ``expected``. A page longer than asked means that
    paging is ignored, and so do three that are all the same. Any other page that repeats an earlier one is
    asked for again at the end: the rows that belong there are missing. But where the last pages all repeat
    earlier ones, the server has nothing else to give, whatever it says.

    A short first page may also mean that the server gives less than it is asked for, and skips by what it is
    asked for. Where no page was longer and the rows aren't those expected, the list is read once more
    by pages of that size; the first of them shows whether that is in vain.
    """

    def __init__(self, page_size: int, expected: int | None = None, *, small: bool = True) -> None:
        self.page_size = page_size
        self._was_short = False
        self._expected = expected
        self._small = small
        self._asked = 0
        self._answers: dict[int, PageSummary] = {}
        self._skipped: set[int] = set()
        self._asked_again: set[int] = set()
        self._given_up = False
        self._end: int | None = None
        """No page from this number on can hold anything."""
        self._before: dict[int, PageSummary] | None = None
        """The answers of the first reading, when this is the second, by smaller pages."""

    @property
    def awaits_answers(self) -> bool:
        return len(self._answers) + len(self._skipped) < self._asked

    def next_tokens(self) -> Sequence[str]:
        """The pages to ask for now; none while answers are awaited, and at the end.

        The first page goes alone, because it shows how much the server gives. Then as many go at
        once as the expected rows fill, and with them the empty one that shows the end where Streak doesn't.
        """
        return [str(number) for number in self._next_numbers()]

    def _next_numbers(self) -> Iterable[int]:
        if self.awaits_answers:
            return ()
        if passed := self._passed_over():
            return passed
        if self._answers and (self._is_as_before() or self._is_over()):
            self._ends_at(self._asked)
        if self._end is not None:
            again = self._doubtful()
            if again or not self._may_be_cut():
                return again
            self._read_again()
        asked = self._asked
        self._asked += self._at_once()
        return range(asked, self._asked)

    def params(self, token: str) -> Params:
        return {"limit": self.page_size, "page": int(token)}

    def wants(self, token: str) -> bool:
        """Whether the page of ``token``, which ``next_tokens`` named, still has to be asked for.

        A page below the end does, even where a later one showed the end before.
        """
        return self._wants(int(token))

    def _wants(self, number: int) -> bool:
        if self._given_up:
            return False
        if number in self._asked_again:
            return True
        if self._end is not None and number >= self._end:
            return False
        return not any(
            self._last_filled() < each < number and not summary.count and summary.more is not True
            for each, summary in self._answers.items()
        )

    def check(self, token: str, summary: PageSummary, subject: str) -> None:
        """Raises UnreadableAnswerError for an earlier page's records, sent again when asked again.

        Only page 1 may be page 0 for good: then pages count from 1.
        """
        number = int(token)
        if number > 1 and number in self._asked_again and self._repeats(number, summary):
            raise UnreadableAnswerError(
                f"Streak answered page {number} of {subject} with the records of an earlier page, twice.",
                status=200,
            )

    def note(self, token: str, summary: PageSummary) -> None:
        """Take in the answer to ``token``."""
        number = int(token)
        self._answers[number] = summary
        if self._all_same():
            self._ends_at(0)
        elif summary.more is False:
            self._ends_at(number + 1)
        self._note_size(number, summary)

    def _note_size(self, number: int, summary: PageSummary) -> None:
        """What follows from a page that is longer or shorter than asked for."""
        if summary.more is None and summary.count > self.page_size:
            self._ends_at(number + 1)
        if self._small and number == 0 and 0 < summary.sent < self.page_size:
            self.page_size, self._was_short = summary.sent, True

    def skip(self, token: str) -> None:
        """The page of ``token``, which was to be asked for, isn't, because the list seems over."""
        self._skipped.add(int(token))

    def give_up(self) -> None:
        """Ask for nothing more: a page couldn't be read."""
        self._given_up = True
        self._ends_at(0)

    def _ends_at(self, number: int) -> None:
        self._end = number if self._end is None else min(self._end, number)

    def _at_once(self) -> int:
        """How many further pages to ask for."""
        trying = self._before is not None and len(self._answers) == 1
        if not self._answers or not self._expected or trying:
            return 1
        given = max(1, *(summary.sent for summary in self._answers.values()))
        missing = -(-(self._expected - self._found()) // given)
        silent = not self._small and self._answers[max(self._answers)].more is None
        return max(1, missing + silent)

    def _found(self) -> int:
        return sum(summary.count for summary in self._answers.values())

    def _last_filled(self) -> int:
        return max((number for number, summary in self._answers.items() if summary.count), default=-1)

    def _passed_over(self) -> list[int]:
        """Pages that weren't asked for behind an empty one, before a later one showed that there is more."""
        passed = sorted(filter(self._wants, self._skipped))
        self._skipped.difference_update(passed)
        return passed

    def _doubtful(self) -> list[int]:
        """Pages that repeat an earlier one, to be asked for once more."""
        if self._given_up or self._all_same() or self._is_as_before():
            return []
        tail = self._repeated_tail()
        again = [
            number
            for number, summary in sorted(self._answers.items())
            if number not in self._asked_again and number not in tail and self._repeats(number, summary)
        ]
        self._asked_again.update(again)
        for number in again:
            del self._answers[number]
        return again

    def _repeats(self, number: int, summary: PageSummary) -> bool:
        return summary.count > 0 and any(
            earlier < number and each.digest == summary.digest for earlier, each in self._answers.items()
        )

    def _all_same(self) -> bool:
        """Three pages with the same records, and no other: ``page`` is ignored."""
        return len(self._answers) > 2 and len({each.digest for each in self._answers.values()}) == 1

    def _is_over(self) -> bool:
        """Whether the last of the pages that were asked for is the last of the list."""
        last = self._answers[max(self._answers)]
        if self._repeated_tail():
            return True
        if not last.count:
            # Pages that weren't asked for count, too, or an empty page without a word would hold up for ever
            # what a later one promises.
            return last.more is not True or self._asked - 1 - self._last_filled() >= MAX_EMPTY
        return self._ends_without_word(last) if last.more is None else not last.more

    def _ends_without_word(self, last: PageSummary) -> bool:
        """Whether a page that holds something is the last one, where Streak doesn't say."""
        if not self._small:
            return False
        if len(self._answers) == 1 and self._was_short:
            return self._expected is None or last.count >= self._expected
        return last.sent < self.page_size

    def _repeated_tail(self) -> list[int]:
        """The last pages, where so many of them bring nothing new that nothing is to come; else none."""
        backwards = sorted(self._answers, reverse=True)
        tail = list(takewhile(lambda number: self._repeats(number, self._answers[number]), backwards))
        if len(tail) < MAX_EMPTY:  # nearly always: a page that brings something new is the last one
            return []
        different = {summary.digest: summary.count for summary in self._answers.values()}
        all_found = sum(different.values()) >= (self._expected or 0)
        most = MAX_EMPTY if all_found and self._answers[tail[0]].more is None else MAX_REPEATED
        return tail if len(tail) >= most else []

    def _may_be_cut(self) -> bool:
        """Whether the server may give less than it is asked for, and skip what it left out."""
        first = self._answers.get(0)
        if first is None or self._small or self._before or self._given_up:
            return False
        longest = max(summary.sent for summary in self._answers.values())
        is_all = first.more is False or self._all_same() or self._found() == self._expected
        return 0 < first.sent == longest < self.page_size and not is_all

    def _read_again(self) -> None:
        """Begin once more, by pages of the first one's size; that one needn't be asked for again."""
        self._before = self._answers
        self._answers = {0: self._answers[0]}
        self.page_size = self._answers[0].sent
        self._asked, self._end = 1, None
        self._skipped.clear()
        self._asked_again.clear()

    def _is_as_before(self) -> bool:
        """Whether the smaller pages begin as the others did: then the server skips nothing."""
        if self._before is None or len(self._answers) != 2 or 1 not in self._before:
            return False
        return self._answers[max(self._answers)].digest == self._before[1].digest
