"""The pages of one list: which to ask for, in whatever order the answers come, and when it is at its end."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from streak_dagster.errors import UnreadableAnswerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streak_dagster.api.paging import PageSummary

MAX_EMPTY = 3
"""Empty pages in a row at which a list is over, even where Streak goes on saying that there is more."""


MAX_REPEATED = 10
"""Pages in a row with nothing but records of earlier ones at which it is, where rows are still missing."""


class Chain:
    """The pages of one list.

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

    def __init__(self, page_size: int | None, expected: int | None = None, *, small: bool = True) -> None:
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

    def next_pages(self) -> Sequence[int]:
        """The pages to ask for now; none while answers are awaited, and at the end.

        The first page goes alone, because it shows how much the server gives. Then as many go at
        once as the expected rows fill, and with them the empty one that shows the end where Streak doesn't.
        """
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

    def wants(self, number: int) -> bool:
        """Whether page ``number``, which ``next_pages`` named, still has to be asked for.

        A page below the end does, even where a later one showed the end before.
        """
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

    def check(self, number: int, summary: PageSummary, subject: str) -> None:
        """Raises UnreadableAnswerError for an earlier page's records, sent again when asked again.

        Only page 1 may be page 0 for good: then pages count from 1.
        """
        if number > 1 and number in self._asked_again and self._repeats(number, summary):
            raise UnreadableAnswerError(
                f"Streak answered page {number} of {subject} with the records of an earlier page, twice.",
                status=200,
            )

    def note(self, number: int, summary: PageSummary) -> None:
        """Take in the answer to page ``number``."""
        self._answers[number] = summary
        longer = self.page_size is not None and summary.count > self.page_size
        if self._all_same():
            self._ends_at(0)
        elif summary.more is False or (summary.more is None and longer):
            self._ends_at(number + 1)
        if self._small and number == 0 and self.page_size is not None and 0 < summary.sent < self.page_size:
            self.page_size, self._was_short = summary.sent, True

    def skip(self, number: int) -> None:
        """Page ``number``, which was to be asked for, isn't, because the list seems over."""
        self._skipped.add(number)

    def give_up(self) -> None:
        """Ask for nothing more: a page couldn't be read."""
        self._given_up = True
        self._ends_at(0)

    def _ends_at(self, number: int) -> None:
        self._end = number if self._end is None else min(self._end, number)

    def _at_once(self) -> int:
        """How many further pages to ask for."""
        trying = self._before is not None and len(self._answers) == 1
        if not self._answers or not self._expected or self.page_size is None or trying:
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
        passed = sorted(filter(self.wants, self._skipped))
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
            return last.more is not True or max(self._answers) - self._last_filled() >= MAX_EMPTY
        if last.more is not None:
            return not last.more
        if self.page_size is None or not self._small:
            return self.page_size is None
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
        if first is None or self.page_size is None or self._small or self._before or self._given_up:
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
