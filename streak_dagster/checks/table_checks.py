"""What must hold of the tables, made from their declarations: after each materialization, or alone.

Each table has one op that looks at the table itself, and where it refers to other tables a second
one, which comes after those. They are two because the first one blocks: the boxes wait for the keys
of the pipelines, and must neither wait for the teams that the pipelines refer to, nor stop with them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetCheckSpec,
    multi_asset_check,
)

from streak_dagster.checks import numbers, reading, stage_moves, verdicts
from streak_dagster.checks.verdicts import NothingYet
from streak_dagster.dagster_internals import loaded_by
from streak_dagster.failures import named_failures
from streak_dagster.namespace import OURS, Namespace
from streak_dagster.resources import WarehouseResource
from streak_dagster.tables import BOX_FIELD_VALUES, BOX_STAGE_HISTORY, PIPELINE_BOXES, Table
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.ddl import SCHEMA
from streak_dagster.warehouse.guards import HANDFUL
from streak_dagster.warehouse.references import Reference, references_of
from streak_dagster.warehouse.session import Session, missing_table

Inspect = Callable[[Session, Table, WarehouseResource], AssetCheckResult | NothingYet]

MEMORY = "256MB"
"""DuckDB's, while it checks: what it scans must not stay in memory, however large the account."""


def _foreign_keys(references: Sequence[Reference]) -> Inspect:
    def inspect(session: Session, table: Table, warehouse: WarehouseResource) -> AssetCheckResult:
        # Snippets and threads may name any pipeline of the account, also one that isn't copied.
        not_all_of = frozenset({"pipelines"} if warehouse.some_pipelines else ())
        return verdicts.foreign_keys(session, table, references, not_all_of)

    return inspect


_INSPECT: dict[str, Inspect] = {
    "primary_key": lambda session, table, _: verdicts.primary_key(session, table),
    "schema_drift": lambda session, table, _: verdicts.schema_drift(session, table),
    "counters_agree": lambda session, table, _: (
        verdicts.pipelines_agree(session)
        if table is PIPELINE_BOXES
        else verdicts.counters_agree(session, table)
    ),
    "few_rows_dropped": lambda session, table, _: verdicts.few_rows_dropped(session, table),
}


_COUNTED_CHILDREN = "Each box has as many rows as its own counter says. Warns with boxes where it differs."
_COUNTED_BOXES = (
    "Each pipeline and stage has as many boxes as Streak counts there. Warns with pipelines where it differs."
)


def checks_of(tables: Sequence[Table], names: Namespace = OURS) -> list[AssetChecksDefinition]:
    """The checks of these tables, where no others are copied."""
    return [check for table in tables for check in _checks_of(table, tables, names)]


