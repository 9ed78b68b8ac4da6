"""What of Streak's answers isn't kept as it was sent: columns that are left out, and personal data.

It takes effect as a record becomes a row (``projection``), before the row reaches a spool, and so any disk.
All of it follows from the declarations: which columns are personal, which members of a JSON column become
columns of a derived table, and which column defines the custom fields whose values another one holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from streak_dagster.sync.erased import Erasures, scrub_rows
from streak_dagster.sync.hashing import RULES, FieldDefinition, Hasher
from streak_dagster.tables import ALL_TABLES, EXTRA, Kind

if TYPE_CHECKING:
    from streak_dagster.tables import Column, Table

Row = dict[str, Any]
Definitions = Mapping[str, Mapping[str, FieldDefinition]]
"""Custom fields by the key of the pipeline or team that defines them, and their own."""


@dataclass(frozen=True)
class Withheld:
    """``columns`` by table are left out. With a ``hasher``, personal data becomes hashes.

    ``fields`` are the definitions of the custom fields whose values a table holds: without one, every text of
    a value counts as typed by somebody. People who were ``erased`` are left out of what is kept.
    """

    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    hasher: Hasher | None = None
    fields: Definitions = field(default_factory=dict)
    erased: Erasures = field(default_factory=Erasures)

    @cached_property
    def _taken_out(self) -> Mapping[tuple[str, str], list[Table]]:
        """The tables taken out of a column, by its table's name and its own; asked for with each value."""
        found: dict[tuple[str, str], list[Table]] = {}
        for child in ALL_TABLES:
            if child.members is not None and child.parent is not None:
                found.setdefault((child.parent.name, child.members.column), []).append(child)
        return found

    def of(self, table: Table) -> frozenset[str]:
        """The columns of a table that are left out."""
        return self.columns.get(table.name, frozenset())

    @property
    def hashed_by(self) -> str | None:
        """Which key the hashes are of; None where nothing is hashed."""
        return self.hasher.id if self.hasher else None

    def told(self, table: Table) -> str:
        """What of it matters for a table's rows, as one text: another one is another form of the rows."""
        derived = _derived_from(table)
        parts = {f"{each.name}.{name}" for each in (table, *derived) for name in self.of(each)}
        if self.hasher:
            personal = {
                f"{each.name}.{column.name}"
                for each in (table, *derived)
                for column in each.columns
                if column.personal
            }
            parts |= {f"hashed {name}" for name in personal} | {f"by {self.hasher.id}, rules {RULES}"}
        return ", ".join(sorted(parts))

    def applied(self, table: Table, row: Row) -> Row:
        """The row as it is kept."""
        left_out = self.of(table)
        kept = {name: value for name, value in row.items() if name not in left_out}
        if EXTRA.name in kept and left_out:
            names = _names_of(table, left_out)
            kept[EXTRA.name] = {name: each for name, each in kept[EXTRA.name].items() if name not in names}
            if not kept[EXTRA.name]:
                del kept[EXTRA.name]
        for column in (*table.columns, EXTRA):
            if column.name in kept:
                kept[column.name] = self._value(table, column, kept)
        return kept

    def kept(self, table: Table, rows: Sequence[Row]) -> tuple[Sequence[Row], tuple[str, ...]]:
        """Rows of an answer without people who were erased, and by which erasures it met any.

        It comes last: where personal data is hashed, the published rows were erased in that form, too.
        """
        return scrub_rows(self.erased, table, rows) if self.erased else (rows, ())

    def _value(self, table: Table, column: Column, row: Row) -> Any:
        value = row[column.name]
        children = self._taken_out.get((table.name, column.name), [])
        for child in children:
            if self.of(child):
                value = _each_record(value, self._without_left_out(child))
        hasher = self.hasher
        is_key = column.name == table.parent_column or (column.references and not column.personal)
        if hasher is None or is_key:
            return value
        if column.defined_by and isinstance(value, dict):
            defined = self.fields.get(str(row.get(table.parent_column or "")), {})
            return {
                name: hasher.field_value(defined.get(name), each)
                for name, each in hasher.named(value).items()
            }
        is_personal = column.personal or column is EXTRA
        whole = hasher.nested if is_personal else hasher.without_addresses
        if children and not column.defined_by:
            return _each_record(value, _members_hashed(hasher, column, children), whole, hasher.named)
        return whole(value)

    def _without_left_out(self, child: Table) -> Callable[[Row], Row]:
        """Takes out of a record what a derived table of these records leaves out."""
        names = _names_of(child, self.of(child))
        return lambda record: {name: each for name, each in record.items() if name not in names}


NOTHING = Withheld()
"""All is kept as Streak sent it."""


def _members_hashed(hasher: Hasher, column: Column, children: list[Table]) -> Callable[[Row], Row]:
    """Hashes members of a record: those that a derived table declares as it says, others as the column.

    So a person's role stays readable, and a table that is made of the records holds what it would have if
    Streak listed it.
    """
    declared = {
        name: each.personal
        for child in children
        for each in child.columns
        if not each.derived
        for name in (each.api_name, *each.aliases)
    }

    def hashed(record: Row) -> Row:
        return {
            name: hasher.member(name, each)
            if declared.get(name, column.personal)
            else hasher.without_addresses(each)
            for name, each in hasher.named(record).items()
        }

    return hashed


def _each_record(
    value: Any,
    change: Callable[[Row], Row],
    other: Callable[[Any], Any] = lambda value: value,
    named: Callable[[Row], Row] = dict,
) -> Any:
    """A list or an object of records with each of them changed, and whatever else is there by ``other``."""
    if isinstance(value, list):
        return [change(each) if isinstance(each, dict) else other(each) for each in value]
    if isinstance(value, dict):
        return {
            name: change(each) if isinstance(each, dict) else other(each)
            for name, each in named(value).items()
        }
    return other(value)


def _derived_from(table: Table) -> list[Table]:
    """The tables whose rows are made of a table's rows without a call."""
    return [child for child in table.children(ALL_TABLES) if child.kind is Kind.DERIVED]


def _names_of(table: Table, columns: frozenset[str]) -> set[str]:
    """Streak's names for columns, without those by which another column is filled, too."""
    names = {
        name: column.name for column in table.columns for name in column.aliases if column.name in columns
    }
    own = {column.api_name: column.name for column in table.columns}
    return {name for name, column in (names | own).items() if column in columns}
