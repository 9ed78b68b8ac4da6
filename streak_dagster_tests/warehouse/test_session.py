"""What a session knows of the database that it has open."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from streak_dagster.warehouse.session import Session


@pytest.fixture
def session() -> Iterator[Session]:
    """One on a database with a table, a view of it, and the same table in another database."""
    with duckdb.connect() as connection:
        for statement in (
            "ATTACH ':memory:' AS other",
            "CREATE SCHEMA streak",
            "CREATE SCHEMA other.streak",
            "CREATE TABLE streak.things (key VARCHAR, made TIMESTAMP WITH TIME ZONE)",
            "CREATE VIEW streak.keys AS SELECT key FROM streak.things",
            "CREATE TABLE other.streak.elsewhere (key VARCHAR)",
        ):
            connection.execute(statement)
        yield Session(connection)


def test_a_table_is_known_by_its_schema(session: Session) -> None:
    assert session.has_table("things")
    assert not session.has_table("things", "streak_meta")
    assert not session.has_table("nothing")


def test_a_view_is_no_table(session: Session) -> None:
    assert not session.has_table("keys")


def test_columns_come_with_their_types_also_of_a_view(session: Session) -> None:
    assert session.columns("things") == {"key": "VARCHAR", "made": "TIMESTAMP WITH TIME ZONE"}
    assert session.columns("keys") == {"key": "VARCHAR"}
    assert session.columns("things", "streak_meta") == {}


def test_a_table_of_another_attached_database_isnt_there(session: Session) -> None:
    assert not session.has_table("elsewhere")
    assert session.columns("elsewhere") == {}


def test_a_name_is_whole_and_quoted(session: Session) -> None:
    assert session.qualified("things") == '"memory"."streak"."things"'
    assert session.qualified('a"b', "s") == '"memory"."s"."a""b"'


def test_the_catalog_is_asked_once(session: Session) -> None:
    assert session.catalog == "memory"
    session.connection.close()
    assert session.qualified("things") == '"memory"."streak"."things"'


def test_an_aggregate_has_one_row(session: Session) -> None:
    assert session.one_row("SELECT count(*), max(?) FROM streak.things", [1]) == (0, None)
    with pytest.raises(ValueError, match="not enough values"):
        session.one_row("SELECT key FROM streak.things")


def test_a_temporary_table_goes_with_its_block(session: Session) -> None:
    with session.temporary("few", "SELECT unnest(?::VARCHAR[]) AS key", [["a", "b"]]):
        assert session.one_row("SELECT count(*) FROM few") == (2,)
    with pytest.raises(duckdb.CatalogException):
        session.execute("FROM few")


def test_a_failed_block_in_a_transaction_shows_its_own_error(session: Session) -> None:
    session.execute("BEGIN TRANSACTION")
    with pytest.raises(duckdb.BinderException, match="nowhere"), session.temporary("few", "SELECT 1 AS a"):
        session.execute("SELECT nowhere FROM few")
    session.execute("ROLLBACK")
    with pytest.raises(duckdb.CatalogException):
        session.execute("FROM few")


def test_a_table_is_known_as_soon_as_it_is_made_renamed_or_dropped(session: Session) -> None:
    assert not session.has_table("made", "main")
    session.execute("CREATE TABLE main.made AS SELECT 1 AS number")
    assert session.has_table("made", "main")
    session.execute("SELECT 1; ALTER TABLE main.made RENAME TO named")
    assert (session.has_table("made", "main"), session.has_table("named", "main")) == (False, True)
    assert list(session.columns("named", "main")) == ["number"]
    session.execute("ALTER TABLE main.named ADD COLUMN text VARCHAR")
    assert list(session.columns("named", "main")) == ["number", "text"]
    session.execute("\n  drop table main.named")
    assert not session.has_table("named", "main")


def test_what_is_temporary_reshapes_nothing(session: Session) -> None:
    session.reshaped = False
    with session.temporary("passing", "SELECT 'CREATE TABLE of words' AS text"):
        assert not session.has_table("passing", "main")
    session.execute("CREATE TEMP MACRO passing(x) AS x + 1")
    assert not session.reshaped
    session.execute("CREATE TABLE main.made (number INTEGER)")
    assert session.reshaped
