"""The project with an interval that no setting allows: a minute, so that a test sees several."""

from dataclasses import replace

from streak_dagster.definitions import build_definitions
from streak_dagster.settings import load_settings

defs = build_definitions(replace(load_settings(), refresh_minutes=1))
