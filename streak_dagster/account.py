"""A Streak account as a value: what is to be copied of it, how, and where to."""

# No postponed annotations: Dagster makes the schema of a component of them.

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any

from dagster import EnvVar, ResolutionContext, Resolvable, Resolver

from streak_dagster.credentials import Secrets
from streak_dagster.errors import SettingsError
from streak_dagster.locations import SAMPLE_DATABASE
from streak_dagster.settings import (
    BY_VARIABLE,
    DECLARED,
    OTHER_NAMES,
    Settings,
    by_fields,
    load_settings,
    settings_of,
)
from streak_dagster.settings.addresses import STREAKS_URL
from streak_dagster.warehouse.ddl import SCHEMA

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BY_ADDRESS = "STREAK_CALLS_PER_SECOND"
"""A server on this machine may be asked for more than Streak."""
_VARIABLE = re.compile(r"\s*\{\{\s*env(?:\.(\w+)|\(\s*['\"](\w+)['\"]\s*\))\s*\}\}\s*")
"""A template of YAML that is a variable of the environment, and nothing else."""


def _told(variable: str) -> Resolver:
    """A field is described as its setting is, and its value in YAML checked where Dagster knows the line."""

    def checked(context: ResolutionContext, value: Any) -> Any:
        resolved = context.resolve_value(value)
        if resolved is not None and variable != _BY_ADDRESS:
            try:
                BY_VARIABLE[variable].read({variable: _text(resolved)})
            except SettingsError as error:
                raise SettingsError(by_fields(str(error))) from None
        return resolved

    return Resolver(checked, description=BY_VARIABLE[variable].plain_meaning)


def _secret(context: ResolutionContext, value: Any) -> EnvVar | str | None:
    """A variable that YAML names stays a name, so that its value gets into nothing that Dagster shows."""
    named = _VARIABLE.fullmatch(value) if isinstance(value, str) else None
    if named is not None:
        return EnvVar(named[1] or named[2])
    resolved: EnvVar | str | None = context.resolve_value(value)
    return resolved


Secret = EnvVar | str | None


def _told_secret(variable: str) -> Resolver:
    return Resolver(
        _secret,
        model_field_type=str | None,
        description=BY_VARIABLE[variable].plain_meaning,
        inject_before_resolve=False,
    )


