"""Refreshes made by hand, each published as a real one is, and what could be read after it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from streak_dagster.tables import ALL_TABLES, Table
from streak_dagster.tables import table as declared
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.views.publish import refresh_views
from streak_dagster.warehouse import ddl, meta
from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.publish import publish
from streak_dagster.warehouse.session import Session

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by the name of their table; a list or an object becomes JSON where the column is."""


class Refreshes:
    """A database that is refreshed by hand. Each refresh comes after what the one before it is read as of."""

    def __init__(self, path: Path) -> None:
        self.database = Database(str(path))
        self.moment = datetime.now(timezone.utc)
        """The last refresh was whole by then, and nothing came after it."""
        self.said: list[str] = []
        """What the last refresh said of views and macros that couldn't be made."""
        self.kept: dict[str, datetime] = {}
        """The moments of which ``keep`` has written down what could be read, by the schema where it is."""

    def publish(self, rows: Rows, *, keep: str | None = None, **options: Any) -> datetime:
        """Publish these tables, with the ``options`` of ``publish``; what isn't said stays.

        With ``keep``, every table and view is written down in schema ``<keep>``, views with a clock that
        shows the moment. Returns the moment.
        """
        answered = self.moment + timedelta(milliseconds=2)
        with self.database.transaction() as session:
            meta.prepare(session)
            for table in ALL_TABLES:
                if table.name in rows:
                    with session.temporary("by_hand", _empty(table)):
                        for row in rows[table.name]:
                            _insert(session, table, {**row, ddl.SYNCED_AT: answered})
                        publish(session, table, "FROM by_hand", **options)
            self.said = refresh_views(session)
            ((until,),) = session.execute(
                "SELECT epoch_us(greatest(now(), ?, max(until))) FROM streak_meta.published_until", [answered]
            ).fetchall()
            self.moment = datetime.fromtimestamp(0, timezone.utc) + timedelta(microseconds=until)
        if keep is not None:
            self.kept[keep] = self.moment
            with self.database.transaction() as session:
                session.execute("SET memory_limit = '1GB'")
                write_down(session, keep, self.moment)
        return self.moment


def write_down(session: Session, schema: str, moment: datetime) -> None:
    """All rows of every table and view as tables in ``schema``, those of views as they are at the moment."""
    session.execute(f"CREATE SCHEMA {schema}")
    for table in ALL_TABLES:
        if session.has_table(table.name):
            columns = ddl.quoted_list(ddl.column_types(table))
            session.execute(
                f'CREATE TABLE {schema}."{table.name}" AS SELECT {columns} FROM streak.{table.name}'
            )
    clock = f"make_timestamptz({round(moment.timestamp() * 1_000_000)})"
    views = dict(session.execute("SELECT name, sql FROM streak_meta.views WHERE kind <> 'macro'").fetchall())
    answers = [each.name for each in ALL_ANSWERS]
    for name in [*answers, *(views.keys() - set(answers))]:
        query = views[name]
        query = query.replace("now()", clock).replace('streak_views."', f'{schema}."view_')
        session.execute(f'CREATE TABLE {schema}."view_{name}" AS {query}')


def _empty(table: Table) -> str:
    columns = (f"NULL::{kind} AS {ddl.quoted(name)}" for name, kind in ddl.column_types(table).items())
    return f"SELECT {', '.join(columns)} WHERE false"


def _insert(session: Session, table: Table, row: Mapping[str, Any]) -> None:
    kinds = ddl.column_types(declared(table.name))
    values = [json.dumps(value) if kinds[name] == "JSON" else value for name, value in row.items()]
    session.execute(
        f"INSERT INTO by_hand ({ddl.quoted_list(row)}) VALUES ({', '.join('?' for _ in values)})", values
    )
