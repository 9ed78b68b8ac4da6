"""The picture of all tables with their keys and relations, in Mermaid's words for such pictures.

The syntax: https://mermaid.js.org/syntax/entityRelationshipDiagram.html. A type and a name of an attribute
are one word each; several keys are separated by commas.
"""

from __future__ import annotations

from . import ALL_TABLES
from .columns import Column, ColumnType
from .model import Table
from .relations import Relation, relations_of

_WORDS = {ColumnType.TIMESTAMP: "TIMESTAMPTZ"}


def diagram() -> str:
    """An ``erDiagram`` of all tables, parents first; of their columns only those of keys."""
    lines = ["erDiagram"]
    for table in ALL_TABLES:
        lines += [f"    {table.name} {{", *(f"        {each}" for each in _keys(table)), "    }"]
    relations = [each for table in ALL_TABLES for each in relations_of(table)]
    return "\n".join([*lines, *(f"    {_line(each)}" for each in relations)])


def _keys(table: Table) -> list[str]:
    """The columns of the primary key, then those that name other rows."""
    foreign = {name for relation in relations_of(table) for name in relation.columns}
    found = [*table.primary_key, *(each.name for each in table.columns if each.name in foreign)]
    return [_attribute(table.by_name[name], table, foreign) for name in dict.fromkeys(found)]


def _attribute(column: Column, table: Table, foreign: set[str]) -> str:
    marks = ["PK"] * (column.name in table.primary_key) + ["FK"] * (column.name in foreign)
    return f"{_WORDS.get(column.type, column.type.value)} {column.name} {', '.join(marks)}"


def _line(relation: Relation) -> str:
    """One row of the target, or none where it may be gone, and any number of rows that name it."""
    drawn = "||--o{" if relation.is_always_valid else "|o..o{"
    return f'{relation.target.name} {drawn} {relation.table.name} : "{", ".join(relation.columns)}"'
