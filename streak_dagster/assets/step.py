"""What the function of an asset gets: Dagster's context of its step, and the resources of its account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from dagster import Config

from streak_dagster.settings import field_of

if TYPE_CHECKING:
    from dagster import AssetExecutionContext

    from streak_dagster.namespace import Namespace
    from streak_dagster.resources import StreakResource, WarehouseResource


class RefreshConfig(Config):
    """How much of what can be asked for in part is read in one run."""

    refresh: str | None = field_of("STREAK_REFRESH", default=None, note="Unset: as for other runs.")


@dataclass(frozen=True)
class Step:
    """One step of a run. ``refresh`` is what the run's config says of it, None where it says nothing."""

    context: AssetExecutionContext
    names: Namespace
    refresh: str | None = None

    @property
    def streak(self) -> StreakResource:
        return cast("StreakResource", getattr(self.context.resources, self.names.streak))

    @property
    def warehouse(self) -> WarehouseResource:
        return cast("WarehouseResource", getattr(self.context.resources, self.names.warehouse))
