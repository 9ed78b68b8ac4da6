"""What people type becomes a name for SQL: safe, distinct, and given once."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.views.names import MAX_LENGTH, RESERVED, Named, give_names, safe_name

SAFE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
TAKEN = frozenset({"key", "name", "stage"})
# Labels that meet: alike but for case, numbers like ours, names of standard columns, nothing to say aloud.
LABELS = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        ["Close date", "close-date", "close_date_2", "Key", "NAME", "Order", "", "?!", "'\"", "🚀"]
    ),
    st.builds(lambda text: text * 300, st.sampled_from(["x", "Ж", "1", "_"])),
    st.none(),
)
PEOPLE = st.dictionaries(st.from_regex(r"[0-9]{1,6}", fullmatch=True), LABELS, max_size=12)


def names_of(labels: dict[str, str | None], standing: dict[str, str] | None = None) -> dict[str, str]:
    wanted = [Named(key, label) for key, label in labels.items()]
    return give_names(wanted, standing=standing or {}, taken=TAKEN, otherwise="field")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Close date", "close_date"),
        ("Signed?", "signed"),
        ("What’s next", "whats_next"),  # noqa: RUF001 - as phones type it
        ("1st call", "_1st_call"),
        ("Größe (€)", "grosse_eur"),
        ("Москва", "moskva"),
        ("🚀", "rocket"),
        (" A/B — test ", "a_b_test"),
        ("?!", ""),
        (None, ""),
        ("x" * 300, "x" * MAX_LENGTH),
    ],
)
def test_a_label_is_written_in_plain_letters(label: str | None, name: str) -> None:
    assert safe_name(label) == name


@given(PEOPLE)
def test_any_labels_get_distinct_safe_names_that_leave_the_standard_columns_alone(
    labels: dict[str, str | None],
) -> None:
    names = names_of(labels)
    assert names.keys() == labels.keys()
    assert len(set(names.values())) == len(labels)
    assert all(SAFE.fullmatch(name) for name in names.values())
    assert not TAKEN & set(names.values())
    assert not RESERVED & set(names.values())


@given(PEOPLE, PEOPLE, st.randoms())
def test_names_stay_whatever_is_renamed_added_or_put_in_another_order(
    before: dict[str, str | None], renamed: dict[str, str | None], chance: object
) -> None:
    first = names_of(before)
    keys = [*before, *renamed]
    shuffled = sorted(set(keys), key=lambda _: chance.random())  # type: ignore[attr-defined]
    now = names_of({key: renamed.get(key, before.get(key)) for key in shuffled}, standing=first)
    assert {key: now[key] for key in before} == first
    assert len(set(now.values())) == len(now)


def test_the_first_of_two_alike_gets_the_name_and_the_next_a_number() -> None:
    labels = {"1": "Close date", "2": "close_date_2", "3": "CLOSE DATE", "4": "Name", "5": "?"}
    assert names_of({**labels}) == {
        "1": "close_date",
        "2": "close_date_2",
        "3": "close_date_3",
        "4": "name_2",
        "5": "field_5",
    }


def test_a_name_that_became_a_standard_column_goes() -> None:
    assert names_of({"1": "Stage"}, standing={"1": "stage"}) == {"1": "stage_2"}


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_word_of_sql_gets_a_name_that_needs_no_quotes(word: str) -> None:
    (name,) = names_of({"1": word}).values()
    found = duckdb.sql(f'SELECT {name} FROM (SELECT 1 AS "{name}") AS t WHERE t.{name} = 1 ORDER BY {name}')
    assert found is not None
    assert found.fetchall() == [(1,)]
