"""The account as a component: its definitions from a ``defs.yaml``, as ``dg`` makes and checks it."""

# No postponed annotations: Dagster makes the schema of the component of them.

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from dagster import (
    AssetExecutionContext,
    AssetSpec,
    Component,
    ComponentLoadContext,
    ComponentTypeSpec,
    Definitions,
    Resolvable,
    Resolver,
    Scaffolder,
    ScaffoldRequest,
    scaffold_component,
    scaffold_with,
)

from streak_dagster.account import StreakAccount
from streak_dagster.building import build_streak_definitions
from streak_dagster.sync.fetched import Fetched

_NEEDED = "requirements:\n  env:\n  - STREAK_API_KEY\n  - STREAK_API_URL\n"
"""The variables that the file names, of which ``dg check yaml`` wants a list."""


def _name_of(folder: Path) -> str:
    """A name out of the folders below ``defs``, so that two that are called alike have different ones."""
    _, defs, below = folder.as_posix().rpartition("/defs/")
    name = re.sub(r"[^A-Za-z0-9]+", "_", below if defs else folder.name).strip("_")
    return name if name[:1].isalpha() and name != "io_manager" else f"account_{name}".rstrip("_")


class StreakComponentScaffolder(Scaffolder[Any]):
    """Writes the ``defs.yaml`` of an account, called by the folder's name."""

    def scaffold(self, request: ScaffoldRequest[Any]) -> None:
        name = _name_of(request.target_path)
        attributes = {
            "account": {
                "name": name,
                "api_key": "{{ env.STREAK_API_KEY }}",
                "api_url": "{{ env('STREAK_API_URL', 'https://api.streak.com/api') }}",
                "database": f"data/{name}.duckdb",
            },
            "key_prefix": [name, "streak"],
        }
        scaffold_component(request, attributes)
        if request.scaffold_format == "yaml":
            written = request.target_path if request.append else request.target_path / "defs.yaml"
            with written.open("a", encoding="utf-8") as file:
                file.write(_NEEDED)


@scaffold_with(StreakComponentScaffolder)
@dataclass
class StreakComponent(Component, Resolvable):
    """A Streak account, copied whole and true into DuckDB: assets, asset checks, jobs, schedule and sensor.

    The attributes are the arguments of ``build_streak_definitions``. A subclass may override
    ``get_asset_spec`` and ``execute``.
    """

    account: Annotated[
        StreakAccount,
        Resolver.default(description="The account: its key, its database, and how it is copied."),
    ]
    key_prefix: Annotated[
        Sequence[str],
        Resolver.default(description="What the assets' keys begin with; two accounts need two."),
    ] = ("streak",)
    group_name: Annotated[
        str | None, Resolver.default(description="One group for all assets, in place of one a kind of table.")
    ] = None
    owners: Annotated[
        Sequence[str], Resolver.default(description="Who owns the assets: addresses, or team:name.")
    ] = ()
    tags: Annotated[
        Mapping[str, str], Resolver.default(description="Tags that all assets get beside their own.")
    ] = field(default_factory=dict)
    tables: Annotated[
        Sequence[str] | None,
        Resolver.default(description="The tables to copy, such as pipeline_boxes; by default all."),
    ] = None
    views: Annotated[
        bool, Resolver.default(description="Whether there are assets of the views and the ready answers.")
    ] = True
    checks: Annotated[bool, Resolver.default(description="Whether there are asset checks.")] = True
    schedule: Annotated[
        bool,
        Resolver.default(description="Whether there are a schedule that refreshes and one that keeps house."),
    ] = True
    sensor: Annotated[
        bool, Resolver.default(description="Whether there is a sensor that refreshes what changed.")
    ] = True

    @classmethod
    def get_spec(cls) -> ComponentTypeSpec:
        """What Dagster lists of the component."""
        return ComponentTypeSpec(
            description="A Streak account, copied whole and true into DuckDB.",
            tags=["streak", "crm", "duckdb"],
        )

    def get_asset_spec(self, spec: AssetSpec) -> AssetSpec:
        """The spec that an asset is to have; ``spec`` is ours. Override it for other keys or groups."""
        return spec

    def execute(self, context: AssetExecutionContext, fetch: Callable[[], Fetched]) -> Fetched:  # noqa: ARG002
        """One step: ``fetch`` asks Streak for the table. Override it to do something before or after.

        It must return what ``fetch`` does, which the io manager publishes.
        """
        return fetch()

    def build_defs(self, context: ComponentLoadContext) -> Definitions:  # noqa: ARG002 - Dagster's signature
        """The definitions. Raises SettingsError as ``build_streak_definitions`` does."""
        return build_streak_definitions(
            self.account,
            key_prefix=self.key_prefix,
            group_name=self.group_name,
            owners=self.owners,
            tags=self.tags,
            specs=self.get_asset_spec,
            execute=self.execute,
            tables=self.tables,
            views=self.views,
            checks=self.checks,
            schedule=self.schedule,
            sensor=self.sensor,
        )
