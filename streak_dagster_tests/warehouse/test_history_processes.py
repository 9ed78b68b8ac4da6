"""History of a table whose publishers are killed, and that is read while it changes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from streak_dagster.warehouse.database import Database
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.publish import publish
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.processes import process, says
from streak_dagster_tests.support.publishers import WORKER, killed_publishers, publish_in_a_process
from streak_dagster_tests.support.spools import LARGEST, THINGS, spool
from streak_dagster_tests.support.versions import broken_rules, compared_columns

SIZES = {"A": 3_000, "B": 2_000, "C": 2_500}
KILLS = 12


@pytest.fixture
def generations(tmp_path: Path) -> list[Path]:
    """Spools of which each changes some rows, and lets others go or return."""
    return [
        spool(
            tmp_path / f"{label}.jsonl",
            ({"key": f"{n:06}", "label": label if n % 3 else "same", "count": n} for n in range(size)),
        )
        for label, size in SIZES.items()
    ]


def digest(session: Session, source: str) -> tuple[Any, ...]:
    return session.one_row(f"SELECT count(*), bit_xor(hash({compared_columns(THINGS)})) FROM {source}")


def digest_as_of(session: Session, moment: str) -> tuple[Any, ...]:
    return digest(
        session,
        f"streak_history.things WHERE _valid_from <= {moment} "
        f"AND (_valid_to IS NULL OR _valid_to > {moment}) "
        "AND _change <> 'delete'",
    )


def last_moment(session: Session) -> str:
    """When the present state of the table began, as SQL."""
    (until,) = session.one_row("SELECT epoch_us(max(until)) FROM streak_meta.published_until")
    return f"make_timestamptz({until})"


@pytest.mark.slow
def test_a_publisher_killed_at_any_moment_leaves_a_whole_history(
    database: Database, generations: list[Path]
) -> None:
    publish_in_a_process(database, generations[0])
    states: dict[str, tuple[Any, ...]] = {}
    in_turn = (*generations[1:], generations[0])
    for number in killed_publishers(database, *in_turn, times=KILLS, within=0.5):
        if number % 4 == 3:  # however busy the machine is, some of them come to an end
            publish_in_a_process(database, generations[number % 3])
        with database.connect(read_only=True) as session:
            assert broken_rules(session, THINGS) == []
            states[last_moment(session)] = digest(session, "streak.things")
            for moment, state in states.items():
                assert digest_as_of(session, moment) == state
    assert len(states) > 1
    with process(WORKER, "loop", database.path, 3, *generations) as last:
        says(last, "ready")
        says(last, "published")
    with database.connect(read_only=True) as session:
        assert broken_rules(session, THINGS) == []
        assert all(digest_as_of(session, moment) == state for moment, state in states.items())


def test_table_and_history_agree_in_whatever_moment_they_are_read(
    tmp_path: Path, generations: list[Path]
) -> None:
    """The reader sees the file by another connection of the same process, while publications go on."""
    states: dict[str, set[tuple[Any, ...]]] = {}
    with duckdb.connect(str(tmp_path / "read.duckdb")) as connection:

        def publish_all() -> None:
            session = Session(connection.cursor())
            for path in generations * 2:
                session.execute("BEGIN")
                publish(session, THINGS, select_spool(THINGS, path, LARGEST))
                session.execute("COMMIT")

        reader = Session(connection.cursor())
        publisher = threading.Thread(target=publish_all)
        publisher.start()
        while publisher.is_alive() or not states:
            reader.execute("BEGIN")
            if reader.has_table("things"):
                assert broken_rules(reader, THINGS) == []
                moment = last_moment(reader)
                assert digest(reader, "streak.things") == digest_as_of(reader, moment)
                states.setdefault(moment, set()).add(digest(reader, "streak.things"))
            reader.execute("ROLLBACK")
        publisher.join()
        assert len(states) > 1
        for moment, seen in states.items():
            assert seen == {digest_as_of(reader, moment)}
