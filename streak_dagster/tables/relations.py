"""How the tables hang together: which columns of one name a row of another, as the declarations say it."""

from __future__ import annotations

from dataclasses import dataclass

from . import ALL_TABLES
from .model import Table

_BY_NAME = {table.name: table for table in ALL_TABLES}


@dataclass(frozen=True)
class Relation:
    """Many rows of ``table`` name one of ``target``.

    ``on`` pairs the columns of both. There are more pairs than one where a key of the target is unique only
    inside another (a stage's inside its pipeline) and this table has that one, too. ``column`` is the one
    that was declared to refer. ``is_of_parent`` says that it holds the key by which the row was asked for,
    or out of whose row it was taken.
    """

    table: Table
    target: Table
    column: str
    on: tuple[tuple[str, str], ...]
    is_of_parent: bool

    @property
    def kind(self) -> str:
        """``part_of``: taken out of the other row; ``list_of``: asked for by its key; else ``reference``."""
        if not self.is_of_parent:
            return "reference"
        return "list_of" if self.table.is_listed_by_parent else "part_of"

    @property
    def is_always_valid(self) -> bool:
        """Whether no row can name one that isn't there, once both tables were refreshed in one run.

        Other keys may be those of what was deleted, or isn't shared with the key's user.
        """
        return self.is_of_parent

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(own for own, _ in self.on)

    @property
    def target_columns(self) -> tuple[str, ...]:
        return tuple(other for _, other in self.on)


def relations_of(table: Table) -> list[Relation]:
    """What the declaration says, in the order of the columns; tables that aren't copied are left out."""
    found = []
    for column in table.columns:
        name, _, key = (column.references or "").partition(".")
        is_of_parent = table.parent is not None and column.name == table.parent_column
        target = table.parent if is_of_parent else _BY_NAME.get(name)
        if target is None:
            continue
        key = "key" if is_of_parent else key
        others = [each for each in target.primary_key if key in target.primary_key and each != key]
        shared = [(each, each) for each in others if each in table.by_name and each != column.name]
        found.append(Relation(table, target, column.name, (*shared, (column.name, key)), is_of_parent))
    return found
