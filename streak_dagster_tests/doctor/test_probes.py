"""The probes one by one: what is well is told as that, and what isn't is found."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance
from dagster._daemon.types import DaemonHeartbeat

from streak_dagster.api import asking
from streak_dagster.doctor import Finding, Mark, examination, examine
from streak_dagster.doctor.cost import cost_of
from streak_dagster.doctor.database import DatabaseLook, whose_data
from streak_dagster.doctor.findings import Probing
from streak_dagster.doctor.locking import broken_locks
from streak_dagster.doctor.machine import dagsters_home, heartbeats
from streak_dagster.doctor.words import duration, size
from streak_dagster.sandbox import Sandbox, Variants
from streak_dagster.settings import load_settings
from streak_dagster.tables import ALL_TABLES
from streak_dagster.warehouse.meta import SAMPLE
from streak_dagster_tests.support.loading import Load, environment
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.scripted_server import KEY, Reply, ScriptedServer
from streak_dagster_tests.support.small_disk import fill, small_disk


def found_in(sandbox: Sandbox, database: Path, **more: str) -> dict[str, Finding]:
    """What an examination of a sandbox's account finds, by question."""
    found = examine(load_settings(environment(sandbox, database, **more)), sandbox.key)
    assert len({each.question for each in found.findings}) == len(found.findings)
    return {each.question: each for each in found.findings}


@pytest.mark.parametrize(
    ("variants", "told"),
    [
        (Variants(), "v1 pipelines, pipeline_boxes as […]"),
        (Variants(v1_boxes_envelope="wrapped"), "v1 pipeline_boxes as {results, hasNextPage}"),
        (Variants(has_next_page="absent"), "v2 teams, box_tasks as {results}"),
        (Variants(task_shape="sharing"), "people in tasks as sharing entries"),
        (Variants(keys="named_only", unset="null", pipeline_counts="hint"), "v1 pipelines"),
    ],
)
def test_every_variant_is_told(variants: Variants, told: str, tmp_path: Path) -> None:
    with sandbox_of(variants=variants) as sandbox:
        found = found_in(sandbox, tmp_path / "crm.duckdb")
    assert {each.mark for each in found.values()} == {Mark.OK}
    assert told in found["API"].text


def test_boxes_that_nobody_counts_cost_nobody_knows_what(tmp_path: Path) -> None:
    with sandbox_of(variants=Variants(pipeline_counts="none")) as sandbox:
        found = found_in(sandbox, tmp_path / "crm.duckdb")
    assert "Streak doesn't count the boxes" in found["cost"].text


def test_a_cost_is_that_of_the_lists() -> None:
    """Two teams, three pipelines of 250, 100 and no boxes: 3 + 1, 1 + 1 and 1 pages, each with one behind."""
    core = [each for each in ALL_TABLES if each.name in ("teams", "pipelines", "pipeline_boxes")]
    assert cost_of(core, teams=2, boxes=[250, 100, 0], page_size=100).complete == 1 + 1 + 4 + 2 + 1
    everything = cost_of(ALL_TABLES, teams=2, boxes=[250, 100, 0], page_size=100, rows={"contacts": 5_500})
    assert everything.moved_box == 5
    assert everything.complete - everything.unmoved == 5 * 350


def test_a_streak_that_is_silent_has_a_deadline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(asking, "READ_SECONDS", 0.3)
    server = ScriptedServer(Reply(silent=True))
    try:
        values = {"STREAK_API_KEY": KEY, "STREAK_API_URL": server.url, "STREAK_CALLS_PER_SECOND": "900"}
        found = examine(load_settings(values), KEY)
    finally:
        server.close()
    told = {each.question: each for each in found.findings}
    assert "didn't answer the key's user within 0.3 s" in told["Streak"].text
    assert (found.status, found.calls) == (1, 2)
    assert told["versions"].mark is Mark.OK