@dataclass(frozen=True, kw_only=True)
class StreakAccount(Resolvable):
    """One Streak account: its key, the database that it is copied into, and how.

    All but the name and the secrets are the settings of the README, with the same values and defaults, which
    are described there; durations are written as there (``"6h"``). Give secrets as ``EnvVar("…")``: then
    Dagster's UI shows the variable's name. A key that is given as text is shown nowhere, either.

    Without a key and a database, the account is the built-in sample workspace, in ``data/sandbox.duckdb``.

    Raises:
        SettingsError: for a value that a setting can't have; it names the field, and what it may be.
    """

    name: Annotated[
        str,
        Resolver.default(
            description="What its jobs, sensors, resources and pool are called by: letters, digits and _, "
            "a letter first."
        ),
    ] = SCHEMA
    api_key: Annotated[Secret, _told_secret("STREAK_API_KEY")] = field(default=None, repr=False)
    database: Annotated[
        str | None,
        Resolver.default(
            description="Where the tables go: a DuckDB file, or a MotherDuck database such as md:crm. Each "
            "account has its own; by default data/<name>.duckdb."
        ),
    ] = None
    api_url: Annotated[str, _told("STREAK_API_URL")] = STREAKS_URL
    pipelines: Annotated[Sequence[str], _told("STREAK_PIPELINES")] = ()
    exclude: Annotated[Sequence[str], _told("STREAK_EXCLUDE")] = ()
    refresh: Annotated[str, _told("STREAK_REFRESH")] = "complete"
    complete_every: Annotated[str, _told("STREAK_COMPLETE_EVERY")] = "24h"
    interval: Annotated[str, _told("STREAK_REFRESH_INTERVAL")] = "6h"
    schedule: Annotated[bool, _told("STREAK_SCHEDULE")] = True
    timezone: Annotated[str, _told("STREAK_TIMEZONE")] = "UTC"
    sensor: Annotated[bool, _told("STREAK_SENSOR")] = False
    probe_interval: Annotated[str, _told("STREAK_PROBE_INTERVAL")] = "1m"
    calls_per_second: Annotated[float, _told("STREAK_CALLS_PER_SECOND")] = 10.0
    page_size: Annotated[int, _told("STREAK_PAGE_SIZE")] = 100
    max_shrink: Annotated[float, _told("STREAK_MAX_SHRINK")] = 0.5
    allow_account_change: Annotated[bool, _told("STREAK_ALLOW_ACCOUNT_CHANGE")] = False
    history: Annotated[bool, _told("STREAK_HISTORY")] = True
    history_keep: Annotated[str, _told("STREAK_HISTORY_KEEP")] = "all"
    serve: Annotated[bool, _told("STREAK_SERVE")] = True
    report_path: Annotated[str | None, _told("STREAK_REPORT_PATH")] = None
    hash_personal_data: Annotated[bool, _told("STREAK_HASH_PERSONAL_DATA")] = False
    hash_key: Annotated[Secret, _told_secret("STREAK_HASH_KEY")] = field(default=None, repr=False)
    alert_webhook: Annotated[Secret, _told_secret("STREAK_ALERT_WEBHOOK")] = field(default=None, repr=False)
    keep_runs: Annotated[str, _told("STREAK_KEEP_RUNS")] = "30d"
    lock_wait: Annotated[float, _told("STREAK_LOCK_WAIT")] = 60.0

    def __post_init__(self) -> None:
        for name in _SETTINGS:  # what isn't secret is needed now, to make the definitions
            if isinstance(value := getattr(self, name), EnvVar):
                object.__setattr__(self, name, os.environ.get(value.env_var_name, ""))
        object.__setattr__(self, "_settings", self._checked())
        object.__setattr__(self, "_is_of_environment", False)

    @classmethod
    def from_environment(cls) -> "StreakAccount":
        """The account that the variables ``STREAK_…`` describe, also those in a ``.env``, called ``streak``.

        Raises SettingsError for a variable that can't have its value.
        """
        return cls.of_settings(load_settings())

    @classmethod
    def of_settings(cls, settings: Settings) -> "StreakAccount":
        """The account of settings that were checked before. Private: users have ``from_environment``."""
        account = object.__new__(cls)
        values = {each.name: each.default for each in fields(cls)}
        values |= {name: getattr(settings, own) for name, own in _SETTINGS.items()}
        values |= {name: told(values[name]) for name, told in _TOLD.items()}
        values |= {
            "api_key": EnvVar("STREAK_API_KEY") if settings.has_key else None,
            "hash_key": EnvVar("STREAK_HASH_KEY") if settings.has_hash_key else None,
            "alert_webhook": EnvVar("STREAK_ALERT_WEBHOOK"),
            "_settings": settings,
            "_is_of_environment": True,
        }
        for name, value in values.items():
            object.__setattr__(account, name, value)
        return account

    @property
    def settings(self) -> Settings:
        """The checked settings. Private to this package."""
        settings: Settings = self._settings  # type: ignore[attr-defined]
        return settings

    @property
    def is_of_environment(self) -> bool:
        """Whether it is made of variables, so that a person sets those. Private to this package."""
        return self._is_of_environment  # type: ignore[attr-defined, no-any-return]

    @property
    def has_alert(self) -> bool:
        """Whether somebody may be told of failed runs. Private to this package."""
        return self.alert_webhook is not None

    @property
    def secrets(self) -> Secrets:
        """Where the keys come from. Private to this package."""
        return Secrets(self.api_key, self.hash_key, self.alert_webhook)

    def _checked(self) -> Settings:
        if not _NAME.fullmatch(self.name) or self.name == "io_manager":
            raise SettingsError(
                f"StreakAccount has the name {self.name!r}. Name it with letters, digits and _, a letter "
                "first, such as acme; io_manager is every project's own."
            )
        is_sample = self.api_key is None and self.database is None and self.api_url == STREAKS_URL
        try:
            settings = settings_of(
                self._as_variables(),
                SAMPLE_DATABASE if is_sample else f"data/{self.name}.duckdb",
                missing_key="" if is_sample else self._missing_key(),
                database_notice="",
            )
        except SettingsError as error:
            raise SettingsError(f"StreakAccount {self.name!r}: {by_fields(str(error))}") from None
        return replace(
            settings,
            has_key=bool(self.api_key),
            schedule=settings.schedule and not is_sample,  # which doesn't change
            has_hash_key=bool(self.hash_key),
            has_alert=bool(self.alert_webhook),
            pipelines=settings.pipelines if isinstance(self.pipelines, str) else _names(self.pipelines),
        )

    def _as_variables(self) -> dict[str, str]:
        """The fields as texts of the variables whose values they may have."""
        texts = {name: _text(getattr(self, name)) for name in _SETTINGS}
        given = {name: getattr(self, name) for name in _SECRETS}
        texts |= {name: _text(value) for name, value in given.items() if not isinstance(value, EnvVar)}
        own = {**_SETTINGS, **_SECRETS}
        return {DECLARED[own[name]].variable: text for name, text in texts.items() if text}

    def _missing_key(self) -> str:
        """Why nothing is copied where the key turns out to be empty."""
        of = f"StreakAccount {self.name!r}"
        if isinstance(self.api_key, EnvVar):
            name = self.api_key.env_var_name
            return (
                f"Nothing is copied while {name}, which has the API key of {of}, is empty. Set it to the key."
            )
        return f'{of} has no api_key, so nothing is copied. Give it one, as EnvVar("…").'


_OWN = {other: own for own, other in OTHER_NAMES.items()}
_SECRETS = {name: _OWN[name] for name in ("api_key", "hash_key", "alert_webhook")}
_SETTINGS = {
    each.name: _OWN.get(each.name, each.name)
    for each in fields(StreakAccount)
    if each.name != "name" and each.name not in _SECRETS
}
"""The settings of all fields that are none of the secrets, by the fields' names."""
_TOLD: Mapping[str, Callable[[Any], str]] = {
    "interval": lambda minutes: f"{minutes}m" if minutes % 60 else f"{minutes // 60}h",
    "complete_every": lambda hours: f"{hours:g}h",
    "probe_interval": lambda seconds: f"{seconds}s",
    "history_keep": lambda days: "all" if days is None else f"{days}d",
    "keep_runs": lambda days: "all" if days is None else f"{days}d",
}
"""How a setting is written, where a field isn't what ``Settings`` has."""


def _text(value: Any) -> str:
    """A value as a variable has it: switches are read as on and off, or 1 and 0, whichever they take."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str | int | float):
        return str(value)
    return ",".join(map(str, value))


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """Names as they are written, which may hold a comma here."""
    return tuple(filter(None, (each.strip() for each in given)))
