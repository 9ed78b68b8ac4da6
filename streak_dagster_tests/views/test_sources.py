"""What a view reads: tables, and all versions of their rows, whether or not history is kept."""

from __future__ import annotations

from streak_dagster.tables import PIPELINES
from streak_dagster.views.sources import Sources
from streak_dagster.warehouse import history
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.views.handmade import MOMENT, put

READ = "SELECT name, epoch_us(_valid_from) = epoch_us(_synced_at), _valid_to, _change FROM {} ORDER BY name"


def types(session: Session, relation: str) -> dict[str, str]:
    return {row[0]: row[1] for row in session.execute(f"DESCRIBE FROM {relation}").fetchall()}


def test_without_history_the_present_rows_are_the_first_versions(session: Session) -> None:
    put(session, PIPELINES, key="p", name="Sales")
    relation = Sources.of(session).relation("pipelines_versions")
    assert session.execute(READ.format(relation)).fetchall() == [("Sales", True, None, "insert")]
    assert types(session, relation).items() >= history.VERSION_COLUMNS.items()


def test_with_history_all_versions_are_read_with_every_column_that_is_declared(session: Session) -> None:
    session.create_schema(history.SCHEMA)
    session.execute(
        "CREATE VIEW streak_history.pipelines AS SELECT 'p' AS key, 'Old' AS name, now() AS _synced_at, "
        f"now() AS _valid_from, NULL::{MOMENT} AS _valid_to, 'update' AS _change, ['name'] AS _changed, "
        f"NULL::{MOMENT} AS _seen_before"
    )
    sources = Sources.of(session)
    relation = sources.relation("pipelines_versions")
    assert session.execute(READ.format(relation)).fetchall() == [("Old", True, None, "update")]
    assert types(session, relation).keys() == {*sources.columns("pipelines"), *history.VERSION_COLUMNS}


def test_a_table_that_is_not_there_has_no_versions(session: Session) -> None:
    relation = Sources.of(session).relation("teams_versions")
    assert session.execute(f"SELECT _valid_from, _change FROM {relation}").fetchall() == []


def test_the_shape_of_versions_is_another_once_there_is_history(session: Session) -> None:
    before = Sources.of(session).shape(["pipelines_versions"])
    session.create_schema(history.SCHEMA)
    session.execute("CREATE VIEW streak_history.pipelines AS SELECT 1 AS key")
    assert Sources.of(session).shape(["pipelines_versions"]) != before
