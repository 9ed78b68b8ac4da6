"""What the sensor looks at, what it asks to refresh, and when it leaves Streak alone."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dagster import DagsterInstance, DefaultSensorStatus, Definitions

from streak_dagster.automation.sensor_cursor import SensorCursor
from streak_dagster.definitions import build_definitions
from streak_dagster.errors import KeyRefusedError
from streak_dagster.sandbox import Sandbox, Variants, Workspace, generated_workspace
from streak_dagster.settings import load_settings
from streak_dagster.sync.probe import MAX_CALLS
from streak_dagster.tables import ALL_TABLES
from streak_dagster_tests.product.test_changed import edit
from streak_dagster_tests.support.loading import Load
from streak_dagster_tests.support.ticks import Sensor, tables
from streak_dagster_tests.support.truth import differences

pytestmark = pytest.mark.slow

ACTIVITY = {"webhooks", "newsfeed"}
CHILDREN = {
    *("box_comments", "box_meetings", "box_tasks", "box_threads", "box_files"),
    *("box_contacts", "box_organizations", "box_stage_history", "box_field_values"),
}


@pytest.fixture
def workspace() -> Workspace:
    return generated_workspace(60, seed=3)


@pytest.fixture(scope="module")
def first_copy() -> list[tuple[str, bytes]]:
    """The cursor and the database after the first copy, once a test of this worker made it."""
    return []


@pytest.fixture
def sensor(
    define: Callable[..., Definitions],
    sandbox: Sandbox,
    instance: DagsterInstance,
    copy: Path,
    first_copy: list[tuple[str, bytes]],
) -> Sensor:
    """The sensor after the first copy that it asked for."""
    sensor = Sensor(define(sandbox), instance)
    if first_copy:
        sensor.cursor, content = first_copy[0]
        copy.write_bytes(content)
        return sensor
    request = sensor.request()
    assert tables(request) == {table.name for table in ALL_TABLES}
    assert sensor.refresh(request)
    assert sensor.cursor is not None
    first_copy.append((sensor.cursor, copy.read_bytes()))
    sandbox.journal.clear()
    return sensor


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    """In memory: it is what the daemon keeps in it that matters here, and not on which disk."""
    with DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy.duckdb"


def a_box(sandbox: Sandbox, number: int = 0) -> str:
    workspace = sandbox.workspace
    boxes = [box["key"] for each in workspace.pipelines() for box in workspace.boxes(each["key"])]
    return str(boxes[number])


def test_nothing_is_asked_for_while_nothing_moves(sensor: Sensor, sandbox: Sandbox) -> None:
    sandbox.workspace.advance(3_600_000)  # what the clock drives has moved
    found = sensor.tick()
    assert not found.run_requests
    assert found.skip_message.endswith("nothing moved.")
    assert 0 < len(sandbox.journal) <= MAX_CALLS


EDITS: dict[str, tuple[Callable[[Workspace, str], Any], set[str]]] = {
    "a snippet": (lambda w, _: w.update_snippet(w.snippets()[0]["key"], snippetText="New"), {"snippets"}),
    "a new snippet": (lambda w, _: w.add_snippet(), {"snippets"}),
    "a box": (lambda w, box: w.update_box(box, name="Renamed"), {"pipeline_boxes", "newsfeed", *CHILDREN}),
    "a comment": (lambda w, box: w.add_comment(box, "Hello"), {"pipeline_boxes", "newsfeed", *CHILDREN}),
    "a box gone": (
        lambda w, box: w.delete_box(box),
        {"pipelines", "pipeline_stages", "pipeline_boxes", "newsfeed", *CHILDREN},
    ),
    "a field": (
        lambda w, _: w.add_field(w.pipelines()[0]["key"], "Colour", "TEXT_INPUT"),
        {"pipelines", "pipeline_stages", "pipeline_fields", "box_field_values", "newsfeed"},
    ),
    "a new pipeline": (
        lambda w, _: w.add_pipeline("Another"),
        {"pipelines", "pipeline_stages", "pipeline_fields", "pipeline_boxes", *ACTIVITY, *CHILDREN},
    ),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_asks_for_what_can_have_changed(
    what: str, sensor: Sensor, sandbox: Sandbox, copy: Path
) -> None:
    do, expected = EDITS[what]
    do(sandbox.workspace, a_box(sandbox))
    request = sensor.request()
    assert tables(request) == expected
    assert sensor.refresh(request)
    found = differences(copy, sandbox.workspace, Variants())
    # Of the others, what the clock drives has moved.
    assert [each for each in found if each.split()[0].rstrip(":") in expected] == []
    assert sensor.tick().skip_message.endswith("nothing moved.")


@pytest.mark.parametrize("seed", range(4))
def test_any_edits_that_show_on_the_box_are_brought_in(
    seed: int, sensor: Sensor, sandbox: Sandbox, copy: Path
) -> None:
    chance = random.Random(seed)
    for _ in range(6):
        edit(sandbox.workspace, chance)
    assert sensor.refresh(sensor.request())
    assert differences(copy, sandbox.workspace, Variants()) == []


@pytest.mark.parametrize(
    "variant",
    [
        {"v1_boxes_envelope": "wrapped"},
        {"has_next_page": "absent"},
        {"ignore_paging": True},
        {"max_page_limit": 7},
        {"pipeline_counts": "none"},
        {"pipeline_counts": "none", "has_next_page": "absent", "v1_boxes_envelope": "wrapped"},
        {"unset": "null", "keys": "named_only"},
        {"box_shape": "documented"},
        {"stage_shape": "old", "extra_properties": True},
    ],
    ids=str,
)
def test_no_variant_of_streak_looks_like_an_edit(
    variant: dict[str, Any],
    define: Callable[..., Definitions],
    load: Load,
    sandbox: Sandbox,
    instance: DagsterInstance,
    copy: Path,
) -> None:
    sandbox.variants = replace(Variants(), **variant)
    sensor = Sensor(define(sandbox), instance)
    assert tables(sensor.request()) == {table.name for table in ALL_TABLES}
    assert load(sandbox, copy).success
    for _ in range(3):
        sandbox.workspace.advance(60_000)
        assert sensor.tick().skip_message.endswith("nothing moved.")


class TestAnAccountOfMorePages:
    """A comment on a box that no newest page shows: its ``lastUpdatedTimestamp`` doesn't move."""

    @pytest.fixture
    def workspace(self) -> Workspace:
        return generated_workspace(120, seed=4)

    def test_every_page_has_its_turn(
        self, define: Callable[..., Definitions], sandbox: Sandbox, instance: DagsterInstance
    ) -> None:
        sensor = Sensor(define(sandbox, STREAK_PAGE_SIZE="5"), instance)
        assert sensor.refresh(sensor.request())
        sandbox.journal.clear()
        oldest = min(
            (box for each in sandbox.workspace.pipelines() for box in sandbox.workspace.boxes(each["key"])),
            key=lambda box: box["lastUpdatedTimestamp"],
        )
        sandbox.workspace.add_comment(oldest["key"], "Found at last")
        asked = []
        for _ in range(40):
            before = len(sandbox.journal)
            asked.append(sensor.tick().run_requests)
            assert len(sandbox.journal) - before <= MAX_CALLS
            if asked[-1]:
                break
        assert len(asked) > 1
        assert "box_comments" in tables(asked[-1][0])
        assert sensor.refresh(asked[-1][0])
        assert differences(Path("copy.duckdb").absolute(), sandbox.workspace, Variants()) == []


