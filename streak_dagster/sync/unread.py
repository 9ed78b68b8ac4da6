"""Boxes or pipelines that a walk couldn't read, and when they are too many for the others to be published."""

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
"""Share of the boxes that may be left out of a refresh because they can't be read."""
MAX_FAILED_IN_A_ROW = 10
"""Parents that couldn't be read, without one answer in between, before the walk gives up."""

ONE_PARENT = {"teams": "team", "pipelines": "pipeline", "pipeline_boxes": "box"}
_MANY_PARENTS = {"teams": "teams", "pipelines": "pipelines", "pipeline_boxes": "boxes"}


class Unread:
    """What a walk over the parents of ``table`` couldn't read.

    ``reasons`` are by the parents' keys: an odd status, or all patience. Some pages of one may have been
    spooled before.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._of_pipelines = table.parent == "pipelines"
        self.reasons: dict[str, str] = {}
        self._filled: set[str] = set()
        """Pipelines of which a row came; boxes are too many for that."""
        self._in_a_row = 0
        self._last: ApiError | None = None
        self._may_pass = False
        """Whether a parent that couldn't be read may be read later."""

    def holds(self, parent: str, rows: int) -> None:
        """Note that so many rows of a parent came, now or before the walk was cut short."""
        if rows and self._of_pipelines:
            self._filled.add(parent)

    def answered(self) -> None:
        """Note that Streak answered: what failed before were matters of single parents."""
        self._in_a_row = 0

    def leave_out(self, parent: str, error: ApiError) -> None:
        """Go on without a parent that can't be read. Raises ``error`` where it is no matter of one."""
        if self._table.parent is None:
            raise error
        self._may_pass |= isinstance(error, TransientError)
        self._last = error
        if parent not in self.reasons:  # another page of it may have been on its way
            self._in_a_row += 1
        self.reasons[parent] = str(error)
        if self._in_a_row >= MAX_FAILED_IN_A_ROW:
            parents = f"{self._in_a_row} {_MANY_PARENTS[self._table.parent]}"
            raise error.with_message(
                f"{self._table.name}: {parents} in a row couldn't be read, so no more were asked; the table "
                f"was left as it was. The last one: {error}"
            ) from None

    def refuse_too_many(self, total: int) -> None:
        """Raises an ApiError where what was read of ``total`` parents isn't enough to be published."""
        count, limit = len(self.reasons), ""
        if self._table.parent == "pipeline_boxes":
            too_many, limit = count > MAX_UNREADABLE * total, f", more than {MAX_UNREADABLE:.0%}"
        else:  # the others are worth to be published, unless they are empty
            too_many = not self._filled - self.reasons.keys()
        if not count or not too_many:
            return
        key, reason = next(iter(self.reasons.items()))
        parents = (_MANY_PARENTS if total > 1 else ONE_PARENT)[self._table.parent or ""]
        kind = TooManyUnreadableError if self._may_pass else UnexpectedAnswerError
        raise kind(
            f"{self._table.name}: {count:,} of {total:,} {parents} couldn't be read{limit}; the table was "
            f"left as it was. One is {key}: {reason}"
        )

    def in_the_end(self) -> ApiError | None:
        """The last failure, where nothing was answered after it and pipelines are read: they are few."""
        return self._last if self._of_pipelines and self._in_a_row else None
