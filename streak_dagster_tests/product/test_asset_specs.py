"""What Dagster knows of every asset, held against a snapshot: a change of it is meant, or a mistake."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from dagster import TableColumnLineage

from streak_dagster.assets import ALL_ASSETS
from streak_dagster.assets.views import view_assets_of
from streak_dagster.checks.table_checks import checks_of
from streak_dagster.definitions import build_definitions
from streak_dagster.settings import load_settings
from streak_dagster.tables import ALL_TABLES

SNAPSHOT = Path(__file__).with_name("asset_specs.json")


def checks() -> dict[str, dict[str, Any]]:
    """The checks of each asset: where they run, and what they wait for."""
    found: dict[str, dict[str, Any]] = {}
    for holder in (*(each.of() for each in ALL_ASSETS), *view_assets_of(ALL_TABLES), *checks_of(ALL_TABLES)):
        for spec in holder.check_specs:
            found.setdefault(spec.asset_key.to_user_string(), {})[spec.name] = {
                "op": holder.op.name,
                "blocking": spec.blocking,
                "after": sorted(dep.asset_key.to_user_string() for dep in spec.additional_deps),
            }
    return found


def specs() -> dict[str, Any]:
    found, by_asset = {}, checks()
    for spec in build_definitions(load_settings({})).resolve_all_asset_specs():
        schema = spec.metadata["dagster/column_schema"]
        lineage = spec.metadata.get("dagster/column_lineage", TableColumnLineage({}))
        found[spec.key.to_user_string()] = {
            "description": (spec.description or "").splitlines()[0],
            "group": spec.group_name,
            "kinds": sorted(spec.kinds),
            "owners": list(spec.owners),
            "code version": spec.code_version,
            "deps": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
            "columns": {column.name: column.type for column in schema.columns},
            "lineage": {
                name: [f"{dep.asset_key.to_user_string()}.{dep.column_name}" for dep in deps]
                for name, deps in sorted(lineage.deps_by_column.items())
            },
            "checks": by_asset.get(spec.key.to_user_string(), {}),
        }
    return dict(sorted(found.items()))


def test_the_asset_specs_are_the_recorded_ones() -> None:
    """After a change that is meant, run this test once with UPDATE_SNAPSHOTS=1."""
    found = specs()
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_every_table_is_an_asset_and_every_column_is_described() -> None:
    specs = build_definitions(load_settings({})).resolve_all_asset_specs()
    tables = {spec.key.path[-1] for spec in specs if spec.key.path[0] == "streak"}
    assert tables == {table.name for table in ALL_TABLES}
    for spec in specs:
        assert all(column.description for column in spec.metadata["dagster/column_schema"].columns)
