"""Ask Streak for every page of every parent, many calls in flight, and spool what it answers.

One thread schedules and writes; the client's threads only call. A failed walk first takes in what
was already on its way, so that the next one doesn't ask for it again.
"""

from __future__ import annotations

import contextlib
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from streak_dagster.api.chain import Chain
from streak_dagster.api.paging import Page, PageSummary, read_page
from streak_dagster.errors import (
    ABOUT_ONE_OBJECT,
    ObjectUnavailableError,
    PermanentError,
    TransientError,
)
from streak_dagster.sync.confirm import fetch_one
from streak_dagster.sync.progress import Progress
from streak_dagster.sync.projection import project
from streak_dagster.sync.refusal import refused_list
from streak_dagster.sync.spool import CONFIRMATION
from streak_dagster.sync.unread import Unread
from streak_dagster.tables import Paging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streak_dagster.api.client import Answer, StreakClient
    from streak_dagster.sync.spool import Spool
    from streak_dagster.tables import Endpoint, Table

DRAIN_SECONDS = 10.0
"""How long a failed walk waits for answers that are on their way."""
STOPPING_SECONDS = 3.0
"""The same for one that is told to stop: somebody waits for that."""

_Known = dict[int, list[PageSummary]]
"""The answers to each page that a spool holds, oldest first: a doubtful one was asked for again."""


@dataclass(frozen=True, slots=True)
class Parent:
    """What a list is asked by.

    ``expected`` is how many rows it should have, where that is known; ``fingerprint`` is kept with them.
    """

    key: str = ""
    expected: int | None = None
    fingerprint: str | None = None


@dataclass(frozen=True)
class _Request:
    parent: str
    page: int
    page_size: int | None


class _ParentGoneError(Exception):
    """The parent was asked for by its key and isn't there; the text is what its list was answered with."""


