"""A project with two accounts, whose sandboxes the environment names, which processes load by its name."""

from __future__ import annotations

import os

import duckdb
import pandas as pd
from dagster import (
    AssetIn,
    AssetKey,
    Definitions,
    EnvVar,
    JobDefinition,
    asset,
    define_asset_job,
    multiprocess_executor,
)

from streak_dagster import StreakAccount, build_streak_definitions

TABLES = ["teams", "pipelines", "pipeline_boxes", "box_comments", "snippets"]


def account(name: str) -> StreakAccount:
    upper = name.upper()
    return StreakAccount(
        name=name,
        api_key=EnvVar(f"{upper}_KEY"),
        api_url=os.environ[f"{upper}_URL"],
        database=os.environ[f"{upper}_DATABASE"],
        calls_per_second=float(os.environ["RATE"]),
        schedule=False,
        serve=False,
    )


def made(name: str, tables: list[str] | None = None) -> Definitions:
    checks = tables is None
    return build_streak_definitions(
        account(name), key_prefix=[name, "streak"], tables=tables, views=checks, checks=checks
    )


def both() -> Definitions:
    return Definitions.merge(made("acme"), made("globex"))


@asset(
    ins={
        "ours": AssetIn(AssetKey(["acme", "streak", "pipeline_boxes"]), metadata={"columns": ["key"]}),
        "others": AssetIn(AssetKey(["globex", "streak", "pipeline_boxes"])),
    }
)
def boxes_of_both(ours: pd.DataFrame, others: duckdb.DuckDBPyRelation) -> list[str]:
    """The keys of all boxes, which the io manager of the project writes."""
    return sorted([*ours["key"], *(key for (key,) in others.select("key").fetchall())])


def in_processes() -> JobDefinition:
    """A few tables of both and an asset that reads them, each step in a process of its own."""
    everything = define_asset_job("everything", executor_def=multiprocess_executor)
    merged = Definitions.merge(
        made("acme", TABLES),
        made("globex", TABLES),
        Definitions(assets=[boxes_of_both], jobs=[everything]),
    )
    return merged.resolve_job_def("everything")
