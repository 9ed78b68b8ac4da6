"""How a table is declared.

A declaration is data. From it come the DDL, the typed projection of Streak's answers, the asset
with its column descriptions and lineage, the checks, ``docs/tables.md`` and the conformance test
of the sandbox. Nothing here asks Streak or opens a database.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from .columns import COMMON_COLUMNS, SYNCED_AT, ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .columns import Column


class Kind(Enum):
    """Where the rows of a table come from. How they are asked for, published and watched follows from it."""

    ACCOUNT_LIST = "account list"
    """One list of the whole account."""
    PARENT_LIST = "list per parent"
    """A list for each row of the parent. Where the parent's rows show what changed, few of them are asked."""
    TEAM_LIST = "cursor list per team"
    """A long list for each team, read by a cursor, page after page.

    No column of a team shows that a row of its list changed, so the sensor leaves that to the schedule.
    """
    DERIVED = "derived"
    """Taken out of a JSON column of the parent's rows, in DuckDB: no call."""


class Paging(Enum):
    """How a list endpoint is read to its end."""

    SINGLE = "single"
    """One call without paging parameters; further pages only where the answer says there are any."""
    NUMBERED = "numbered"
    """``limit`` and ``page``, 0-based."""
    CURSOR = "cursor"
    """``limit`` and, from the second page on, the ``cursor`` that the page before it gave."""


@dataclass(frozen=True)
class ChangedSince:
    """How a list is asked for those of its rows alone that were saved at a moment or later.

    ``parameter`` is what the moment is sent as, in whole seconds since 1970-01-01 UTC. ``column`` is where a
    row says when it was saved, by the same clock: Streak's.
    """

    parameter: str
    column: str


@dataclass(frozen=True)
class Endpoint:
    """Where the rows come from: ``path`` below the base URL, ``{parent}`` being the parent's key.

    A ``small`` list is one that seldom fills a page, so that a short first page is taken for all of it.
    ``page_size`` is how many rows to ask for at once, where that isn't ``STREAK_PAGE_SIZE``. ``params`` are
    names and values that are sent with every page. ``changed_since`` is declared by a list that can be asked
    for what changed; see ``sync.plan.SincePlan``.
    """

    path: str
    paging: Paging = Paging.SINGLE
    small: bool = True
    page_size: int | None = None
    params: tuple[tuple[str, str], ...] = ()
    changed_since: ChangedSince | None = None


@dataclass(frozen=True)
class FurtherList:
    """A further list that rows of a table come from: one for each row of another parent.

    The other parent's key fills ``parent_column``. A row belongs to the first of its table's parents whose
    key it has: a webhook that names a pipeline is the pipeline's, whichever list showed it.
    """

    endpoint: Endpoint
    parent: Table = field(repr=False)
    parent_column: str


@dataclass(frozen=True)
class Window:
    """A list that shows only its ``newest`` rows of each parent, by the time in ``column``.

    Its table accumulates: what is published and no longer listed stays. It goes only with another account's
    data, or where STREAK_PIPELINES leaves its pipeline out. See ``warehouse.coverage``.
    """

    newest: int
    column: str


@dataclass(frozen=True)
class Members:
    """Which records a row of the parent holds: those in its JSON ``column``, a list or an object by key.

    Where the list or the object is a member of the column's own object, ``within`` is that member's name.
    A record without ``key`` gets it from its place in the object. ``position`` is a record's place, counted
    from 0: among the keys that the column ``order`` lists, or without that as it was sent. A member that is
    no object becomes one, with ``member_as`` as its name; without that it is left out. So is a record without
    the table's own key, while others have it; the parent's column holds it all the same. Members that are
    ``decoded`` aren't records but values of custom fields, whatever they are, by the field's key: see
    ``warehouse.field_values``.
    """

    column: str
    order: str | None = None
    member_as: str | None = None
    within: str | None = None
    decoded: bool = False


