"""Where assets meet DuckDB: a refresh is published, an input is read as a pandas DataFrame.

Built on ``dagster_duckdb``: its io manager, its naming of tables, its way to select columns. What
differs: a table is replaced in one transaction (the stock manager deletes first and inserts
afterwards), the file is open only meanwhile, and another process's lock is waited for.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
from dagster import InputContext, OutputContext
from dagster._core.storage.db_io_manager import DbIOManager, DbTypeHandler, TableSlice
from dagster_duckdb import DuckDBIOManager
from dagster_duckdb.io_manager import DuckDbClient
from pydantic import Field

from streak_dagster.errors import AccountMismatchError, PublishRefusedError
from streak_dagster.failures import named_failures
from streak_dagster.materialization import (
    audit_record,
    refresh_metadata,
    refresh_record,
    refresh_sentence,
)
from streak_dagster.settings import field_of
from streak_dagster.sync.refresh import Refresh
from streak_dagster.warehouse import meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import qualified, quoted_list
from streak_dagster.warehouse.drift import remember_columns
from streak_dagster.warehouse.planning import remember_readings
from streak_dagster.warehouse.publish import publish
from streak_dagster.warehouse.session import Session, missing_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


MORE_MEMORY = "1GB"


class RefreshHandler(DbTypeHandler[Refresh]):
    """Publishes what a refresh spooled; refuses where more than ``max_shrink`` of the rows would go.

    Rows whose going is explained don't count; see ``warehouse.guards``.

    With ``allow_account_change`` all rows of another account may go; those of the sample always may.
    """

    def __init__(self, max_shrink: float = 1.0, *, allow_account_change: bool = False) -> None:
        self._max_shrink = max_shrink
        self._allow_account_change = allow_account_change

    def handle_output(
        self,
        context: OutputContext,
        table_slice: TableSlice,  # noqa: ARG002 - the library's signature
        obj: Refresh,
        session: Session,
    ) -> Mapping[str, Any]:
        meta.prepare(session)
        meta.remember_account(session, obj.account, in_place_of=obj.published_account)
        replaces = meta.may_replace(
            meta.owner_of(session, obj.table.name), obj.account, any_account=self._allow_account_change
        )
        publication = publish(
            session,
            obj.table,
            obj.spool.rows_path,
            obj.spool.largest_object,
            drop=obj.unwanted,
            keep=list(obj.unreadable),
            gone=obj.confirmed_gone,
            keep_rows=list(obj.unclear),
            spare=obj.confirmed_keys,
            max_shrink=1.0 if replaces else self._max_shrink,
            plan=obj.plan,
        )
        if obj.plan is not None:
            remember_readings(
                session,
                obj.table,
                obj.declaration,
                obj.plan.path,
                obj.spool.answers_path,
                unread=list(obj.unreadable),
            )
        remember_columns(session, obj.table, anew=replaces)
        if publication.audit is not None:
            meta.record(session, "audits", audit_record(obj, publication.audit, context.run_id))
        meta.record(session, "refreshes", refresh_record(obj, publication, context.run_id, first=replaces))
        meta.forget_old(session, obj.table.name)
        obj.publication = publication
        context.log.info(refresh_sentence(obj, publication))
        return refresh_metadata(obj, publication)

    def load_input(self, context: InputContext, table_slice: TableSlice, session: Session) -> Refresh:
        raise NotImplementedError("a published table is read as a pandas.DataFrame")

    @property
    def supported_types(self) -> Sequence[type]:
        return [Refresh]


class DataFrameHandler(DbTypeHandler[pd.DataFrame]):
    """Reads the columns asked for; also writes a DataFrame whole, for assets built on ours.

    Times come as ``datetime64[us, UTC]``, which holds the years 1 to 9999 that a column may have, such as the
    9999-12-31 that people type for "never". What turns them into nanoseconds (``dt.as_unit("ns")``) ends in
    2262 and raises pandas' ``OutOfBoundsDatetime``.
    """

    def handle_output(
        self,
        context: OutputContext,  # noqa: ARG002 - the library's signature
        table_slice: TableSlice,
        obj: pd.DataFrame,
        session: Session,
    ) -> Mapping[str, Any]:
        target = session.qualified(table_slice.table, table_slice.schema)
        session.connection.register("incoming_frame", obj)
        session.execute(f"CREATE OR REPLACE TABLE {target} AS SELECT * FROM incoming_frame")
        session.connection.unregister("incoming_frame")
        return {"dagster/row_count": len(obj)}

    def load_input(
        self,
        context: InputContext,  # noqa: ARG002 - the library's signature
        table_slice: TableSlice,
        session: Session,
    ) -> pd.DataFrame:
        if not session.columns(table_slice.table, table_slice.schema):  # of a view, too
            raise missing_table(table_slice.database or "", table_slice.schema, table_slice.table)
        found = session.execute(_select(table_slice, session.catalog))
        with warnings.catch_warnings():
            # DuckDB turns a column of times into pandas' kind in a way that pandas 3.1 warns of.
            warnings.filterwarnings("ignore", "The inplace keyword in DataFrame.drop")
            return found.df()

    @property
    def supported_types(self) -> Sequence[type]:
        return [pd.DataFrame]


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
            raise missing_table(table_slice.database or "", table_slice.schema, table_slice.table)
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
        return _select(table_slice, Database(table_slice.database or "").catalog)


class _WholeTableIOManager(DbIOManager):
    def __init__(self, client: _WholeTableClient, **options: Any) -> None:
        super().__init__(db_client=client, **options)
        self._client = client

    def handle_output(self, context: OutputContext, obj: object) -> None:
        instance = context.step_context.instance
        with named_failures(f"publishing {context.asset_key.to_user_string()}", instance, context.run_id):
            try:
                self._publish(context, obj)
            except (PublishRefusedError, AccountMismatchError):
                if isinstance(obj, Refresh):
                    obj.spool.discard()  # asked again, Streak may answer better
                raise
            except BaseException:
                if isinstance(obj, Refresh):
                    obj.spool.close()  # what Streak answered is kept, for a retry in this process too
                raise
            if isinstance(obj, Refresh):
                obj.spool.discard()

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
        with named_failures(f"reading {context.asset_key.to_user_string()}", step.instance, step.run_id):
            return super().load_input(context)


class StreakDuckDBIOManager(DuckDBIOManager):
    """Publishes tables whole into DuckDB, and reads them as DataFrames of the columns asked for."""

    database: str = field_of("STREAK_DUCKDB_PATH")
    lock_wait: float = field_of("STREAK_LOCK_WAIT")
    max_shrink: float = field_of("STREAK_MAX_SHRINK")
    allow_account_change: bool = field_of("STREAK_ALLOW_ACCOUNT_CHANGE")
    memory_limit: str = Field(
        default=Database.memory_limit,
        description="DuckDB's memory while a table is published; more goes to a temporary folder beside it.",
    )

    @staticmethod
    def type_handlers() -> Sequence[DbTypeHandler[Any]]:
        return [RefreshHandler(), DataFrameHandler()]

    @staticmethod
    def default_load_type() -> type:
        return pd.DataFrame

    def create_io_manager(self, context: object) -> DbIOManager:  # noqa: ARG002 - the library's signature
        return _WholeTableIOManager(
            _WholeTableClient(Database(self.database, self.lock_wait, self.memory_limit)),
            database=self.database,
            schema=self.schema_,
            type_handlers=[
                RefreshHandler(self.max_shrink, allow_account_change=self.allow_account_change),
                DataFrameHandler(),
            ],
            default_load_type=self.default_load_type(),
            io_manager_name=type(self).__name__,
        )


def _select(table_slice: TableSlice, catalog: str) -> str:
    columns = quoted_list(table_slice.columns) if table_slice.columns else "*"
    return f"SELECT {columns} FROM {qualified(catalog, table_slice.table, table_slice.schema)}"
