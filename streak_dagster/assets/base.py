"""What all assets of Streak have in common, taken from their table's declaration."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dagster import (
    AssetCheckSpec,
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

from streak_dagster.assets.sample import refuse_sample
from streak_dagster.failures import named_failures
from streak_dagster.sync.account import confirm_same_account
from streak_dagster.sync.refresh import Refresher, declaration_fingerprint
from streak_dagster.tables import SYNCED_AT
from streak_dagster.warehouse.ddl import SCHEMA
from streak_dagster.warehouse.meta import SAMPLE
from streak_dagster.warehouse.published import is_replaced, published_account, published_keys, published_teams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streak_dagster.resources import StreakResource, WarehouseResource
    from streak_dagster.tables import Column, Table

OWNERS = ["team:data"]
KINDS = {"streak", "duckdb"}

RETRY_AFTER = 10.0
"""Seconds, about, before an asset is run again; doubled for the next time."""

Reads = Mapping[str, Sequence[str]]
"""Tables that an asset loads, each with the columns that it needs."""


def streak_asset(
    table: Table,
    *,
    reads: Reads | None = None,
    deps: Sequence[str] = (),
    checks: Callable[[AssetKey], Sequence[AssetCheckSpec]] | None = None,
) -> Callable[[Callable[..., Any]], AssetsDefinition]:
    """The asset ``streak/<table>``; the function's parameters are named after the tables it reads.

    ``deps`` are tables that it depends on, but doesn't load. ``checks`` makes the specs of the checks
    whose results the function yields after its refresh.
    """
    inputs = {
        name: AssetIn(key=AssetKey([SCHEMA, name]), metadata={"columns": list(columns)})
        for name, columns in (reads or {}).items()
    }
    return asset(
        key=[SCHEMA, table.name],
        ins=inputs,
        deps=[AssetKey([SCHEMA, name]) for name in deps],
        description=table.description,
        group_name=table.group,
        owners=OWNERS,
        kinds=KINDS,
        code_version=declaration_fingerprint(table),
        check_specs=checks(AssetKey([SCHEMA, table.name])) if checks else None,
        metadata=_definition_metadata(table, reads or {}),
    )


@contextmanager
def refresh_session(
    context: AssetExecutionContext, streak: StreakResource, warehouse: WarehouseResource
) -> Iterator[Refresher]:
    """What an asset asks Streak with.

    First, while nothing is lost yet, the database is checked: whether it can be written, by this
    version, and with this account's data.
    """
    doing = f"refreshing {context.asset_key.to_user_string()}"
    with named_failures(doing, context.instance, context.run.run_id):
        _wait_before_retry(context)
        client = streak.client
        database = warehouse.open()
        database.check(context.log.warning)
        client.resume()
        before = published_account(database, context.log.info)
        if streak.account == SAMPLE:
            refuse_sample(database.location, before)
        elif before not in (None, SAMPLE, streak.account) and not warehouse.allow_account_change:
            confirm_same_account(client, published_teams(database))
        yield Refresher(
            client=client,
            account=streak.account,
            spool_root=database.spool_root,
            page_size=streak.page_size,
            report=context.log.info,
            published_account=before,
        )


def _wait_before_retry(context: AssetExecutionContext) -> None:
    """Give what failed some time. Here, because Dagster's own waiting can't be interrupted."""
    if context.retry_number:
        seconds = RETRY_AFTER * 2 ** (context.retry_number - 1) * random.uniform(0.5, 1.5)  # noqa: S311
        context.log.info("%s: going on in %.0f s", context.asset_key.to_user_string(), seconds)
        time.sleep(seconds)


def replaces_another_account(streak: StreakResource, warehouse: WarehouseResource, table: str) -> bool:
    """Whether the rows that a table holds are somebody else's, and may go without being asked for."""
    return is_replaced(warehouse.open(), table, streak.account, any_account=warehouse.allow_account_change)


def keys_of_this_account(streak: StreakResource, warehouse: WarehouseResource, table: str) -> list[str]:
    """The keys that a table holds of this account."""
    if replaces_another_account(streak, warehouse, table):
        return []
    return published_keys(warehouse.open(), table)


def _definition_metadata(table: Table, reads: Reads) -> Mapping[str, Any]:
    parent = table.parent.name if table.parent else ""
    return {
        "dagster/column_schema": _schema(table),
        "dagster/column_lineage": _lineage(table, reads),
        "dagster/table_name": f"{SCHEMA}.{table.name}",
        "primary key": ", ".join(table.primary_key),
        "endpoint": table.endpoint.path if table.endpoint else f"none: taken out of {parent}",
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


def _lineage(table: Table, reads: Reads) -> TableColumnLineage:
    """Which columns of tables that are read each column comes from; the others come from Streak."""
    deps: dict[str, list[TableColumnDep]] = {}
    if table.parent is not None and table.parent_column is not None:
        deps[table.parent_column] = [TableColumnDep(AssetKey([SCHEMA, table.parent.name]), "key")]
    for name, columns in reads.items():
        upstream = AssetKey([SCHEMA, name])
        if table.endpoint is None:
            sources = [
                TableColumnDep(upstream, column)
                for column in columns
                if column not in ("key", SYNCED_AT.name)
            ]
            deps |= {column.name: sources for column in table.columns if column.name != table.parent_column}
    return TableColumnLineage(deps)
