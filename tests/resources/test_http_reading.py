"""Requests are read alike however their bytes arrive."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.resources.http_reading import Reader, Unreadable

MOST = 20

STREAMS = [
    b"GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.0\n\n",
    b"\r\n\r\nPOST /a?b HTTP/1.1\r\nHost:  x \r\nContent-Length: 5\r\n\r\nhello" * 3,
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT:v\r\n\r\nGET / HTTP/1.0\n\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n0123456789abcde\r\n6\r\n012345\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 21\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 101 + b"\r\n",
    b"GET /" + b"x" * 300 + b" HTTP/1.1\r\n\r\ngarbage",
    b"\x16\x03\x01",
]


def read(pieces: list[bytes]) -> list[object]:
    """What comes of bytes that arrive in these pieces."""
    reader, body_is_due = Reader(MOST), False
    found: list[object] = []
    try:
        for piece in pieces:
            reader.feed(piece)
            while True:
                got = reader.body() if body_is_due else reader.head()
                if got is None:
                    break
                found.append(got)
                body_is_due = not body_is_due
    except Unreadable as error:
        found.append((error.status, error.ours))
    return found


@pytest.mark.parametrize("stream", STREAMS, ids=range(len(STREAMS)))
def test_byte_by_byte_is_as_good_as_at_once(stream: bytes) -> None:
    assert read([bytes([byte]) for byte in stream]) == read([stream])
    assert len(read([stream])) > 0


@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 700), max_size=6))
def test_any_cuts_are_as_good_as_none(stream: bytes, cuts: list[int]) -> None:
    ends = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert read([stream[start:end] for start, end in pairwise(ends)]) == read([stream])


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(data: bytes) -> None:
    read([data])
    read([b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + data])
    read([b"POST / HTTP/1.1\r\n" + data + b"\r\n\r\n"])
