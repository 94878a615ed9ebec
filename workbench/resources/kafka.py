"""kafka-egress: what is sent to it becomes a message of a Kafka topic, with an empty key. Always played by a stand-in.

Its part of the platform does not compile at present (EDGELESS 1.2, RES/kafka_egress.rs), so that there is nothing to be
faithful to but its configuration and its answer to a call, which is an empty reply.
"""

from __future__ import annotations

from collections.abc import Mapping

from workbench.resources.forms import Field, Form
from workbench.resources.model import Kind, Setting
from workbench.units import format_size


def _brokers(configuration: Mapping[str, str]) -> list[str]:
    return [broker.strip() for broker in configuration.get("brokers", "").split(",") if broker.strip()]


def _reaches(configuration: Mapping[str, str]) -> str | None:
    brokers = _brokers(configuration)
    return f"topic {configuration.get('topic', '?')} at {', '.join(brokers)}" if brokers else None


def _decode(payload: bytes, sent_to: bool) -> str | None:
    if sent_to:
        return f"a message for the topic, with an empty key: {format_size(len(payload))}"
    return None if payload else "produced"


KIND = Kind(
    class_type="kafka-egress",
    words="produces Kafka messages from what is sent to it",
    settings=(
        Setting("brokers", "host:port of one or more brokers, with commas between", required=True),
        Setting("topic", "the topic of the messages", required=True),
    ),
    reaches=_reaches,
    servers=lambda configuration: tuple(f"kafka://{broker}" for broker in _brokers(configuration)),
    decode=_decode,
    samples={"produced": b""},
    forms=(
        Form("a message for the topic", "gets", (Field("value"),), str.encode),
        Form("produced", "answers", (), bytes),
    ),
)
