"""Personal data becomes hashes that are the same everywhere, and tell nothing without the key."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.sync.hashing import FieldDefinition, Hasher, read_definitions
from streak_dagster.sync.projection import project
from streak_dagster.sync.refresh import declaration_fingerprint
from streak_dagster.sync.withheld import Withheld
from streak_dagster.tables import (
    ALL_TABLES,
    BOX_COMMENTS,
    PIPELINE_BOXES,
    PIPELINES,
    SNIPPETS,
    TEAMS,
    ColumnType,
    Kind,
)

HASHER = Hasher(b"a key of sixteen letters and more")
HASHED = Withheld(hasher=HASHER)
HASH = re.compile(r"h_[0-9a-f]{24}")
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in members for text in strings(each)]


@given(JSONS)
def test_of_a_personal_value_only_hashes_and_what_is_no_text_is_left(value: Any) -> None:
    """What stands under a name such as ``key`` may be a key, and a word of Streak's own stays."""
    if {"key", "keys", "type", "role", "status", "source"} & set(re.findall(r"\w+", json.dumps(value))):
        return
    hashed = HASHER.nested(value)
    assert all(HASH.fullmatch(text) or not text.strip() for text in strings(hashed))
    assert hashed == HASHER.nested(value)


@pytest.mark.parametrize("spelt", ["ada@Example.com", " ADA@example.COM ", "ada@example.com\n"])
def test_an_address_has_one_hash_however_it_is_spelt(spelt: str) -> None:
    assert HASHER.text(spelt) == HASHER.text("ada@example.com")
    assert HASHER.nested([{"email": spelt}]) == [{"email": HASHER.text("ada@example.com")}]


def test_another_key_makes_other_hashes_and_none_is_shown() -> None:
    other = Hasher(b"another key of sixteen letters")
    assert other.text("Ada") != HASHER.text("Ada")
    assert other.id != HASHER.id
    assert b"sixteen".decode() not in repr(HASHED)


def test_keys_numbers_and_words_of_streaks_own_stay() -> None:
    entry = {"userKey": "agxz-1", "email": "a@b.cd", "role": "Owner", "isOwner": True, "inviteDate": 1}
    assert HASHER.nested(entry) == {**entry, "email": HASHER.text("a@b.cd")}
    assert HASHER.nested({"userKey": "Ada Lovelace", "role": "Queen of all"}) == {
        "userKey": HASHER.text("Ada Lovelace"),
        "role": HASHER.text("Queen of all"),
    }
    assert HASHER.nested({"boxKeys": ["k1", "k2"], "names": ["k1"]}) == {
        "boxKeys": ["k1", "k2"],
        "names": [HASHER.text("k1")],
    }
    assert HASHER.nested({"STAGE_KEY": "5002", "BOX_NAME": "Ada"}) == {
        "STAGE_KEY": "5002",
        "BOX_NAME": HASHER.text("Ada"),
    }


def test_an_address_is_hashed_wherever_it_stands() -> None:
    row = project(
        PIPELINES,
        {"key": "p", "name": "Inbox of Ada@Example.com", "a@b.cd": {"x@y.z": 1}},
        synced_at=1,
        withheld=HASHED,
    )
    assert row["name"] == f"Inbox of {HASHER.text('ada@example.com')}"
    assert row["_extra"] == {HASHER.text("a@b.cd"): {HASHER.text("x@y.z"): 1}}


def test_what_no_column_is_declared_for_counts_as_personal() -> None:
    row = project(SNIPPETS, {"key": "s", "nickname": "Ada", "level": 3}, synced_at=1, withheld=HASHED)
    assert row["_extra"] == {"nickname": HASHER.text("Ada"), "level": 3}


DEFINED = read_definitions(
    [
        {"key": "1001", "type": "TEXT_INPUT"},
        {"key": "1002", "type": "DROPDOWN", "dropdownSettings": {"items": [{"key": "odd", "name": "Odd"}]}},
        {"key": "1003", "type": "TAG"},
        {"key": "1004", "type": "PERSON"},
        {"key": "1005", "type": "DATE"},
        {"key": "1006", "type": "FORMULA"},
    ]
)


