"""With hashes on, or a column left out, no plain value reaches a disk; turned on later, none is kept."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance

from streak_dagster.definitions import build_definitions
from streak_dagster.errors import DatabaseUnusableError, SettingsError
from streak_dagster.sandbox import Sandbox, Workspace
from streak_dagster.sandbox.objects.keys import PREFIX
from streak_dagster.settings import load_settings
from streak_dagster.sync.hashing import WORDS
from streak_dagster.tables import ALL_TABLES
from streak_dagster.views.answers import ALL_ANSWERS
from streak_dagster.warehouse.hash_key import kept_key
from streak_dagster_tests.support.loading import Load, environment, failures
from streak_dagster_tests.support.secrets_in_files import found
from streak_dagster_tests.support.ticks import Sensor
from streak_dagster_tests.support.truth import sent, stored

KEY = "the key of these hashes"
ON: dict[str, Any] = {"STREAK_HASH_PERSONAL_DATA": "1", "STREAK_HASH_KEY": KEY}


def personal_strings(workspace: Workspace, sandbox: Sandbox) -> list[str]:
    """Every text of six letters or more that a personal column of the sample would hold."""
    strings: set[str] = set()
    structure: set[str] = set()
    numbers: set[str] = set()
    for name, records in sent(workspace, sandbox.variants).items():
        if name == "box_field_values":
            continue  # what people typed is in the boxes' fields; the labels of options stay readable
        table = next(each for each in ALL_TABLES if each.name == name)
        personal = {column.api_name for column in table.columns if column.personal}
        for record in records:
            numbers.update(_numbers(record))
            for member, value in record.items():
                (strings if member in personal else structure).update(_texts(member, value))
    # A name of a field, an option or a stage may be a word that somebody wrote in a comment, too.
    # And the descriptions of columns, which are in the database, give such texts as examples.
    told = "\n".join([*structure, repr(ALL_TABLES), repr(ALL_ANSWERS)])
    # Numbers stay readable, so that the same digits in a text can't be looked for.
    return sorted(
        each
        for each in strings - numbers
        if len(each) >= 6 and not each.startswith(PREFIX) and each not in told
    )


def _numbers(value: Any) -> set[str]:
    if isinstance(value, dict | list):
        members = value.values() if isinstance(value, dict) else value
        return {number for each in members for number in _numbers(each)}
    return {str(value)} if isinstance(value, int | float) else set()


def _texts(name: str, value: Any) -> list[str]:
    if isinstance(value, str):
        return [] if name in WORDS or name.endswith(("key", "Key", "Keys")) else [value]
    if isinstance(value, dict):
        return [text for member, each in value.items() for text in _texts(member, each)]
    return [text for each in value for text in _texts(name, each)] if isinstance(value, list) else []


def in_json(strings: list[str]) -> list[str]:
    """The texts, and how JSON writes those that hold other letters than ASCII's."""
    return sorted({*strings, *(json.dumps(each)[1:-1] for each in strings)})


