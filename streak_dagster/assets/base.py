"""What all assets of Streak have in common, taken from their table's declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetKey,
    AssetsDefinition,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableConstraints,
    TableSchema,
    asset,
)

from streak_dagster.sync.refresh import declaration_fingerprint
from streak_dagster.warehouse.ddl import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable

    from streak_dagster.tables import Column, Table

OWNERS = ["team:data"]
KINDS = {"streak", "duckdb"}
PRIORITY = "dagster/priority"
"""Dagster's tag by which a step is chosen among those that could run; of none it is 0."""
PERSONAL = "personal_data"
"""The tag of an asset whose table holds personal data; its columns are tagged, too."""


def streak_asset(table: Table) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """The asset ``streak/<table>``.

    It depends on its parents and on what else its rows are made with. Tables that only give names come before
    it in a run, but aren't depended on: Dagster would skip it where one of them fails.
    """
    return asset(
        key=[SCHEMA, table.name],
        deps=[AssetKey([SCHEMA, each.name]) for each in (*table.parents, *table.joined)],
        description=table.description,
        group_name=table.group,
        owners=OWNERS,
        kinds=KINDS,
        op_tags={PRIORITY: "-1"} if table.named_by else None,
        tags={PERSONAL: ""} if any(column.personal for column in table.columns) else {},
        code_version=declaration_fingerprint(table),
        metadata=_definition_metadata(table),
    )


def _definition_metadata(table: Table) -> Mapping[str, Any]:
    parent = table.parent.name if table.parent else ""
    return {
        "dagster/column_schema": _schema(table),
        "dagster/column_lineage": _lineage(table),
        "dagster/table_name": f"{SCHEMA}.{table.name}",
        "primary key": ", ".join(table.primary_key),
        "endpoint": " and ".join(each.endpoint.path for each in table.lists if each.endpoint)
        or f"none: taken out of {parent}",
    }


def _schema(table: Table) -> TableSchema:
    alone = len(table.primary_key) == 1
    columns = [
        TableColumn(
            column.name,
            column.type.value,
            column.description,
            TableColumnConstraints(
                nullable=column.name not in table.required_columns,
                unique=alone and column.name in table.primary_key,
            ),
            tags=_tags(column),
        )
        for column in table.all_columns
    ]
    return TableSchema(columns, TableConstraints([f"primary key ({', '.join(table.primary_key)})"]))


def _tags(column: Column) -> dict[str, str]:
    marks = {"personal": column.personal, "clock_driven": column.volatile}
    return {mark: "" for mark, holds in marks.items() if holds}


def _lineage(table: Table) -> TableColumnLineage:
    """Which columns of its parents each column comes from; the others come from Streak."""
    if table.parent is None or table.parent_column is None:
        return TableColumnLineage({})
    parent = AssetKey([SCHEMA, table.parent.name])
    deps: dict[str, list[TableColumnDep]] = {}
    if table.members is not None:
        held = [name for name in (table.members.column, table.members.order) if name]
        deps = {column.name: [TableColumnDep(parent, name) for name in held] for column in table.columns}
    for column, each in zip(table.parent_columns, table.parents, strict=True):
        deps[column] = [TableColumnDep(AssetKey([SCHEMA, each.name]), "key")]
    return TableColumnLineage(deps)