def _checks_of(table: Table, copied: Sequence[Table], names: Namespace) -> list[AssetChecksDefinition]:
    """The ops ``<table>_checks`` and, for a table that refers to others, ``<table>_references``."""
    asset = names.table(table.name)
    own = [
        AssetCheckSpec(
            "primary_key",
            asset=asset,
            blocking=True,
            description=f"Every row has {' and '.join(table.primary_key)}, and no two rows have the same. "
            "Where that is broken, what is made from the table isn't refreshed.",
        ),
        AssetCheckSpec(
            "schema_drift",
            asset=asset,
            description="Streak sends the declared properties and no others. Warns with new ones, with "
            "those whose value doesn't fit the declared type any more, and with columns that emptied.",
        ),
        AssetCheckSpec(
            "few_rows_dropped",
            asset=asset,
            description=f"The last publication dropped no more than {verdicts.MAX_DROPPED:.0%} of the rows, "
            f"or {HANDFUL}, without explanation, and not all. Explained is what Streak called gone "
            "when asked for it, and what went with the row that it belonged to.",
        ),
    ]
    counted = _COUNTED_BOXES if table is PIPELINE_BOXES else _COUNTED_CHILDREN if table.counters else None
    if counted:
        own.append(AssetCheckSpec("counters_agree", asset=asset, description=counted))
    ways = dict(_INSPECT)
    if table.is_listed_by_parent:
        name, meaning = reading.read_check(table), reading.read_meaning(table)
        own.append(AssetCheckSpec(name, asset=asset, description=meaning))
        ways[name] = lambda session, table, _: reading.every_parent_was_read(session, table)
    if table.window is not None:
        name, meaning = reading.whole_check(table), reading.whole_meaning(table)
        own.append(AssetCheckSpec(name, asset=asset, description=meaning))
        ways[name] = lambda session, table, _: reading.is_whole(session, table)
    if table.is_planned:
        own.append(AssetCheckSpec(reading.TRUE, asset=asset, description=reading.TRUE_MEANING))
        ways[reading.TRUE] = lambda session, table, _: reading.changed_would_be_true(session, table)
    if table is BOX_FIELD_VALUES:
        own.append(AssetCheckSpec(numbers.READ, asset=asset, description=numbers.READ_MEANING))
        ways[numbers.READ] = lambda session, *_: numbers.numbers_are_read(session)
    if table is BOX_STAGE_HISTORY:
        own.append(AssetCheckSpec(stage_moves.AGREE, asset=asset, description=stage_moves.AGREE_MEANING))
        ways[stage_moves.AGREE] = lambda session, *_: stage_moves.stage_moves_agree(session)
    made = [_op(f"{table.name}_checks", table, own, ways, names)]
    # A table that isn't copied any more is still there, but it says what was.
    references = [each for each in references_of(table) if each.target in copied]
    if references:
        others = {each.target.name: None for each in references if each.target.name != table.name}
        spec = AssetCheckSpec(
            "foreign_keys",
            asset=asset,
            additional_deps=[names.table(name) for name in others],
            description="The rows that "
            + ", ".join(f"{each.column} (of {each.target.name})" for each in references)
            + " name are there. Warns with keys that lead nowhere.",
        )
        made.append(
            _op(f"{table.name}_references", table, [spec], {"foreign_keys": _foreign_keys(references)}, names)
        )
    return made


def _op(
    name: str, table: Table, specs: list[AssetCheckSpec], ways: Mapping[str, Inspect], names: Namespace
) -> AssetChecksDefinition:
    @multi_asset_check(
        name=names.op(name),
        specs=specs,
        can_subset=True,
        description=f"Looks at {SCHEMA}.{table.name} in DuckDB.",
        required_resource_keys={names.warehouse},
        pool=names.pool,
    )
    def look(context: AssetCheckExecutionContext) -> Iterator[AssetCheckResult]:
        warehouse: WarehouseResource = getattr(context.resources, names.warehouse)
        wanted = {key.name for key in context.selected_asset_check_keys}
        chosen = {spec.name: ways[spec.name] for spec in specs if spec.name in wanted}
        yield from _results(context, warehouse, table, chosen, names.table(table.name).to_user_string())

    return loaded_by(look, names.io_manager)


def _results(
    context: AssetCheckExecutionContext,
    warehouse: WarehouseResource,
    table: Table,
    chosen: Mapping[str, Inspect],
    asset: str,
) -> list[AssetCheckResult]:
    """All of them from one short opening of the database, which the next check of the run may take over.

    One that has nothing to judge yet isn't among them, so that nobody takes it for passed; the log says why.
    """
    database = warehouse.open()
    with named_failures(f"checking {asset}", context.instance, context.run.run_id, words=warehouse.worded):
        if not database.exists():
            raise missing_table(database.location, SCHEMA, table.name, asset)
        with database.connect(read_only=True, report=context.log.info, soon_again=True) as session:
            session.execute(f"SET memory_limit = '{MEMORY}'")
            session.execute("SET threads = 1")
            meta.check_format(session)
            if not session.has_table(table.name):
                raise missing_table(database.location, SCHEMA, table.name, asset)
            found = [inspect(session, table, warehouse) for inspect in chosen.values()]
    for each in found:
        if isinstance(each, NothingYet):
            context.log.info("%s of %s has nothing to judge yet: %s", each.check, asset, each.reason)
    return [each for each in found if isinstance(each, AssetCheckResult)]
