"""The strict parser: what is not JSON, and which values are not acceptable, with their places."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.strict_json import MAX_DEPTH, MAX_INTEGER, MalformedJson, parse_json

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_acceptable_json_is_read_as_it_is(value: object) -> None:
    try:
        text = json.dumps(value).encode()
        expected = json.loads(text)
    except UnicodeEncodeError:
        return
    if b"\\u0000" not in text and b"\\ud" not in text:
        assert parse_json(text) == (expected, [])


@given(st.binary(max_size=50))
def test_arbitrary_bytes_never_break_the_parser(data: bytes) -> None:
    # Any other exception fails the test.
    with contextlib.suppress(MalformedJson):
        parse_json(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1,]",
        b"{'a': 1}",
        b"\xff",
        b'"\xed\xa0\x80"',  # a surrogate, encoded as if it were a character
        b"\xef\xbb\xbf{}",  # a byte order mark
        b"[NaN]",
        b"-Infinity",
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b'{"a":' * 100_000,
        b"[" * 1_000_000,
    ],
)
def test_what_is_not_json_is_refused_whole(data: bytes) -> None:
    with pytest.raises(MalformedJson):
        parse_json(data)


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        (b'"\\u0000"', "", "nul-character"),
        (b'{"a": ["x", "\\u0000"]}', "/a/1", "nul-character"),
        (b'{"a\\u0000": 1}', "", "nul-character"),
        (b'{"a": "\\ud800"}', "/a", "lone-surrogate"),
        (b'{"a/b": {"~": "\\udfff"}}', "/a~1b/~0", "lone-surrogate"),
        (b'{"a": 9007199254740993}', "/a", "number-out-of-range"),
        (b'{"a": -9007199254740993}', "/a", "number-out-of-range"),
        (b'{"a": ' + b"9" * 100_000 + b"}", "/a", "number-out-of-range"),
        (b"[1e999]", "/0", "number-out-of-range"),
        (b'{"a": {"b": 1, "b": 2}}', "/a/b", "duplicate-key"),
        (b'[{"a": 1, "a": {"a": 2, "a": 3}}]', "/0/a", "duplicate-key"),
    ],
)
def test_an_unacceptable_value_is_reported_at_its_place(data: bytes, pointer: str, code: str) -> None:
    _, issues = parse_json(data)
    assert (issues[0].pointer, issues[0].code) == (pointer, code)


def test_escaped_pairs_and_edge_integers_are_fine() -> None:
    assert parse_json(b'["\\ud83d\\ude00", 9007199254740992, -9007199254740992, 1e308]') == (
        ["\U0001f600", MAX_INTEGER, -MAX_INTEGER, 1e308],
        [],
    )


def test_brackets_inside_text_do_not_count_as_nesting() -> None:
    text = "[" * 100
    assert parse_json(json.dumps([text]).encode()) == ([text], [])


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)[1] == []
