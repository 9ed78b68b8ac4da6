"""A list that comes in a single answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .numbered import NumberedPages

if TYPE_CHECKING:
    from .base import PageSummary, Params


class SingleAnswer(NumberedPages):
    """A list for which no source documents paging: one call without parameters.

    Only where Streak says that there is more (``hasNextPage``), ``page`` is sent for the next ones. The rules
    of ``NumberedPages`` hold for them, but for those of a page's size: it isn't known.

    Of 62 fields, where Streak says after 50 of them that there is more::

        tokens      sent            answered
        "0"         nothing         50 fields, hasNextPage is true
        "1"         page=1          12 fields, hasNextPage is false or isn't there: the list is over
    """

    def __init__(self, expected: int | None = None) -> None:
        super().__init__(0, expected)

    def params(self, token: str) -> Params:
        return {"page": int(token)} if int(token) else {}

    def _note_size(self, number: int, summary: PageSummary) -> None:
        """No page is too short or too long."""

    def _at_once(self) -> int:
        return 1

    def _ends_without_word(self, last: PageSummary) -> bool:  # noqa: ARG002
        return True

    def _may_be_cut(self) -> bool:
        return False
