"""JSON is read as Python's own parser reads it, whichever parser that takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streak_dagster.api.json_text import read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


def outcome(read: Any, text: bytes) -> str:
    try:
        return repr(read(text))  # tells 1 from 1.0, 0.0 from -0.0, and the order of members
    except (ValueError, RecursionError) as error:
        return type(error).__name__.replace("UnicodeDecodeError", "JSONDecodeError")


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
@settings(max_examples=400)
def test_every_value_is_read_as_by_python(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode(errors="surrogatepass")
    assert outcome(read_json, text) == outcome(json.loads, text)


@given(st.binary(max_size=12) | st.text('[]{},:"\\u0123456789.eE+- tfn', max_size=12).map(str.encode))
@settings(max_examples=600)
def test_whatever_comes_is_accepted_or_refused_as_by_python(text: bytes) -> None:
    assert outcome(read_json, text) == outcome(json.loads, text)


@pytest.mark.parametrize(
    "text",
    [
        *("NaN", "-Infinity", "1e400", "-1e400", "1e-400", "-0", "-0.0", "1E5", "01", "1.", "2.5e-324"),
        *("9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551615"),
        *("18446744073709551616", "-18446744073709551616", "1" * 400, "1" * 5000, "0." + "3" * 40),
        *('"\\ud83d"', '"\\ude00\\ud83d"', '"\\u0000"', '"\t"', '"\x7f"', "", " ", "[1] x", "[1,]"),
        *('{"a": 1, "b": 2, "a": 3}', '{"": 0}', "{1: 2}", "\x0c1", "'a'", "\ufeff1"),
        "[" * 900 + "]" * 900,
    ],
)
def test_the_edges_of_json(text: str) -> None:
    for encoding in ("utf-8", "utf-16", "utf-32-be"):
        sent = text.encode(encoding)
        assert outcome(read_json, sent) == outcome(json.loads, sent)


@pytest.mark.parametrize(
    "text", [b'"\xff"', b'"\xed\xa0\xbd"', b'"\xc0\x80"', b"\xef\xbb\xbf[1]", b"\xef\xbb1"]
)
def test_bytes_that_are_no_utf_8(text: bytes) -> None:
    assert outcome(read_json, text) == outcome(json.loads, text)
