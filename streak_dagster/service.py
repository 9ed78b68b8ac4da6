"""Files that have a machine refresh the copy, or keep the UI up, by itself: systemd, launchd, cron.

Each is text for the program of this environment in the project's folder, where the program reads ``.env``
by itself: none of them holds a setting but the interval, and never the key. A refresh that finds another one
running leaves with the status ``ANOTHER_RUNS``, so nothing here has to lock.
"""

from __future__ import annotations

import plistlib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from streak_dagster.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["systemd", "launchd", "cron"]
What = Literal["run", "ui"]

ANOTHER_RUNS = 75
"""The exit status of a ``run`` where another refresh is running; see ``cli.run``."""
STOPPING = 20
"""Seconds until what doesn't stop is killed: twice the 10 s in which a refresh does."""
_A_DAY = 24 * 60


@dataclass(frozen=True)
class Service:
    """What is to run: the ``program``, in the ``folder`` of ``.env``, every so many ``minutes``.

    Hours are counted in the ``timezone`` where the system takes one. Raises SettingsError where a path holds
    a line break, which no such file can say.
    """

    program: Path
    folder: Path
    minutes: int
    timezone: str = "UTC"
    name: str = "streak-dagster"

    def __post_init__(self) -> None:
        for path in (self.program, self.folder):
            if not path.is_absolute() or any(not letter.isprintable() for letter in str(path)):
                raise SettingsError(
                    f"A service can't name {str(path)!r}. Move it to a path of plain letters."
                )

    @property
    def log(self) -> Path:
        """Where it writes what it says, but for systemd, which has its journal."""
        return self.folder / f"{self.name}.log"


@dataclass(frozen=True)
class File:
    """A file to be put into ``folder``, under a ``name``; and how to turn it on, and to look at it."""

    folder: str
    name: str
    text: str


def files_of(kind: Kind, what: What, service: Service) -> list[File]:
    """What has the system run the service."""
    made: Mapping[Kind, Callable[[What, Service], list[File]]] = {
        "systemd": _systemd,
        "launchd": _launchd,
        "cron": _cron,
    }
    return made[kind](what, service)


def steps_of(kind: Kind, what: What, service: Service) -> list[str]:
    """The commands that turn it on, and then show whether it works. The files are where they belong."""
    name = service.name
    if kind == "systemd":
        unit = f"{name}.timer" if what == "run" else f"{name}-ui.service"
        return [
            f"systemctl --user daemon-reload && systemctl --user enable --now {unit}",
            "loginctl enable-linger     # or it stops when you log out",
            *([f"systemctl --user start {name}.service     # the first refresh, at once"] * (what == "run")),
            f"systemctl --user list-timers {unit}" if what == "run" else f"systemctl --user status {unit}",
            f"journalctl --user -u {name if what == 'run' else f'{name}-ui'} -f",
        ]
    log = shlex.quote(str(service.log))
    if kind == "launchd":
        label = _label(what, service)
        return [
            f"launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{label}.plist",
            f"launchctl print gui/$(id -u)/{label}",
            f"tail -f {log}",
        ]
    return [
        f"(crontab -l; {shlex.quote(str(service.program))} -q service cron --what {what}) | crontab -",
        f"tail -f {log}",
    ]


def _systemd(what: What, service: Service) -> list[File]:
    folder = "~/.config/systemd/user"
    if what == "ui":
        unit = f"""\
[Unit]
Description=Dagster's UI and daemon for the copy of Streak

[Service]
Type=exec
WorkingDirectory={_specifiers(service.folder)}
ExecStart={_systemd_program(service.program)} ui
Restart=on-failure
RestartSec=30
TimeoutStopSec={STOPPING}

[Install]
WantedBy=default.target
"""
        return [File(folder, f"{service.name}-ui.service", unit)]
    unit = f"""\
[Unit]
Description=Refresh the copy of Streak

[Service]
Type=oneshot
WorkingDirectory={_specifiers(service.folder)}
ExecStart={_systemd_program(service.program)} run
# Another refresh of the account is running, which is no failure.
SuccessExitStatus={ANOTHER_RUNS}
TimeoutStopSec={STOPPING}
"""
    timer = f"""\
[Unit]
Description=Refresh the copy of Streak every {_spoken(service.minutes)}

[Timer]
{_systemd_times(service)}

[Install]
WantedBy=timers.target
"""
    return [File(folder, f"{service.name}.service", unit), File(folder, f"{service.name}.timer", timer)]


def _systemd_times(service: Service) -> str:
    """Hours of the clock, caught up after the machine was off; or so long after the last refresh."""
    hours = service.minutes // 60
    if _A_DAY % service.minutes:
        return f"OnStartupSec=1min\nOnUnitActiveSec={hours}h"
    at = f"*:00/{service.minutes}:00" if not hours else "00:00:00" if hours == 24 else f"00/{hours}:00:00"
    return f"OnCalendar=*-*-* {at} {service.timezone}\nPersistent=true"


def _specifiers(path: Path) -> str:
    return str(path).replace("%", "%%")


def _systemd_program(path: Path) -> str:
    """The start of ExecStart. systemd refuses some letters in the name of a program, none in an argument."""
    escaped = _specifiers(path).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    odd = any(letter in "\"'\\$" for letter in str(path))
    return f'/usr/bin/env "{escaped}"' if odd else f'"{escaped}"'


def _label(what: What, service: Service) -> str:
    return service.name if what == "run" else f"{service.name}-ui"


def _launchd(what: What, service: Service) -> list[File]:
    often = (
        {"StartInterval": service.minutes * 60} if what == "run" else {"KeepAlive": {"SuccessfulExit": False}}
    )
    told = {
        "Label": _label(what, service),
        "ProgramArguments": [str(service.program), what],
        "WorkingDirectory": str(service.folder),
        "StandardOutPath": str(service.log),
        "StandardErrorPath": str(service.log),
        "RunAtLoad": True,
        "ExitTimeOut": STOPPING,
        "ProcessType": "Background",
        **often,
    }
    return [File("~/Library/LaunchAgents", f"{told['Label']}.plist", plistlib.dumps(told).decode())]


def _cron(what: What, service: Service) -> list[File]:
    folder, program, log = (shlex.quote(str(each)) for each in (service.folder, service.program, service.log))
    command = f"cd {folder} && {program} {what} >> {log} 2>&1".replace("%", "\\%")  # % is a line break there
    meaning, times = _cron_meaning(what, service.minutes), _cron_times(what, service.minutes)
    text = f"# {service.name}: {meaning}\n{times} {command}\n"
    return [File("", "crontab", text)]


def _cron_times(what: What, minutes: int) -> str:
    if what == "ui":
        return "@reboot"
    if minutes < 60:
        return f"*/{minutes} * * * *"
    return "0 0 * * *" if minutes == _A_DAY else f"0 */{minutes // 60} * * *" if minutes > 60 else "0 * * * *"


def _cron_meaning(what: What, minutes: int) -> str:
    if what == "ui":
        return "Dagster's UI and daemon"
    sooner = "; the first of a day sooner" if _A_DAY % minutes else ""
    return f"a refresh every {_spoken(minutes)}, by this machine's clock{sooner}"


def _spoken(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 60 else "hour" if minutes == 60 else f"{minutes // 60} hours"
