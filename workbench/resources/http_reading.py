"""Reads HTTP/1 requests from bytes as the platform's server does (hyper 1 with httparse), without any input or output.

What that server takes is taken: no Host or two, a line feed alone, raw UTF-8 in the path, a header of 400 kB. What it
refuses gets its status. Stricter on purpose: a request with both Content-Length and Transfer-Encoding, which two
servers may cut at different places. Each byte is looked at a bounded number of times, however it arrives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from workbench.units import format_size

MOST_HEAD_BYTES: Final = 8192 + 100 * 4096
MOST_TARGET_BYTES: Final = 65_534
MOST_HEADERS: Final = 100
_MOST_NAME_BYTES: Final = 65_535
_MOST_LINE_BYTES: Final = 16 * 1024
"""The longest line of a chunk's size, and of all trailers together."""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIRST = re.compile(rb"(%s) ([!-~\x80-\xff]+) HTTP/1\.([01])\r?\n" % _TOKEN)
_FIRST_MAYBE = re.compile(
    rb"(?:%s(?: (?:[!-~\x80-\xff]+(?: (?:H(?:T(?:T(?:P(?:/.*)?)?)?)?)?)?)?)?)?" % _TOKEN, re.DOTALL
)
_FIRST_WITH_VERSION = re.compile(rb"%s [!-~\x80-\xff]+ HTTP/" % _TOKEN)
_HEADER = re.compile(rb"(%s):([\t -~\x80-\xff]*)\r?\n" % _TOKEN)
_PATH = re.compile(r"""[!"$-;=@-_a-z{|}~\x80-\U0010ffff]*(?:\?[!$-;=?-~\x80-\U0010ffff]*)?""")
_OTHER_TARGET = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)?([A-Za-z0-9._~!$&'()*+,;=:@%\[\]-]+)")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
_DIGITS = re.compile(rb"[0-9]{1,19}")


class Unreadable(Exception):
    """Bytes that are no request the platform takes. `status`: what is answered before the connection is closed; None:
    it is closed without an answer. `str(error)` says why, as the rest of a sentence. `ours`: the platform takes it."""

    def __init__(self, status: int | None, why: str, ours: bool = False) -> None:
        super().__init__(why)
        self.status, self.ours = status, ours


@dataclass(frozen=True)
class Head:
    """All of a request but its body. `minor` is that of the version, 0 or 1. Header names are in lower case, in the
    order of their arrival. `length` is the body's, in bytes; None when it comes in chunks. `expects`: the client waits
    for the word to go on before it sends the body."""

    method: str
    target: str
    minor: int
    headers: tuple[tuple[str, bytes], ...]
    length: int | None
    stays: bool
    expects: bool


class Reader:
    """The bytes of one connection, read as request after request. After `head` has given one, `body` is to be called
    until it has given its body. Bodies are of `most_bytes` at most."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = bytearray()
        self._at = 0
        """Where the next line begins."""
        self._seen = 0
        """Up to where no line's end was found."""
        self._first: tuple[str, str, int] | None = None
        self._headers: list[tuple[str, bytes]] = []
        self._left: int | None = 0
        """What is still to come of the body, or of its present chunk; None: the size of a chunk."""
        self._chunked: bytearray | None = None
        self._trailing: int | None = None
        """Once the last chunk was read: how many bytes its trailers have."""

    def __len__(self) -> int:
        """How many bytes have arrived that were not given out yet."""
        return len(self._bytes) + (0 if self._chunked is None else len(self._chunked))

    @property
    def has_begun(self) -> bool:
        """Whether something of the next request has arrived."""
        return bool(self._bytes) or self._first is not None

    def feed(self, data: bytes) -> None:
        """More has arrived."""
        self._bytes += data

    def head(self) -> Head | None:
        """The head of the next request; None while not all of it has arrived. Raises `Unreadable`."""
        while True:
            line = self._line()
            if line is None:
                self._check_unfinished()
                return None
            if self._at > MOST_HEAD_BYTES:
                raise Unreadable(431, f"its head is larger than {MOST_HEAD_BYTES} bytes")
            if line in (b"\r\n", b"\n"):
                if self._first is None:
                    continue
                return self._headed()
            if self._first is None:
                self._first = _first_line(line)
            else:
                self._headers.append(_header(line, len(self._headers)))

    def body(self) -> bytes | None:
        """The body; None while not all of it has arrived. Raises `Unreadable`."""
        if self._chunked is None:
            assert self._left is not None
            if len(self._bytes) < self._left:
                return None
            with memoryview(self._bytes) as view:
                body = bytes(view[: self._left])
            del self._bytes[: self._left]
            return body
        try:
            ended = self._unchunk(self._chunked)
        finally:
            self._forget()
        if not ended:
            return None
        body, self._chunked = bytes(self._chunked), None
        return body

    # ---- heads

    def _line(self) -> bytes | None:
        end = self._bytes.find(b"\n", self._seen) + 1
        if not end:
            self._seen = len(self._bytes)
            return None
        line = bytes(self._bytes[self._at : end])
        self._at = self._seen = end
        return line

    def _check_unfinished(self) -> None:
        """What can become no request is refused before its line has an end: it may never have one."""
        if len(self._bytes) >= MOST_HEAD_BYTES:
            raise Unreadable(431, f"its head is larger than {MOST_HEAD_BYTES} bytes")
        begun = bytes(self._bytes[self._at : self._at + 64])
        if self._first is None and not _FIRST_MAYBE.fullmatch(begun.removesuffix(b"\r")):
            raise Unreadable(400, "it does not begin with a method, a path and HTTP/1.1")

    def _headed(self) -> Head:
        assert self._first is not None
        (method, target, minor), headers = self._first, tuple(self._headers)
        length, stays, expects = _framing(headers, minor)
        if length is not None and length > self._most_bytes:
            raise self._too_large()
        self._first, self._headers = None, []
        self._forget()
        self._left, self._chunked, self._trailing = length, (None if length is not None else bytearray()), None
        return Head(method, target, minor, headers, length, stays, expects and length != 0 and minor == 1)

    def _forget(self) -> None:
        """What was read is needed no more."""
        del self._bytes[: self._at]
        self._at = self._seen = 0

    def _too_large(self) -> Unreadable:
        return Unreadable(413, f"its body is larger than {format_size(self._most_bytes)}", ours=True)

    # ---- chunks

    def _unchunk(self, body: bytearray) -> bool:
        """Read as many chunks as there are. Whether the last was read."""
        while True:
            if self._trailing is not None:
                line = self._short_line()
                if line is None:
                    return False
                if line == b"\r\n":
                    return True
                self._trailing += len(line)
                if self._trailing > _MOST_LINE_BYTES or not line.endswith(b"\r\n"):
                    raise Unreadable(None, "the trailers of its body are broken or too long")
            elif self._left is None:
                line = self._short_line()
                if line is None:
                    return False
                size = _SIZE.fullmatch(line)
                if size is None:
                    raise Unreadable(None, "the size of a chunk of its body is none")
                self._left = int(size[1], 16)
                if len(body) + self._left > self._most_bytes:
                    raise self._too_large()
                if not self._left:
                    self._trailing = 0
            else:
                with memoryview(self._bytes) as view:
                    piece = view[self._at : self._at + self._left]
                    body += piece
                    self._at += len(piece)
                    self._left -= len(piece)
                    piece.release()
                if self._left or len(self._bytes) < self._at + 2:
                    return False
                if self._bytes[self._at : self._at + 2] != b"\r\n":
                    raise Unreadable(None, "a chunk of its body is longer than it says")
                self._at += 2
                self._left = None

    def _short_line(self) -> bytes | None:
        end = self._bytes.find(b"\n", self._at, self._at + _MOST_LINE_BYTES) + 1
        if not end:
            if len(self._bytes) - self._at >= _MOST_LINE_BYTES:
                raise Unreadable(None, "a line in its body is too long")
            return None
        line = bytes(self._bytes[self._at : end])
        self._at = end
        return line


def is_chunked(values: Sequence[bytes]) -> bool:
    """Whether the last of these values of Transfer-Encoding ends with `chunked`."""
    return values[-1].rpartition(b",")[2].strip().lower() == b"chunked"


def says(value: bytes, word: bytes) -> bool:
    """Whether a value of Connection has this word in its list."""
    return any(part.strip().lower() == word for part in value.split(b","))


def _first_line(line: bytes) -> tuple[str, str, int]:
    found = _FIRST.fullmatch(line)
    if found is None:
        why = "its version is not HTTP/1.1 or HTTP/1.0" if _FIRST_WITH_VERSION.match(line) else "its first line is none"
        raise Unreadable(400, why)
    method, target, minor = found.groups()
    if len(target) > MOST_TARGET_BYTES:
        raise Unreadable(414, f"its path is longer than {MOST_TARGET_BYTES} bytes")
    return method.decode(), _target(target), int(minor)


def _target(given: bytes) -> str:
    try:
        target = given.decode().partition("#")[0]
    except UnicodeDecodeError:
        raise Unreadable(400, "its path is not UTF-8") from None
    if target == "*":
        return target
    other = None if target.startswith("/") else _OTHER_TARGET.match(target)
    path = target[other.end() :] if other else target
    if not _PATH.fullmatch(path) or not (other or path) or path[:1] not in ("/", "?", ""):
        raise Unreadable(400, "its path has characters that a path cannot have")
    return f"{target}/" if other and other[1] and not path else target


def _header(line: bytes, before: int) -> tuple[str, bytes]:
    if before >= MOST_HEADERS:
        raise Unreadable(431, f"it has more than {MOST_HEADERS} headers")
    found = _HEADER.fullmatch(line)
    if found is None:
        raise Unreadable(400, "one of its headers is none")
    name, value = found.groups()
    if len(name) > _MOST_NAME_BYTES:
        raise Unreadable(431, "the name of a header is too long")
    return name.lower().decode(), value.strip(b" \t")


def _framing(headers: Iterable[tuple[str, bytes]], minor: int) -> tuple[int | None, bool, bool]:
    """The body's length (None: in chunks), whether the connection stays, and whether the client waits."""
    lengths, codings, stays, expects = set(), [], minor == 1, False
    for name, value in headers:
        if name == "content-length":
            if not _DIGITS.fullmatch(value):
                raise Unreadable(400, "its Content-Length is no number")
            lengths.add(int(value))
        elif name == "transfer-encoding":
            codings.append(value)
        elif name == "connection":
            stays = not says(value, b"close") if stays else says(value, b"keep-alive")
        elif name == "expect":
            expects = value == b"100-continue"
    if len(lengths) > 1:
        raise Unreadable(400, "it has two Content-Lengths")
    if not codings:
        return next(iter(lengths), 0), stays, expects
    if lengths:
        why = "it has both Content-Length and Transfer-Encoding, which two servers may read differently"
        raise Unreadable(400, why, ours=True)
    if minor == 0 or not is_chunked(codings):
        raise Unreadable(400, "its Transfer-Encoding is not chunked")
    return None, stays, expects
