"""Dagster's SQLite files are kept open during a run, and whoever else reads them sees each entry at once."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from dagster import DagsterInstance
from dagster._core.test_utils import create_run_for_test
from sqlalchemy import event
from sqlalchemy.pool import Pool

from streak_dagster.run_storage import kept_open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUN = "9b1f4c52-0a6c-4a8e-8f4e-2d5a7f3f7a10"
ENTRIES = 20


@pytest.fixture
def instances(tmp_path: Path) -> Iterator[tuple[DagsterInstance, DagsterInstance]]:
    """Two instances of one home, as of a run's process and of the UI's."""
    with ExitStack() as stack:
        yield (
            stack.enter_context(DagsterInstance.local_temp(str(tmp_path))),
            stack.enter_context(DagsterInstance.local_temp(str(tmp_path))),
        )


def say(instance: DagsterInstance, text: str) -> None:
    run = instance.get_run_by_id(RUN)
    assert run is not None
    instance.report_engine_event(text, run)


def make_run(instance: DagsterInstance) -> None:
    create_run_for_test(instance, job_name="refresh", run_id=RUN)


def test_connections_are_opened_once_and_closed_at_the_end(
    instances: tuple[DagsterInstance, DagsterInstance], tmp_path: Path
) -> None:
    ours, _ = instances
    opened: list[object] = []

    def note(*connection: object) -> None:
        opened.append(connection)

    event.listen(Pool, "connect", note)
    try:
        with kept_open(ours):
            make_run(ours)
            for number in range(ENTRIES):
                say(ours, str(number))
            assert len(opened) < ENTRIES / 2
    finally:
        event.remove(Pool, "connect", note)
    assert not list(tmp_path.rglob("*-wal"))
    assert not {"_connect", "has_table"} & vars(ours.event_log_storage).keys()
    assert "connect" not in vars(ours.run_storage)
    say(ours, "afterwards")
    assert len(ours.all_logs(RUN)) == ENTRIES + 1


def test_others_read_each_entry_at_once(instances: tuple[DagsterInstance, DagsterInstance]) -> None:
    ours, theirs = instances
    with kept_open(ours):
        make_run(ours)
        for number in range(3):
            say(ours, f"entry {number}")
            assert [each.message for each in theirs.all_logs(RUN)][-1:] == [f"entry {number}"]
        say(theirs, "theirs")
        assert ours.all_logs(RUN)[-1].message == "theirs"


def test_the_ui_is_told_of_each_entry(instances: tuple[DagsterInstance, DagsterInstance]) -> None:
    ours, theirs = instances
    seen = threading.Event()
    with kept_open(ours):
        make_run(ours)
        say(ours, "before")
        theirs.watch_event_logs(RUN, None, lambda entry, _: seen.set() if entry.message == "now" else None)
        say(ours, "now")
        assert seen.wait(20)
