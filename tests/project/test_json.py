"""JSON with places."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.config.shape import Key
from workbench.errors import UserError
from workbench.project.json import Json, read_json


def _read(text: str | bytes) -> Json:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "some.json"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_json(path)


TEXT = """
{
  "functions": [
    {"name": "a"}, {
      "name": "b", "deep": [[1], ["x,]", null]]
    }
  ],
  "empty": {}, "esc\\"aped": 1
}
"""


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ((), (2, 1)),
        (("functions",), (3, 3)),
        (("functions", 0), (4, 5)),
        (("functions", 0, "name"), (4, 6)),
        (("functions", 1), (4, 20)),
        (("functions", 1, "name"), (5, 7)),
        (("functions", 1, "deep", 1, 1), (5, 42)),
        (("empty",), (8, 3)),
        (('esc"aped',), (8, 16)),
        (("absent",), None),
    ],
)
def test_a_key_is_found_where_it_stands(key: Key, place: tuple[int, int] | None) -> None:
    assert _read(TEXT).locate(key) == place


def test_keys_that_stand_twice_are_found_and_what_they_hold_is_not() -> None:
    text = '{"a": {"x": 1}, "b": [{"y": 1, "y": 2}],\n "a": {"x": 2}}'
    assert list(_read(text).repeated()) == [(("b", 0, "y"), (1, 32)), (("a",), (2, 2))]
    assert list(_read(TEXT).repeated()) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "is not JSON"),
        ('{\n  "a" 1\n}', 2, "expecting ':' delimiter"),
        ('{\n  "a": 1\n  "b": 2}', 3, "expecting ',' delimiter"),
        ("// no\n{}", 1, "is not JSON"),
        (b'\n{"a": "\xff"}', 2, "is not UTF-8 text: byte 0xff"),
        ('{"a": "NaN",\n "b": [1, NaN]}', 2, "NaN"),
        ('{"a": 1,\n "b": -Infinity}', 2, "-Infinity"),
        ('{"a": "\\ud83d\\ude00",\n "b": "\\ud800"}', 2, "surrogate"),
        ('{"a": 1,\n "\\udc00": 1}', 2, "surrogate"),
        ('{"a": 1,\n "b": ' + "1" * 5000 + "}", 2, "digits"),
        ("\n" + "[" * 100_000, 2, "nested too deeply"),
        (b"\xff\xfe{\x00", 1, "is not UTF-8"),
    ],
)
def test_what_is_not_json_is_told_with_its_line(text: str | bytes, line: int | None, words: str) -> None:
    with pytest.raises(UserError, match=r"some\.json") as refusal:
        _read(text)
    assert words in str(refusal.value)
    assert refusal.value.line == line


def _keys(content: object, key: Key = ()) -> list[Key]:
    found: list[Key] = [key]
    if isinstance(content, dict):
        for name, value in content.items():
            found += _keys(value, (*key, name))
    if isinstance(content, list):
        for index, value in enumerate(content):
            found += _keys(value, (*key, index))
    return found


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_JSON, st.booleans())
def test_every_key_of_any_json_has_a_place_of_its_own(content: object, plain: bool) -> None:
    text = json.dumps(content, indent=None if plain else 1, ensure_ascii=plain)
    found = _read(text)
    assert found.content == content
    keys = _keys(content)
    places = [found.locate(key) for key in keys]
    assert None not in places
    assert len(set(places)) == len(keys)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_json_or_refused(content: bytes) -> None:
    with contextlib.suppress(UserError):
        assert _read(content).locate(()) is not None
