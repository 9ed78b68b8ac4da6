"""Records as Streak might send them, and what must be left of each once it is a row."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

from hypothesis import strategies as st

from streak_dagster.tables import SECRETS, Column, ColumnType, Table

Record = dict[str, Any]

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
"""Any text that JSON can carry: NUL and lone surrogates included."""
TELLING_TEXT = st.sampled_from(
    ["12", " -7 ", "5.5", "1e3", "true", "FALSE", "nan", "²", "9" * 30, "1700000000000",
     "2024-02-29T12:00:00Z", "2024-02-29T12:00:00.5+02:00", "0001-01-01T00:00:00+14:00",
     "9999-12-31T23:59:59.999999Z", "-1", "1700000000"]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(0, 2_000_000_000_000)
    | st.sampled_from([-1, 0, 1_700_000_000, 253_402_300_799_999])
    | st.floats(allow_nan=False)  # 1e400 is JSON, and Python reads it as infinity
    | st.sampled_from([5.0, -0.0, 1e22, 2.0**63, -(2**63), 2**63 - 1, 2**53 + 1])
    | ANY_TEXT
    | TELLING_TEXT
)
NAMES = ANY_TEXT | st.sampled_from(sorted(SECRETS)) | st.just("value")
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def records(table: Table) -> st.SearchStrategy[Record]:
    """Records of declared properties, twins, secrets and unknown properties, with any values."""
    known = sorted({name for column in table.columns for name in (column.api_name, *column.aliases)})
    names = st.sampled_from(known) | NAMES
    return st.dictionaries(names, VALUES, max_size=10).filter(_stays_distinct)


def _stays_distinct(record: Record) -> bool:
    return len(record) == len({whole(name) for name in record})


def whole(value: Any) -> Any:
    """What may be expected of a sent value: no secrets, text that UTF-8 can hold, numbers that JSON can."""
    if isinstance(value, str):
        joined = re.sub(
            "[\ud800-\udbff][\udc00-\udfff]",
            lambda pair: chr(0x10000 + (ord(pair[0][0]) - 0xD800) * 0x400 + ord(pair[0][1]) - 0xDC00),
            value,
        )
        return re.sub("[\ud800-\udfff]", "\ufffd", joined)
    if isinstance(value, dict):
        return {whole(name): whole(member) for name, member in value.items() if name not in SECRETS}
    if isinstance(value, list):
        return [whole(member) for member in value]
    return json.dumps(value) if value in (float("inf"), float("-inf")) else value


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 is neither true nor 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def columns_fed_by(table: Table, name: str) -> list[Column]:
    return [each for each in table.columns if not each.derived and name in (each.api_name, *each.aliases)]


def tells(column: Column, stored: Any, sent: Any) -> bool:
    """Whether the sent value can be read from the stored one."""
    if column.unwrap is not None and isinstance(sent, dict) and set(sent) == {column.unwrap}:
        sent = sent[column.unwrap]
    if stored is None or sent is None:
        return stored is sent
    if column.type is ColumnType.JSON:
        return same(stored, sent)
    if column.type is ColumnType.TEXT:
        return same(stored if isinstance(sent, str) else json.loads(stored), sent)
    return not isinstance(sent, dict | list) and _tells_scalar(column.type, stored, sent)


def _tells_scalar(kind: ColumnType, stored: Any, sent: Any) -> bool:
    if kind is ColumnType.FLAG:
        words = ("true", "1", "1.0") if stored else ("false", "0", "0.0", "-0.0")
        return isinstance(stored, bool) and str(sent).strip().lower() in words
    if isinstance(sent, bool):
        return stored is sent
    if kind is ColumnType.TIMESTAMP and isinstance(sent, str) and ":" in sent:
        moment = datetime.fromisoformat(sent.replace("Z", "+00:00"))
        epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
        return bool(abs((moment - epoch).total_seconds() * 1000 - stored) < 1)
    if isinstance(sent, str):
        sent = float(sent) if kind is ColumnType.NUMBER else int(sent)
    return bool(stored == sent)
