"""The classes that are always played by a stand-in: what they know of their configuration and messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.resources import dda, epaper_display, kafka, portal, scd30_sensor
from workbench.resources.model import Kind
from workbench.resources.sandbox import leaves

KINDS = [module.KIND for module in (dda, epaper_display, kafka, portal, scd30_sensor)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.class_type)
@pytest.mark.conformance("played")
def test_none_has_a_real_part(kind: Kind) -> None:
    assert kind.start is None
    assert kind.words


@pytest.mark.parametrize("kind", [dda.KIND, scd30_sensor.KIND], ids=lambda kind: kind.class_type)
@given(garbage=st.binary() | st.text().map(str.encode))
def test_garbage_is_none_of_their_messages(kind: Kind, garbage: bytes) -> None:
    assert kind.decode(garbage, True) is None


@pytest.mark.conformance("played")
def test_kafka_says_where_its_messages_go() -> None:
    configuration = {"brokers": "127.0.0.1:9092, localhost:9093", "topic": "t"}
    assert kafka.KIND.reaches(configuration) == "topic t at 127.0.0.1:9092, localhost:9093"
    assert not leaves(kafka.KIND.servers(configuration), ())
    assert leaves(kafka.KIND.servers({"brokers": "127.0.0.1:9092,broker.example:9092", "topic": "t"}), ())
    assert kafka.KIND.reaches({}) is None


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b'{"ComPublishEvent":["temperature",[50,49]]}', "publish an event: alias temperature, data 21"),
        (b'{"ComSubscribeEvent":[255,0]}', "an event came: data of 2 bytes"),
        (b'{"ComSubscribeAction":["7",[111,110]]}', "an action came: correlation 7, data on"),
        (b'{"StateSubscribeMembershipChange":["m",true]}', "a member came or went: member m, joined"),
        (b'{"StoreDeleteAll":[]}', "delete all of the store"),
        (b'{"StoreScanRange":["a","b"]}', "scan a range of the store: from a, to b"),
    ],
)
@pytest.mark.conformance("played")
def test_dda_messages_are_told(payload: bytes, words: str) -> None:
    assert dda.KIND.decode(payload, True) == words


@pytest.mark.parametrize(
    "payload",
    [
        b'{"ComPublishEvent":["alias"]}',
        b'{"ComPublishEvent":["alias",[256]]}',
        b'{"ComPublishEvent":["alias","text"]}',
        b'{"ComPublishEvent":[1,[1]]}',
        b'{"StateSubscribeMembershipChange":["m",1]}',
        b'{"StoreGet":["k"]}',
        b'{"StoreGet":"k","StoreSet":"k"}',
        b'{"Unknown":[]}',
        b'"StoreDeleteAll"',
        b"[" * 100_000,
    ],
)
def test_what_only_looks_like_a_dda_message_is_none(payload: bytes) -> None:
    assert dda.KIND.decode(payload, True) is None


def test_dda_samples_are_dda_messages() -> None:
    for name, payload in dda.KIND.samples.items():
        assert dda.KIND.decode(payload, False), name


def test_a_measurement_has_three_numbers() -> None:
    payload = scd30_sensor.encode(415.5, 40.25, -3)
    assert payload == b"415.50000;40.25000;-3.00000"
    assert scd30_sensor.tell(payload) == "CO₂ 415.5 ppm, humidity 40.25 %, -3 °C"
    assert all(scd30_sensor.tell(sample) for sample in scd30_sensor.KIND.samples.values())
    assert scd30_sensor.tell(b"1;2") is None
