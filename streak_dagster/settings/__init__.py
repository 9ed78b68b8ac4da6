"""The settings: declared once, in ``declared``; read from the environment and ``.env`` by ``load``.

Here belongs what a variable may be, its default and its meaning: all else about a setting is made from that
(errors, the fields of Dagster's resources, the README's table, ``.env.example``). What a setting does belongs
to whatever uses it.

The API key itself isn't kept, nor the webhook's address: settings only say whether there is one.
"""

from streak_dagster.locations import SAMPLE_DATABASE, is_sample_database
from streak_dagster.settings.declared import BY_VARIABLE, DECLARED, REFRESH_MODES, Settings
from streak_dagster.settings.fields import OTHER_NAMES, by_fields, field_of, values_for
from streak_dagster.settings.load import load_settings, settings_of
from streak_dagster.settings.setting import Setting

__all__ = [
    "BY_VARIABLE",
    "DECLARED",
    "OTHER_NAMES",
    "REFRESH_MODES",
    "SAMPLE_DATABASE",
    "Setting",
    "Settings",
    "by_fields",
    "field_of",
    "is_sample_database",
    "load_settings",
    "settings_of",
    "values_for",
]
