"""The check that says where people typed numbers that can't be read, and doesn't say what they typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from dagster import AssetCheckResult

from streak_dagster.checks.numbers import numbers_are_read
from streak_dagster.checks.verdicts import NothingYet
from streak_dagster.tables import BOX_FIELD_VALUES
from streak_dagster.warehouse.ddl import create_table
from streak_dagster.warehouse.session import Session


@pytest.fixture
def session() -> Iterator[Session]:
    with duckdb.connect() as connection:
        made = Session(connection)
        made.create_schema()
        yield made


def looked(session: Session, texts: dict[str, float | None], kind: str = "TEXT_INPUT") -> AssetCheckResult:
    """What the check says of one field with these texts, each with the number that it was read as."""
    session.execute(create_table(session.catalog, BOX_FIELD_VALUES))
    for place, (text, number) in enumerate(texts.items()):
        session.execute(
            f"INSERT INTO {session.qualified('box_field_values')} BY NAME SELECT ? AS box_key, "
            "'1002' AS field_key, 'p' AS pipeline_key, 'Yearly value' AS field_name, ? AS field_type, "
            "? AS value_text, ? AS value_number, now() AS _synced_at",
            [f"b{place}", kind, text, number],
        )
    found = numbers_are_read(session)
    assert isinstance(found, AssetCheckResult)
    return found


def told(found: AssetCheckResult) -> dict[str, Any]:
    return {name: entry.value for name, entry in found.metadata.items()}


NUMBERS: dict[str, float | None] = {"1": 1.0, "2": 2.0, "3": 3.0, "4": 4.0}


def test_it_warns_with_the_field_and_the_count_but_without_the_text(session: Session) -> None:
    found = looked(session, {**NUMBERS, "ask Ingrid": None, " ": None})
    assert not found.passed
    metadata = told(found)
    assert metadata["not read as a number"] == 1
    assert metadata["fields"] == [
        {"pipeline": "p", "field": "1002", "name": "Yearly value", "values": 5, "not read": 1}
    ]
    assert "Ingrid" not in str(metadata)
    ((box, name, text),) = session.execute(
        metadata["to see them"].replace("FROM ", f"FROM {session.catalog}.streak.") + " AND value_text <> ' '"
    ).fetchall()
    assert (box, name, text) == ("b4", "Yearly value", "ask Ingrid")


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        ({**NUMBERS, "5": 5.0}, "TEXT_INPUT"),
        ({"1": 1.0, "words": None, "more": None, "of": None, "them": None}, "TEXT_INPUT"),
        ({"1": 1.0, "2": 2.0, "3": 3.0, "words": None}, "TEXT_INPUT"),
        ({**NUMBERS, "words": None}, "FORMULA"),
        ({}, "TEXT_INPUT"),
    ],
    ids=["all read", "words", "few values", "no text field", "no values"],
)
def test_it_is_silent_elsewhere(session: Session, texts: dict[str, float | None], kind: str) -> None:
    assert looked(session, texts, kind).passed


def test_it_has_nothing_to_judge_in_a_table_of_another_shape(session: Session) -> None:
    session.execute(f"CREATE TABLE {session.qualified('box_field_values')} AS SELECT 1 AS box_key")
    assert isinstance(numbers_are_read(session), NothingYet)