class Walk:
    """One pass over ``parents``. ``report`` gets a line for the log at least every 10 seconds."""

    def __init__(
        self,
        table: Table,
        client: StreakClient,
        spool: Spool,
        *,
        page_size: int,
        report: Callable[[str], None],
    ) -> None:
        if table.endpoint is None:
            raise ValueError(f"{table.name} has no endpoint to walk")
        self._table = table
        self._endpoint: Endpoint = table.endpoint
        self._client = client
        self._spool = spool
        self._keys = table.key_names
        self._page_size = page_size if table.endpoint.paging is Paging.NUMBERED else None
        self._report = report
        self._chains: dict[str, Chain] = {}
        self._fingerprints: dict[str, str | None] = {}
        self._done = 0
        self._total = 0
        self.gone: dict[str, str] = {}
        """Parents that Streak no longer has, and its words."""
        self._unread = Unread(table)
        self.unreadable = self._unread.reasons
        """Parents that are there, but whose rows couldn't be read, and why."""
        self.unwanted: list[str] = []
        """Parents in a resumed spool that are no longer to be asked for."""

    def run(self, parents: Sequence[Parent], *, total: int | None = None) -> None:
        """Raises the ApiError that ended the walk; every answer until then is spooled.

        A parent whose rows can't be read is left out and named, until they are too many of all
        ``total`` (by default: of ``parents``), or every one of few parents that holds a row.
        """
        self._total = len(parents)
        upcoming = self._missing_requests(parents, self._known_answers(parents))
        queue: deque[_Request] = deque()
        self._client.resume()
        progress = Progress(self._table, self._client, self._report)
        running: dict[Future[Answer[Page]], _Request] = {}
        threads = ThreadPoolExecutor(self._client.in_flight, thread_name_prefix="streak")
        try:
            while self._fill(upcoming, queue, running, threads):
                finished, _ = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in finished:
                    self._take_out(future, running, queue)
                progress.tell(self._done, self._total)
        except BaseException as error:
            self._client.stop()
            try:
                self._drain(running, DRAIN_SECONDS if isinstance(error, Exception) else STOPPING_SECONDS)
            finally:
                self._client.abort()
            raise
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
        self._unread.refuse_too_many(total or self._total)
        self._confirm_others_answer()

    def _confirm_others_answer(self) -> None:
        """Find out whether it is the last parents that can't be read, or Streak that is down. One call.

        Raises the last failure where the list of the parents isn't answered either.
        """
        last_failure = self._unread.in_the_end()
        if last_failure is None:
            return
        parents, many = self._parents, self._table.parent_row.many
        assert parents.endpoint is not None, "parents that are few have a list of their own"
        try:
            self._client.get(parents.endpoint.path, subject=many, read=lambda body: read_page(body, many))
        except ABOUT_ONE_OBJECT:
            raise last_failure from None

    def _known_answers(self, parents: Sequence[Parent]) -> dict[str, _Known]:
        """The pages of each parent that the spool already holds."""
        known: dict[str, _Known] = {}
        for answer in self._spool.answers:
            if answer.page == CONFIRMATION:
                continue
            summary = PageSummary(answer.count, answer.more, answer.digest, answer.repeated)
            self._unread.holds(answer.parent, answer.count)
            known.setdefault(answer.parent, {}).setdefault(answer.page, []).append(summary)
            if answer.gone is not None:
                self.gone[answer.parent] = answer.gone
        self.unwanted = sorted(known.keys() - {parent.key for parent in parents}) if known else []
        return known

    def _missing_requests(self, parents: Sequence[Parent], known: dict[str, _Known]) -> Iterator[_Request]:
        """What is still to be asked, one parent at a time: only those in flight take memory."""
        for parent in parents:
            chain = Chain(self._page_size, parent.expected, small=self._endpoint.small)
            missing = _missing(chain, known.get(parent.key, {}))
            if not missing or parent.key in self.gone:
                self._done += 1
                continue
            self._chains[parent.key] = chain
            self._fingerprints[parent.key] = parent.fingerprint
            for page in missing:
                yield _Request(parent.key, page, chain.page_size)

    def _fill(
        self,
        upcoming: Iterator[_Request],
        queue: deque[_Request],
        running: dict[Future[Answer[Page]], _Request],
        threads: ThreadPoolExecutor,
    ) -> bool:
        """Bring as many calls under way as may be in flight. False when nothing is left to wait for."""
        while len(running) < self._client.in_flight:
            request = queue.popleft() if queue else next(upcoming, None)
            if request is None:
                break
            chain = self._chains[request.parent]
            if not chain.wants(request.page):
                chain.skip(request.page)
                self._finish(request.parent, queue)
            else:
                running[threads.submit(self._fetch, request)] = request
        return bool(running)

    def _fetch(self, request: _Request) -> Answer[Page]:
        params: dict[str, str | int] = {}
        if request.page_size is not None:
            params = {"limit": request.page_size, "page": request.page}
        elif request.page > 0:
            params = {"page": request.page}
        subject = self._subject(request.parent)
        path = self._endpoint.path.format(parent=quote(request.parent, safe=""))
        try:
            return self._client.get(
                path, params, subject=subject, read=lambda body: read_page(body, subject, keys=self._keys)
            )
        except PermanentError as error:
            if self._table.parent is None and isinstance(error, ABOUT_ONE_OBJECT):
                raise refused_list(self._client, self._table, error) from None
            if isinstance(error, ObjectUnavailableError):
                self._refuse_if_gone(request.parent, error)
            raise

    def _refuse_if_gone(self, parent: str, error: ObjectUnavailableError) -> None:
        """Ask for the parent itself: only that tells one that is gone from one that can't be read."""
        try:
            fetch_one(self._client, self._parents, parent)
        except ObjectUnavailableError as refusal:
            if not self._table.is_planned and refusal.status in (401, 403):
                return  # it was listed just now, so it is there, but no longer for this key
            raise _ParentGoneError(str(error)) from error

    def _take(self, request: _Request, future: Future[Answer[Page]], queue: deque[_Request]) -> None:
        """Spool an answer and queue what follows from it."""
        chain = self._chains[request.parent]
        try:
            answer = future.result()
            summary = PageSummary.of(answer.content)
            chain.check(request.page, summary, self._subject(request.parent))
        except _ParentGoneError as error:
            self.gone[request.parent] = str(error)
            summary = PageSummary(count=0, more=False, digest="")
            self._spool.append(
                [], parent=request.parent, page=request.page, more=False, digest="", gone=str(error)
            )
        except ABOUT_ONE_OBJECT as error:
            self._unread.leave_out(request.parent, error)
            chain.give_up()
            summary = PageSummary(count=0, more=False, digest="")
        else:
            self._unread.answered()
            self._unread.holds(request.parent, summary.count)
            rows = [
                project(
                    self._table,
                    record,
                    synced_at=answer.received_at,
                    parent=request.parent or None,
                    position=index,
                )
                for index, record in enumerate(answer.content.records)
            ]
            self._spool.append(
                rows,
                parent=request.parent,
                page=request.page,
                more=summary.more,
                digest=summary.digest,
                fingerprint=self._fingerprints[request.parent],
                repeated=summary.repeated,
            )
        chain.note(request.page, summary)
        self._finish(request.parent, queue)

    def _finish(self, parent: str, queue: deque[_Request]) -> None:
        """Queue the parent's next pages, or count the parent as done."""
        chain = self._chains[parent]
        following = chain.next_pages()
        queue.extendleft(_Request(parent, page, chain.page_size) for page in reversed(following))
        if not following and not chain.awaits_answers:
            del self._chains[parent], self._fingerprints[parent]
            self._done += 1

    def _take_out(
        self,
        future: Future[Answer[Page]],
        running: dict[Future[Answer[Page]], _Request],
        queue: deque[_Request],
    ) -> None:
        """Take an answer; where an interrupt comes in between, it still counts as under way."""
        try:
            self._take(running[future], future, queue)
        except Exception:
            del running[future]
            raise
        del running[future]

    def _drain(self, running: dict[Future[Answer[Page]], _Request], seconds: float) -> None:
        finished, _ = wait(running, timeout=seconds)
        with contextlib.suppress(OSError):  # a full disk is what the walk failed of
            for future in finished:
                known = running[future].parent in self._chains  # or it was taken in as the interrupt came
                if known and not future.cancelled() and future.exception() is None:
                    with contextlib.suppress(TransientError):  # a page that repeats another once more
                        self._take(running[future], future, deque())

    @property
    def _parents(self) -> Table:
        assert self._table.parent is not None, "a list of the account has no parents"
        return self._table.parent

    def _subject(self, parent: str) -> str:
        if not parent:
            return self._table.name
        return f"{self._table.name} of {self._table.parent_row.one} {parent}"


def _missing(chain: Chain, known: _Known) -> list[int]:
    """The pages to ask for now, when the answers to some are ``known``; none when the list is whole."""
    while pages := chain.next_pages():
        missing = [page for page in pages if not known.get(page)]
        for page in pages:
            if page not in missing:
                chain.note(page, known[page].pop(0))
        if missing:
            return missing
    return []
