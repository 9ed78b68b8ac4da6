"""Our own project: the account that the environment names, and what only a project of its own sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster import Definitions, in_process_executor

from streak_dagster.account import StreakAccount
from streak_dagster.assets.base import OWNERS
from streak_dagster.building import build_streak_definitions
from streak_dagster.familiar import understand_familiar_selections
from streak_dagster.settings import load_settings

if TYPE_CHECKING:
    from streak_dagster.settings import Settings


def build_definitions(settings: Settings) -> Definitions:
    """The project for these settings. Keys are named, not read: Dagster resolves them in the run."""
    ours = build_streak_definitions(StreakAccount.of_settings(settings), owners=OWNERS)
    # A run of chosen assets isn't one of our jobs, and has the same reasons to stay in one process.
    return Definitions.merge(ours, Definitions(executor=in_process_executor))


understand_familiar_selections()
defs = build_definitions(load_settings())
