"""How many calls a walk will make, before it makes them: the paginators are played against made-up answers.

Where a list is asked by a counter, its pages are those that so many rows fill. What can't be known before
Streak is asked (a list that is longer than its counter says, a retry, a page that is sent twice) isn't here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.api.paginators import PageSummary
from streak_dagster.sync.listing import Listing
from streak_dagster.sync.lists import paginator_for
from streak_dagster.tables import Paging

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streak_dagster.api.client import StreakClient
    from streak_dagster.sync.walk import Parent
    from streak_dagster.tables import Endpoint, Table

Known = dict[str, dict[str, list[PageSummary]]]
"""The answers that a refresh that was cut short left, by parent and token: ``Spool.pages``."""


def calls_of_walk(
    endpoint: Endpoint, parents: Iterable[Parent], page_size: int, known: Known, *, says_more: bool = True
) -> int:
    """The calls for the lists of these parents, where ``known`` pages aren't asked for again.

    ``says_more``: whether Streak says on each page if there is a next one; else the empty page behind the
    last one may be asked for, too. A list by cursor counts as one page: see ``cursor_calls``.
    """
    return sum(
        _pages(endpoint, each, page_size, known.get(each.key, {}), says_more=says_more) for each in parents
    )


def _pages(
    endpoint: Endpoint,
    parent: Parent,
    page_size: int,
    known: Mapping[str, list[PageSummary]],
    *,
    says_more: bool,
) -> int:
    if not known and endpoint.paging is not Paging.NUMBERED:
        return 1
    paginator = paginator_for(endpoint, page_size, parent.expected)
    rows, size = parent.expected or 0, endpoint.page_size or page_size
    tokens = paginator.resume({token: list(answers) for token, answers in known.items()})
    asked = 0
    while tokens:
        for token in tokens:
            if not paginator.wants(token):
                paginator.skip(token)
                continue
            asked += 1
            paginator.note(token, _made_up(token, rows, size, endpoint.paging, says_more=says_more))
        tokens = list(paginator.next_tokens())
    return asked


def _made_up(token: str, rows: int, size: int, paging: Paging, *, says_more: bool) -> PageSummary:
    """The page of a list of so many rows; of a list that comes in one answer, all that are left."""
    if paging is not Paging.NUMBERED:
        return PageSummary(rows, more=False, digest=token)
    begin = int(token) * size
    return PageSummary(
        max(0, min(size, rows - begin)), begin + size < rows if says_more else None, digest=token
    )


def says_more(table: Table, client: StreakClient, parent: str, page_size: int) -> bool:
    """Whether Streak says on a page of this list if there is a next one. One call."""
    listing = Listing(table, client)
    page = listing.page(parent, paginator_for(listing.endpoint, page_size).params("0")).content
    return page.more is not None


def cursor_calls(
    table: Table, client: StreakClient, parent: Parent, *, page_size: int, known: Known, rows: int | None
) -> tuple[int, bool]:
    """The pages of a list by cursor that are still to be asked for, and whether that is certain.

    Only asking shows where such a list ends. Its first page is asked for; where there are more, their number
    follows from ``rows``, as many as were published before. Where that isn't known, the list is read.
    """
    listing = Listing(table, client)
    paginator = paginator_for(listing.endpoint, page_size)
    filtered = listing.asked_since(parent.since)
    answered = {token: list(each) for token, each in known.get(parent.key, {}).items()}
    tokens, asked = paginator.resume(answered), 0
    size = listing.endpoint.page_size or page_size
    while tokens:
        (token,) = tokens
        summary = PageSummary.of(listing.page(parent.key, paginator.params(token) | filtered).content)
        paginator.check(token, summary, listing.subject(parent.key))
        paginator.note(token, summary)
        asked += 1
        tokens = list(paginator.next_tokens())
        pages = None if rows is None else rows // size + 1 - len(known.get(parent.key, {}))
        if tokens and pages is not None and pages > asked and parent.since is None:
            return pages, False
    return asked, True
