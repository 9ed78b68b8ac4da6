"""A list that is read by cursor, page after page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.errors import UnreadableAnswerError

from .base import MAX_EMPTY, MAX_REPEATED, Paginator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .base import PageSummary, Params

_FIRST = ""
"""The token of the first page, which is asked for without a cursor."""


class CursorPages(Paginator):
    """The pages of a list, each asked for with the cursor that the one before it gave.

    Streak's OpenAPI says of ``v2/teams/{t}/contacts`` and ``organizations`` that the cursor is absent or null
    at the end, and that a full last page may be followed by an empty one. So a cursor says that there is
    more, whatever a page holds, and where it is absent, the list is over. ``hasNextPage`` isn't
    documented for either; where it comes, it counts more than the cursor.

    Of 2,500 contacts by pages of 1,000::

        token   sent                      answered                      next
        ""      limit=1000                1,000 rows, cursor "c1"       "c1"
        "c1"    limit=1000, cursor=c1     1,000 rows, cursor "c2"       "c2"
        "c2"    limit=1000, cursor=c2     500 rows, no cursor           none: the list is over

    Pages may bring nothing new: filtered empty, or always the same from a server that ignores the cursor.
    Without ``hasNextPage``, a list is over after ``MAX_EMPTY`` empty ones, or where the cursor of an empty
    one was followed before. Any other list that can't be read to its end is an error, because rows must
    never be missing in silence.
    """

    def __init__(self, page_size: int) -> None:
        self._page_size = page_size
        self._next: str | None = _FIRST
        self._awaited: str | None = None
        self._answered: set[str] = set()
        self._digests: set[str] = set()
        self._nothing_new = 0
        """Pages in a row, up to the last one, without a record that no page had before."""

    @property
    def awaits_answers(self) -> bool:
        return self._awaited is not None

    def next_tokens(self) -> Sequence[str]:
        """The page after the one that was answered last; the one behind it is named by its own answer."""
        if self._next is None:
            return ()
        self._awaited, self._next = self._next, None
        return (self._awaited,)

    def params(self, token: str) -> Params:
        return {"limit": self._page_size} | ({"cursor": token} if token != _FIRST else {})

    def wants(self, token: str) -> bool:
        return token == self._awaited

    def check(self, token: str, summary: PageSummary, subject: str) -> None:
        """Raises UnreadableAnswerError for a page behind which there is more that can't be asked for."""
        if self._is_last(token, summary):
            return
        if summary.cursor is None:
            fault = "a page that isn't the last one, but without the cursor of the next one"
        elif summary.cursor in {*self._answered, token}:
            fault = "a cursor that leads back to a page that was read before"
        elif self._without_news(summary) >= MAX_REPEATED:
            fault = f"{MAX_REPEATED} pages in a row that hold nothing new, and the cursor of one more"
        else:
            return
        raise UnreadableAnswerError(f"Streak answered {subject} with {fault}.", status=200)

    def note(self, token: str, summary: PageSummary) -> None:
        self._next = None if self._is_last(token, summary) else summary.cursor
        self._nothing_new = self._without_news(summary)
        self._awaited = None
        self._answered.add(token)
        self._digests.add(summary.digest)

    def skip(self, token: str) -> None:  # noqa: ARG002
        self._awaited = None

    def give_up(self) -> None:
        self._next = self._awaited = None

    def _is_last(self, token: str, summary: PageSummary) -> bool:
        if summary.more is not None:
            return not summary.more
        if summary.cursor is None:
            return True
        leads_back = summary.cursor in {*self._answered, token}
        return not summary.count and (leads_back or self._without_news(summary) >= MAX_EMPTY)

    def _without_news(self, summary: PageSummary) -> int:
        """``_nothing_new`` as it is with this page."""
        is_new = summary.count > 0 and summary.digest not in self._digests
        return 0 if is_new else self._nothing_new + 1
