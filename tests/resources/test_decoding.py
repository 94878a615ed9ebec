"""What is sent to resources, and what comes from them, in words for people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.resources.registry import KINDS

NO_ROW = b"no rows returned by a query that expected to return at least one row"
ROW = '{"id":"7","metadata":{"n":[1,"\u00fc"]}}'.encode()


@pytest.mark.parametrize(
    ("class_type", "payload", "words"),
    [
        ("sqlx", b"SELECT id, metadata FROM WorkflowState WHERE id = $1", "reads a row"),
        ("sqlx", b"drop", "answered with Err: no SELECT, INSERT, UPDATE or DELETE in it"),
        ("sqlx", b"INSERT INTO WorkflowState VALUES ($1, '1')", "changes rows"),
        ("redis", b"a:b:c", "a cast sets the resource's key to a:b:c; a call gets a:b:c"),
        ("redis", b"42", "a cast sets the resource's key to 42; a call gets 42"),
        ("ollama", b"how do you do", "says 4 words"),
        ("serverless", b"hello", "posts 5 B to the function"),
        ("http-poster", b"hello", "posts 5 B"),
        ("file-log", b"hello", "becomes a line of 5 B"),
        ("kafka-egress", b"hello", "a message for the topic, with an empty key: 5 B"),
        ("epaper-display", b"21 degrees", "shows 21 degrees"),
        ("epaper-display", b"\xff", "ignored, for it is no UTF-8"),
        ("portal", b"x", "relayed to the other domain"),
        ("dda", b'{"StoreGet":"k"}', "get from the store: key k"),
        ("http-egress", b'{"method":"Get","protocol":"HTTP","host":"h","path":"/","headers":{}}', "GET http://h/"),
    ],
)
def test_what_is_sent_is_told(class_type: str, payload: bytes, words: str) -> None:
    assert KINDS[class_type].decode(payload, True) == words


@pytest.mark.parametrize(
    ("class_type", "payload", "words"),
    [
        ("sqlx", ROW, 'a row\nid: 7\nmetadata:\n{"n":[1,"\u00fc"]}'),
        (
            "sqlx",
            b"rows_affected: 1, last_insert_rowid: 7.",
            "1 row was concerned; the last one ever inserted has number 7",
        ),
        (
            "sqlx",
            b"rows_affected: 0, last_insert_rowid: 7.",
            "0 rows were concerned; the last one ever inserted has number 7",
        ),
        ("sqlx", NO_ROW, "no row was found"),
        (
            "sqlx",
            b'error returned from database: (code: 1) near "x": syntax error',
            'the database refuses, with SQLite\'s code 1: near "x": syntax error',
        ),
        (
            "sqlx",
            b"no column found for name: metadata",
            "the row is not as those of the table are: no column found for name: metadata",
        ),
        ("redis", b"42", "the value of the key: 2 B"),
        ("ollama", b"Hello", "the model says 1 word"),
        ("serverless", b"HELLO", "what the function answers, or what went wrong: 5 B"),
        ("http-egress", b'{"status":404,"headers":{},"body":[110,111]}', "404 Not Found\n\nno"),
        ("file-log", b"", "taken; whether it was written is not said"),
        ("kafka-egress", b"", "produced"),
        ("portal", b"x", "relayed from the other domain"),
        ("file-pusher", b"one", "a file of 3 B"),
        ("file-pusher", b"", "a file that is empty or no UTF-8, or no files"),
        ("dda", b"", "published or stored"),
        ("dda", b'{"ComSubscribeActionResult":[111,107]}', "the result of an action: data ok"),
    ],
)
def test_what_comes_is_told(class_type: str, payload: bytes, words: str) -> None:
    assert KINDS[class_type].decode(payload, False) == words


@pytest.mark.conformance("dda-store-get")
def test_a_bare_value_of_the_store_is_told_as_what_the_guest_crate_panics_on() -> None:
    told = KINDS["dda"].decode(b"21.5", False)
    assert told == "a value of the store, bare, which the platform's guest crate panics on: 21.5"
    assert b"21.5" in KINDS["dda"].samples.values()


@pytest.mark.conformance("kafka-call")
def test_a_call_to_kafka_is_answered_with_an_empty_reply() -> None:
    assert KINDS["kafka-egress"].samples == {"produced": b""}


@given(st.binary() | st.text().map(lambda text: text.encode(errors="replace")), st.booleans())
def test_nothing_that_is_sent_breaks_the_telling(payload: bytes, sent_to: bool) -> None:
    for kind in KINDS.values():
        told = kind.decode(payload, sent_to)
        assert told is None or told
