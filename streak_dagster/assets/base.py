"""What all assets of Streak have in common, taken from their table's declaration."""

# No postponed annotations: Dagster finds what a step gets and returns in the annotations themselves.

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    AssetSpec,
    CodeReferencesMetadataValue,
    LocalFileCodeReference,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableConstraints,
    TableSchema,
    asset,
)

from streak_dagster.assets.step import RefreshConfig, Step
from streak_dagster.namespace import OURS, Namespace
from streak_dagster.sync.fetched import Fetched
from streak_dagster.sync.refresh import declaration_fingerprint
from streak_dagster.tables import Column, Table
from streak_dagster.warehouse.ddl import SCHEMA

OWNERS = ["team:data"]
KINDS = {"streak", "duckdb"}
PRIORITY = "dagster/priority"
"""Dagster's tag by which a step is chosen among those that could run; of none it is 0."""
_KIND = "dagster/kind/"
PERSONAL = "personal_data"
"""The tag of an asset whose table holds personal data; its columns are tagged, too."""


Execute = Callable[[AssetExecutionContext, Callable[[], Fetched]], Fetched]
"""What a step does with Dagster's context and the function that fetches its table."""


@dataclass(frozen=True)
class TableAsset:
    """The asset of a table before it is an account's; ``fetch`` is the function that a reader finds by name.

    It depends on its table's parents and on what else its rows are made with. Tables that only give names
    come before it in a run, but aren't depended on: Dagster would skip it where one of them fails.
    """

    table: Table
    fetch: Callable[[Step], Fetched]

    def spec(self, names: Namespace = OURS) -> AssetSpec:
        """What an account's asset says of itself, where nobody says otherwise."""
        table = self.table
        return AssetSpec(
            names.table(table.name),
            deps=[names.table(each.name) for each in (*table.parents, *table.joined)],
            description=table.description,
            group_name=table.group,
            owners=OWNERS,
            kinds=KINDS,
            tags={PERSONAL: ""} if any(column.personal for column in table.columns) else {},
            code_version=declaration_fingerprint(table),
            metadata={**_definition_metadata(table, names), **code_reference(self.fetch)},
        )

    def of(
        self, names: Namespace = OURS, spec: AssetSpec | None = None, execute: Execute | None = None
    ) -> AssetsDefinition:
        """The asset of an account; ``spec`` is what a project made of its spec, ``execute`` what it does."""
        told = spec or self.spec(names)
        made = asset(
            key=told.key,
            deps=told.deps,
            code_version=told.code_version,
            op_tags={PRIORITY: "-1"} if self.table.named_by else None,
            required_resource_keys={names.streak, names.warehouse},
            io_manager_key=names.io_manager,
            pool=names.pool,
        )(self._step(names, execute or _just_fetched))
        return made.map_asset_specs(lambda own: dressed(own, told))

    def _step(self, names: Namespace, execute: Execute) -> Callable[..., Fetched]:
        """What Dagster calls; it finds in the annotations whether there is a config, and who publishes."""
        fetch = self.fetch
        if self.table.has_modes:

            def with_modes(context: AssetExecutionContext, config: RefreshConfig) -> Fetched:
                return execute(context, lambda: fetch(Step(context, names, config.refresh)))

            return with_modes

        def without(context: AssetExecutionContext) -> Fetched:
            return execute(context, lambda: fetch(Step(context, names)))

        return without


def _just_fetched(context: AssetExecutionContext, fetch: Callable[[], Fetched]) -> Fetched:  # noqa: ARG001
    return fetch()


def streak_asset(table: Table) -> Callable[[Callable[[Step], Fetched]], TableAsset]:
    """The asset of a table, whose rows the function fetches: ``streak/<table>`` in our own project."""
    return lambda fetch: TableAsset(table, fetch)


def dressed(own: AssetSpec, told: AssetSpec) -> AssetSpec:
    """The spec that Dagster made of an asset, with all that another one tells of it."""
    return own.replace_attributes(
        description=told.description,
        metadata={**own.metadata, **told.metadata},
        group_name=told.group_name,
        owners=told.owners,
        tags={name: value for name, value in told.tags.items() if not name.startswith(_KIND)},
        kinds=told.kinds,
        automation_condition=told.automation_condition,
        freshness_policy=told.freshness_policy,
    )


def code_reference(function: Callable[..., object]) -> dict[str, Any]:
    """The link from an asset's page to the function that a reader looks for, as metadata."""
    code = function.__code__
    with warnings.catch_warnings():  # Dagster would warn every user that this part of it is young
        warnings.filterwarnings("ignore", r".* is currently in (beta|preview)")
        reference = LocalFileCodeReference(file_path=code.co_filename, line_number=code.co_firstlineno)
        return {"dagster/code_references": CodeReferencesMetadataValue(code_references=[reference])}


def _definition_metadata(table: Table, names: Namespace) -> Mapping[str, Any]:
    parent = table.parent.name if table.parent else ""
    return {
        "dagster/column_schema": _schema(table),
        "dagster/column_lineage": _lineage(table, names),
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


def _lineage(table: Table, names: Namespace) -> TableColumnLineage:
    """Which columns of its parents each column comes from; the others come from Streak."""
    if table.parent is None or table.parent_column is None:
        return TableColumnLineage({})
    parent = names.table(table.parent.name)
    deps: dict[str, list[TableColumnDep]] = {}
    if table.members is not None:
        held = [name for name in (table.members.column, table.members.order) if name]
        deps = {column.name: [TableColumnDep(parent, name) for name in held] for column in table.columns}
    for column, each in zip(table.parent_columns, table.parents, strict=True):
        deps[column] = [TableColumnDep(names.table(each.name), "key")]
    return TableColumnLineage(deps)
