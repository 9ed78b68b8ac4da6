"""Which losses are refused, for any rows: as SQL counts them, and as the rule is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.errors import PublishRefusedError
from streak_dagster.tables import Endpoint, Kind, Paging, Row, Table
from streak_dagster.tables.columns import text
from streak_dagster.warehouse import guards
from streak_dagster.warehouse.ddl import select_spool
from streak_dagster.warehouse.guards import HANDFUL
from streak_dagster.warehouse.publish import Publication, publish
from streak_dagster.warehouse.session import Session
from streak_dagster_tests.support.spools import LARGEST, spool

PARENTS = Table(
    name="parents",
    description="Parents.",
    primary_key=("key",),
    group="test",
    kind=Kind.ACCOUNT_LIST,
    endpoint=Endpoint("v1/parents"),
    row=Row("parent", "parents", "v1/parents/{key}"),
    columns=(text("key", "Key."),),
)
CHILDREN = Table(
    name="children",
    description="Children.",
    primary_key=("key",),
    group="test",
    kind=Kind.PARENT_LIST,
    endpoint=Endpoint("v1/parents/{parent}/children"),
    parent=PARENTS,
    parent_column="parent_key",
    columns=(text("key", "Key."), text("parentKey", "Parent.")),
)
FATES = st.lists(st.sampled_from(["kept", "called gone", "lost"]), max_size=40)
"""What becomes of each row."""
PARENTS_THERE = st.sampled_from([{"p0", "p1", "p2", "p3"}, {"p0", "p1", "p2"}, {"p3"}, set()])


def parent(key: int) -> str | None:
    """Every fourth row is of the same parent; some have none."""
    return None if key % 7 == 6 else f"p{key % 4}"


@given(fates=FATES, there=PARENTS_THERE, max_shrink=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
@settings(max_examples=60)
def test_any_loss_is_refused_as_the_rule_says(
    tmp_path_factory: pytest.TempPathFactory, fates: list[str], there: set[str], max_shrink: float
) -> None:
    path = tmp_path_factory.mktemp("loss") / "rows.jsonl"
    before = set(range(len(fates)))
    kept = {key for key in before if fates[key] == "kept"}
    gone = {key for key in before if fates[key] == "called gone"}
    lost = before - kept
    orphans = {key for key in lost if parent(key) is not None and parent(key) not in there}
    unexplained = lost - orphans - gone
    few = len(unexplained) <= HANDFUL and max_shrink > 0
    refused = max_shrink < 1 and bool(
        (lost and lost == before and orphans != lost)
        or (not few and len(unexplained) > max_shrink * len(before))
    )
    with duckdb.connect() as connection:
        session = Session(connection)

        def published(table: Table, keys: Iterable[object], **more: object) -> Publication:
            content = [
                {"key": f"{key}", "parent_key": parent(key) if isinstance(key, int) else None} for key in keys
            ]
            return publish(session, table, select_spool(table, spool(path, content), LARGEST), **more)  # type: ignore[arg-type]

        published(PARENTS, there)
        published(CHILDREN, before)
        options = {"gone": [f"{key}" for key in gone], "max_shrink": max_shrink}
        if refused:
            with pytest.raises(PublishRefusedError, match=f"{len(unexplained)} of them unexplained"):
                published(CHILDREN, kept, **options)
        else:
            done = published(CHILDREN, kept, **options)
            assert (done.deleted, done.explained) == (len(lost), len(lost) - len(unexplained))


def test_a_row_counts_with_its_share_of_a_long_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One team of three is a handful, but not where it holds most of what is read by the teams."""
    listed = Endpoint("v1/parents/{parent}/children", Paging.CURSOR)
    held = replace(CHILDREN, kind=Kind.TEAM_LIST, endpoint=listed)
    monkeypatch.setattr(guards, "ALL_TABLES", (PARENTS, held))
    path = tmp_path / "rows.jsonl"
    with duckdb.connect() as connection:
        session = Session(connection)

        def published(table: Table, rows: list[dict[str, str]], **more: float) -> Publication:
            return publish(session, table, select_spool(table, spool(path, rows), LARGEST), **more)  # type: ignore[arg-type]

        published(PARENTS, [{"key": "big"}, {"key": "small"}, {"key": "empty"}])
        owners = ["big"] * 9 + ["small"]
        published(held, [{"key": f"{n}", "parent_key": owner} for n, owner in enumerate(owners)])
        with pytest.raises(PublishRefusedError, match=r"9 of 10 rows of children with it \(90%\)"):
            published(PARENTS, [{"key": "small"}, {"key": "empty"}], max_shrink=0.5)
        assert published(PARENTS, [{"key": "big"}, {"key": "empty"}], max_shrink=0.5).deleted == 1
