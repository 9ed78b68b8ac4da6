"""What was asked of a table before it was sure by which parents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streak_dagster.sync.fetched import Spent
    from streak_dagster.sync.spool import Spool
    from streak_dagster.sync.unread import Unread


@dataclass(frozen=True)
class FirstPass:
    """The answers are in ``spool``, which stays open, and ``spent`` says what they took.

    Once the parents are published, a second pass asks by those that the first one didn't know, and leaves
    out what is asked by none of them. ``unread`` says for each list of the table which parents couldn't be
    read.
    """

    spool: Spool
    unread: tuple[Unread, ...]
    spent: Spent