@dataclass(frozen=True)
class Row:
    """How a table's rows are called, and how one is asked for by its key; for parents of other tables.

    ``one`` and ``many`` are words for messages. ``path``, below the base URL, is the object of ``{key}``.
    ``change_columns`` are times that change with whatever happens to a row, the surest one first: where there
    are any, lists below the rows are asked for anew only where these or the list's own counters changed.
    """

    one: str
    many: str
    path: str
    change_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table, its asset and where its rows come from.

    ``kind`` says how it is filled: from the list at ``endpoint``, one of the account or one for each row of
    the ``parent``, or out of ``members`` of the parent's rows, without a call.
    The parent's key fills ``parent_column``. ``also`` are lists by rows of other parents, for tables that
    aren't planned. Without the tables ``joined`` its rows can't be made either; those of ``named_by`` give
    names to what the rows only have keys of, where they are copied.
    A list that is ``optional`` is one that an account, a key or a parent may lack: no refresh fails for it,
    and a parent whose list is refused is told as unread. With a ``window``, a table accumulates.
    ``parent_wins`` says that the key we asked by is the truth even where the row names another
    (a thread may sit in several boxes). ``secrets`` of every table are listed in ``SECRETS``.
    ``in_several_lists`` says that one row may stand in the lists of several parents (a user of two teams): it
    is one row all the same, the newest version of it, under the parent whose key comes first.
    ``named_beyond_it`` says why other tables may name rows that aren't in this one, where that is no fault.
    ``latest_by`` are the columns that order two versions of one row, the one that decides first.
    ``preview`` names the columns shown in Dagster's materialization metadata. ``called`` says by which
    columns a person knows a row: the first way that says anything, the columns of one way together. A column
    that references another table stands for what the row there is called, a list for its first member.
    For a list per parent, ``counters`` are the parent's columns that together count its rows, and
    ``change_columns`` others of the parent that change when its rows do; none is volatile.
    ``row`` is declared by tables that are parents of lists.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    group: str
    kind: Kind
    endpoint: Endpoint | None = None
    members: Members | None = None
    parent: Table | None = field(default=None, repr=False)
    parent_column: str | None = None
    also: tuple[FurtherList, ...] = ()
    optional: bool = False
    window: Window | None = None
    joined: tuple[Table, ...] = field(default=(), repr=False)
    named_by: tuple[str, ...] = ()
    parent_wins: bool = False
    in_several_lists: bool = False
    named_beyond_it: str | None = None
    latest_by: tuple[str, ...] = ()
    preview: tuple[str, ...] = ()
    called: tuple[tuple[str, ...], ...] = ()
    counters: tuple[str, ...] = ()
    change_columns: tuple[str, ...] = ()
    row: Row | None = None
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        if len(by_name) != len(self.columns):
            raise ValueError(f"table {self.name} declares a column twice")
        window = (self.window.column,) if self.window else ()
        shown = (*self.preview, *(name for way in self.called for name in way))
        for name in (*self.primary_key, *window, *self.parent_columns, *self.latest_by, *shown):
            if name not in by_name:
                raise ValueError(f"table {self.name} names an undeclared column {name}")
        object.__setattr__(self, "by_name", by_name)
        self._check_kind()
        self._check_changed_since()

    def _check_changed_since(self) -> None:
        if self.changed_since is not None:
            saved = self.by_name.get(self.changed_since.column)
            if self.is_planned or saved is None or saved.type is not ColumnType.TIMESTAMP:
                raise ValueError(f"table {self.name} can't be asked for what changed: no time, or a plan")

    def _check_kind(self) -> None:
        """Raises ValueError where the declaration isn't that of its kind, or names what the parent lacks."""
        is_list = self.kind is not Kind.DERIVED
        if (self.endpoint is not None) != is_list or (self.members is None) != is_list:
            needed = "an endpoint" if is_list else "members"
            raise ValueError(f"table {self.name} ({self.kind.value}) needs {needed}, and nothing else")
        of_account = self.kind is Kind.ACCOUNT_LIST
        if (self.parent is None) != of_account or (self.parent_column is None) != of_account:
            needed = "no parent" if of_account else "a parent and a column for its key"
            raise ValueError(f"table {self.name} ({self.kind.value}) needs {needed}")
        for parent in self.parents:
            if self.is_listed_by_parent and parent.row is None:
                raise ValueError(f"table {self.name} is read by rows of {parent.name}, which declares none")
        if self.also and (not self.is_listed_by_parent or self.is_planned):
            raise ValueError(f"table {self.name} ({self.kind.value}) can't have lists of further parents")
        if self.parent is None:
            return
        of_parent = [*self.counters, *self.change_columns]
        if self.members:
            of_parent += filter(None, [self.members.column, self.members.order])
        for name in of_parent:
            if name not in self.parent.by_name:
                raise ValueError(f"table {self.name} names {name}, which {self.parent.name} doesn't have")

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The columns of the table in the warehouse, in this order: its own, then those of every table."""
        return (*self.columns, *COMMON_COLUMNS)

    @property
    def required_columns(self) -> frozenset[str]:
        """The columns that are never NULL."""
        return frozenset({*self.primary_key, SYNCED_AT.name})

    @property
    def key_names(self) -> tuple[str, ...]:
        """Streak's names for a record's own key; none where it has none."""
        column = self.by_name.get("key")
        return (column.api_name, *column.aliases) if column and "key" in self.primary_key else ()

    @property
    def parents(self) -> tuple[Table, ...]:
        """The tables by whose rows it is listed, or out of whose rows it is taken; none for an account's."""
        return (*([self.parent] if self.parent else []), *(each.parent for each in self.also))

    @property
    def parent_columns(self) -> tuple[str, ...]:
        """The column that holds the key of each of ``parents``."""
        return (*filter(None, [self.parent_column]), *(each.parent_column for each in self.also))

    @property
    def lists(self) -> tuple[Table, ...]:
        """The table as each of its lists alone would fill it: itself, where it has no further ones."""
        if not self.also:
            return (self,)
        alone = replace(self, also=())
        further = [
            replace(alone, endpoint=each.endpoint, parent=each.parent, parent_column=each.parent_column)
            for each in self.also
        ]
        return (alone, *further)

    @property
    def is_listed_by_parent(self) -> bool:
        """Whether it costs a call or more for each row of the parent that is asked for."""
        return self.kind in (Kind.PARENT_LIST, Kind.TEAM_LIST)

    @property
    def is_planned(self) -> bool:
        """Whether the parent's rows show which of them have to be asked for; see ``warehouse.planning``.

        Such parents are too many to ask them all each time.
        """
        return self.is_listed_by_parent and bool(self.parent_row.change_columns)

    @property
    def changed_since(self) -> ChangedSince | None:
        """How its lists are asked for what changed, where they can be."""
        return self.endpoint.changed_since if self.endpoint else None

    @property
    def has_modes(self) -> bool:
        """Whether a ``changed`` refresh asks for less than a ``complete`` one."""
        return self.is_planned or self.changed_since is not None

    @property
    def parent_row(self) -> Row:
        """How a row of the parent is called and asked for, where the table is listed by its rows."""
        assert self.parent is not None, f"{self.name} has no parent"
        assert self.parent.row is not None, f"{self.parent.name} declares no row"
        return self.parent.row

    def parents_called(self, join: str = " and ") -> tuple[str, str]:
        """What one parent and many of them are called: ``pipeline and team``, ``pipelines and teams``."""
        rows = [each.parent_row for each in self.lists]
        return join.join(row.one for row in rows), join.join(row.many for row in rows)

    def children(self, tables: Iterable[Table]) -> list[Table]:
        """Those of ``tables`` that are read by, taken out of, or made with the rows of this one."""
        return [each for each in tables if self in (*each.parents, *each.joined)]

    def descendants(self, tables: Sequence[Table]) -> list[Table]:
        """The children, and those of theirs, however deep: none of them can be filled without this one."""
        children = self.children(tables)
        deeper = [each for child in children for each in child.descendants(tables)]
        return list({each.name: each for each in (*children, *deeper)}.values())
