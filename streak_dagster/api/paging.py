"""Every envelope that Streak wraps a list in, and when a list has been read to its end.

Sources differ on nearly every endpoint (bare array; ``{results, hasNextPage?}``;
``{results, cursor?}``; an object keyed by id), so each is accepted everywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streak_dagster.api.answers import NO_CONTENT
from streak_dagster.api.flags import read_flag
from streak_dagster.errors import UnreadableAnswerError

if TYPE_CHECKING:
    from collections.abc import Sequence

Record = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """The records of one answer. ``more`` is Streak's own word on further pages, None if it gave none."""

    records: list[Record]
    more: bool | None = None
    cursor: str | None = None
    repeated: int = 0
    """Records that were left out, because the page held them twice."""


def read_page(body: Any, what: str, *, keys: Sequence[str] = ()) -> Page:
    """The page in any envelope. Raises UnreadableAnswerError for anything else.

    An empty list may also come as a 204, or as ``results: null`` together with Streak's word that there is
    no more. Without that word, ``null`` is as unreadable as the bare ``null`` that was seen in passing.

    ``keys`` are the names that a record's own key may have: each record must have text under one. One
    that comes a second time is left out, or the page would seem longer than was asked for.
    """
    page = _page(body, what)
    if not keys:
        return page
    seen: dict[str, Record] = {}
    records = []
    for record in page.records:
        _refuse_without_key(record, what, keys)
        key = str([record.get(name) for name in keys])
        if seen.get(key) != record:
            records.append(record)
        seen[key] = record
    return replace(page, records=records, repeated=len(page.records) - len(records))


def _refuse_without_key(record: Record, what: str, keys: Sequence[str]) -> None:
    """Raises UnreadableAnswerError where no property of those named ``keys`` is text."""
    if not any(isinstance(record.get(name), str) and record[name] for name in keys):
        raise UnreadableAnswerError(
            f"Streak listed a record without {' or '.join(keys)} among the {what}.", status=200
        )


def _page(body: Any, what: str) -> Page:
    if body is NO_CONTENT:
        return Page([])
    if isinstance(body, list):
        return Page(_records(body, what))
    if isinstance(body, dict) and isinstance(body.get("results"), list):
        cursor = body.get("cursor")
        return Page(
            _records(body["results"], what),
            read_flag(body.get("hasNextPage")),
            cursor if isinstance(cursor, str) and cursor else None,
        )
    if isinstance(body, dict) and _says_none(body):
        return Page([], more=False)
    if isinstance(body, dict) and body and all(_stands_at(name, value) for name, value in body.items()):
        return Page(keyed_records(body))
    raise UnreadableAnswerError(f"Streak answered {what} with {_shape(body)} in place of a list.", status=200)


def _says_none(body: dict[str, Any]) -> bool:
    """``results`` that are null, or left out as Streak does with nulls, and the word that these are all."""
    alone = "results" in body or len(body) == 1
    return alone and body.get("results") is None and read_flag(body.get("hasNextPage")) is False


def keyed_records(by_key: dict[str, Record]) -> list[Record]:
    """The records of an object keyed by id; a record without ``key`` gets it from its place."""
    return [
        {**record, "key": record.get("key") or key}
        for key, record in by_key.items()
        if isinstance(record, dict)
    ]


def _stands_at(key: str, value: Any) -> bool:
    """Whether a value is the record of its key. In ``{"data": {"items": […]}}``, ``data`` is no key."""
    return isinstance(value, dict) and any(member == key for member in value.values())


def _records(items: list[Any], what: str) -> list[Record]:
    for item in items:
        if not isinstance(item, dict):
            raise UnreadableAnswerError(f"Streak listed {_shape(item)} among the {what}.", status=200)
    return items


def _shape(body: Any) -> str:
    if isinstance(body, dict):
        return f"an object of {', '.join(sorted(body)[:5]) or 'nothing'}"
    return {list: "a list", str: "a string", bool: "a boolean", type(None): "null"}.get(
        type(body), "a number"
    )


@dataclass(frozen=True)
class PageFacts:
    """What matters of a page once its records are stored: how many, Streak's word, and which.

    ``repeated`` records were sent beyond ``count``: they fill the page, but are no rows of their own.
    """

    count: int
    more: bool | None
    fingerprint: str
    repeated: int = 0

    @property
    def sent(self) -> int:
        return self.count + self.repeated

    @classmethod
    def of(cls, page: Page) -> PageFacts:
        keys = "\n".join(str(record.get("key") or record.get("boxKey") or record) for record in page.records)
        digest = hashlib.blake2b(keys.encode(errors="surrogatepass"), digest_size=8).hexdigest()
        return cls(len(page.records), page.more, digest, page.repeated)