def test_so_has_one_that_asks_to_wait(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(examination, "ASKING_SECONDS", 0.5)
    server = ScriptedServer(Reply(429, headers={"Retry-After": "600"}))
    try:
        values = {"STREAK_API_KEY": KEY, "STREAK_API_URL": server.url, "STREAK_CALLS_PER_SECOND": "900"}
        first, second = (examine(load_settings(values), KEY) for _ in range(2))
    finally:
        server.close()
    assert "took too long" in {each.question: each for each in first.findings}["Streak"].text
    budget = {each.question: each for each in second.findings}["budget"]
    assert budget.mark is Mark.WARN
    assert "Streak asked to wait until" in budget.text


def test_whose_data_a_database_holds(load: Load, tmp_path: Path) -> None:
    database = tmp_path / "crm.duckdb"
    with sandbox_of() as sandbox:
        load(sandbox, database, select=["teams"])
        found = found_in(sandbox, database)
        look = DatabaseLook(load_settings(environment(sandbox, database)))
        list(look.look())
    assert found["data"].text == "It is of this account."
    assert found["copy"].text.startswith("1 tables, the newest published ")
    (team,) = look.teams
    assert whose_data(look, "another key", [team, "x"], allowed=False).mark is Mark.OK
    assert whose_data(look, "another key", None, allowed=False).mark is Mark.WARN
    assert whose_data(look, "another key", ["x"], allowed=True).mark is Mark.WARN
    refused = whose_data(look, "another key", ["x"], allowed=False)
    assert refused.mark is Mark.FAIL
    assert "STREAK_DUCKDB_PATH" in refused.advice
    look.account = SAMPLE
    assert whose_data(look, "another key", ["x"], allowed=False).mark is Mark.OK


def test_the_file_for_readers_is_pointed_to(tmp_path: Path) -> None:
    def told() -> Finding:
        values = {"STREAK_API_KEY": KEY, "STREAK_DUCKDB_PATH": str(tmp_path / "crm.duckdb")}
        found = DatabaseLook(load_settings(values)).look()
        return {each.question: each for each in found}["for readers"]

    assert told().facts == {"path": None}
    served = tmp_path / "crm_serve.duckdb"
    served.touch()
    os.utime(served, (time.time() - 7200,) * 2)
    assert told().text == "crm_serve.duckdb, made 2.0 h ago. Send BI tools there."


def test_a_full_disk_is_found(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 3) as disk:
        fill(disk, leave=100_000)
        values = {"STREAK_API_KEY": KEY, "STREAK_DUCKDB_PATH": str(disk / "crm.duckdb")}
        found = {each.question: each for each in DatabaseLook(load_settings(values)).look()}
    assert found["disk"].mark is Mark.FAIL


def test_locks_that_hold_are_told_from_those_that_dont(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert broken_locks([tmp_path]) == []
    with monkeypatch.context() as without:
        without.setattr(fcntl, "lockf", lambda *_: None)  # as on a share where each machine locks for itself
        assert broken_locks([tmp_path]) == [tmp_path]
    with monkeypatch.context() as without:
        without.setattr(fcntl, "flock", refuse)
        assert broken_locks([tmp_path]) == [tmp_path]
    assert not list(tmp_path.iterdir())


def refuse(*_: object) -> None:
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def test_a_daemon_is_heard_of(instance: DagsterInstance, tmp_path: Path) -> None:
    def told() -> Finding:
        return {each.question: each for each in dagsters_home(str(tmp_path / "crm.duckdb"))}["daemon"]

    assert "None has run here" in told().text
    now = time.time()
    for ended, mark in ((now - 900, Mark.WARN), (now - 5, Mark.OK)):
        instance.run_storage.add_daemon_heartbeat(DaemonHeartbeat(ended, "SENSOR", "an-id", []))
        assert told().mark is mark
    (beat,) = heartbeats(Path(instance.root_directory)) or []
    assert beat == pytest.approx(now - 5, abs=0.01)


def test_a_home_that_another_database_belongs_to_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("storage:\n  postgres: {}\n", encoding="utf-8")
    assert heartbeats(tmp_path) is None
    (tmp_path / "history").mkdir()
    sqlite3.connect(tmp_path / "history" / "runs.db").execute("CREATE TABLE other (x)").connection.close()
    assert heartbeats(tmp_path) is None


def test_a_probe_that_fails_keeps_what_it_found() -> None:
    def probe() -> Iterator[Finding]:
        yield Finding("first", Mark.OK, "well")
        raise RuntimeError("a fault")

    first, second = Probing("whole", probe).findings(60)
    assert (first.question, second.question, second.mark) == ("first", "whole", Mark.FAIL)
    assert second.text == "RuntimeError: a fault"


def test_one_that_never_ends_is_left_behind() -> None:
    ended = threading.Event()

    def probe() -> Iterator[Finding]:
        yield Finding("first", Mark.OK, "well")
        ended.wait()

    probing = Probing("whole", probe)
    _, late = probing.findings(0.2)
    assert (late.mark, late.text) == (Mark.FAIL, "There is no answer after 0.2 s, so nothing more is known.")
    ended.set()


@pytest.mark.parametrize(
    ("said", "value", "words"),
    [
        *((duration, 0.2, "1 s"), (duration, 89, "89 s"), (duration, 5_000, "83 min")),
        *((duration, 9_000, "2.5 h"), (duration, 864_000, "10 days")),
        *((size, 12, "12 bytes"), (size, 1_500_000, "1.5 MB"), (size, 67_300_000_000, "67.3 GB")),
    ],
)
def test_words(said: Callable[[float], str], value: float, words: str) -> None:
    assert said(value) == words
