"""The units run the program where it is, whatever its path holds, and as often as the settings say."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from streak_dagster.cli.run import ANOTHER_RUNS as LEFT
from streak_dagster.errors import SettingsError
from streak_dagster.service import ANOTHER_RUNS, Kind, Service, What, files_of, steps_of

ODD = 'a b\'c 100% "q" $HOME \\n ü'
SPACES = "a b 100% ü"
INTERVALS = [30, 60, 5 * 60, 6 * 60, 24 * 60]
SAYS_WHERE = '#!/bin/sh\nprintf "%s|%s" "$PWD" "$*"\n'
systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd isn't installed")


@pytest.fixture(params=["plain", SPACES, ODD])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Service:
    """One whose program says where it runs, and with what."""
    folder = tmp_path / request.param
    folder.mkdir()
    program = folder / "streak-dagster"
    program.write_text(SAYS_WHERE, encoding="utf-8")
    program.chmod(0o755)
    return Service(program, folder, minutes=360, timezone="Europe/Berlin")


def text(kind: Kind, what: What, service: Service) -> str:
    return "".join(file.text for file in files_of(kind, what, service))


def test_the_status_of_a_second_refresh_is_the_commands() -> None:
    assert ANOTHER_RUNS == LEFT


@systemd
@pytest.mark.parametrize("what", ["run", "ui"])
def test_systemd_takes_the_units(service: Service, what: What, tmp_path: Path) -> None:
    """It says where a program isn't there, so that every odd letter of the path has come through."""
    written = []
    for file in files_of("systemd", what, service):
        (tmp_path / file.name).write_text(file.text, encoding="utf-8")
        written.append(tmp_path / file.name)
    verify = ["systemd-analyze", "--user", "--man=no", "verify", *map(str, written)]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    told = subprocess.run(verify, capture_output=True, text=True, env=environment, check=False, timeout=60)
    ours = [line for line in told.stderr.splitlines() if "streak-dagster" in line]
    assert ours == []
    if ODD in str(service.program):  # env starts it, which systemd-analyze sees alone
        return
    service.program.unlink()
    told = subprocess.run(verify, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert "streak-dagster is not executable" in told.stderr


@systemd
@pytest.mark.parametrize("minutes", INTERVALS)
def test_systemd_keeps_the_interval(minutes: int, tmp_path: Path) -> None:
    timer = text("systemd", "run", Service(tmp_path / "p", tmp_path, minutes))
    times = dict(re.findall(r"^(On\w+)=(.*)$", timer, re.MULTILINE))
    if minutes == 300:
        assert times == {"OnStartupSec": "1min", "OnUnitActiveSec": "5h"}
        return
    asked = ["systemd-analyze", "calendar", "--iterations=2", times["OnCalendar"]]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
    hours = [
        int(hour) * 60 + int(minute)
        for hour, minute in re.findall(r"(?:Next elapse|Iter.* #2): .*?(\d\d):(\d\d):00 UTC", told)
    ]
    assert (hours[1] - hours[0]) % (24 * 60) == minutes % (24 * 60)


@pytest.mark.parametrize("what", ["run", "ui"])
def test_launchd_reads_the_plist(service: Service, what: What) -> None:
    told = plistlib.loads(text("launchd", what, service).encode())
    assert told["ProgramArguments"] == [str(service.program), what]
    assert told["WorkingDirectory"] == str(service.folder)
    assert told.get("StartInterval") == (21600 if what == "run" else None)
    assert ("KeepAlive" in told) == (what == "ui")
    if shutil.which("plutil"):
        subprocess.run(["plutil", "-lint", "-"], input=text("launchd", what, service).encode(), check=True)


@pytest.mark.parametrize("what", ["run", "ui"])
def test_cron_runs_it_and_keeps_what_it_says(service: Service, what: What) -> None:
    comment, line = text("cron", what, service).splitlines()
    assert comment.startswith("# ")
    times, command = re.fullmatch(r"(@reboot|0 \*/6 \* \* \*) (.*)", line).groups()  # type: ignore[union-attr]
    assert (times == "@reboot") == (what == "ui")
    # To cron a % is the end of the command and what follows is its input, unless a backslash stands before.
    assert not re.search(r"(?<!\\)%", command)
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nowhere"}
    shell = ["/bin/sh", "-c", command.replace("\\%", "%")]
    subprocess.run(shell, env=environment, cwd="/", check=True, timeout=60)
    assert service.log.read_text(encoding="utf-8") == f"{service.folder}|{what}"


@pytest.mark.parametrize(
    ("minutes", "times"),
    [
        (30, "*/30 * * * *"),
        (60, "0 * * * *"),
        (300, "0 */5 * * *"),
        (360, "0 */6 * * *"),
        (1440, "0 0 * * *"),
    ],
)
def test_cron_comes_at_least_as_often(minutes: int, times: str, tmp_path: Path) -> None:
    comment, line = text("cron", "run", Service(tmp_path / "p", tmp_path, minutes)).splitlines()
    assert line.startswith(f"{times} cd ")
    assert ("sooner" in comment) == (minutes == 300)


@pytest.mark.parametrize("path", ["relative", "/line\nbreak"])
def test_a_path_that_no_unit_can_say_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="A service can't name"):
        Service(tmp_path / "p", Path(path), 60)


def test_each_step_names_what_was_written(tmp_path: Path) -> None:
    service = replace(Service(tmp_path / "p", tmp_path, 60), name="crm")
    assert "crm.timer" in steps_of("systemd", "run", service)[0]
    assert "crm-ui.service" in steps_of("systemd", "ui", service)[0]
    assert "crm-ui.plist" in steps_of("launchd", "ui", service)[0]
    assert [file.name for file in files_of("systemd", "run", service)] == ["crm.service", "crm.timer"]


def test_the_command_prints_the_unit_alone_and_starts_without_dagster(tmp_path: Path) -> None:
    """The key is in no file; that a setting is the shell's own is said."""
    asked = [sys.executable, "-X", "importtime", "-c", "from streak_dagster.cli import main; main()"]
    environment = {
        **os.environ,
        "STREAK_API_KEY": "a" * 32,
        "STREAK_REFRESH_INTERVAL": "12h",
        "STREAK_DUCKDB_PATH": "data/crm.duckdb",
    }
    (tmp_path / ".env").write_text("STREAK_DUCKDB_PATH=data/crm.duckdb\n", encoding="utf-8")
    told = subprocess.run(
        [*asked, "service", "cron"], capture_output=True, text=True, env=environment, check=True, timeout=60
    )
    assert re.search(r"\n0 \*/12 \* \* \* cd ", told.stdout)
    assert "a" * 32 not in told.stdout + told.stderr
    assert "STREAK_API_KEY, STREAK_REFRESH_INTERVAL are set in this shell alone" in told.stderr
    loaded = set(re.findall(r"\| +(\S+)$", told.stderr, re.MULTILINE))
    assert "click" in loaded
    assert not {"dagster", "duckdb", "pandas", "requests"} & loaded


def test_the_files_can_be_written(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("streak-dagster")
    asked = [str(program), "-q", "service", "systemd", "--into", "units"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path)
    assert (told.stdout, told.stderr) == ("", "")
    unit = (tmp_path / "units" / "streak-dagster.service").read_text(encoding="utf-8")
    assert f'ExecStart="{program}" run' in unit
    assert (tmp_path / "units" / "streak-dagster.timer").exists()
