"""The Dagster home of our commands: where it is, and how one that we make is set up."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from streak_dagster.errors import SettingsError
from streak_dagster.locations import expanded

_MADE_BY_US = "# Made by streak-dagster"
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
"""


def prepare_home() -> Path:
    """Use ``DAGSTER_HOME``, by default ``.dagster`` of the working directory, made on first use.

    ``~``, ``$NAME`` and relative paths become absolute, for Dagster and its processes, too. Raises
    SettingsError where that is no folder which can be written.
    """
    written = os.environ.get("DAGSTER_HOME", "").strip()
    home = Path(expanded("DAGSTER_HOME", written or ".dagster")).absolute()
    config = home / "dagster.yaml"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
        if not config.exists():
            config.write_text(DAGSTER_YAML, encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            f"Dagster's home {home} is no folder that can be written ({error.strerror}). "
            f"{'Set' if written else 'Go to a folder that you may write, or set'} DAGSTER_HOME to one."
        ) from None
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def is_ours(home: Path) -> bool:
    """Whether a home is one that we made, and may be kept tidy by us."""
    try:
        return (home / "dagster.yaml").read_text(encoding="utf-8").startswith(_MADE_BY_US)
    except (OSError, ValueError):
        return False
