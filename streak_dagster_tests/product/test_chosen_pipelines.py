"""`STREAK_PIPELINES` means what a person means by it, in the load and in the sensor's look alike."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from dagster import DagsterInstance, ExecuteInProcessResult
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.definitions import build_definitions
from streak_dagster.sandbox import Sandbox
from streak_dagster.settings import load_settings
from streak_dagster.sync.selection import means
from streak_dagster_tests.support.loading import Load, environment, failures
from streak_dagster_tests.support.ticks import Sensor
from streak_dagster_tests.support.truth import stored

KEY = "agxzfm1haWxmb29nYWVyIQ"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "copy.duckdb"


def chosen(load: Load, sandbox: Sandbox, database: Path, wanted: str) -> ExecuteInProcessResult:
    return load(sandbox, database, select=["pipelines"], STREAK_PIPELINES=wanted)


def keys(database: Path) -> set[str]:
    return {row["key"] for row in stored(database, "pipelines")}


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("sales", "Sales"),
        ("Cafe\u0301 Paris", "caf\u00e9 PARIS"),
        ("Cafe\u0301", " Caf\u00e9 "),
        ("New  Business", "New\u00a0Business"),
        ("STRASSE", "Stra\u00dfe"),
        ("\uff33\uff21\uff2c\uff25\uff33", "Sales"),
    ],
)
def test_a_name_is_meant_however_it_is_typed(wanted: str, name: str) -> None:
    assert means(wanted, KEY, name)
    assert means(name.strip(), KEY, wanted)


@pytest.mark.parametrize(
    ("wanted", "name"), [("Sales", "Sales 2"), ("Sal es", "Sales"), (KEY.lower(), "Sales"), (KEY[:-1], None)]
)
def test_nothing_else_is(wanted: str, name: str | None) -> None:
    assert not means(wanted, KEY, name)


@given(st.text(min_size=1).map(str.strip).filter(bool), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_every_form_of_a_name_means_it(name: str, form: str) -> None:
    assert means(unicodedata.normalize(form, f" {name}\n"), KEY, name)  # type: ignore[arg-type]
    assert means(KEY, KEY, name)


def test_it_is_chosen_so_from_what_streak_lists(load: Load, sandbox: Sandbox, database: Path) -> None:
    renamed, other, *_ = (each["key"] for each in sandbox.workspace.pipelines())
    sandbox.workspace.update_pipeline(renamed, name="Cafe\u0301  Paris ")
    result = chosen(load, sandbox, database, f"CAF\u00c9 PARIS , {other}")
    assert result.success, failures(result)
    assert keys(database) == {renamed, other}


def test_two_of_one_name_are_both_meant_and_it_is_said(load: Load, sandbox: Sandbox, database: Path) -> None:
    first, second, *_ = (each["key"] for each in sandbox.workspace.pipelines())
    for key, name in ((first, "Twins"), (second, "twins")):
        sandbox.workspace.update_pipeline(key, name=name)
    result = chosen(load, sandbox, database, "Twins")
    assert result.success, failures(result)
    assert keys(database) == {first, second}
    told = (
        f"2 pipelines are called 'Twins', and all of them are copied: {', '.join(sorted((first, second)))}."
    )
    logged = [each.user_message for each in load.instance.all_logs(result.run_id)]
    assert len([each for each in logged if told in each]) == 1


def test_a_refusal_names_the_key_beside_each_name(load: Load, sandbox: Sandbox, database: Path) -> None:
    told = failures(chosen(load, sandbox, database, "Nonesuch"))["pipelines"]
    for each in sandbox.workspace.pipelines():
        assert f"{each['name']!r} ({each['key']})" in told
    assert "comma" not in told
    assert told.endswith("Nothing was changed.")


def test_a_name_with_a_comma_is_chosen_by_its_key(load: Load, sandbox: Sandbox, database: Path) -> None:
    key = sandbox.workspace.pipelines()[0]["key"]
    sandbox.workspace.update_pipeline(key, name="Sales, EMEA")
    told = failures(chosen(load, sandbox, database, "Sales, EMEA"))["pipelines"]
    assert f"'Sales, EMEA' ({key})" in told
    assert "A pipeline with a comma in its name is chosen by its key." in told
    assert chosen(load, sandbox, database, key).success
    assert keys(database) == {key}


def test_the_sensor_looks_at_the_same_ones(
    load: Load, sandbox: Sandbox, database: Path, instance: DagsterInstance
) -> None:
    name = sandbox.workspace.pipelines()[0]["name"]
    wanted = f"  {name.upper()} "
    assert load(sandbox, database, STREAK_PIPELINES=wanted).success
    settings = load_settings(environment(sandbox, database, STREAK_PIPELINES=wanted))
    found = Sensor(build_definitions(settings), instance).tick()
    assert found.skip_message.endswith("nothing moved."), found
