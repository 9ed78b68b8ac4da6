"""A wrong setting is refused when the project loads, in a sentence that names it and what it may be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.errors import SettingsError
from streak_dagster.settings import BY_VARIABLE, load_settings


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"STREAK_API_KEY": "two words"}, "STREAK_API_KEY"),
        ({"STREAK_API_KEY": "schlüssel"}, "STREAK_API_KEY"),
        ({"STREAK_API_KEY": '"quoted"'}, "a quote"),
        ({"STREAK_API_KEY": "k", "STREAK_API_URL": "https://api.streak.com/api?x=1"}, "STREAK_API_URL must"),
        ({"STREAK_API_KEY": "k", "STREAK_API_URL": "http://example.com/api"}, "plain http to example.com"),
        ({"STREAK_API_KEY": "k", "STREAK_API_URL": "http://127.0.0.1.example.com/api"}, "plain http"),
        ({"STREAK_API_KEY": "k", "STREAK_API_URL": "ftp://example.com"}, "STREAK_API_URL must be"),
        ({"STREAK_API_KEY": "k", "STREAK_API_URL": "https://user:pw@example.com"}, "STREAK_API_URL must be"),
        ({"STREAK_API_KEY": "k", "STREAK_API_URL": "https://example.com:99999"}, "STREAK_API_URL must be"),
        ({"STREAK_API_URL": "http://example.com/api"}, "plain http to example.com"),
        ({"STREAK_PAGE_SIZE": "0"}, "STREAK_PAGE_SIZE must be a whole number from 1 to 10000, not '0'"),
        ({"STREAK_PAGE_SIZE": "many"}, "not 'many'"),
        ({"STREAK_PAGE_SIZE": "1.5"}, "STREAK_PAGE_SIZE"),
        ({"STREAK_CALLS_PER_SECOND": "11"}, "from 0.1 to 10, not '11'"),
        ({"STREAK_CALLS_PER_SECOND": "0"}, "STREAK_CALLS_PER_SECOND"),
        ({"STREAK_CALLS_PER_SECOND": "nan"}, "STREAK_CALLS_PER_SECOND"),
        ({"STREAK_REFRESH_INTERVAL": "45m"}, "30m or a whole number of hours"),
        ({"STREAK_REFRESH_INTERVAL": "25h"}, "not '25h'"),
        ({"STREAK_REFRESH": "sometimes"}, "complete or changed"),
        ({"STREAK_MAX_SHRINK": "2"}, "STREAK_MAX_SHRINK"),
        ({"STREAK_HISTORY": "sometimes"}, "STREAK_HISTORY"),
        ({"STREAK_SERVE": "sometimes"}, "STREAK_SERVE must be on or off"),
        ({"STREAK_REPORT_PATH": "data/crm.duckdb"}, "must name an .html file, not 'crm.duckdb'"),
        ({"STREAK_REPORT_PATH": "."}, "STREAK_REPORT_PATH names a folder. Name a file in it: /"),
        ({"STREAK_REPORT_PATH": "/dev/null/report.html"}, "/dev/null is no folder"),
        ({"STREAK_REPORT_PATH": "$NO_SUCH_ONE/report.html"}, "STREAK_REPORT_PATH holds $NO_SUCH_ONE"),
        ({"STREAK_HISTORY_KEEP": "1y"}, "STREAK_HISTORY_KEEP"),
        ({"STREAK_LOCK_WAIT": "-1"}, "STREAK_LOCK_WAIT"),
        ({"STREAK_KEEP_RUNS": "0d"}, "STREAK_KEEP_RUNS must be all, or days from 1d to 3650d"),
        ({"STREAK_KEEP_RUNS": "3651d"}, "not '3651d'"),
        ({"STREAK_KEEP_RUNS": "30"}, "such as 30d, not '30'"),
        ({"STREAK_SCHEDULE": "maybe"}, "STREAK_SCHEDULE must be on or off, not 'maybe'"),
        ({"STREAK_SENSOR": "1"}, "STREAK_SENSOR must be on or off"),
        ({"STREAK_TIMEZONE": "Mars/Olympus"}, "such as Europe/Berlin or UTC, not 'Mars/Olympus'"),
        ({"STREAK_TIMEZONE": "../../etc/passwd"}, "STREAK_TIMEZONE must be"),
        ({"STREAK_PROBE_INTERVAL": "9s"}, "from 10s to 24h"),
        ({"STREAK_PROBE_INTERVAL": "25h"}, "not '25h'"),
        ({"STREAK_PROBE_INTERVAL": "often"}, "STREAK_PROBE_INTERVAL"),
        ({"STREAK_ALERT_WEBHOOK": "somewhere"}, "STREAK_ALERT_WEBHOOK must be an https address"),
        ({"STREAK_ALERT_WEBHOOK": "http://example.com/hook"}, "plain http is for this machine only"),
    ],
)
def test_a_wrong_value_is_named(values: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings(values)
    assert told in str(refusal.value)
    assert values.get("STREAK_API_KEY", "k") == "k" or values["STREAK_API_KEY"] not in str(refusal.value)


@given(st.text(max_size=6))
def test_only_the_allowed_intervals_pass(text: str) -> None:
    allowed = {"30m", *(f"{hours}h" for hours in range(1, 25))}
    try:
        minutes = load_settings({"STREAK_REFRESH_INTERVAL": text}).refresh_minutes
    except SettingsError:
        assert text.strip() not in allowed | {""}
    else:
        assert text.strip() in allowed | {""}
        assert minutes in {30, *range(60, 1441, 60)}


def test_the_defaults_are_those_of_the_documentation() -> None:
    found = load_settings({})
    data = Path("data").absolute()
    assert (found.has_key, found.database, found.calls_per_second) == (False, f"{data}/sandbox.duckdb", 10)
    assert (found.page_size, found.refresh_minutes, found.pipelines) == (100, 360, ())
    assert load_settings({"STREAK_API_KEY": "k"}).database == f"{data}/crm.duckdb"
    assert load_settings({"STREAK_API_KEY": "k"}).api_url == "https://api.streak.com/api"


@pytest.mark.parametrize(("text", "days"), [("", 30), ("1d", 1), ("3650d", 3650), ("all", None)])
def test_runs_are_kept_for_days_or_for_ever(text: str, days: int | None) -> None:
    assert load_settings({"STREAK_KEEP_RUNS": text}).keep_days == days


def test_a_report_s_path_is_expanded_and_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path.cwd()))
    for text in ("~/new/report.html", "$HOME/new/report.html", "new/report.html"):
        assert load_settings({"STREAK_REPORT_PATH": text}).report_path == str(
            Path("new/report.html").absolute()
        )
    assert load_settings({}).report_path is None
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_report_s_folder_must_be_one_that_can_be_written() -> None:
    Path("mine").mkdir(mode=0o500)
    with pytest.raises(SettingsError, match=r"can't be written\. Name a file in a folder that you may write"):
        load_settings({"STREAK_REPORT_PATH": "mine/new/report.html"})


def test_a_server_on_this_machine_may_be_asked_for_more() -> None:
    local = {"STREAK_API_KEY": "k", "STREAK_API_URL": "http://127.0.0.1:8777/api"}
    assert load_settings({**local, "STREAK_CALLS_PER_SECOND": "500"}).calls_per_second == 500


@pytest.mark.parametrize("nothing", ["", "  ", "\t\n"])
def test_what_is_empty_is_not_set(nothing: str) -> None:
    names = set(BY_VARIABLE)
    assert {"STREAK_API_KEY", "STREAK_LOCK_WAIT"} < names
    assert load_settings(dict.fromkeys(names, nothing)) == load_settings({})