@pytest.mark.parametrize(
    ("key", "sent", "kept"),
    [
        ("1001", "9001", HASHER.text("9001")),
        ("1001", "7,200?", HASHER.text("7,200?")),
        ("1002", "9001", "9001"),
        ("1002", "odd", "odd"),
        ("1002", "Typed", HASHER.text("Typed")),
        ("1003", ["9001", "9002"], ["9001", "9002"]),
        ("1004", "agxzfnNhbmRib3hyu0001", "agxzfnNhbmRib3hyu0001"),
        ("1004", ["ada@b.cd"], [HASHER.text("ada@b.cd")]),
        ("1004", {"userKey": "k", "email": "a@b.cd"}, {"userKey": "k", "email": HASHER.text("a@b.cd")}),
        ("1005", 1347451200000, 1347451200000),
        ("1006", ["hot", 2, True], [HASHER.text("hot"), 2, True]),
        ("1099", "9001", HASHER.text("9001")),
    ],
)
def test_of_a_custom_field_keys_stay_and_whatever_may_be_typed_goes(key: str, sent: Any, kept: Any) -> None:
    withheld = replace(HASHED, fields={"p": DEFINED})
    box = {"key": "b", "pipelineKey": "p", "fields": {key: sent}}
    assert project(PIPELINE_BOXES, box, synced_at=1, withheld=withheld)["fields"] == {key: kept}
    elsewhere = {**box, "pipelineKey": "q"}
    known_only_in_p = project(PIPELINE_BOXES, elsewhere, synced_at=1, withheld=withheld)["fields"][key]
    assert known_only_in_p == HASHER.nested(sent)


def test_fields_are_defined_in_every_form() -> None:
    tag = {"type": "TAG", "tagSettings": {"tags": [{"key": "9001", "tag": "Hot"}]}}
    expected = {"1001": FieldDefinition("TAG", frozenset({"9001"}))}
    for form in ([{"key": "1001", **tag}], {"1001": tag}, {"fields": {"1001": tag}}):
        assert read_definitions(form) == expected
    assert read_definitions(None) == read_definitions("x") == read_definitions([1, {"key": 2}]) == {}


@pytest.mark.parametrize("declared", ALL_TABLES, ids=lambda each: each.name)
def test_every_personal_text_of_every_table_is_hashed(declared: Any) -> None:
    """By the declaration alone, so that it holds of a table that is added tomorrow."""
    texts = [each for each in declared.columns if each.personal and each.type is ColumnType.TEXT]
    if declared.kind is Kind.DERIVED:
        held = declared.parent.by_name[declared.members.column]
        record = {each.api_name: "Words of a person" for each in texts}
        sent = {"key": "k", held.api_name: [record]}
        row = project(declared.parent, sent, synced_at=1, withheld=HASHED)
        if held.defined_by is None:
            assert all(HASH.fullmatch(text) for text in strings(row[held.name]))
        return
    record = {"key": "k", **{each.api_name: "Words of a person" for each in texts}}
    row = project(declared, record, synced_at=1, parent="p", withheld=HASHED)
    assert {row[each.name] for each in texts} <= {HASHER.text("Words of a person")}


def test_a_column_that_is_left_out_is_nowhere_in_the_row() -> None:
    withheld = Withheld({"box_comments": frozenset({"message", "mentions"}), "teams": frozenset({"_extra"})})
    sent = {"key": "c", "boxKey": "b", "message": {"odd": "shape"}, "mentions": [1], "new": 2}
    row = project(BOX_COMMENTS, sent, synced_at=1, withheld=withheld)
    assert row == {"key": "c", "comment_key": "c", "box_key": "b", "_synced_at": 1, "_extra": {"new": 2}}
    assert "_extra" not in project(TEAMS, {"key": "t", "new": 2}, synced_at=1, withheld=withheld)


def test_the_fingerprint_tells_each_mode_apart_and_nothing_else() -> None:
    plain = declaration_fingerprint(BOX_COMMENTS)
    left_out = Withheld({"box_comments": frozenset({"message"})})
    both = replace(left_out, hasher=HASHER)
    other = Withheld(hasher=Hasher(b"another key of sixteen letters"))
    found = [declaration_fingerprint(BOX_COMMENTS, each) for each in (left_out, HASHED, both, other)]
    assert len({plain, *found}) == 5
    assert declaration_fingerprint(SNIPPETS, left_out) == declaration_fingerprint(SNIPPETS)
    assert declaration_fingerprint(BOX_COMMENTS, replace(HASHED, fields={"p": DEFINED})) == found[1]
