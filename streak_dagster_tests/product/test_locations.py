"""What STREAK_DUCKDB_PATH may be, and the file that is really used."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streak_dagster.errors import SettingsError
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.runs import command


def database(text: str) -> str:
    return load_settings({"STREAK_API_KEY": "key", "STREAK_DUCKDB_PATH": text}).database


def test_what_a_shell_would_expand_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TEAM", "sales")
    expected = {
        "crm.duckdb": tmp_path / "crm.duckdb",
        "~/crm.duckdb": tmp_path / "crm.duckdb",
        "$HOME/crm.duckdb": tmp_path / "crm.duckdb",
        "${HOME}/${TEAM}.duckdb": tmp_path / "sales.duckdb",
        "/srv/a b/crm.duckdb": Path("/srv/a b/crm.duckdb"),
    }
    assert {text: database(text) for text in expected} == {t: str(path) for t, path in expected.items()}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s3://bucket/x.duckdb", "begins with 's3:'"),
        ("gs://bucket/x.duckdb", "begins with 'gs:'"),
        ("https://example.com/x.duckdb", "begins with 'https:'"),
        ("postgres:dbname=crm", "begins with 'postgres:'"),
        ("sqlite:crm.db", "begins with 'sqlite:'"),
        ("file:///srv/crm.duckdb", "Write the path alone"),
        (":memory:", "would be gone with the run"),
        ("$NO_SUCH_VARIABLE/x.duckdb", r"holds \$NO_SUCH_VARIABLE, and no such variable is set"),
        ("~nobody-of-this-name/x.duckdb", "there is no such user"),
        (".", r"names a folder. Name a file in it: /.*/crm\.duckdb"),
        ("new/folder/", r"names a folder. Name a file in it: /.*/new/folder/crm\.duckdb"),
        ("md:", "names no database at MotherDuck"),
        ("md:crm?motherduck_token=secret", "Write md:crm alone"),
    ],
)
def test_what_is_no_file_of_this_machine_is_refused(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=rf"^STREAK_DUCKDB_PATH .*{told}") as refused:
        database(text)
    assert "secret" not in str(refused.value)
    assert not list(Path.cwd().iterdir())


def test_motherduck_stays_as_it_is_written() -> None:
    assert database("md:crm") == "md:crm"


def made(name: str, content: str = "x") -> Path:
    path = Path("data", name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path.absolute()


def test_a_copy_of_an_earlier_version_is_found_with_how_to_rename_it_and_what_lies_beside_it() -> None:
    old = made("streak.duckdb")
    made("streak.duckdb.wal")
    made("streak.duckdbs")
    made("streak_serve.duckdb")
    made("streak_serve.duckdb.stamp")
    Path("data", "streak.duckdb.spool").mkdir()
    made("crm.duckdb", "")  # as a killed first publication leaves it
    found = load_settings({"STREAK_API_KEY": "key"})
    assert found.database == str(old)
    said, command = found.database_notice.split(": ")
    assert said.startswith("data/streak.duckdb is used, the default of earlier versions")
    subprocess.run(command, shell=True, check=True)
    assert sorted(path.name for path in Path("data").iterdir()) == [
        "crm.duckdb", "crm.duckdb.spool", "crm.duckdb.wal", "streak.duckdbs"
    ]  # fmt: skip
    again = load_settings({"STREAK_API_KEY": "key"})
    assert (again.database, again.database_notice) == (str(Path("data/crm.duckdb").absolute()), "")


def test_of_two_copies_the_one_of_the_present_name_is_used_and_the_other_left_alone() -> None:
    made("streak.duckdb")
    new = made("crm.duckdb")
    found = load_settings({"STREAK_API_KEY": "key"})
    assert found.database == str(new)
    assert found.database_notice == "data/crm.duckdb is used, and data/streak.duckdb is left alone."


@pytest.mark.parametrize(
    "environment", [{}, {"STREAK_API_KEY": "key", "STREAK_DUCKDB_PATH": "data/streak.duckdb"}]
)
def test_nothing_is_said_of_the_sample_nor_of_a_file_that_was_named(environment: dict[str, str]) -> None:
    made("streak.duckdb")
    assert load_settings(environment).database_notice == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_whatever_is_written_is_an_absolute_path_or_a_sentence(text: str) -> None:
    try:
        found = database(text)
    except SettingsError as error:
        found = str(error)
    assert found.startswith(("/", "md:", "motherduck:", "STREAK_DUCKDB_PATH "))


@pytest.mark.slow
def test_the_file_that_is_used_is_told_whole(tmp_path: Path) -> None:
    told = command(
        ["streak-dagster", "sql", "SELECT 1"],
        {"STREAK_DUCKDB_PATH": "$HOME/x/crm.duckdb", "HOME": str(tmp_path)},
        tmp_path,
    )
    assert told.returncode == 1
    assert told.stderr.startswith(f"streak-dagster: {tmp_path}/x/crm.duckdb doesn't exist yet.")
    refused = command(["streak-dagster", "run"], {"STREAK_DUCKDB_PATH": "s3://bucket/x.duckdb"}, tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
