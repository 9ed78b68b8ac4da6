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


class Paging(Enum):
    """How a list endpoint is read to its end."""

    NONE = "none"
    """One call without paging parameters; further pages only where the answer says there are any."""
    PAGES = "pages"
    """``limit`` and ``page``, 0-based."""


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
    """

    path: str
    paging: Paging = Paging.NONE
    small: bool = True


@dataclass(frozen=True)
class Table:
    """One table, its asset and where its rows come from.

    Without an ``endpoint`` the rows are taken out of the parent's rows and cost no call.
    ``parent`` is the table whose rows are walked; the parent's key fills ``parent_column``.
    ``parent_wins`` says that the key we asked by is the truth even where the row names another
    (a thread may sit in several boxes). ``secrets`` of every table are listed in ``SECRETS``.
    ``latest_by`` are the columns that order two versions of one row, most telling first.
    ``preview`` names the columns shown in Dagster's materialization metadata.
    For a table that is read box by box, ``counters`` are the columns of ``pipeline_boxes`` that
    together count its rows, and ``change_columns`` others that move when its rows do; none is volatile.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    group: str
    endpoint: Endpoint | None = None
    parent: str | None = None
    parent_column: str | None = None
    parent_wins: bool = False
    latest_by: tuple[str, ...] = ()
    preview: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    change_columns: tuple[str, ...] = ()
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

    @property
    def key_names(self) -> tuple[str, ...]:
        """Streak's names for a record's own key; none where it has none."""
        column = self.by_name.get("key")
        return (column.api_name, *column.aliases) if column and "key" in self.primary_key else ()


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
