"""Ask Streak for every page of every parent, many calls in flight, and spool what it answers.

One thread schedules and writes; the client's threads only call. A failed walk first takes in what
was already on its way, so that the next one doesn't ask for it again.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streak_dagster.api.client import StoppedError
from streak_dagster.api.envelopes import Page
from streak_dagster.api.paginators import PageSummary
from streak_dagster.errors import (
    ABOUT_ONE_OBJECT,
    TransientError,
)
from streak_dagster.sync.calls import RunningCalls
from streak_dagster.sync.lanes import Lane, Lanes
from streak_dagster.sync.listing import Listing, ParentGoneError
from streak_dagster.sync.lists import paginator_for
from streak_dagster.sync.progress import Progress
from streak_dagster.sync.projection import project
from streak_dagster.sync.unread import Unread
from streak_dagster.sync.withheld import NOTHING, Withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from streak_dagster.api.client import StreakClient
    from streak_dagster.api.paginators import Paginator, Params
    from streak_dagster.api.usage import Answer
    from streak_dagster.sync.spool import Spool
    from streak_dagster.tables import Table

DRAIN_SECONDS = 10.0
"""How long a failed walk waits for answers that are on their way."""
STOPPING_SECONDS = 3.0
"""The same for one that is to stop: somebody waits for that."""

CAREFULLY = 4
"""Calls for an optional list that are under way at once, before one is answered: it may not be there."""

_Known = dict[str, list[PageSummary]]
"""The answers to each token that a spool holds, oldest first: a doubtful page was asked for again."""


@dataclass(frozen=True, slots=True)
class Parent:
    """What a list is asked by.

    ``expected`` is how many rows it should have, where that is known; ``fingerprint`` is kept with them.
    ``since`` asks for those alone that were saved then or later, in seconds since 1970.
    """

    key: str = ""
    expected: int | None = None
    fingerprint: str | None = None
    since: int | None = None


@dataclass(frozen=True)
class _Request:
    parent: str
    token: str
    params: Params


@dataclass(frozen=True)
class _OpenList:
    """A parent's list that isn't read to its end yet."""

    parent: Parent
    paginator: Paginator
    filtered: Params
    """What every page is asked by, beside what the paginator says."""

    def requests(self, tokens: Sequence[str]) -> list[_Request]:
        return [
            _Request(self.parent.key, token, self.paginator.params(token) | self.filtered) for token in tokens
        ]


class Walk:
    """One pass over ``parents``. ``report`` gets a line for the log at least every 10 seconds.

    What is ``withheld`` of the answers isn't spooled. What is ``unread`` of an earlier pass of the same
    refresh isn't asked again, either.
    """

    def __init__(
        self,
        table: Table,
        client: StreakClient,
        spool: Spool,
        *,
        page_size: int,
        report: Callable[[str], None],
        withheld: Withheld = NOTHING,
        unread: Unread | None = None,
    ) -> None:
        self._withheld = withheld
        self._listing = Listing(table, client)
        self._table = table
        self._client = client
        self._spool = spool
        self._page_size = page_size
        self._report = report
        self._open: dict[str, _OpenList] = {}
        self._queue: deque[_Request] = deque()
        """What is to be asked next, before any parent that wasn't begun."""
        # Of an optional list that isn't there, few calls shall find that out.
        self._at_first = CAREFULLY if table.optional else client.in_flight
        self._asks = False
        """Whether anything was left to be asked for."""
        self._done = 0
        self._total = 0
        self.gone: dict[str, str] = {}
        """Parents that Streak no longer has, and its words."""
        self.unread = unread or Unread(table)
        self.unreadable = self.unread.reasons
        """Parents that are there, but whose rows couldn't be read, and why."""
        self.unwanted: list[str] = []
        """Parents in a resumed spool that are no longer to be asked for."""
        self.first_saved: dict[str, int | None] = {}
        """By parent, what its very first answer says of ``saved_until``; see ``SincePlan``."""

    def run(self, parents: Sequence[Parent], lane: Lane | None = None, *, total: int | None = None) -> None:
        """Ask for all of them, in the order that ``lane`` has among other walks.

        Raises the ApiError that ended the walk; every answer until then is spooled.

        A parent whose rows can't be read is left out and named. That ends the walk where they are too many of
        all ``total`` (by default: of ``parents``) or, where parents are few, no other one holds a row.
        """
        self._lane = lane or Lanes(self._client.in_flight).lane()
        self._total = len(parents)
        upcoming = self._missing_requests(parents, self._known_answers(parents))
        self._client.resume()
        if parents:
            self._listing.prepare()
        progress = Progress(self._table, self._client, self._report)
        calls = RunningCalls(self._client.in_flight, self._lane, self._fetch, self._take)
        try:
            while self._fill(calls, upcoming):
                calls.take_finished(1.0)
                progress.tell(self._done, self._total)
        except BaseException as error:
            self._client.stop()
            try:
                is_told = isinstance(error, StoppedError) or not isinstance(error, Exception)
                seconds = STOPPING_SECONDS if is_told else DRAIN_SECONDS
                calls.drain(seconds, self._take_late)
            finally:
                self._client.abort()
            raise
        finally:
            calls.close()
        self.unread.refuse_too_many(total or self._total)
        last_failure = self.unread.in_the_end()
        if last_failure is not None and self._asks:  # or an earlier pass found out
            self._listing.confirm_others_answer(last_failure)

    def _known_answers(self, parents: Sequence[Parent]) -> dict[str, _Known]:
        """The pages of each parent that the spool already holds."""
        known = self._spool.pages()
        for answer in self._spool.answers:
            if answer.token is None:  # no page of a list
                continue
            self.unread.holds(answer.parent, answer.count)
            self._note_saved(answer.parent, answer.saved_until)
            if answer.gone is not None:
                self.gone[answer.parent] = answer.gone
        self.unwanted = sorted(known.keys() - {parent.key for parent in parents}) if known else []
        return known

    def _missing_requests(self, parents: Sequence[Parent], known: dict[str, _Known]) -> Iterator[_Request]:
        """What is still to be asked, one parent at a time: only those in flight take memory."""
        for parent in parents:
            paginator = paginator_for(self._listing.endpoint, self._page_size, parent.expected)
            missing = paginator.resume(known.get(parent.key, {}))
            if not missing or parent.key in self.gone or parent.key in self.unreadable:
                self._done += 1
                continue
            if self.unread.gave_up:
                self.unreadable[parent.key] = self.unread.gave_up
                self._done += 1
                continue
            self._asks = True
            self._open[parent.key] = _OpenList(parent, paginator, self._listing.asked_since(parent.since))
            yield from self._open[parent.key].requests(missing)

    def _fill(self, calls: RunningCalls[_Request, Answer[Page]], upcoming: Iterator[_Request]) -> bool:
        """Bring as many calls under way as may be in flight. False when nothing is left to wait for."""
        while self.unread.any_answered or len(calls) < self._at_first:
            request = self._queue.popleft() if self._queue else next(upcoming, None)
            if request is None:
                self._lane.has_nothing_to_ask()
                return len(calls) > 0
            paginator = self._open[request.parent].paginator
            if not paginator.wants(request.token):
                paginator.skip(request.token)
                self._go_on(request.parent)
            elif self._lane.take_room():
                calls.start(request)
            else:
                self._queue.appendleft(request)
                return True
        self._lane.has_nothing_to_ask()  # before one of the first is answered
        return True

    def _fetch(self, request: _Request) -> Answer[Page]:
        return self._listing.fetch(request.parent, request.params)

    def _take(self, request: _Request, future: Future[Answer[Page]]) -> None:
        """Spool an answer and queue what follows from it."""
        parent, token = self._open[request.parent].parent, request.token
        paginator = self._open[request.parent].paginator
        try:
            answer = future.result()
            summary = PageSummary.of(answer.content)
            paginator.check(token, summary, self._listing.subject(parent.key))
        except ParentGoneError as error:
            self.gone[parent.key] = str(error)
            summary = PageSummary(count=0, more=False, digest="")
            self._spool.append(
                [], parent=parent.key, token=token, more=False, digest="", gone=str(error), at=_now()
            )
        except ABOUT_ONE_OBJECT as error:
            self.unread.leave_out(parent.key, error)
            paginator.give_up()
            summary = PageSummary(count=0, more=False, digest="")
        else:
            self.unread.answered()
            self.unread.holds(parent.key, summary.count)
            rows = [
                project(
                    self._table,
                    record,
                    synced_at=answer.received_at,
                    parent=parent.key or None,
                    position=index,
                    withheld=self._withheld,
                )
                for index, record in enumerate(answer.content.records)
            ]
            saved_until = self._listing.saved_until(rows, answer.received_at)
            self._note_saved(parent.key, saved_until)
            kept, met = self._withheld.kept(self._table, rows)
            self._spool.append(
                kept,
                parent=parent.key,
                token=token,
                more=summary.more,
                digest=summary.digest,
                fingerprint=parent.fingerprint,
                repeated=summary.repeated,
                cursor=summary.cursor,
                saved_until=saved_until,
                at=answer.received_at,
                left_out=len(rows) - len(kept),
                met=met,
            )
        paginator.note(token, summary)
        self._go_on(parent.key)

    def _note_saved(self, parent: str, saved_until: int | None) -> None:
        if self._table.changed_since:
            self.first_saved.setdefault(parent, saved_until)

    def _take_late(self, request: _Request, future: Future[Answer[Page]]) -> None:
        """Spool an answer that came while the walk failed, unless it was taken in as an interrupt came."""
        if request.parent in self._open and not future.cancelled() and future.exception() is None:
            with suppress(TransientError):  # a page that repeats another once more
                self._take(request, future)

    def _go_on(self, parent: str) -> None:
        """Queue the parent's next pages, or count the parent as done."""
        of_parent = self._open[parent]
        following = of_parent.paginator.next_tokens()
        self._queue.extendleft(reversed(of_parent.requests(following)))
        if not following and not of_parent.paginator.awaits_answers:
            del self._open[parent]
            self._done += 1


def _now() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000
