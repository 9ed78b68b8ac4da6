"""Where assets meet DuckDB: a refresh is published, an input is read as a pandas DataFrame.

Built on ``dagster_duckdb``: its io manager, its naming of tables, its way to select columns. What
differs: a table is replaced in one transaction (the stock manager deletes first and inserts
afterwards), the file is open only for that, and another process's lock is waited for.
"""

# No postponed annotations: Dagster finds the resource that the manager depends on in the annotation itself.

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import duckdb
import pandas as pd
from dagster import (
    AssetKey,
    InputContext,
    OutputContext,
    ResourceDependency,
)
from dagster_duckdb import DuckDBIOManager
from dagster_duckdb.io_manager import DuckDbClient
from pydantic import Field

from streak_dagster.dagster_internals import DbIOManager, DbTypeHandler, StepExecutionContext, TableSlice
from streak_dagster.errors import AccountMismatchError, PublishRefusedError, WarehouseError
from streak_dagster.failures import named_failures
from streak_dagster.frames import DataFrameHandler, missing, other_frames, select
from streak_dagster.resources import WarehouseResource
from streak_dagster.sync.fetched import Fetched
from streak_dagster.type_handlers import FetchedHandler
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.opening import SCHEMAS
from streak_dagster.warehouse.session import Session

MORE_MEMORY = "1GB"


class _WholeTableClient(DuckDbClient):
    """Opens the file late and politely, and leaves the replacing of rows to the type handler."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def connect(  # type: ignore[override]  # the stock client's are static methods, called on an instance
        self, context: OutputContext | InputContext, table_slice: TableSlice
    ) -> Iterator[Session]:
        if isinstance(context, OutputContext):
            with self.database.transaction(report=context.log.info) as session:
                yield session
            return
        if not self.database.exists():
            raise missing(context, table_slice)
        with self.database.connect(read_only=True, report=context.log.info) as session:
            yield session

    @staticmethod
    def ensure_schema_exists(
        context: OutputContext,  # noqa: ARG004 - the library's signature
        table_slice: TableSlice,
        session: Session,
    ) -> None:
        session.create_schema(table_slice.schema)

    @staticmethod
    def delete_table_slice(context: OutputContext, table_slice: TableSlice, session: Session) -> None:
        """Nothing: deleting before the new rows are there is what we don't do."""

    @staticmethod
    def get_table_name(table_slice: TableSlice) -> str:
        """The name as the asset's definition has it, without where the file lies on this machine."""
        return f"{table_slice.schema}.{table_slice.table}"

    @staticmethod
    def get_select_statement(table_slice: TableSlice) -> str:
        """What a person may paste into DuckDB's prompt on that file."""
        return select(table_slice, Database(table_slice.database or "").catalog)


class _WholeTableIOManager(DbIOManager):
    def __init__(self, client: _WholeTableClient, warehouse: WarehouseResource, **options: Any) -> None:
        super().__init__(db_client=client, **options)
        self._client = client
        self._warehouse = warehouse

    def handle_output(self, context: OutputContext, obj: object) -> None:
        step = context.step_context
        spool = obj.spooled if isinstance(obj, Fetched) else None
        with _named("publishing", step, context.asset_key, self._warehouse):
            try:
                self._publish(context, obj)
            except (PublishRefusedError, AccountMismatchError):
                if spool:
                    spool.discard()  # the next refresh asks anew, and may get another answer
                raise
            except BaseException:
                if spool:
                    spool.close()  # what Streak answered is kept, for a retry in this process too
                raise
            self._warehouse.published(context.asset_key.path[-1])
            if spool:
                spool.discard()

    def _get_table_slice(
        self, context: OutputContext | InputContext, output_context: OutputContext
    ) -> TableSlice:
        """Where an asset's rows are: of ours, as their definition says, whatever key a project gave it."""
        found = super()._get_table_slice(context, output_context)
        told = (output_context.definition_metadata or {}).get("dagster/table_name")
        schema, _, table = ".".join(str(told or "").split(".")[-2:]).partition(".")
        return found._replace(schema=schema, table=table) if schema in SCHEMAS and table else found

    def _check_supported_type(self, obj_type: object) -> None:
        """Raises WarehouseError for a type of an input or an output that nothing here knows."""
        known = tuple(self._handlers_by_type)
        if not isinstance(obj_type, type) or not issubclass(obj_type, known):
            named = getattr(obj_type, "__name__", obj_type)
            raise WarehouseError(
                f"{named} is neither read nor written here. Annotate an input as pandas.DataFrame, "
                "polars.DataFrame or duckdb.DuckDBPyRelation; what an asset of yours returns is written by "
                "an io manager of yours."
            )

    def _publish(self, context: OutputContext, obj: object) -> None:
        """Publish with little memory; where rows are so wide that it doesn't do, with more."""
        try:
            super().handle_output(context, obj)
        except duckdb.OutOfMemoryException:
            context.log.info("publishing again with %s of memory", MORE_MEMORY)
            self._client.database = replace(self._client.database, memory_limit=MORE_MEMORY)
            super().handle_output(context, obj)

    def load_input(self, context: InputContext) -> object:
        step = context.step_context
        with _named("reading", step, context.asset_key, self._warehouse):
            return super().load_input(context)


def _named(
    doing: str, step: StepExecutionContext, asset: AssetKey, warehouse: WarehouseResource
) -> AbstractContextManager[None]:
    """The failures of a step that is ``doing`` something with an asset."""
    told = f"{doing} {asset.to_user_string()}"
    tried = step.previous_attempt_count
    return named_failures(told, step.instance, step.run_id, tried=tried, words=warehouse.worded)


class StreakDuckDBIOManager(DuckDBIOManager):
    """Publishes tables whole into DuckDB, and reads them as DataFrames of the columns asked for."""

    warehouse: ResourceDependency[WarehouseResource]
    database: str = Field(default="", description="Not used: the warehouse says where the tables are.")
    memory_limit: str = Field(
        default=Database.memory_limit,
        description="DuckDB's memory while a table is published; more goes to a temporary folder beside it.",
    )

    @staticmethod
    def type_handlers() -> Sequence[DbTypeHandler[Any]]:
        return [DataFrameHandler()]  # the other one needs the warehouse

    @staticmethod
    def default_load_type() -> type:
        return pd.DataFrame

    def create_io_manager(self, context: object) -> DbIOManager:  # noqa: ARG002 - the library's signature
        return _WholeTableIOManager(
            _WholeTableClient(replace(self.warehouse.open(), memory_limit=self.memory_limit)),
            self.warehouse,
            database=self.warehouse.database,
            schema=self.schema_,
            type_handlers=[FetchedHandler(self.warehouse), DataFrameHandler(), *other_frames()],
            default_load_type=self.default_load_type(),
            io_manager_name=type(self).__name__,
        )