def test_what_a_refresh_does_not_bring_in_is_asked_for_ever_more_rarely(
    sensor: Sensor, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.workspace.add_snippet()
    keys, asked_at, begin = set(), [], time.time()
    for minute in range(120):
        monkeypatch.setattr(time, "time", lambda now=begin + 60 * minute: now)
        for request in sensor.tick().run_requests or ():
            keys.add(request.run_key)
            asked_at.append(minute)
    assert asked_at == [0, 5, 15, 35, 75]
    assert len(keys) == len(asked_at)


def test_a_failing_streak_is_left_alone_for_longer_each_time(
    sensor: Sensor, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.faults.add("v1/pipelines$", kind="error_503", times=1000)
    looked_at, begin = [], time.time()
    for minute in range(40):
        monkeypatch.setattr(time, "time", lambda now=begin + 60 * minute: now)
        before = len(sandbox.journal)
        found = sensor.tick()
        assert not found.run_requests
        assert "HTTP 503" in found.skip_message or "couldn't be looked at" in found.skip_message
        if len(sandbox.journal) > before:
            looked_at.append(minute)
    assert looked_at == [0, 1, 3, 7, 15, 31]
    sandbox.faults.clear()
    monkeypatch.setattr(time, "time", lambda: begin + 7200)
    assert sensor.tick().skip_message.endswith("nothing moved.")
    assert json.loads(sensor.cursor or "")["failures"] == 0


@pytest.mark.parametrize(
    ("bound", "told"),
    [("ANSWER_SECONDS", "wasn't whole within 0.5 s"), ("MAX_LOOK", "Streak took longer than 0 s")],
)
def test_an_answer_that_trickles_ends_a_look(
    bound: str, told: str, sensor: Sensor, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its bytes comes long before a socket would time out."""
    monkeypatch.setattr(f"streak_dagster.automation.sensor.{bound}", 0.5)
    sandbox.faults.add("v1/pipelines$", kind="drip", seconds=1, times=1000)
    found = sensor.tick()
    assert not found.run_requests
    assert told in found.skip_message


def test_a_refused_key_makes_one_error_and_one_call(
    sensor: Sensor, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.revoke()
    with pytest.raises(KeyRefusedError, match="Streak doesn't accept the API key"):
        sensor.tick()
    for _ in range(3):
        told = sensor.tick().skip_message
        assert told.startswith("Streak refused the API key at")
        assert sandbox.key not in told
    assert len(sandbox.journal) == 1
    later = time.time() + 3700
    monkeypatch.setattr(time, "time", lambda: later)
    assert "doesn't accept" in sensor.tick().skip_message
    sandbox.restore()
    monkeypatch.setattr(time, "time", lambda: later + 3700)
    assert sensor.tick().skip_message.endswith("nothing moved.")
    sandbox.revoke()
    with pytest.raises(KeyRefusedError):
        sensor.tick()


def test_a_database_that_is_held_is_named_and_nothing_else_happens(
    sensor: Sensor, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streak_dagster.automation.sensor.LOCK_WAIT", 0.1)
    copy.chmod(0o600)
    head = copy.read_bytes()
    copy.write_bytes(b"not a database at all, but long enough to look at")
    found = sensor.tick()
    copy.write_bytes(head)
    assert not found.run_requests
    assert "copy.duckdb" in found.skip_message


def test_a_cursor_of_another_version_is_begun_anew() -> None:
    for cursor in (None, "", "{}", "[]", "null", "nonsense", '{"position": 7}', '{"new": 1}'):
        assert SensorCursor.of(cursor) == SensorCursor()
    memory = SensorCursor().requested("x").failed()
    assert SensorCursor.of(memory.as_cursor()) == memory


def test_without_a_key_nothing_is_looked_at(instance: DagsterInstance) -> None:
    found = Sensor(build_definitions(load_settings({})), instance).tick()
    assert found.skip_message == "STREAK_API_KEY isn't set; the built-in sample doesn't change."


def test_the_settings_decide_whether_and_how_often_it_looks() -> None:
    def sensor(**values: str) -> Any:
        return build_definitions(load_settings(values)).resolve_sensor_def("streak_change_sensor")

    assert sensor().default_status is DefaultSensorStatus.STOPPED
    assert sensor(STREAK_API_KEY="k").default_status is DefaultSensorStatus.STOPPED
    assert sensor(STREAK_API_KEY="k", STREAK_SENSOR="on").default_status is DefaultSensorStatus.RUNNING
    assert sensor().minimum_interval_seconds == 60
    assert sensor(STREAK_PROBE_INTERVAL="10s").minimum_interval_seconds == 10


def test_the_database_is_closed_while_streak_is_asked(sensor: Sensor, sandbox: Sandbox, copy: Path) -> None:
    """Another process could open it for writing at any call."""
    opened: list[str] = []

    def open_and_close(_: object) -> None:
        duckdb.connect(str(copy)).close()
        opened.append("for writing")

    sandbox.faults.when("/boxes$", open_and_close)
    assert sensor.tick().skip_message.endswith("nothing moved.")
    assert opened == ["for writing"]
