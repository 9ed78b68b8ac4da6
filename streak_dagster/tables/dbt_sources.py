"""``docs/dbt/sources.yml``, written from the declarations: ``python -m streak_dagster.tables.dbt_sources``.

It is a file for the ``models/`` of a dbt project (dbt 1.10.5 or later, dbt-duckdb): every table with its
columns, and the tests that the keys and relations stand for
(https://docs.getdbt.com/reference/source-properties). A key of several columns is tested by dbt's own
``unique`` on an expression, so no package is needed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import ALL_TABLES
from .relations import relations_of

if TYPE_CHECKING:
    from .columns import Column
    from .model import Table
    from .relations import Relation

FILE = Path(__file__).resolve().parents[2] / "docs" / "dbt" / "sources.yml"
"""Where the file is in a clone of the repository."""

_HEAD = """\
# Written by `python -m streak_dagster.tables.dbt_sources` from streak_dagster/tables/. Don't edit by hand.
# For the models/ of a dbt project: dbt 1.10.5 or later, dbt-duckdb. Say where the copy is in profiles.yml,
# either as the profile's own `path`, or under `attach`; then give its alias here, as `database: crm` below
# the name.
# Tables that STREAK_EXCLUDE leaves out have to be taken out here, too.
version: 2

sources:
  - name: streak
    schema: streak
    description: "A copy of a Streak CRM account, made by streak-dagster."
    tables:"""


def render() -> str:
    """The whole file as YAML, ending with a newline."""
    return "\n".join([_HEAD, *(line for table in ALL_TABLES for line in _table(table))]) + "\n"


def _table(table: Table) -> list[str]:
    relations = relations_of(table)
    lines = [f"      - name: {table.name}", f"        description: {_text(table.description)}"]
    if len(table.primary_key) > 1:
        key = " || '/' || ".join(table.primary_key)
        lines += [
            f"        # The primary key: {', '.join(table.primary_key)}.",
            *("        data_tests:", "          - unique:", "              arguments:"),
            f"                column_name: {_text(key)}",
        ]
    lines += [_comment(each) for each in relations if len(each.on) > 1]
    lines.append("        columns:")
    own = {each.column: each for each in relations if len(each.on) == 1}
    return lines + [
        line for column in table.all_columns for line in _column(table, column, own.get(column.name))
    ]


def _column(table: Table, column: Column, relation: Relation | None) -> list[str]:
    lines = [
        f"          - name: {column.name}",
        f"            description: {_text(column.meaning)}",
        f"            data_type: {column.type.value}",
    ]
    if column.personal:
        lines += ["            config:", "              meta:", "                personal: true"]
    tests = ["              - not_null"] * (column.name in table.required_columns)
    tests += ["              - unique"] * (table.primary_key == (column.name,))
    if relation is not None:
        tests += [
            *("              - relationships:", "                  arguments:"),
            f"                    to: source('streak', '{relation.target.name}')",
            f"                    field: {relation.target_columns[0]}",
        ]
        if not relation.is_always_valid:
            tests += ["                  config:", "                    severity: warn"]
    return [*lines, "            data_tests:", *tests] if tests else lines


def _comment(relation: Relation) -> str:
    return (
        f"        # {', '.join(relation.columns)} together name a row of {relation.target.name}: "
        f"{', '.join(relation.target_columns)}."
    )


def _text(text: str) -> str:
    """A text in double quotes: what is JSON is YAML."""
    return json.dumps(text, ensure_ascii=False)


def main() -> None:
    """Write the file and say where it is."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{FILE}\n")


if __name__ == "__main__":
    main()
