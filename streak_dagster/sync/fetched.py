"""What a refresh fetched from Streak, ready to be published. It goes one way: nothing comes back in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.sync.plan import ReadingPlan, SincePlan
    from streak_dagster.sync.spool import Spool
    from streak_dagster.tables import Table


@dataclass(frozen=True)
class Source:
    """Whose data it is, and by which declaration it was read.

    ``account`` names the account without holding its key; ``published_account`` is the one that it may
    replace in the database. ``declaration`` is the declaration's fingerprint. The columns in ``left_out`` are
    not kept, and ``hashed_by`` says which key the hashes of personal data are of; None where it is as sent.
    Who was ``erased`` by these erasures was kept out of the rows.
    """

    account: str = ""
    published_account: str | None = None
    declaration: str = ""
    left_out: frozenset[str] = frozenset()
    hashed_by: str | None = None
    erased: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spent:
    """HTTP calls of this process, how many were retries and how many got a 429; ``seconds`` spent asking."""

    calls: int = 0
    retries: int = 0
    rate_limited: int = 0
    seconds: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.calls + other.calls,
            self.retries + other.retries,
            self.rate_limited + other.rate_limited,
            self.seconds + other.seconds,
        )


@dataclass(frozen=True)
class Confirmed:
    """What Streak answered, asked by key, of rows that the table had and no list showed.

    Those of ``keys`` are still there, those of ``gone`` aren't. Of those in ``unclear`` no answer said
    either; each has what came instead.
    """

    keys: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()
    unclear: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fetched:
    """What a refresh of ``table`` brought.

    ``spooled`` has the rows; None where they are taken out of the parent's rows. ``started_at`` is when the
    refresh began (ms), also one that was cut short and taken up again with ``resumed`` answers. ``parents``
    are the boxes, pipelines or teams that it is about, ``calls_per_second`` what the budget allowed.

    ``gone`` are the parents that Streak no longer had when their rows were asked for, ``unreadable`` those
    whose rows couldn't be read, each with the reason; what is spooled of such a pipeline isn't all of it,
    but rows that were ``confirmed`` are what Streak answered. ``unwanted`` are the parents in the spool (for
    a table without parents, the rows) that aren't to be published. ``plan`` says which boxes were asked, for
    a table that is planned. ``since`` says from when on its lists were asked, for one that can be asked so;
    ``saved_until`` is then by parent what the next refresh may ask by.
    """

    table: Table
    spooled: Spool | None
    source: Source = Source()
    started_at: int = 0
    parents: int = 1
    resumed: int = 0
    calls_per_second: float = 0.0
    spent: Spent = Spent()
    gone: Mapping[str, str] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    unwanted: tuple[str, ...] = ()
    confirmed: Confirmed = Confirmed()
    plan: ReadingPlan | None = None
    since: SincePlan | None = None
    saved_until: Mapping[str, int] = field(default_factory=dict)

    @property
    def mode(self) -> str:
        """``changed`` where it left out what can't have changed; a first refresh never is."""
        left_out = (self.plan and self.plan.changed) or (self.since and self.since.asked)
        return "changed" if left_out else "complete"

    @property
    def spool(self) -> Spool:
        """The spool of a table that is listed."""
        assert self.spooled is not None, f"{self.table.name} isn't listed"
        return self.spooled
