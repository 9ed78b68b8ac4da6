"""The settings, read from the environment and ``.env`` and checked when the definitions load.

A wrong value is refused here, with what is allowed, before anything runs. What depends on several settings
stands here, too.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streak_dagster.api.hosts import is_on_this_machine
from streak_dagster.api.shared_state import MAX_DEPARTURES
from streak_dagster.environment import fill_environment
from streak_dagster.locations import SAMPLE_DATABASE, default_database, is_sample_database
from streak_dagster.settings.declared import DECLARED, Settings
from streak_dagster.settings.kinds import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streak_dagster.settings.setting import Setting

_OWN_SERVERS_CALLS = number(0.1, MAX_DEPARTURES - 24)
"""Calls a second: what the shared state can remember of one, and a little less."""


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SettingsError, which names the variable and what it may be.

    Without ``environment``, ``.env`` of the working directory is read into ``os.environ``, where it
    doesn't replace what is already set. What is empty isn't set.
    """
    if environment is None:
        fill_environment(Path.cwd())
        environment = os.environ
    given = {name: value.strip() for name, value in environment.items() if name.startswith("STREAK_")}
    missing_key = _missing_key(given)
    of_account = DECLARED["has_key"].read(given) or bool(missing_key)
    database, told = default_database() if of_account else (SAMPLE_DATABASE, "")
    notice = "" if given.get(DECLARED["database"].variable) else told
    return settings_of(given, database, missing_key=missing_key, database_notice=notice)


def settings_of(
    given: Mapping[str, str], database: str, *, missing_key: str, database_notice: str
) -> Settings:
    """The settings that these texts of variables say; the ``database`` is where none is named.

    Raises SettingsError, which names the variable and what it may be.
    """
    values = {name: setting.read(given) for name, setting in _settled(given, database).items()}
    return Settings(missing_key=missing_key, database_notice=database_notice, **values)


def _settled(given: Mapping[str, str], database: str) -> dict[str, Setting]:
    """The declared settings, with the defaults and bounds that depend on other settings filled in."""
    has_key = DECLARED["has_key"].read(given)
    settled = dict(DECLARED)
    settled["database"] = replace(DECLARED["database"], default=database)
    settled["schedule"] = replace(DECLARED["schedule"], default="on" if has_key else "off")
    if is_on_this_machine(DECLARED["api_url"].read(given)):
        settled["calls_per_second"] = replace(DECLARED["calls_per_second"], kind=_OWN_SERVERS_CALLS)
    return settled


def _missing_key(given: Mapping[str, str]) -> str:
    """Why the sample isn't copied: settings that are those of an account. Empty where there are none.

    A secret that is missing where everything else is there must not put a made-up team in its place.
    """
    if DECLARED["has_key"].read(given):
        return ""
    for_account = [
        setting.variable
        for setting in DECLARED.values()
        if setting.is_for_account and given.get(setting.variable) and _says_account(setting, given)
    ]
    if not for_account:
        return ""
    names = " and ".join(filter(None, [", ".join(for_account[:-1]), for_account[-1]]))
    server = " (the sandbox's is `sandbox`)" if "STREAK_API_URL" in for_account else ""
    return (
        f"STREAK_API_KEY {'is empty' if 'STREAK_API_KEY' in given else 'is missing'}, but "
        f"{names} {'is' if len(for_account) == 1 else 'are'} set as for an account, so nothing is copied: "
        f"set STREAK_API_KEY to the account's key{server}, or unset {names} to copy the built-in sample."
    )


def _says_account(setting: Setting, given: Mapping[str, str]) -> bool:
    """Whether a value is one for an account: not a switch that is off, nor the sandbox's own file."""
    if setting is DECLARED["database"]:
        return not is_sample_database(given[setting.variable])
    return setting.read(given) is not False
