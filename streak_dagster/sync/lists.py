"""How the list of a table is read: what its declaration says of paging, and what the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.api.paginators import CursorPages, NumberedPages, SingleAnswer
from streak_dagster.tables import Paging

if TYPE_CHECKING:
    from streak_dagster.api.paginators import Paginator
    from streak_dagster.tables import Endpoint


def paginator_for(endpoint: Endpoint, page_size: int, expected: int | None = None) -> Paginator:
    """What reads one list of ``endpoint`` to its end.

    ``page_size`` is the setting's; ``expected`` is how many rows there should be, where that is known.
    """
    size = endpoint.page_size or page_size
    if endpoint.paging is Paging.SINGLE:
        return SingleAnswer(expected)
    if endpoint.paging is Paging.NUMBERED:
        return NumberedPages(size, expected, small=endpoint.small)
    return CursorPages(size)


def numbered_page_size(endpoint: Endpoint | None, page_size: int) -> int | None:
    """The size by which the numbers of a list's pages are counted; None where no list has such numbers."""
    if endpoint is None or endpoint.paging is not Paging.NUMBERED:
        return None
    return endpoint.page_size or page_size
