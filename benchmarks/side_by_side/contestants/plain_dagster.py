"""Plain Dagster: an asset a list, one call at a time, the stock io manager of dagster-duckdb-pandas.

This is the process that is measured. It paces itself with pyrate-limiter, and waits as Retry-After says where
the server refuses a call all the same.
"""

# No `from __future__ import annotations`: Dagster reads the annotations of assets.
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd
import requests
from dagster import AssetIn, AssetKey, AssetsDefinition, DagsterInstance, asset, materialize
from dagster_duckdb_pandas import DuckDBPandasIOManager
from pyrate_limiter import Duration, Limiter, Rate
from urllib3 import Retry

from ..lists import CURSOR_PAGE, LISTS, PAGE, List
from ..server import KEY
from .plain import SCHEMA


class Client:
    """One session, one call at a time."""

    def __init__(self, url: str, rate: int) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.auth = (KEY, "")
        retry = Retry(total=20, status_forcelist=[429, 502, 503], respect_retry_after_header=True)
        self._session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
        self._limiter = Limiter(Rate(rate, Duration.SECOND)) if rate else None

    def get(self, path: str, **params: Any) -> Any:
        if self._limiter is not None:
            self._limiter.try_acquire("streak")
        answer = self._session.get(f"{self._url}/{path}", params=params, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def rows(self, each: List, parent: str | None) -> Iterator[dict[str, Any]]:
        """All pages of a list."""
        path = each.path.format(parent=parent)
        params: dict[str, Any] = {"limit": CURSOR_PAGE if each.paging == "cursor" else PAGE}
        if each.paging == "none":
            params = {}
        elif each.paging != "cursor":
            params["page"] = 0
        while True:
            answer = self.get(path, **params)
            rows = answer["results"] if each.wrapped else answer
            yield from rows
            if each.paging == "cursor":
                if not answer.get("cursor"):
                    return
                params["cursor"] = answer["cursor"]
            elif (each.paging == "numbered" and answer.get("hasNextPage")) or (
                each.paging == "silent" and rows
            ):
                params["page"] += 1
            else:
                return


def snake(name: str) -> str:
    """``pipelineKey`` as ``pipeline_key``."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name)


def flat(row: dict[str, Any], each: List, parent: str | None) -> dict[str, Any]:
    """A row with nested values as JSON text, which any column takes."""
    values = {
        snake(name): json.dumps(value) if isinstance(value, (dict, list)) else value
        for name, value in row.items()
    }
    return {**values, each.parent_column: parent} if each.parent_column else values


def asset_of(each: List, client: Client) -> AssetsDefinition:
    """The asset of a list; its parent's table is its input."""

    def frame(parents: list[str | None]) -> pd.DataFrame:
        return pd.DataFrame([flat(row, each, key) for key in parents for row in client.rows(each, key)])

    if each.parent is None:

        def whole() -> pd.DataFrame:
            return frame([None])

        return asset(name=each.table, key_prefix=SCHEMA)(whole)

    def below(parents: pd.DataFrame) -> pd.DataFrame:
        return frame(list(parents["key"]))

    parent = AssetIn(key=AssetKey([SCHEMA, each.parent]))
    return asset(name=each.table, key_prefix=SCHEMA, ins={"parents": parent})(below)


def main() -> int:
    """Materialize everything."""
    client = Client(os.environ["BENCH_URL"], int(os.environ["BENCH_RATE"]))
    with DagsterInstance.get() as instance:
        done = materialize(
            [asset_of(each, client) for each in LISTS],
            resources={"io_manager": DuckDBPandasIOManager(database=os.environ["BENCH_DATABASE"])},
            instance=instance,
        )
    return 0 if done.success else 1


if __name__ == "__main__":
    sys.exit(main())
