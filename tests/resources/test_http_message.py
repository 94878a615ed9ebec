"""The JSON of requests and responses."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.resources.http_message import (
    METHODS,
    NotHttp,
    Request,
    Response,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    tell,
)

texts = st.text(st.characters(exclude_categories=["Cs"]))
headers = st.dictionaries(texts, texts, max_size=4)
bodies = st.none() | st.binary(max_size=300)
requests = st.builds(
    Request,
    method=st.sampled_from(sorted(METHODS.values())),
    host=texts,
    path=texts,
    protocol=st.sampled_from(("Unknown", "HTTP", "HTTPS")),
    headers=headers,
    body=bodies,
)
responses = st.builds(Response, status=st.integers(0, 65535), headers=headers, body=bodies)


@given(requests)
def test_a_request_comes_back_as_it_was(request: Request) -> None:
    assert decode_request(encode_request(request)) == request
    assert tell(encode_request(request)) is not None


@given(responses)
def test_a_response_comes_back_as_it_was(response: Response) -> None:
    assert decode_response(encode_response(response)) == response
    assert tell(encode_response(response)) is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts | st.sampled_from(("method", "body", "status")), inner),
    max_leaves=10,
)


@given(st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_refused_in_words(garbage: bytes) -> None:
    for decode in (decode_request, decode_response):
        with pytest.raises(NotHttp, match=r"\S"):
            decode(garbage)
    assert tell(garbage) is None


@given(requests, st.data())
def test_a_request_cut_off_is_refused(request: Request, data: st.DataObject) -> None:
    payload = encode_request(request)
    with pytest.raises(NotHttp):
        decode_request(payload[: data.draw(st.integers(0, len(payload) - 1))])


def test_the_fields_have_the_platforms_names_and_order() -> None:
    assert encode_request(Request("Post", "h:1", "/p?q=1", "HTTP", {"a": "b"}, b"\x00\xff")) == (
        b'{"method":"Post","protocol":"HTTP","host":"h:1","path":"/p?q=1","body":[0,255],"headers":{"a":"b"}}'
    )
    assert encode_response(Response(204, {}, None)) == b'{"body":null,"status":204,"headers":{}}'


def test_only_the_body_may_be_absent_and_more_keys_do_not_hurt() -> None:
    whole = {"method": "Get", "protocol": "Unknown", "host": "h", "path": "/", "headers": {}, "more": [1]}
    assert decode_request(json.dumps(whole).encode()) == Request("Get", "h", "/")
    for key in ("method", "protocol", "host", "path", "headers"):
        with pytest.raises(NotHttp, match=key):
            decode_request(json.dumps({name: value for name, value in whole.items() if name != key}).encode())


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"status":"200","headers":{}}',
        b'{"status":200.5,"headers":{}}',
        b'{"status":65536,"headers":{}}',
        b'{"status":200,"headers":{},"body":"text"}',
        b'{"status":200,"headers":{},"body":[256]}',
        b'{"status":200,"headers":{},"body":[-1]}',
        b'{"status":200,"headers":{"a":1}}',
        b'{"status":200,"headers":{"a":"\\ud800"}}',
        b'{"status":200,"headers":{"a":"\xff"}}',
        b'{"status":200,"headers":{},"more":' + b"[" * 100_000,
    ],
)
def test_a_response_of_the_wrong_shape_is_refused(wrong: bytes) -> None:
    with pytest.raises(NotHttp):
        decode_response(wrong)


def test_people_read_it_as_http_writes_it() -> None:
    request = Request("Post", "h:1", "/p", "HTTP", {"content-type": "text/plain"}, "grüß".encode())
    assert tell(encode_request(request)) == "POST http://h:1/p\ncontent-type: text/plain\n\ngrüß"
    assert tell(encode_response(Response(404, {}, b"\xff\xfe"))) == "404 Not Found\n\n(2 bytes that are no text)"
    assert tell(encode_response(Response(299))) == "299"
    assert tell(b"hello") is None
