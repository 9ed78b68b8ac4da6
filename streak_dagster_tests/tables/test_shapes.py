"""Every column of JSON says what it holds, and the picture of all tables says how they hang together."""

from __future__ import annotations

import re

import pytest

from streak_dagster.tables import ALL_TABLES, Column, ColumnType, Table
from streak_dagster.tables.diagram import diagram
from streak_dagster.tables.relations import relations_of

each_table = pytest.mark.parametrize("declared", ALL_TABLES, ids=lambda declared: declared.name)
PAIRS = {"[": "]", "{": "}", "<": ">"}
ENTITY = re.compile(r"^    (\w+) \{$")
ATTRIBUTE = re.compile(r"^        [A-Z]+ ([a-z_]\w*) (?:PK|FK|PK, FK)$")
RELATION = re.compile(r'^    (\w+) (?:\|\||\|o)(?:--|\.\.)o\{ (\w+) : "[\w, ]+"$')


def is_balanced(shape: str) -> bool:
    open_ones: list[str] = []
    for sign in shape:
        if sign in PAIRS:
            open_ones.append(PAIRS[sign])
        elif sign in PAIRS.values() and (not open_ones or open_ones.pop() != sign):
            return False
    return not open_ones


@each_table
def test_every_column_of_json_has_a_shape_and_no_other(declared: Table) -> None:
    nested = {each.name for each in declared.all_columns if each.type is ColumnType.JSON}
    shaped = {each.name for each in declared.all_columns if each.shape}
    assert shaped == nested, (
        f'declare what these columns of {declared.name} hold, as in shape="[{{userKey, offset, length}}]": '
        f"{sorted(nested - shaped)}; and these hold nothing nested: {sorted(shaped - nested)}"
    )


@each_table
def test_a_shape_closes_what_it_opens(declared: Table) -> None:
    assert [each.name for each in declared.all_columns if not is_balanced(each.shape or "")] == []


@each_table
def test_a_moment_inside_json_has_its_unit(declared: Table) -> None:
    for column in declared.columns:
        for member in re.findall(r"(\w*(?:Timestamp|Ts|Date|Ms))\b(?!:|\?:)", column.shape or ""):
            pytest.fail(f"{declared.name}.{column.name}: {member} has no unit, such as ms")


def test_the_meaning_of_a_column_is_its_description_with_its_shape() -> None:
    assert Column("a", ColumnType.JSON, "Who.", shape="[<key>]").meaning == "Who. Shape: [<key>]"
    assert Column("a", ColumnType.TEXT, "Who.").meaning == "Who."


def test_the_picture_has_all_tables_with_the_columns_of_their_keys_and_all_relations() -> None:
    head, *lines = diagram().splitlines()
    assert head == "erDiagram"
    entities: dict[str, list[str]] = {}
    relations = []
    for line in lines:
        if found := ENTITY.match(line):
            entities[found[1]] = []
        elif found := ATTRIBUTE.match(line):
            list(entities.values())[-1].append(found[1])
        elif found := RELATION.match(line):
            relations.append((found[1], found[2]))
        else:
            assert line == "    }", f"Mermaid may not read this line: {line}"
    assert list(entities) == [table.name for table in ALL_TABLES]
    for table in ALL_TABLES:
        foreign = {name for relation in relations_of(table) for name in relation.columns}
        assert set(entities[table.name]) == {*table.primary_key, *foreign}
    expected = [(each.target.name, table.name) for table in ALL_TABLES for each in relations_of(table)]
    assert relations == expected
