"""The short ways of the projection, for what is clean and fits, lead where the long ones do."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.sync import projection, spool
from streak_dagster.sync.coercions import NOT_COERCIBLE, AsSent, coerce
from streak_dagster.tables import ALL_TABLES, SECRETS, Column
from streak_dagster.tables.limits import FIRST_SECOND, LAST_SECOND, LATEST_MS, MAX_INTEGER

EDGES = [0, 1, -1, FIRST_SECOND, LAST_SECOND, LATEST_MS, MAX_INTEGER, 2**64, 10**30]
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([each + step for each in EDGES for step in (-1, 0, 1)]).map(lambda n: n),
    st.sampled_from([-each for each in EDGES]),
    st.floats(),
    st.text(st.characters(), max_size=6),
    st.sampled_from(["true", "0", "1700000000", "2024-02-30", "2024-02-03T04:05:06Z", "null", "\ud83d"]),
)
NAMES = st.sampled_from([*sorted(SECRETS), "name", "value", "\ude00", "\ufffd"]) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
COLUMNS = [column for table in ALL_TABLES for column in table.columns]


@given(st.dictionaries(NAMES, VALUES, max_size=5))
@settings(max_examples=500)
def test_a_record_that_counts_as_clean_is_clean(record: dict[str, Any]) -> None:
    if projection._is_clean(record):
        assert repr(projection.clean(record)) == repr(record)


@pytest.mark.parametrize(
    "dirty",
    [
        *({name: "s3cret"} for name in sorted(SECRETS)),
        *({"deep": [{"deep": {name: None}}]} for name in sorted(SECRETS)),
        *({"n": n} for n in (math.inf, -math.inf, math.nan)),
        *({"t": "\ud83d"}, {"\ude00": 1}),
    ],
)
def test_what_has_to_be_cleaned_never_counts_as_clean(dirty: dict[str, Any]) -> None:
    assert not projection._is_clean(dirty)


@pytest.mark.parametrize(
    "harmless", [{"n": None}, {"t": "null"}, {"text": 'the "token": of love'}, {"é": "😀"}]
)
def test_what_is_harmless_is_known_quickly(harmless: dict[str, Any]) -> None:
    assert projection._is_clean(harmless)


@given(st.sampled_from(COLUMNS), VALUES)
@settings(max_examples=1000)
def test_a_value_that_counts_as_fitting_is_stored_as_it_was_sent(column: Column, sent: Any) -> None:
    value = projection.clean(sent)
    types, least, most = AsSent.by(column)
    if type(value) in types and (type(value) is not int or least <= value <= most):
        coerced = coerce(column, value)
        assert coerced is not NOT_COERCIBLE
        assert (type(coerced), repr(coerced)) == (type(value), repr(value))
        # Nothing is kept beside it, as a moment in seconds would be.
        record = {column.api_name: sent}
        table = next(table for table in ALL_TABLES if column in table.columns)
        if not column.derived:
            assert column.api_name not in projection.project(table, record, synced_at=1).get("_extra", {})


@given(st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), min_size=1, max_size=20))
@settings(max_examples=60)
def test_a_line_is_the_row_and_always_the_same(found: list[dict[str, Any]]) -> None:
    rows = [projection.clean({"j": each, "t": json.dumps(each)}) for each in found]
    assert [json.loads(spool._line(row)) for row in rows] == rows
    assert [spool._line(row) for row in rows] == [spool._line(dict(reversed(row.items()))) for row in rows]


def test_duckdb_stores_the_same_whichever_wrote_a_line(tmp_path: Path) -> None:
    texts = ["", "é😀", '"\\/<>&', "\x00\x01\x1f\x7f\x80\u2028\u2029\uffff", "null"]
    numbers = [
        0.1,
        -0.0,
        1e16,
        1e22,
        1e23,
        1e-5,
        1e-7,
        5e-324,
        1.7976931348623157e308,
        2**53 + 1,
        2**64 - 1,
        10**30,
    ]
    rows: list[dict[str, Any]] = [{"t": text, "j": {text: [text, {"é": text}]}} for text in texts]
    rows += [{"n": float(number), "j": [number, {"n": number}]} for number in numbers]
    ours, pythons = tmp_path / "ours", tmp_path / "pythons"
    ours.write_bytes(b"".join(map(spool._line, rows)))
    pythons.write_text("".join(json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n" for row in rows))
    assert ours.read_bytes() != pythons.read_bytes()  # else nothing would be shown here
    columns = "{t: 'VARCHAR', n: 'DOUBLE', j: 'JSON'}"
    read = (
        "SELECT t, n, j::VARCHAR FROM read_json(?, format = 'newline_delimited', columns = " + columns + ")"
    )
    with duckdb.connect() as connection:
        stored = [connection.execute(read, [str(each)]).fetchall() for each in (ours, pythons)]
    assert repr(stored[0]) == repr(stored[1])
    assert len(stored[0]) == len(rows)


def test_infinity_is_refused_not_written_as_null() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        spool._line({"n": math.inf})
