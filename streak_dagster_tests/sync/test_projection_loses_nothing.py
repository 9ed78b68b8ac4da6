"""Whatever Streak sends can be found again in the row, except secrets and the nulls of known properties."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.sync.projection import Row, project
from streak_dagster.tables import ALL_TABLES, SECRETS, Table
from streak_dagster.tables import table as declared
from streak_dagster_tests.support.records import Record, columns_fed_by, records, same, tells, whole

TABLES_AND_RECORDS = st.sampled_from([table.name for table in ALL_TABLES]).flatmap(
    lambda name: st.tuples(st.just(name), records(declared(name)))
)


def is_kept(table: Table, row: Row, name: str, sent: object) -> bool:
    extra = row.get("_extra", {})
    if name in extra:
        return same(extra[name], sent)
    fed = columns_fed_by(table, name)
    return any(sent is None or tells(column, row.get(column.name), sent) for column in fed)


@given(TABLES_AND_RECORDS)
@settings(max_examples=400)
def test_every_sent_property_is_in_a_column_or_in_extra(drawn: tuple[str, Record]) -> None:
    name, record = drawn
    table = declared(name)
    row = project(table, record, synced_at=1)
    lost = [
        name
        for name, value in record.items()
        if name not in SECRETS and not is_kept(table, row, whole(name), whole(value))
    ]
    assert not lost, row


@given(TABLES_AND_RECORDS)
def test_no_secret_survives_at_any_depth(drawn: tuple[str, Record]) -> None:
    name, record = drawn
    table = declared(name)
    text = json.dumps(project(table, {**record, "unknown": [record]}, synced_at=1))
    assert not [name for name in SECRETS if f'"{name}":' in text]


@given(TABLES_AND_RECORDS)
def test_a_row_is_plain_json_of_declared_columns_only(drawn: tuple[str, Record]) -> None:
    name, record = drawn
    table = declared(name)
    row = project(table, record, synced_at=1, parent="asked", position=0)
    assert set(row) <= {*table.by_name, "_synced_at", "_extra"}
    json.dumps(row, allow_nan=False).encode()
    json.dumps(row, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("secret", sorted(SECRETS))
def test_a_secret_is_dropped_wherever_it_stands(secret: str) -> None:
    table = ALL_TABLES[0]
    record = {"key": "k", secret: "s3cret", "members": [{"userKey": "u", secret: "s3cret"}],
              "unheardOf": {"deep": [{secret: "s3cret", "kept": 1}]}}  # fmt: skip
    row = project(table, record, synced_at=1)
    assert "s3cret" not in json.dumps(row)
    assert row["members"] == [{"userKey": "u"}]
    assert row["_extra"] == {"unheardOf": {"deep": [{"kept": 1}]}}
