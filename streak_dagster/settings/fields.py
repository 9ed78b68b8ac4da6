"""What Dagster sees of the settings: fields of its resources, and what goes into them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import Field

from streak_dagster.settings.declared import BY_VARIABLE, DECLARED

if TYPE_CHECKING:
    from streak_dagster.settings.declared import Settings

_DECLARED = object()
OTHER_NAMES = {
    "has_key": "api_key",
    "has_hash_key": "hash_key",
    "has_alert": "alert_webhook",
    "complete_every_hours": "complete_every",
    "refresh_minutes": "interval",
    "probe_seconds": "probe_interval",
    "history_days": "history_keep",
    "keep_days": "keep_runs",
}
"""How a setting is called as a field of ``StreakAccount``, where not as in ``Settings``, which has a unit."""
_FIELDS = {setting.variable: OTHER_NAMES.get(name, name) for name, setting in DECLARED.items()}
_VARIABLES = re.compile(rf"\b({'|'.join(_FIELDS)})\b")


def by_fields(message: str) -> str:
    """A message, with the fields of ``StreakAccount`` in place of the variables that they stand for."""
    return _VARIABLES.sub(lambda found: _FIELDS[found[0]], message)


def field_of(variable: str, *, default: object = _DECLARED, note: str = "") -> Any:
    """The field of a resource or a config class that holds a setting, described as it is declared.

    It has the declared default, and is required where there is none: where that depends on other settings.
    ``note`` says what holds of the field alone.

    It knows no bounds: those are checked as the settings load, and Dagster puts 0 where the number is to
    come from a variable (``EnvVar.int``).
    """
    setting = BY_VARIABLE[variable]
    if default is _DECLARED:
        default = ... if setting.default is None else _as_config(setting.read({}))
    told = [setting.plain_meaning, note, f"From {variable}."]
    return Field(default=default, description=" ".join(filter(None, told)))


def values_for(resource: str, settings: Settings) -> dict[str, Any]:
    """The values of a resource's fields: ``streak`` or ``warehouse``, as the declarations say."""
    return {
        name: _as_config(getattr(settings, name))
        for name, setting in DECLARED.items()
        if setting.resource == resource
    }


def _as_config(value: Any) -> Any:
    """Dagster's config has lists, not tuples."""
    return list(value) if isinstance(value, tuple) else value
