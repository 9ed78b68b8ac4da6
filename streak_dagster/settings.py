"""The settings, read from the environment and ``.env`` and checked when the definitions load.

A wrong value is refused here, with what is allowed, before anything runs. The API key itself is
not kept: settings only say whether there is one.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from streak_dagster.api.hosts import LOOPBACK
from streak_dagster.api.shared_state import MAX_DEPARTURES
from streak_dagster.environment import fill_environment
from streak_dagster.errors import SettingsError
from streak_dagster.exclusion import excluded_tables
from streak_dagster.locations import resolved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

DEFAULT_URL = "https://api.streak.com/api"
DEFAULT_DATABASE = "data/streak.duckdb"
SAMPLE_DATABASE = "data/sandbox.duckdb"
"""The sandbox's own file: the only one that the sample is copied into."""
STREAK_CALLS_PER_SECOND = 10.0
"""What Streak allows an account; only a server on this machine may be asked for more."""

REFRESH_MODES = ("complete", "changed")


@dataclass(frozen=True)
class Settings:
    """Every setting, checked.

    Without ``has_key`` the built-in sandbox is copied; but not where other variables are set for an account:
    ``missing_key`` then says which, and nothing is copied. ``schedule`` and ``sensor`` say whether
    these run without anybody having switched them on; ``probe_seconds`` is the time between two
    looks of the sensor. ``exclude`` are the tables that aren't copied. ``has_alert`` says whether there is
    somebody to tell of a failed run. ``keep_days`` is for how long Dagster's runs are kept; None keeps all.
    """

    has_key: bool
    api_url: str
    database: str
    calls_per_second: float
    page_size: int
    refresh_minutes: int
    refresh: str
    pipelines: tuple[str, ...]
    exclude: tuple[str, ...]
    max_shrink: float
    lock_wait: float
    allow_account_change: bool
    complete_every_hours: float
    schedule: bool
    sensor: bool
    timezone: str
    probe_seconds: int
    has_alert: bool
    keep_days: int | None
    missing_key: str = ""


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SettingsError, which names the variable and what it may be.

    Without ``environment``, ``.env`` of the working directory is read into ``os.environ``, where it
    doesn't replace what is already set. What is empty isn't set.
    """
    if environment is None:
        fill_environment(Path.cwd())
        environment = os.environ
    given = {name: value.strip() for name, value in environment.items() if name.startswith("STREAK_")}
    has_key = _check_key(given.get("STREAK_API_KEY", ""))
    missing_key = "" if has_key else _missing_key(given)
    url = _url(given.get("STREAK_API_URL", ""))
    database = resolved(
        given.get("STREAK_DUCKDB_PATH") or (DEFAULT_DATABASE if has_key or missing_key else SAMPLE_DATABASE)
    )
    return Settings(
        has_key=has_key,
        api_url=url,
        database=database,
        calls_per_second=_calls_per_second(given, url),
        page_size=int(_number(given, "STREAK_PAGE_SIZE", 100, 1, 10_000, whole=True)),
        refresh_minutes=_refresh_minutes(given.get("STREAK_REFRESH_INTERVAL") or "6h"),
        refresh=_refresh(given.get("STREAK_REFRESH") or "complete"),
        pipelines=tuple(
            part.strip() for part in given.get("STREAK_PIPELINES", "").split(",") if part.strip()
        ),
        exclude=excluded_tables(given.get("STREAK_EXCLUDE", "")),
        max_shrink=_number(given, "STREAK_MAX_SHRINK", 0.5, 0, 1),
        lock_wait=_number(given, "STREAK_LOCK_WAIT", 60, 0, 86_400),
        allow_account_change=_yes_or_no(given, "STREAK_ALLOW_ACCOUNT_CHANGE"),
        complete_every_hours=_hours(given.get("STREAK_COMPLETE_EVERY") or "24h"),
        schedule=_on_or_off(given, "STREAK_SCHEDULE", default=has_key),
        sensor=_on_or_off(given, "STREAK_SENSOR", default=False),
        timezone=_timezone(given.get("STREAK_TIMEZONE") or "UTC"),
        probe_seconds=_probe_seconds(given.get("STREAK_PROBE_INTERVAL") or "1m"),
        has_alert=_check_webhook(given.get("STREAK_ALERT_WEBHOOK", "")),
        keep_days=_keep_days(given.get("STREAK_KEEP_RUNS") or "30d"),
        missing_key=missing_key,
    )


def _check_key(key: str) -> bool:
    if key and not (key.isascii() and key.isprintable() and not set(key) & set(" \"'")):
        raise SettingsError(
            "STREAK_API_KEY holds a space, a quote or a character that no API key has. "
            "Copy the key from Streak again, without quotes or line breaks."
        )
    return bool(key)


def _missing_key(given: Mapping[str, str]) -> str:
    """Why the sample isn't copied: what somebody set who has an account. Empty where nobody did.

    A secret that is missing where everything else is there must not put a made-up team in its place.
    """
    of_an_account = [
        name
        for name in ("STREAK_API_URL", "STREAK_DUCKDB_PATH", "STREAK_ALERT_WEBHOOK", "STREAK_PIPELINES")
        if given.get(name) and not (name == "STREAK_DUCKDB_PATH" and is_sample_database(given[name]))
    ]
    of_an_account += [
        name for name in ("STREAK_SCHEDULE", "STREAK_SENSOR") if _on_or_off(given, name, default=False)
    ]
    if _yes_or_no(given, "STREAK_ALLOW_ACCOUNT_CHANGE"):
        of_an_account.append("STREAK_ALLOW_ACCOUNT_CHANGE")
    if not of_an_account:
        return ""
    names = " and ".join(filter(None, [", ".join(of_an_account[:-1]), of_an_account[-1]]))
    server = " (the sandbox's is `sandbox`)" if "STREAK_API_URL" in of_an_account else ""
    return (
        f"STREAK_API_KEY {'is empty' if 'STREAK_API_KEY' in given else 'is missing'}, but "
        f"{names} {'is' if len(of_an_account) == 1 else 'are'} set as for an account, so nothing is copied: "
        f"set STREAK_API_KEY to the account's key{server}, or unset {names} to copy the built-in sample."
    )


def is_sample_database(location: str) -> bool:
    """Whether a database is the sandbox's own file, by whatever path."""
    own, given = (os.path.realpath(resolved(each)) for each in (SAMPLE_DATABASE, location))
    return own == given


