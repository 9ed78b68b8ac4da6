"""The Dagster home of our commands: where it is, and how one that we make is set up."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from streak_dagster.errors import SettingsError
from streak_dagster.locations import expanded

_MADE_BY_US = "# Made by streak-dagster"
_WHOSE = "streak_database"
"""The file in a home of ours that says which database its runs were of."""
_QUIETER = """\
# What a run prints into the terminal; its page in the UI has every event all the same. DEBUG prints all.
python_logs:
  python_log_level: INFO
"""
DAGSTER_YAML = f"""\
{_MADE_BY_US}: what runs here stays here, and the UI opens without a greeting.
telemetry:
  enabled: false
nux:
  enabled: false
freshness:
  enabled: true
# A run that failed of what may pass, or whose process died, goes on where it was cut short.
run_retries:
  enabled: true
  max_retries: 2
# What schedules and sensors looked at, and when. (Runs are removed by the job streak_housekeeping.)
retention:
  schedule:
    purge_after_days: 30
  sensor:
    purge_after_days:
      skipped: 7
      started: 30
      success: 30
      failure: 30
{_QUIETER}"""


def find_home(database: str) -> Path:
    """The home of a database's runs; nothing is made.

    ``DAGSTER_HOME`` where it is set, and ``.dagster`` of the working directory where not. There, the history
    of the sample and that of an account aren't mixed: the first database has the folder, another one has
    a folder of its own in it. ``~``, ``$NAME`` and relative paths become absolute. Raises SettingsError for
    a name that isn't there.
    """
    if _written():
        return Path(expanded("DAGSTER_HOME", _written())).absolute()
    home = Path(".dagster").absolute()
    whose = _whole(database)
    try:
        before = (home / _WHOSE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return home
    if before in (whose, ""):  # somebody is about to write it
        return home
    digest = hashlib.blake2b(whose.encode(), digest_size=4).hexdigest()
    # In Dagster's addresses of its SQLite files, ? and % mean something.
    name = re.sub(r"[^\w.-]+", "_", Path(whose).stem)
    return home / f"{name}-{digest}"


def _written() -> str:
    return os.environ.get("DAGSTER_HOME", "").strip()


def _whole(database: str) -> str:
    """The database's name wherever it is asked from."""
    return database if ":" in database else str(Path(database).absolute())


def prepare_home(database: str) -> Path:
    """Use the home of a database's runs, made on first use; Dagster and its processes are told of it.

    Raises SettingsError where that is no folder which can be written.
    """
    written = _written()
    home = find_home(database)
    config = home / "dagster.yaml"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
        if not config.exists():
            config.write_text(DAGSTER_YAML, encoding="utf-8")
        elif is_ours(home) and "python_logs" not in config.read_text(encoding="utf-8"):
            with config.open("a", encoding="utf-8") as one_of_before:
                one_of_before.write(f"\n{_QUIETER}")
        if not written and not _is_of_a_database(home):
            (home / _WHOSE).write_text(f"{_whole(database)}\n", encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"Dagster's home {home} is no folder that can be written ({error.strerror}). "
            f"{'Set' if written else 'Go to a folder that you may write, or set'} DAGSTER_HOME to one."
        ) from None
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _is_of_a_database(home: Path) -> bool:
    """Whether a home says whose it is: what says so is never written over, as others read it meanwhile."""
    whose = home / _WHOSE
    return whose.is_file() and whose.stat().st_size > 0


def is_ours(home: Path) -> bool:
    """Whether a home is one that we made, and may be kept tidy by us."""
    try:
        return (home / "dagster.yaml").read_text(encoding="utf-8").startswith(_MADE_BY_US)
    except (OSError, ValueError):
        return False
