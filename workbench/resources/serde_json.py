"""JSON as Rust's serde_json 1.0 reads and writes a `Value`, with its default features: the platform's answers have its
numbers, its order of keys and its words for what is wrong."""

from __future__ import annotations

import json
import re
from math import inf

DEEPEST = 127
"""How many lists and objects may stand in one another."""
_SPACE = re.compile(rb"[ \n\t\r]*+")
_PLAIN = re.compile(rb'[^\x00-\x1f"\\]*+')
_DIGITS = re.compile(rb"[0-9]*+")
_WORDS = {b"n": b"null", b"t": b"true", b"f": b"false"}
_ESCAPES = {b'"': '"', b"\\": "\\", b"/": "/", b"b": "\b", b"f": "\f", b"n": "\n", b"r": "\r", b"t": "\t"}
_LARGEST = (1 << 64) - 1
_LARGEST_EXPONENT = (1 << 31) - 1


def rewritten(text: bytes) -> str:
    """What serde_json writes of what it reads in `text`, which is UTF-8. Raises `ValueError` with its words."""
    reader = _Reader(text)
    value = reader.value(DEEPEST)
    if reader.peek():
        raise reader.at_next("trailing characters")
    return value


def written_text(text: str) -> str:
    """A JSON string."""
    return json.dumps(text, ensure_ascii=False)


def written_float(number: float) -> str:
    """A finite number: the fewest digits that mean it, with an exponent from 1e16 on and below 0.00001."""
    sign = "-" if str(number).startswith("-") else ""
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    significant = (whole + fraction).lstrip("0")
    point = int(exponent or 0) + len(whole) - (len(whole + fraction) - len(significant))
    digits = significant.rstrip("0")
    if not digits:
        return f"{sign}0.0"
    if 0 < point <= 16:
        return f"{sign}{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"
    if -5 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1}"


