"""What `.env` says is read in every encoding that people have, and fills what is empty, too."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streak_dagster.errors import SettingsError
from streak_dagster.sandbox import Variants, sample_workspace
from streak_dagster.settings import load_settings
from streak_dagster_tests.support.dagster_dev import dagster_dev
from streak_dagster_tests.support.loading import environment
from streak_dagster_tests.support.runs import command
from streak_dagster_tests.support.sandboxes import sandbox_of
from streak_dagster_tests.support.truth import differences

SECRET = "k3y-of-nobody"
TEXT = f"# Schlüssel\nSTREAK_API_KEY={SECRET}\nSTREAK_PAGE_SIZE=7\nSTREAK_PIPELINES=Verkäufe\n"
ENCODINGS: dict[str, bytes] = {
    "utf-8": TEXT.encode(),
    "utf-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-16 of PowerShell": codecs.BOM_UTF16_LE + TEXT.replace("\n", "\r\n").encode("utf-16-le"),
    "utf-16 the other way": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "utf-16 without a mark": TEXT.encode("utf-16-le"),
    "utf-16 the other way without a mark": TEXT.encode("utf-16-be"),
    "utf-32": codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
}
UNREADABLE: dict[str, tuple[bytes, str]] = {
    "latin-1": (f"STREAK_API_KEY={SECRET}\n# Schlüssel".encode("latin-1"), "Line 2 of "),
    "cp1252": ("# Schlüssel, 5 €".encode("cp1252"), "Line 1 of "),
    "half a letter of utf-16": (TEXT.encode("utf-16")[:-1], "neither UTF-8 nor UTF-16"),
    "no text": (b"STREAK_API_KEY=x\ny\0z", "Line 2 of "),
}


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    return tmp_path / ".env"


@pytest.fixture(autouse=True)
def _taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file sets in this process's environment goes after the test."""
    for name in ("STREAK_API_KEY", "STREAK_PAGE_SIZE", "STREAK_PIPELINES", "DAGSTER_HOME", "OTHER"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("content", ENCODINGS.values(), ids=ENCODINGS)
def test_every_encoding_that_tells_itself_is_read(dotenv: Path, content: bytes) -> None:
    dotenv.write_bytes(content)
    found = load_settings()
    assert (found.has_key, found.page_size, found.pipelines) == (True, 7, ("Verkäufe",))
    assert os.environ["STREAK_API_KEY"] == SECRET


@pytest.mark.parametrize(("content", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_named_without_its_content(dotenv: Path, content: bytes, told: str) -> None:
    dotenv.write_bytes(content)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert told in str(refusal.value)
    assert f"{dotenv} is neither UTF-8 nor UTF-16. Save it as UTF-8" in str(refusal.value)
    assert SECRET not in str(refusal.value)
    assert "Schl" not in str(refusal.value)


def _make_folder(path: Path) -> None:
    path.mkdir()


def _lead_nowhere(path: Path) -> None:
    path.symlink_to(path)  # as unreadable for root as for everybody


@pytest.mark.parametrize(
    ("spoil", "told"),
    [(_make_folder, "is a folder; the settings are read from a file"), (_lead_nowhere, "can't be read: ")],
)
def test_what_is_no_readable_file_is_named(dotenv: Path, spoil: Callable[[Path], None], told: str) -> None:
    spoil(dotenv)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert str(dotenv) in str(refusal.value)
    assert told in str(refusal.value)


def test_a_virtual_environment_of_that_name_is_nobodys_settings(dotenv: Path) -> None:
    dotenv.mkdir()
    (dotenv / "pyvenv.cfg").touch()
    assert not load_settings().has_key


def test_it_fills_what_the_environment_leaves_open(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv.write_bytes(TEXT.encode())
    monkeypatch.setenv("STREAK_PAGE_SIZE", "9")
    found = load_settings()
    assert (found.has_key, found.page_size) == (True, 9)


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_empty_variable_leaves_it_open(
    dotenv: Path, monkeypatch: pytest.MonkeyPatch, nothing: str
) -> None:
    for name in ("STREAK_API_KEY", "STREAK_PAGE_SIZE", "DAGSTER_HOME", "OTHER"):
        monkeypatch.setenv(name, nothing)
    dotenv.write_text(f"{TEXT}DAGSTER_HOME=/somewhere\nOTHER=of another program\n", encoding="utf-8")
    found = load_settings()
    assert (found.has_key, found.page_size) == (True, 7)
    assert os.environ["STREAK_API_KEY"] == SECRET, "where Dagster looks for it in the run"
    assert os.environ["DAGSTER_HOME"] == "/somewhere"
    assert os.environ["OTHER"] == nothing, "what it means by that is not for us to say"


def test_an_empty_line_of_the_file_sets_nothing(dotenv: Path) -> None:
    dotenv.write_text("STREAK_API_KEY=\nSTREAK_PAGE_SIZE= \nSTREAK_PIPELINES\n", encoding="utf-8")
    assert load_settings() == load_settings({})


def test_the_command_line_names_the_file_in_one_sentence(dotenv: Path, tmp_path: Path) -> None:
    dotenv.write_bytes(UNREADABLE["latin-1"][0])
    for arguments in (["run"], ["check"], ["sql", "FROM teams"], ["ui"]):
        found = command(["streak-dagster", *arguments], {}, tmp_path)
        assert found.returncode == 2
        assert found.stderr.startswith(f"streak-dagster: Line 2 of {dotenv} is neither")
        assert found.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_the_ui_says_what_dagster_could_not_read(dotenv: Path, tmp_path: Path) -> None:
    """Dagster's own commands would end in a stack of calls that doesn't name the file."""
    dotenv.write_bytes(ENCODINGS["utf-16 of PowerShell"])
    found = command(["streak-dagster", "ui"], {}, tmp_path)
    assert found.returncode == 2
    assert (
        found.stderr == f"streak-dagster: Dagster reads {dotenv}, too, and only as UTF-8. Save it as UTF-8.\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "encoding"),
    [
        (["streak-dagster", "run"], "utf-16"),
        (["streak-dagster", "run"], "utf-8"),
        (["dagster", "asset", "materialize", "-m", "streak_dagster", "--select", "key:streak/*"], "utf-8"),
    ],
    ids=["streak-dagster, utf-16", "streak-dagster", "dagster"],
)
def test_a_run_takes_the_key_from_it_where_the_environment_has_an_empty_one(
    dotenv: Path, tmp_path: Path, arguments: list[str], encoding: str
) -> None:
    workspace = sample_workspace()
    with sandbox_of(workspace) as sandbox:
        dotenv.write_text(f"STREAK_API_KEY={sandbox.key}\n", encoding=encoding)
        values = environment(sandbox, tmp_path / "copy.duckdb", STREAK_API_KEY="")
        done = command(arguments, values, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert differences(tmp_path / "copy.duckdb", workspace, Variants()) == []


@pytest.mark.slow
def test_dagster_dev_takes_the_key_from_it_in_the_runs_that_it_starts() -> None:
    with sandbox_of() as sandbox:
        settings = {"STREAK_API_KEY": "", "STREAK_SENSOR": "on", "STREAK_PROBE_INTERVAL": "10s"}
        with dagster_dev(sandbox, dotenv=f"STREAK_API_KEY={sandbox.key}\n", **settings) as dagster:
            dagster.becomes_true()
