"""What is kept of a value in which somebody may be named who was erased."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streak_dagster.sync.erased import ADDRESS, KEY, MARK, NAME, OBJECT, Erasures, Scrubber, scrub_rows
from streak_dagster.tables import table

SALT = b"0123456789abcdef"
PERSON_KEY = "agxzfnNhbmRib3hydXNlci9zYW1wbGUvbWFyZW4"
TEXTS = [
    (ADDRESS, "Zoe.Berg+crm@example.com"),
    (KEY, PERSON_KEY),
    (NAME, "Zoë van der Berg"),
    (NAME, "O'Brien-Reyes, Ada"),
    (NAME, "田中 美咲"),
]


def known(*texts: tuple[str, str]) -> Erasures:
    found = [Erasures(SALT).identify("one", kind, text) for kind, text in texts or TEXTS]
    return Erasures(SALT, tuple(each for each in found if each))


PEOPLE = known()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<ZOE.BERG+crm@Example.com>, else", f"<{MARK}>, else"),
        ("mailto:zoe.berg+crm@example.com?subject=Hi", f"mailto:{MARK}?subject=Hi"),
        ("/a?to=zoe.berg+crm@example.com&b=1", f"/a?to={MARK}&b=1"),
        ("write to zoe.berg+crm@example.com.", f"write to {MARK}."),
        ("_zoe.berg+crm@example.com_", f"_{MARK}_"),
        ("another.zoe.berg+crm@example.com", None),
        ("zoe.berg+crm@example.com.au", None),
        ("zoe.berg+crm@example.comb", None),
        ("ZOË VAN DER BERG called", f"{MARK} called"),
        ("Zoe\u0308 van\u00a0der  Berg.", f"{MARK}."),
        ("Zoë van der Bergen", None),
        ("Zoë van, as I said before, der Berg", None),
        ("Zoë", None),
        ("for O\u2019Brien-Reyes, ADA!", f"for {MARK}!"),
        ("会議: 田中 美咲", f"会議: {MARK}"),
        (f"https://x.com/u/{PERSON_KEY}?a", f"https://x.com/u/{MARK}?a"),
        (f"{PERSON_KEY}X", None),
    ],
)
def test_a_text(text: str, kept: str | None) -> None:
    assert Scrubber(PEOPLE).text(text) == (text if kept is None else kept)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"userKey": PERSON_KEY, "role": "Owner"}, OBJECT),
        (
            [{"email": "zoe.berg+CRM@example.com"}, {"email": "else@example.com"}],
            [{"email": "else@example.com"}],
        ),
        ([PERSON_KEY, "other"], ["other"]),
        (["Zoë van der Berg", "other"], [MARK, "other"]),
        ({"creatorKey": PERSON_KEY, "key": "task"}, {"creatorKey": MARK, "key": "task"}),
        ({"1001": PERSON_KEY, "1002": 5}, {"1001": MARK, "1002": 5}),
        ({PERSON_KEY: {"may": True}, "other": 1}, {"other": 1}),
        ({"a": [{"b": [{"key": PERSON_KEY}]}]}, {"a": [{"b": []}]}),
    ],
)
def test_a_nested_value(value: Any, kept: Any) -> None:
    assert Scrubber(PEOPLE).value(value) == kept


def test_rows_of_people_go_and_columns_that_name_them_are_empty() -> None:
    contacts, comments = table("contacts"), table("box_comments")
    rows: list[dict[str, Any]] = [
        {"key": "a", "email_addresses": ["x@example.com", "zoe.berg+crm@example.com"]},
        {"key": PERSON_KEY},
        {"key": "b", "email_addresses": ["x@example.com"], "creator_key": PERSON_KEY},
    ]
    assert scrub_rows(PEOPLE, contacts, rows) == (
        [{"key": "b", "email_addresses": ["x@example.com"]}],
        ("one",),
    )
    untouched: list[dict[str, Any]] = [{"key": "c", "creator_key": "d", "message": "Berg", "_synced_at": 5}]
    assert scrub_rows(PEOPLE, comments, untouched) == (untouched, ())


def test_a_name_of_one_word_is_no_name() -> None:
    assert Erasures(SALT).identify("one", NAME, "Madonna") is None
    assert Erasures(SALT).identify("one", NAME, "O'Brien") is None


def test_another_salt_knows_nobody() -> None:
    assert Scrubber(Erasures(b"another", PEOPLE.identifiers)).text(TEXTS[0][1]) == TEXTS[0][1]


def test_the_digests_show_nothing() -> None:
    told = repr(PEOPLE).lower()
    assert SALT.decode() not in told
    assert not [text for _, text in TEXTS if text.lower() in told]


pieces = st.sampled_from(
    [text for _, text in TEXTS]
    + [text.upper() for kind, text in TEXTS if kind != KEY]
    + [
        "@",
        ".",
        " ",
        "_",
        ", ",
        "Zoë",
        "van der",
        "erased",
        MARK,
        "x@example.com",
        "[",
        "h_",
        "é",
        "\u0308",
        "\n",
    ]
)
texts = st.one_of(st.text(max_size=12), st.lists(pieces, max_size=8).map("".join))
values = st.recursive(
    st.one_of(texts, st.integers(), st.booleans(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(texts, st.sampled_from(["key", "userKey", "email", "name"])), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


@given(values)
def test_twice_is_as_once_and_meets_nobody_the_second_time(value: Any) -> None:
    once = Scrubber(PEOPLE).value(value)
    again = Scrubber(PEOPLE)
    assert again.value(once) == once
    assert again.met == set()


@given(values)
def test_what_names_nobody_stays_as_it_is_and_what_changes_is_met(value: Any) -> None:
    scrubber = Scrubber(PEOPLE)
    assert (scrubber.value(value) != value) == bool(scrubber.met)
    assert Scrubber(Erasures(SALT)).value(value) == value


@given(texts, texts)
def test_wherever_it_stands_between_spaces_it_goes(before: str, after: str) -> None:
    for _, text in TEXTS:
        kept = Scrubber(PEOPLE).text(f"{before} \u2014 {text} \u2014 {after}")
        assert f" {text} " not in kept
        assert json.loads(json.dumps(kept)) == kept or not kept.isprintable()