class _Reader:
    """A place in the text, moving forward; what it reads it gives back as it is written."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._at = 0

    def at_next(self, words: str) -> ValueError:
        """An error at the byte that comes next."""
        return self._error(words, min(self._at + 1, len(self._text)))

    def at_last(self, words: str) -> ValueError:
        """An error at the byte that was read last."""
        return self._error(words, self._at)

    def _error(self, words: str, at: int) -> ValueError:
        line, begin = self._text.count(b"\n", 0, at) + 1, self._text.rfind(b"\n", 0, at) + 1
        return ValueError(f"{words} at line {line} column {at - begin}")

    def peek(self) -> bytes:
        """The next byte that is no space; empty at the end."""
        self._run(_SPACE)
        return self._next()

    def value(self, deeper: int) -> str:
        """A value in which lists and objects stand at most `deeper` in one another."""
        first = self.peek()
        if first in _WORDS:
            return self._word(_WORDS[first])
        if first == b'"':
            return written_text(self._string())
        if first in (b"[", b"{"):
            if not deeper:
                raise self.at_next("recursion limit exceeded")
            self._at += 1
            return self._list(deeper - 1) if first == b"[" else self._object(deeper - 1)
        if first == b"-" or first.isdigit():
            return self._number()
        raise self.at_next("expected value" if first else "EOF while parsing a value")

    def _next(self) -> bytes:
        return self._text[self._at : self._at + 1]

    def _take(self) -> bytes:
        taken = self._next()
        self._at += len(taken)
        return taken

    def _run(self, pattern: re.Pattern[bytes]) -> bytes:
        found = pattern.match(self._text, self._at)
        assert found is not None, pattern
        self._at = found.end()
        return found[0]

    def _word(self, word: bytes) -> str:
        for letter in word:
            taken = self._take()
            if not taken:
                raise self.at_last("EOF while parsing a value")
            if taken[0] != letter:
                raise self.at_last("expected ident")
        return word.decode()

    def _list(self, deeper: int) -> str:
        values: list[str] = []
        while (first := self.peek()) != b"]":
            if not first:
                raise self.at_next("EOF while parsing a list")
            if values:
                self._comma(first, b"]")
            values.append(self.value(deeper))
        self._at += 1
        return f"[{','.join(values)}]"

    def _object(self, deeper: int) -> str:
        values: dict[str, str] = {}
        first_key = True
        while (first := self.peek()) != b"}":
            if not first:
                raise self.at_next("EOF while parsing an object")
            if not first_key:
                first = self._comma(first, b"}")
            first_key = False
            if first != b'"':
                raise self.at_next("key must be a string")
            key = self._string()
            colon = self.peek()
            if colon != b":":
                raise self.at_next("expected `:`" if colon else "EOF while parsing an object")
            self._at += 1
            values[key] = self.value(deeper)
        self._at += 1
        return f"{{{','.join(f'{written_text(key)}:{values[key]}' for key in sorted(values))}}}"

    def _comma(self, first: bytes, end: bytes) -> bytes:
        """What comes after the comma between two values."""
        if first != b",":
            raise self.at_next(f"expected `,` or `{end.decode()}`")
        self._at += 1
        first = self.peek()
        if first == end:
            raise self.at_next("trailing comma")
        if not first:
            raise self.at_next("EOF while parsing a value")
        return first

    def _string(self) -> str:
        self._at += 1
        parts: list[str] = []
        while True:
            parts.append(self._run(_PLAIN).decode())
            end = self._take()
            if end == b'"':
                return "".join(parts)
            if not end:
                raise self.at_last("EOF while parsing a string")
            if end != b"\\":
                raise self.at_last("control character (\\u0000-\\u001F) found while parsing a string")
            parts.append(self._escape())

    def _escape(self) -> str:
        letter = self._take()
        if letter == b"u":
            return self._unicode()
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        raise self.at_last("invalid escape" if letter else "EOF while parsing a string")

    def _unicode(self) -> str:
        code = self._hex()
        if 0xDC00 <= code <= 0xDFFF:
            raise self.at_last("lone leading surrogate in hex escape")
        if not 0xD800 <= code <= 0xDBFF:
            return chr(code)
        for wanted in (b"\\", b"u"):
            taken = self._take()
            if taken != wanted:
                raise self.at_last("unexpected end of hex escape" if taken else "EOF while parsing a string")
        second = self._hex()
        if not 0xDC00 <= second <= 0xDFFF:
            raise self.at_last("lone leading surrogate in hex escape")
        return chr(0x10000 + ((code - 0xD800) << 10) + second - 0xDC00)

    def _hex(self) -> int:
        if self._at + 4 > len(self._text):
            self._at = len(self._text)
            raise self.at_last("EOF while parsing a string")
        digits = self._text[self._at : self._at + 4]
        self._at += 4
        if digits.strip(b"0123456789abcdefABCDEF"):
            raise self.at_last("invalid escape")
        return int(digits, 16)

    def _number(self) -> str:
        negative = self._next() == b"-"
        self._at += negative
        first = self._next()
        if not first.isdigit():
            self._at += len(first)
            raise self.at_last("invalid number" if first else "EOF while parsing a value")
        if first == b"0":
            self._at += 1
            if self._next().isdigit():
                raise self.at_next("invalid number")
            number, left_out = 0, 0
        else:
            number, left_out = _significant(0, self._run(_DIGITS))
        if not left_out and self._next() not in (b".", b"e", b"E"):
            if not negative or 0 < number <= 1 << 63:
                return f"{'-' if negative else ''}{number}"
            return written_float(-float(number))
        value = self._float(number, left_out)
        return written_float(-value if negative else value)

    def _float(self, number: int, exponent: int) -> float:
        if self._next() == b".":
            self._at += 1
            digits = self._run(_DIGITS)
            if not digits:
                raise self.at_next("invalid number" if self._next() else "EOF while parsing a value")
            number, left_out = _significant(number, digits)
            exponent -= len(digits) - left_out
        if self._next() in (b"e", b"E"):
            self._at += 1
            grows = self._next() != b"-"
            self._at += self._next() in (b"+", b"-")
            first = self._next()
            if not first.isdigit():
                self._at += len(first)
                raise self.at_last("invalid number" if first else "EOF while parsing a value")
            begin, digits = self._at, self._run(_DIGITS)
            power, left_out = _significant(0, digits, _LARGEST_EXPONENT)
            if left_out:
                if number and grows:
                    self._at = begin + len(digits) - left_out + 1
                    raise self.at_last("number out of range")
                return 0.0
            exponent += power if grows else -power
        return self._scaled(float(number), exponent)

    def _scaled(self, value: float, exponent: int) -> float:
        """As serde_json computes it, whose last bit is not always the nearest."""
        while value and exponent < -308:
            value /= 1e308
            exponent += 308
        if not value:
            return value
        scaled = inf if exponent > 308 else value / _power(-exponent) if exponent < 0 else value * _power(exponent)
        if scaled == inf:
            raise self.at_last("number out of range")
        return scaled


def _power(exponent: int) -> float:
    return float(f"1e{exponent}")


def _significant(number: int, digits: bytes, largest: int = _LARGEST) -> tuple[int, int]:
    """`number` with as many of the digits behind it as it has room for, and how many of them are left out."""
    for used, digit in enumerate(digits):
        longer = number * 10 + digit - 0x30
        if longer > largest:
            return number, len(digits) - used
        number = longer
    return number, 0
