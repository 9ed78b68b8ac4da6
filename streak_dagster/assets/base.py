"""What all assets of Streak have in common, taken from their table's declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetExecutionContext,
    AssetIn,
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

from streak_dagster.failures import named_failures
from streak_dagster.sync.refresh import Refresh, Refresher, declaration_fingerprint
from streak_dagster.warehouse.ddl import (
    EXTRA,
    EXTRA_MEANING,
    SCHEMA,
    SYNCED_AT,
    SYNCED_AT_MEANING,
    column_types,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.tables import Table

OWNERS = ["team:data"]
KINDS = {"streak", "duckdb"}

Reads = Mapping[str, Sequence[str]]
"""Tables that an asset loads, each with the columns that it needs."""


def streak_asset(
    table: Table, *, reads: Reads | None = None
) -> Callable[[Callable[..., Refresh]], AssetsDefinition]:
    """The asset ``streak/<table>``; the function's parameters are named after the tables it reads."""
    inputs = {
        name: AssetIn(key=AssetKey([SCHEMA, name]), metadata={"columns": list(columns)})
        for name, columns in (reads or {}).items()
    }
    return asset(
        key=[SCHEMA, table.name],
        ins=inputs,
        description=table.description,
        group_name=table.group,
        owners=OWNERS,
        kinds=KINDS,
        code_version=declaration_fingerprint(table),
        metadata=_definition_metadata(table, reads or {}),
    )


@contextmanager
def asking(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Iterator[Refresher]:
    """What an asset asks Streak with. The database is checked first, while nothing is lost yet."""
    with named_failures(f"refreshing {context.asset_key.to_user_string()}"):
        database = warehouse.open()
        database.check()
        yield Refresher(
            client=streak.client,
            account=streak.account,
            spool_root=database.spool_root,
            page_size=streak.page_size,
            report=context.log.info,
        )


def _definition_metadata(table: Table, reads: Reads) -> Mapping[str, Any]:
    return {
        "dagster/column_schema": _schema(table),
        "dagster/column_lineage": _lineage(table, reads),
        "dagster/table_name": f"{SCHEMA}.{table.name}",
        "primary key": ", ".join(table.primary_key),
        "endpoint": table.endpoint.path if table.endpoint else f"none: taken out of {table.parent}",
    }


def _schema(table: Table) -> TableSchema:
    meanings = {column.name: column.description for column in table.columns}
    meanings |= {SYNCED_AT: SYNCED_AT_MEANING, EXTRA: EXTRA_MEANING}
    alone = len(table.primary_key) == 1
    columns = [
        TableColumn(
            name,
            kind,
            meanings[name],
            TableColumnConstraints(
                nullable=name not in (*table.primary_key, SYNCED_AT),
                unique=alone and name in table.primary_key,
            ),
            tags=_tags(table, name),
        )
        for name, kind in column_types(table).items()
    ]
    return TableSchema(columns, TableConstraints([f"primary key ({', '.join(table.primary_key)})"]))


def _tags(table: Table, name: str) -> dict[str, str]:
    column = table.by_name.get(name)
    if column is None:
        return {}
    marks = {"personal": column.personal, "clock_driven": column.clock_driven}
    return {mark: "" for mark, holds in marks.items() if holds}


def _lineage(table: Table, reads: Reads) -> TableColumnLineage:
    """Which columns of tables that are read each column comes from; the others come from Streak."""
    deps: dict[str, list[TableColumnDep]] = {}
    for name, columns in reads.items():
        upstream = AssetKey([SCHEMA, name])
        if name == table.parent and table.parent_column is not None:
            deps[table.parent_column] = [TableColumnDep(upstream, "key")]
        if table.endpoint is None:
            sources = [
                TableColumnDep(upstream, column) for column in columns if column not in ("key", SYNCED_AT)
            ]
            deps |= {column.name: sources for column in table.columns if column.name != table.parent_column}
    return TableColumnLineage(deps)
