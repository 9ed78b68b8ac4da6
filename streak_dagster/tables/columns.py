"""How a column is declared: the API's property that fills it, its type and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    # Only the type checker reads this, so Python 3.10 needs no extra dependency for it.
    from typing_extensions import Unpack


class ColumnType(Enum):
    """The DuckDB type of a column; the value is its spelling in DDL."""

    TEXT = "VARCHAR"
    TEXTS = "VARCHAR[]"
    INTEGER = "BIGINT"
    NUMBER = "DOUBLE"
    FLAG = "BOOLEAN"
    TIMESTAMP = "TIMESTAMP WITH TIME ZONE"
    JSON = "JSON"


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
    previews. ``references`` is ``table.column`` of the row that this value names. ``defined_by`` is the
    column of the parent that defines the members of this one, as a pipeline does its boxes' custom fields.
    ``derived`` columns are filled by this package, not by a property of the same name. ``shape`` says what a
    nested value holds: ``[…]`` is a list, ``{…}`` an object, ``<…>`` stands for any such text, ``?`` behind a
    member that may be missing, ``ms`` for a moment in milliseconds since 1970-01-01 UTC.
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
    defined_by: str | None = None
    shape: str | None = None

    @property
    def meaning(self) -> str:
        """The description, and the shape where there is one."""
        return f"{self.description} Shape: {self.shape}" if self.shape else self.description

    @cached_property
    def name(self) -> str:
        """The column's name in the warehouse."""
        return snake_case(self.api_name)


SECRETS = frozenset({"intercomHmac", "apiKey", "apiKeys", "apikey", "apikeys", "token"})
"""Properties that are never stored, at whatever depth they come.

A webhook's ``token`` comes with each of its calls, so that the receiver can tell them from others'."""


class ColumnOptions(TypedDict, total=False):
    """What a column may say beyond its property, type and description; see ``Column``."""

    aliases: tuple[str, ...]
    unwrap: str | None
    volatile: bool
    volatile_members: tuple[str, ...]
    personal: bool
    references: str | None
    derived: bool
    defined_by: str | None
    shape: str | None


# The seven ways to declare a column, short enough that a table reads like a list.


def text(name: str, description: str, **options: Unpack[ColumnOptions]) -> Column:
    """A string; numbers and booleans that Streak sends in its place are kept as their JSON text."""
    return Column(name, ColumnType.TEXT, description, **options)


def texts(name: str, description: str, **options: Unpack[ColumnOptions]) -> Column:
    """A list of strings, in their order; what is no such list isn't made one."""
    return Column(name, ColumnType.TEXTS, description, **options)


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
    """A list or an object, kept whole as JSON; its ``shape`` is declared, too."""
    return Column(name, ColumnType.JSON, description, **options)


SYNCED_AT = timestamp(
    "_synced_at",
    "When Streak first answered with the row as it is; what moves by the clock alone may be newer.",
    derived=True,
)
EXTRA = nested(
    "_extra",
    "Properties that the declaration doesn't know, or whose value doesn't fit the declared type, "
    "as JSON by Streak's own names; NULL when there are none.",
    derived=True,
    shape="{<property of Streak>: <as it was sent>}",
)
COMMON_COLUMNS = (SYNCED_AT, EXTRA)
"""The columns of every table, after its own. The first one is never NULL."""