def test_a_hashed_database_its_spool_and_dagsters_storage_hold_no_personal_value_of_the_sample(
    load: Load, sandbox: Sandbox, instance: DagsterInstance, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "data" / "copy.duckdb"
    sandbox.faults.add("/tasks$", status=500, times=40)  # so that errors are logged, and a spool stays
    first = replace(load, instance=instance)(sandbox, database, **ON)
    spooled = [path for path in (tmp_path / "data").rglob("rows.jsonl") if path.stat().st_size]
    strings = in_json(personal_strings(sandbox.workspace, sandbox))
    assert len(strings) > 200
    assert found(strings, tmp_path) == [], first
    second = replace(load, instance=instance)(sandbox, database, **ON)
    assert second.success, failures(second)
    assert found(strings, tmp_path) == []
    assert found([KEY], tmp_path) == []
    told = capfd.readouterr()
    assert [each for each in strings if each in told.out + told.err] == []
    boxes = stored(database, "pipeline_boxes")
    assert all(str(box["name"]).startswith("h_") for box in boxes if (box["name"] or "").strip())
    assert not spooled or "box_tasks" in {path.parent.name.partition(".")[0] for path in spooled}


def test_turned_on_later_every_row_is_read_anew_and_one_that_cannot_be_loses_what_is_personal(
    load: Load, sandbox: Sandbox, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streak_dagster.sync.unread.MAX_UNREADABLE", 0.1)  # the sample has few boxes
    before = {row["key"]: row for row in stored(database, "box_comments")}
    unread = next(iter(before.values()))["box_key"]
    sandbox.faults.add(f"/{unread}/comments$", status=400, times=None)
    result = load(
        sandbox,
        database,
        select=["pipelines", "pipeline_boxes", "box_comments"],
        STREAK_REFRESH="changed",
        **ON,
    )
    assert result.success, failures(result)
    after = {row["key"]: row for row in stored(database, "box_comments")}
    assert after.keys() == before.keys()
    for key, row in after.items():
        assert row["creator_key"] == before[key]["creator_key"]
        if row["box_key"] == unread:
            assert row["message"] is None
        else:
            assert str(row["message"]).startswith("h_")


def test_a_table_that_is_made_of_rows_that_are_not_hashed_yet_is_refused(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    before = stored(database, "pipeline_stages")
    result = load(sandbox, database, select=["pipeline_stages"], **ON)
    assert "Refresh streak/pipelines together with it" in failures(result)["pipeline_stages"]
    assert stored(database, "pipeline_stages") == before


def test_what_stays_plain_is_told(
    load: Load, sandbox: Sandbox, database: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    by_warnings = replace(load, level="WARNING")
    refreshed = ["snippets", "pipelines"]
    assert by_warnings(sandbox, database, select=refreshed, **ON).success
    told = capfd.readouterr().err
    others = ", ".join(table.name for table in ALL_TABLES if table.name not in refreshed)
    assert told.count(f"Personal data is hashed from now on, but {others} hold it as it was") == 2
    assert by_warnings(sandbox, database, select=["snippets"], **ON).success
    assert "hashed from now on" not in capfd.readouterr().err


def test_a_column_that_is_left_out_is_empty_and_alarms_nobody(
    load: Load, sandbox: Sandbox, database: Path
) -> None:
    before = {row["key"]: row for row in stored(database, "box_comments")}
    result = replace(load, checked=True)(
        sandbox,
        database,
        select=["box_comments"],
        STREAK_REFRESH="changed",
        STREAK_EXCLUDE="box_comments.message",
    )
    assert result.success, failures(result)
    rows = stored(database, "box_comments")
    assert {row["key"] for row in rows} == before.keys()
    assert [row for row in rows if row["message"] is not None] == []
    assert all(row["timestamp"] == before[row["key"]]["timestamp"] for row in rows)
    drift = [each for each in result.get_asset_check_evaluations() if each.check_name == "schema_drift"]
    assert all(each.passed for each in drift)


def test_the_sensor_finds_hashed_rows_as_they_were(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, in_memory: DagsterInstance, tmp_path: Path
) -> None:
    more = {**ON, "STREAK_EXCLUDE": "box_comments,box_meetings,box_threads,box_tasks,pipeline_boxes.notes"}
    values = environment(sandbox, tmp_path / "new.duckdb", **more)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    sensor = Sensor(build_definitions(load_settings(values)), in_memory)
    assert sensor.refresh(sensor.request())
    assert sensor.tick().skip_message.endswith("nothing moved.")


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "crm.hash_key"
    key = kept_key(path)
    assert len(key) == 64
    assert kept_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["crm.hash_key"]
    path.write_text("", encoding="utf-8")
    with pytest.raises(DatabaseUnusableError, match="is damaged"):
        kept_key(path)


def test_a_short_key_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError, match="too short") as refusal:
        load_settings({"STREAK_HASH_KEY": "s3cret"})
    assert "s3cret" not in str(refusal.value)
    assert load_settings({"STREAK_HASH_KEY": KEY}).has_hash_key
