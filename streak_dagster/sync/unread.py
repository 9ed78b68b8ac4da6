"""Parents that a walk couldn't read, and when they are too many for the others to be published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streak_dagster.errors import (
    ApiError,
    TooManyUnreadableError,
    TransientError,
    UnexpectedAnswerError,
)

if TYPE_CHECKING:
    from streak_dagster.tables import Table

MAX_UNREADABLE = 0.01
"""Share of parents that are many, as boxes are, that may be left out because they can't be read."""
MAX_FAILED_IN_A_ROW = 10
"""Parents that couldn't be read, without one answer in between, before the walk gives up."""


class Unread:
    """What a walk over the parents of ``table`` couldn't read.

    ``reasons`` are by the parents' keys: an odd status, or the last of the retries that failed. Some pages of
    such a parent may have been spooled before.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._parents_are_few = table.is_listed_by_parent and not table.is_planned
        self.reasons: dict[str, str] = {}
        self._filled: set[str] = set()
        """Parents of which a row came, where they are few, such as pipelines; boxes are too many for that."""
        self._in_a_row = 0
        self._last: ApiError | None = None
        self._may_pass = False
        """Whether a parent that couldn't be read may be read later."""
        self.any_answered = False
        """Whether Streak answered any of the lists."""
        self.gave_up: str | None = None
        """Why no more parents of an optional list are asked, where so many in a row couldn't be read."""

    def holds(self, parent: str, rows: int) -> None:
        """Note that so many rows of a parent came, now or before the walk was cut short."""
        if rows and self._parents_are_few:
            self._filled.add(parent)

    def answered(self) -> None:
        """Note that Streak answered: what failed before was about single parents."""
        self._in_a_row = 0
        self.any_answered = True

    def leave_out(self, parent: str, error: ApiError) -> None:
        """Go on without a parent that can't be read. Raises ``error`` where it isn't about one.

        An optional list that none of so many in a row has isn't asked for by the others; see ``gave_up``.
        """
        if not self._table.is_listed_by_parent:
            raise error
        self._may_pass |= isinstance(error, TransientError)
        self._last = error
        if parent not in self.reasons:  # another page of the same parent may have failed before
            self._in_a_row += 1
        self.reasons[parent] = str(error)
        if self._in_a_row < MAX_FAILED_IN_A_ROW:
            return
        failed = f"{self._in_a_row} {self._table.parent_row.many} in a row couldn't be read"
        if not self._table.optional:
            raise error.with_message(
                f"{self._table.name}: {failed}, so no more were asked; the table was left as it was. "
                f"The last one: {error}"
            ) from None
        if isinstance(error, TransientError) or not self.any_answered:
            self.gave_up = f"Not asked, because {failed}."

    def refuse_too_many(self, total: int) -> None:
        """Raises an ApiError where what was read of ``total`` parents isn't enough to be published.

        Of an optional list nothing may have been read: what was known before stays.
        """
        if self._table.optional:
            return
        count, limit = len(self.reasons), ""
        if not self._parents_are_few:
            too_many, limit = count > MAX_UNREADABLE * total, f", more than {MAX_UNREADABLE:.0%}"
        else:  # the others are worth publishing, unless they are empty
            too_many = not self._filled - self.reasons.keys()
        if not count or not too_many:
            return
        key, reason = next(iter(self.reasons.items()))
        row = self._table.parent_row
        parents = row.many if total > 1 else row.one
        kind = TooManyUnreadableError if self._may_pass else UnexpectedAnswerError
        raise kind(
            f"{self._table.name}: {count:,} of {total:,} {parents} couldn't be read{limit}; the table was "
            f"left as it was. One is {key}: {reason}"
        )

    def in_the_end(self) -> ApiError | None:
        """The last failure, where nothing was answered after it and the parents are few.

        A refusal of an optional list says that it isn't there, and nothing of Streak.
        """
        refused = self._table.optional and not isinstance(self._last, TransientError)
        return self._last if self._parents_are_few and self._in_a_row and not refused else None
