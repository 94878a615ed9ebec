"""JSON as serde_json reads and writes it. What is expected here was printed by serde_json 1.0.140 itself."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.resources.serde_json import rewritten, written_float


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (
            ' { "b" : 1, "a" : {"z":[ ], "y":[1.50,"\\u00e9\\n\\u007f\\/"]} } ',
            '{"a":{"y":[1.5,"é\\n\x7f/"],"z":[]},"b":1}',
        ),
        ('{"a":1,"a":2}', '{"a":2}'),
        ('["\\ud83d\\ude00","\\u2028","\\u0001"]', '["😀","\u2028","\\u0001"]'),
        ("-0", "-0.0"),
        ("-0.0", "-0.0"),
        ("1.0", "1.0"),
        ("1e15", "1000000000000000.0"),
        ("1e16", "1e16"),
        ("1E+20", "1e20"),
        ("1.5e300", "1.5e300"),
        ("0.00001", "0.00001"),
        ("0.000001", "1e-6"),
        ("1e-400", "0.0"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775809", "-9.223372036854776e18"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "1.8446744073709552e19"),
        ("184467440737095516170", "1.844674407370955e20"),  # digits that have no room are left out, not rounded
        ("[" * 127 + "]" * 127, "[" * 127 + "]" * 127),
    ],
)
@pytest.mark.conformance("sqlx-rows")
def test_values_are_written_as_by_the_platform(text: str, written: str) -> None:
    assert rewritten(text.encode()) == written


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("no json", "expected ident at line 1 column 2"),
        ("NaN", "expected value at line 1 column 1"),
        ("é", "expected value at line 1 column 1"),
        ("nul", "EOF while parsing a value at line 1 column 3"),
        ("1 2", "trailing characters at line 1 column 3"),
        ("-", "EOF while parsing a value at line 1 column 1"),
        ("00", "invalid number at line 1 column 2"),
        ("1.", "EOF while parsing a value at line 1 column 2"),
        ("1.a", "invalid number at line 1 column 3"),
        ("1e+", "EOF while parsing a value at line 1 column 3"),
        ("100e777777777777777777777777777", "number out of range at line 1 column 14"),
        ("1" + "0" * 309, "number out of range at line 1 column 310"),
        ("[", "EOF while parsing a list at line 1 column 1"),
        ("[1,", "EOF while parsing a value at line 1 column 3"),
        ("[1,]", "trailing comma at line 1 column 4"),
        ("[1 2]", "expected `,` or `]` at line 1 column 4"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        ("{1:2}", "key must be a string at line 1 column 2"),
        ('{"a" 1}', "expected `:` at line 1 column 6"),
        ('{"a":1 "b"}', "expected `,` or `}` at line 1 column 8"),
        ('{"a":1,}', "trailing comma at line 1 column 8"),
        ('"a', "EOF while parsing a string at line 1 column 2"),
        ('"\\x"', "invalid escape at line 1 column 3"),
        ('"\\u-1ab"', "invalid escape at line 1 column 7"),
        ('"\\ud800"', "unexpected end of hex escape at line 1 column 8"),
        ('"\\udc00"', "lone leading surrogate in hex escape at line 1 column 7"),
        ('"a\nb"', "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"),
        ('{\n "é": x}', "expected value at line 2 column 8"),
        ("[" * 100_000, "recursion limit exceeded at line 1 column 128"),
    ],
)
@pytest.mark.conformance("sqlx")
def test_what_is_wrong_is_said_in_the_words_of_the_platform(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(error)}$"):
        rewritten(text.encode())


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_with_the_digits_that_mean_it(number: float) -> None:
    written = written_float(number)
    assert float(written) == number
    assert math.copysign(1, float(written)) == math.copysign(1, number)
    assert "." in written or "e" in written
    assert json.loads(written) == number


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_json, st.booleans(), st.sampled_from([None, 1]))
def test_what_was_read_means_the_same_when_it_is_written(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert rewritten(text.encode()) == json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