def _url(url: str) -> str:
    if not url:
        return DEFAULT_URL
    parts = _web_address(url)
    if parts is None or parts.username or parts.query or parts.fragment:
        raise SettingsError(f"STREAK_API_URL must be an address such as {DEFAULT_URL}.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise SettingsError(
            f"STREAK_API_URL asks for plain http to {parts.hostname}, which would show the API key to the "
            "network. Use https; plain http is for this machine only (127.0.0.1)."
        )
    return url.rstrip("/")


def _check_webhook(url: str) -> bool:
    """Whether alerts go anywhere. The address is a secret of its own, so no message quotes it."""
    if not url:
        return False
    parts = _web_address(url)
    if parts is None or (parts.scheme == "http" and parts.hostname not in LOOPBACK):
        raise SettingsError(
            "STREAK_ALERT_WEBHOOK must be an https address that takes a JSON message, such as an incoming "
            "webhook of Slack; plain http is for this machine only."
        )
    return True


def _web_address(url: str) -> SplitResult | None:
    """The parts of an http or https address; None for anything else."""
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname and port_is_valid else None


def _calls_per_second(given: Mapping[str, str], url: str) -> float:
    local = urlsplit(url).hostname in LOOPBACK
    most = MAX_DEPARTURES - 24 if local else STREAK_CALLS_PER_SECOND
    return _number(given, "STREAK_CALLS_PER_SECOND", STREAK_CALLS_PER_SECOND, 0.1, most)


def _number(
    given: Mapping[str, str], name: str, default: float, least: float, most: float, *, whole: bool = False
) -> float:
    text = given.get(name) or str(default)
    try:
        value = float(int(text)) if whole else float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        raise SettingsError(f"{name} must be {kind} from {least:g} to {most:g}, not {text!r}.")
    return value


def _yes_or_no(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "").lower()
    if text not in ("", "0", "1", "false", "true"):
        raise SettingsError(f"{name} must be 1 or 0, not {text!r}.")
    return text in ("1", "true")


def _on_or_off(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = given.get(name, "").lower() or ("on" if default else "off")
    if text not in ("on", "off"):
        raise SettingsError(f"{name} must be on or off, not {text!r}.")
    return text == "on"


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, LookupError, OSError):  # no such zone, or no name of one
        raise SettingsError(
            f"STREAK_TIMEZONE must be the name of a time zone such as Europe/Berlin or UTC, not {text!r}."
        ) from None
    return text


def _probe_seconds(text: str) -> int:
    parts = re.fullmatch(r"([1-9][0-9]{0,4})([smh])", text)
    seconds = int(parts[1]) * {"s": 1, "m": 60, "h": 3600}[parts[2]] if parts else 0
    if not 10 <= seconds <= 86_400:
        raise SettingsError(
            f"STREAK_PROBE_INTERVAL must be from 10s to 24h, such as 30s, 1m or 2h, not {text!r}."
        )
    return seconds


def _refresh_minutes(text: str) -> int:
    if text == "30m":
        return 30
    hours = re.fullmatch(r"([1-9]|1[0-9]|2[0-4])h", text)
    if hours is None:
        raise SettingsError(
            f"STREAK_REFRESH_INTERVAL must be 30m or a whole number of hours from 1h to 24h, not {text!r}."
        )
    return int(hours[1]) * 60


def _hours(text: str) -> float:
    hours = re.fullmatch(r"([1-9][0-9]{0,3})h", text)
    if hours is None:
        raise SettingsError(
            f"STREAK_COMPLETE_EVERY must be a whole number of hours such as 24h, not {text!r}."
        )
    return float(hours[1])


def _keep_days(text: str) -> int | None:
    days = re.fullmatch(r"([1-9][0-9]{0,3})d", text)
    if text != "all" and (days is None or int(days[1]) > 3650):
        raise SettingsError(
            f"STREAK_KEEP_RUNS must be all, or days from 1d to 3650d such as 30d, not {text!r}."
        )
    return int(days[1]) if days else None


def _refresh(text: str) -> str:
    if text not in REFRESH_MODES:
        raise SettingsError(f"STREAK_REFRESH must be {' or '.join(REFRESH_MODES)}, not {text!r}.")
    return text
