"""How a table is declared.

A declaration is data. From it come the DDL, the typed projection of Streak's answers, the asset
with its column descriptions and lineage, the checks, ``docs/tables.md`` and the conformance test
of the sandbox. Nothing here asks Streak or opens a database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    # Only the type checker reads this, so Python 3.10 needs no extra dependency for it.
    from typing_extensions import Unpack


class ColumnType(Enum):
    """The DuckDB type of a column; the value is its spelling in DDL."""

    TEXT = "VARCHAR"
    INTEGER = "BIGINT"
    NUMBER = "DOUBLE"
    FLAG = "BOOLEAN"
    TIMESTAMP = "TIMESTAMP WITH TIME ZONE"
    JSON = "JSON"


class Kind(Enum):
    """Where the rows of a table come from. How they are asked for, published and watched follows from it."""

    ACCOUNT_LIST = "account list"
    """One list of the whole account."""
    PARENT_LIST = "list per parent"
    """A list for each row of the parent. Where the parent's rows show what moved, few of them are asked."""
    TEAM_LIST = "cursor list per team"
    """A long list for each team, read by a cursor, page after page."""
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


def snake_case(name: str) -> str:
    """The column name of an API property: ``gmailAPIFileId`` is ``gmail_api_file_id``."""
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", spaced).lower()


@dataclass(frozen=True)
class Column:
    """One column and the API property that fills it.

    ``api_name`` is the API's name (camelCase). ``aliases`` are other properties that carry the same
    value, used in order when ``api_name`` didn't come. ``unwrap`` names the member that holds the
    value where Streak sends an object in place of a scalar. A ``volatile`` value moves by the clock, without
    any edit and so never counts as a change. ``volatile_members`` does the same for a part of a
    nested value: members of these names are left out of a comparison at whatever depth they come,
    while the stored JSON keeps them. ``personal`` marks data about a person, which is kept out of
    previews. ``references`` is ``table.column`` of the row that this value names.
    ``derived`` columns are filled by this package, not by a property of the same name.
    """

    api_name: str
    type: ColumnType
    description: str
    aliases: tuple[str, ...] = ()
    unwrap: str | None = None
    volatile: bool = False
    volatile_members: tuple[str, ...] = ()
    personal: bool = False
    references: str | None = None
    derived: bool = False

    @cached_property
    def name(self) -> str:
        """The column's name in the warehouse."""
        return snake_case(self.api_name)


@dataclass(frozen=True)
class Endpoint:
    """Where the rows come from: ``path`` below the base URL, ``{parent}`` being the parent's key.

    A ``small`` list is one that seldom fills a page, so that a short first page is taken for all of it.
    ``page_size`` is how many rows to ask for at once, where that isn't ``STREAK_PAGE_SIZE``.
    """

    path: str
    paging: Paging = Paging.SINGLE
    small: bool = True
    page_size: int | None = None


@dataclass(frozen=True)
class Members:
    """Which records a row of the parent holds: those in its JSON ``column``, a list or an object by key.

    A record without ``key`` gets it from its place in the object. ``order`` is a column that lists the keys:
    a record's place there, counted from 0, fills ``position``. A member that is no object becomes one, with
    ``member_as`` as its name; without that it is left out.
    """

    column: str
    order: str | None = None
    member_as: str | None = None


@dataclass(frozen=True)
class Row:
    """How a table's rows are called, and how one is asked for by its key; for parents of other tables.

    ``one`` and ``many`` are words for messages. ``path``, below the base URL, is the object of ``{key}``.
    ``change_columns`` are times that move with whatever happens to a row, the surest one first: where there
    are any, lists below the rows are asked for anew only where these or the list's own counters moved.
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
    The parent's key fills ``parent_column``.
    ``parent_wins`` says that the key we asked by is the truth even where the row names another
    (a thread may sit in several boxes). ``secrets`` of every table are listed in ``SECRETS``.
    ``latest_by`` are the columns that order two versions of one row, most telling first.
    ``preview`` names the columns shown in Dagster's materialization metadata.
    For a list per parent, ``counters`` are the parent's columns that together count its rows, and
    ``change_columns`` others of the parent that move when its rows do; none is volatile.
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
    parent_wins: bool = False
    latest_by: tuple[str, ...] = ()
    preview: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    change_columns: tuple[str, ...] = ()
    row: Row | None = None
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        if len(by_name) != len(self.columns):
            raise ValueError(f"table {self.name} declares a column twice")
        parent_column = (self.parent_column,) if self.parent_column else ()
        for name in (*self.primary_key, *parent_column, *self.latest_by, *self.preview):
            if name not in by_name:
                raise ValueError(f"table {self.name} names an undeclared column {name}")
        object.__setattr__(self, "by_name", by_name)
        self._check_kind()

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
        if self.parent is None:
            return
        if self.is_listed_by_parent and self.parent.row is None:
            raise ValueError(f"table {self.name} is read by rows of {self.parent.name}, which declares none")
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
    def parent_row(self) -> Row:
        """How a row of the parent is called and asked for, where the table is listed by its rows."""
        assert self.parent is not None, f"{self.name} has no parent"
        assert self.parent.row is not None, f"{self.parent.name} declares no row"
        return self.parent.row

    def children(self, tables: Iterable[Table]) -> list[Table]:
        """Those of ``tables`` that are read by, or taken out of, the rows of this one."""
        return [each for each in tables if each.parent is self]


SECRETS = frozenset({"intercomHmac", "apiKey", "apiKeys", "apikey", "apikeys"})
"""Properties that are never stored, at whatever depth they come."""


class ColumnOptions(TypedDict, total=False):
    """What a column may say beyond its property, type and description; see ``Column``."""

    aliases: tuple[str, ...]
    unwrap: str | None
    volatile: bool
    volatile_members: tuple[str, ...]
    personal: bool
    references: str | None
    derived: bool


# The six ways to declare a column, short enough that a table reads like a list.


def text(name: str, description: str, **options: Unpack[ColumnOptions]) -> Column:
    """A string; numbers and booleans that Streak sends in its place are kept as their JSON text."""
    return Column(name, ColumnType.TEXT, description, **options)


def integer(name: str, description: str, **options: Unpack[ColumnOptions]) -> Column:
    """A whole number, also where Streak sends it as a numeric string (a file's ``size``)."""
    return Column(name, ColumnType.INTEGER, description, **options)


def number(name: str, description: str, **options: Unpack[ColumnOptions]) -> Column:
    """A number with a fraction."""
    return Column(name, ColumnType.NUMBER, description, **options)


def flag(name: str, description: str, **options: Unpack[ColumnOptions]) -> Column:
    """True or false."""
    return Column(name, ColumnType.FLAG, description, **options)


def timestamp(name: str, description: str, **options: Unpack[ColumnOptions]) -> Column:
    """A moment; Streak sends milliseconds since 1970-01-01 UTC."""
    return Column(name, ColumnType.TIMESTAMP, description, **options)


def nested(name: str, description: str, **options: Unpack[ColumnOptions]) -> Column:
    """A list or an object, kept whole as JSON."""
    return Column(name, ColumnType.JSON, description, **options)


SYNCED_AT = timestamp("_synced_at", "When Streak answered with this row.", derived=True)
EXTRA = nested(
    "_extra",
    "Properties that the declaration doesn't know, or whose value doesn't fit the declared type, "
    "as JSON by Streak's own names; NULL when there are none.",
    derived=True,
)
COMMON_COLUMNS = (SYNCED_AT, EXTRA)
"""The columns of every table, after its own. The first one is never NULL."""
