"""Tables and views as assets read them: a pandas or polars DataFrame, or a relation of DuckDB's."""

from __future__ import annotations

import sys
import tempfile
import warnings
import weakref
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd

from streak_dagster import labels
from streak_dagster.dagster_internals import DbTypeHandler, TableSlice
from streak_dagster.errors import TableMissingError
from streak_dagster.warehouse.ddl import literal, qualified, quoted, quoted_list
from streak_dagster.warehouse.session import Session, missing_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dagster import InputContext, OutputContext

_ONLY_READ = "give back a pandas.DataFrame, or let another io manager write it"


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
        return {labels.ROWS: len(obj)}

    def load_input(
        self,
        context: InputContext,
        table_slice: TableSlice,
        session: Session,
    ) -> pd.DataFrame:
        _refuse_missing(context, table_slice, session)
        found = session.execute(select(table_slice, session.catalog))
        with warnings.catch_warnings():
            # DuckDB turns a column of times into pandas' kind in a way that pandas 3.1 warns of.
            warnings.filterwarnings("ignore", "The inplace keyword in DataFrame.drop")
            return found.df()

    @property
    def supported_types(self) -> Sequence[type]:
        return [pd.DataFrame]


def select(table_slice: TableSlice, catalog: str) -> str:
    """The query of the columns asked for."""
    columns = quoted_list(table_slice.columns) if table_slice.columns else "*"
    return f"SELECT {columns} FROM {qualified(catalog, table_slice.table, table_slice.schema)}"


class _OnlyRead(DbTypeHandler[Any]):
    """A kind of value that assets of ours are read as, and that nothing writes."""

    def handle_output(
        self, context: OutputContext, table_slice: TableSlice, obj: object, session: Session
    ) -> Mapping[str, Any]:
        raise NotImplementedError(_ONLY_READ)


class RelationHandler(_OnlyRead):
    """Reads the columns asked for into a relation, with DuckDB's own types.

    It is of a database in memory: our file isn't held open while somebody works with the rows.
    """

    def load_input(
        self, context: InputContext, table_slice: TableSlice, session: Session
    ) -> duckdb.DuckDBPyRelation:
        with _as_parquet(context, table_slice, session) as file:
            memory = duckdb.connect()
            memory.execute(f"CREATE TABLE {quoted(table_slice.table)} AS FROM read_parquet({literal(file)})")
        relation = memory.sql(f"FROM {quoted(table_slice.table)}").set_alias(table_slice.table)
        # DuckDB 1.4 closes a database that nobody but a relation knows.
        weakref.finalize(relation, _nothing, memory).atexit = False
        return relation

    @property
    def supported_types(self) -> Sequence[type]:
        return [duckdb.DuckDBPyRelation]


def _nothing(_: object) -> None:
    """Is called as a relation goes, until when what it is given stays."""


class PolarsHandler(_OnlyRead):
    """Reads the columns asked for into a DataFrame of ``polars``, which is the module itself."""

    def __init__(self, polars: Any) -> None:
        self._polars = polars

    def load_input(self, context: InputContext, table_slice: TableSlice, session: Session) -> Any:
        # polars takes a column of JSON for bytes
        with _as_parquet(context, table_slice, session, json_as="VARCHAR") as file:
            return self._polars.read_parquet(file, memory_map=False)

    @property
    def supported_types(self) -> Sequence[type]:
        return [self._polars.DataFrame]


def other_frames() -> list[DbTypeHandler[Any]]:
    """What else can be read: a relation, and a polars DataFrame where this process has polars.

    An asset that is annotated with one has imported it; who doesn't use it needn't wait for that.
    """
    polars = sys.modules.get("polars")
    return [RelationHandler(), *([PolarsHandler(polars)] if polars else [])]


@contextmanager
def _as_parquet(
    context: InputContext, table_slice: TableSlice, session: Session, *, json_as: str = "JSON"
) -> Iterator[str]:
    """A file of the columns asked for, while the block runs: keeps DuckDB's types, and needs no pyarrow."""
    _refuse_missing(context, table_slice, session)
    types = session.columns(table_slice.table, table_slice.schema)
    replaced = [
        f"{quoted(name)}::{json_as} AS {quoted(name)}"
        for name in table_slice.columns or types
        if types.get(name) == "JSON"
    ]
    query = select(table_slice, session.catalog)
    if replaced:
        query = f"SELECT * REPLACE ({', '.join(replaced)}) FROM ({query})"
    with tempfile.TemporaryDirectory(prefix="streak-input-") as folder:
        file = str(Path(folder) / "rows.parquet")
        session.execute(f"COPY ({query}) TO {literal(file)} (FORMAT parquet)")
        yield file


def missing(context: InputContext, table_slice: TableSlice) -> TableMissingError:
    """The error for an input that isn't there, by the key that a project gave it."""
    asset = context.asset_key.to_user_string()
    return missing_table(table_slice.database or "", table_slice.schema, table_slice.table, asset)


def _refuse_missing(context: InputContext, table_slice: TableSlice, session: Session) -> None:
    """Raises TableMissingError for what isn't there, be it a table or a view."""
    if not session.columns(table_slice.table, table_slice.schema):
        raise missing(context, table_slice)
