"""The Dagster home of our commands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from dagster import DagsterInstance

from streak_dagster.errors import SettingsError
from streak_dagster.home import DAGSTER_YAML, is_ours, prepare_home
from streak_dagster_tests.support.runs import command


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, ".dagster"),
        ("", ".dagster"),
        ("  ", ".dagster"),
        ("here/home", "here/home"),
        ("~/home", "home"),
        ("$HOME/home", "home"),
    ],
)
def test_it_is_absolute_for_dagster(
    written: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if written is not None:
        monkeypatch.setenv("DAGSTER_HOME", written)
    else:
        monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setattr(os, "environ", os.environ)  # whatever is set in it is put back
    home = prepare_home("data/crm.duckdb")
    assert home == tmp_path / expected
    assert os.environ["DAGSTER_HOME"] == str(home)
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == DAGSTER_YAML
    assert is_ours(home)
    monkeypatch.setenv("DAGSTER_HOME", "")


def test_somebody_elses_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    assert not is_ours(prepare_home("data/crm.duckdb"))
    assert not is_ours(tmp_path / "nowhere")


def test_one_that_an_earlier_version_made_prints_less_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs that the daemon starts printed every event into the terminal of `streak-dagster ui`."""
    config = tmp_path / "dagster.yaml"
    earlier = DAGSTER_YAML[: DAGSTER_YAML.index("# What a run prints")]
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    for before, expected in [(earlier, "INFO"), (DAGSTER_YAML.replace("INFO", "DEBUG"), "DEBUG")]:
        config.write_text(before, encoding="utf-8")
        for _ in range(2):
            prepare_home("data/crm.duckdb")
            after = config.read_text(encoding="utf-8")
            assert after.startswith(before.rstrip())
            assert after.count("python_logs") == 1
            with DagsterInstance.from_config(str(tmp_path)) as instance:
                assert instance.python_log_level == expected


@pytest.mark.parametrize("written", ["$NO_SUCH_VARIABLE/home", "~nobody-of-this-name/home"])
def test_what_isnt_there_is_refused(written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", written)
    with pytest.raises(SettingsError, match=r"^DAGSTER_HOME .* no such"):
        prepare_home("data/crm.duckdb")
    assert not list(tmp_path.iterdir())


def test_one_that_is_no_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").touch()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    with pytest.raises(SettingsError, match=rf"^Dagster's home {tmp_path}/home is no folder"):
        prepare_home("data/crm.duckdb")


@pytest.mark.slow
def test_the_command_says_it_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    told = command(["streak-dagster", "run"], {"DAGSTER_HOME": "home"}, tmp_path)
    assert (told.returncode, told.stderr.count("\n")) == (2, 1), told.stderr
