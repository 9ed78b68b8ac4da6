"""dlt's own ``rest_api`` source into DuckDB: the process that is measured."""

from __future__ import annotations

import os
import sys
from typing import Any

import dlt
from dlt.sources.helpers import requests
from dlt.sources.rest_api import rest_api_source
from pyrate_limiter import Duration, Limiter, Rate
from requests.adapters import HTTPAdapter

from ..lists import CURSOR_PAGE, LISTS, PAGE, List
from ..server import KEY
from .dlt import SCHEMA

ATTEMPTS = 20
"""Of one call; dlt's own 5 might not be enough where calls are refused by the dozen."""


def resource(each: List) -> dict[str, Any]:
    """A list as the source's configuration has it."""
    path = each.path.replace("{parent}", f"{{resources.{each.parent}.key}}")
    paginators: dict[str, Any] = {
        "none": "single_page",
        "numbered": {
            "type": "page_number",
            "base_page": 0,
            "total_path": None,
            "has_more_path": "hasNextPage",
        },
        "silent": {"type": "page_number", "base_page": 0, "total_path": None, "stop_after_empty_page": True},
        "cursor": {"type": "cursor", "cursor_path": "cursor", "cursor_param": "cursor"},
    }
    limits = {"none": {}, "cursor": {"limit": CURSOR_PAGE}}
    made: dict[str, Any] = {
        "name": each.table,
        "max_table_nesting": 0,
        "parallelized": True,
        "endpoint": {
            "path": path,
            "params": limits.get(each.paging, {"limit": PAGE}),
            "paginator": paginators[each.paging],
            "data_selector": "results" if each.wrapped else "$",
        },
    }
    if each.parent_column:
        made["include_from_parent"] = ["key"]
        made["processing_steps"] = [{"map": _with_parent(f"_{each.parent}_key", each.parent_column)}]
    return made


def _with_parent(sent: str, column: str) -> Any:
    def renamed(row: dict[str, Any]) -> dict[str, Any]:
        row[column] = row.pop(sent)
        return row

    return renamed


def session(rate: int) -> Any:
    """The session that dlt would take, with its retries; each attempt waits for pyrate-limiter.

    dlt has no limit of calls a second itself: without this it makes as many as it can and repeats those that
    the server refuses.
    """
    made = requests.Client(raise_for_status=False, request_max_attempts=ATTEMPTS).session
    limiter = Limiter(Rate(rate, Duration.SECOND)) if rate and os.environ["BENCH_PACED"] == "1" else None

    class Paced(HTTPAdapter):
        def send(self, *arguments: Any, **named: Any) -> Any:
            if limiter is not None:
                limiter.try_acquire("streak")
            return super().send(*arguments, **named)

    made.mount("http://", Paced(pool_maxsize=int(os.environ["BENCH_WORKERS"])))
    return made


def main() -> int:
    """Extract, normalize and load."""
    source = rest_api_source(
        {
            "client": {
                "base_url": os.environ["BENCH_URL"] + "/",
                "session": session(int(os.environ["BENCH_RATE"])),
                "auth": {"type": "http_basic", "username": KEY, "password": ""},
            },
            "resource_defaults": {"write_disposition": "replace"},
            "resources": [resource(each) for each in LISTS],
        },
        name="streak",
    )
    pipeline = dlt.pipeline(
        "side_by_side", destination=dlt.destinations.duckdb(os.environ["BENCH_DATABASE"]), dataset_name=SCHEMA
    )
    pipeline.run(source).raise_on_failed_jobs()
    return 0


if __name__ == "__main__":
    sys.exit(main())