class Chain:
    """The pages of one list: which to ask for next, in whatever order the answers come.

    Streak's word (``hasNextPage``) counts most. Without it a page shorter than asked ends the list;
    but a short *first* page may also mean that the server gives less than it is asked for, so it
    is trusted only where it holds all rows that were ``expected``, or where the list is ``small``
    by nature and nothing is known to be missing. A page longer than asked means that paging is
    ignored, and so do three that are all the same. Any other page that repeats an earlier one is asked
    for again at the end: the rows that belong there are missing.
    """

    def __init__(self, page_size: int | None, expected: int | None = None, *, small: bool = True) -> None:
        self.page_size = page_size
        self._was_short = False
        self._expected = expected
        self._small = small
        self._asked = 0
        self._answers: dict[int, PageFacts] = {}
        self._skipped = 0
        self._asked_again: set[int] = set()
        self._given_up = False
        self._end: int | None = None
        """No page from this number on can hold anything."""

    @property
    def awaits_answers(self) -> bool:
        return len(self._answers) + self._skipped < self._asked

    def next_pages(self) -> Sequence[int]:
        """The pages to ask for now; none while answers are awaited, and at the end.

        The first page goes alone, because it shows how much the server gives. Then as many go at
        once as the expected rows fill.
        """
        if self.awaits_answers:
            return ()
        if self._answers and self._is_last(self._answers[max(self._answers)]):
            self._ends_at(self._asked)
        if self._end is not None:
            return self._doubtful()
        asked, self._asked = self._asked, self._asked + 1
        if asked and self._expected and self.page_size:
            self._asked = max(self._asked, -(-self._expected // self.page_size))
        return range(asked, self._asked)

    def wants(self, number: int) -> bool:
        """Whether page ``number``, which ``next_pages`` named, still has to be asked for.

        A page below the end does, even where a later one showed the end before.
        """
        if self._given_up:
            return False
        return self._end is None or number < self._end or number in self._asked_again

    def check(self, number: int, facts: PageFacts, what: str) -> None:
        """Raises UnreadableAnswerError for an earlier page's records, sent again when asked again.

        Only page 1 may be page 0 for good: then pages count from 1.
        """
        if number > 1 and number in self._asked_again and self._repeats(number, facts):
            raise UnreadableAnswerError(
                f"Streak answered page {number} of {what} with the records of an earlier page, twice.",
                status=200,
            )

    def note(self, number: int, facts: PageFacts) -> None:
        """Take in the answer to page ``number``."""
        self._answers[number] = facts
        longer = self.page_size is not None and facts.count > self.page_size
        if self._all_same():
            self._ends_at(0)
        elif facts.count == 0:
            self._ends_at(number)
        elif facts.more is False or (facts.more is None and longer):
            self._ends_at(number + 1)
        if number == 0 and self.page_size is not None and 0 < facts.sent < self.page_size:
            self.page_size, self._was_short = facts.sent, True

    def skip(self) -> None:
        """A page that was to be asked for won't be, because the list is over."""
        self._skipped += 1

    def give_up(self) -> None:
        """Ask for nothing more: a page couldn't be read."""
        self._given_up = True
        self._ends_at(0)

    def _ends_at(self, number: int) -> None:
        self._end = number if self._end is None else min(self._end, number)

    def _doubtful(self) -> list[int]:
        """Pages that repeat an earlier one, to be asked for once more."""
        if self._given_up or self._all_same():
            return []
        again = [
            number
            for number, facts in sorted(self._answers.items())
            if number not in self._asked_again and self._repeats(number, facts)
        ]
        self._asked_again.update(again)
        for number in again:
            del self._answers[number]
        return again

    def _repeats(self, number: int, facts: PageFacts) -> bool:
        return facts.count > 0 and any(
            earlier < number and each.fingerprint == facts.fingerprint
            for earlier, each in self._answers.items()
        )

    def _all_same(self) -> bool:
        """Three pages with the same records, and no other: ``page`` is ignored."""
        return len(self._answers) > 2 and len({each.fingerprint for each in self._answers.values()}) == 1

    def _is_last(self, highest: PageFacts) -> bool:
        if highest.more is not None:
            return not highest.more
        if self.page_size is None:
            return True
        if len(self._answers) == 1 and self._was_short:
            if self._small:
                return self._expected is None or highest.count >= self._expected
            return highest.count == self._expected  # more rows than were counted prove the count wrong
        return highest.sent < self.page_size
