"""dda: events, actions, queries and a shared store by way of a DDA sidecar. Always played by a stand-in.

Messages are an enum in JSON, `{"ComPublishEvent":["alias",[byte,…]]}`; a variant with one field has it without a list
around, one with none has an empty list (EDGELESS 1.2, edgeless_dda and RES/dda). A call that publishes or stores is
answered with an empty reply, one that acts, asks or scans with the variant that bears its result, one that gets from
the store with the bare value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from workbench.resources.forms import Field, Form, Role
from workbench.resources.model import Kind, Setting
from workbench.resources.urls import origin_of
from workbench.resources.wording import shown

DDA = "dda"
SUBSCRIPTIONS, PUBLICATIONS = "dda_com_subscription_mapping", "dda_com_publication_mapping"
"""The keys of what it receives and publishes."""

_Field: TypeAlias = Literal["data", "joined", "alias", "correlation", "key", "value", "from", "to", "prefix", "member"]


@dataclass(frozen=True)
class _Variant:
    """`data` and `value` are bytes, `joined` is a truth, the others are texts."""

    words: str
    fields: tuple[_Field, ...] = ()


_VARIANTS: Mapping[str, _Variant] = {
    "ComPublishEvent": _Variant("publish an event", ("alias", "data")),
    "ComPublishAction": _Variant("publish an action", ("alias", "data")),
    "ComPublishQuery": _Variant("publish a query", ("alias", "data")),
    "ComPublishActionResult": _Variant("publish the result of an action", ("correlation", "data")),
    "ComPublishQueryResult": _Variant("publish the result of a query", ("correlation", "data")),
    "ComSubscribeEvent": _Variant("an event came", ("data",)),
    "ComSubscribeAction": _Variant("an action came", ("correlation", "data")),
    "ComSubscribeQuery": _Variant("a query came", ("correlation", "data")),
    "ComSubscribeActionResult": _Variant("the result of an action", ("data",)),
    "ComSubscribeQueryResult": _Variant("the result of a query", ("data",)),
    "StateSubscribeSet": _Variant("the shared state was set", ("key", "value")),
    "StateSubscribeDelete": _Variant("the shared state was deleted", ("key",)),
    "StateSubscribeMembershipChange": _Variant("a member came or went", ("member", "joined")),
    "StatePublishSet": _Variant("set the shared state", ("key", "value")),
    "StatePublishDelete": _Variant("delete the shared state", ("key",)),
    "StoreGet": _Variant("get from the store", ("key",)),
    "StoreSet": _Variant("set in the store", ("key", "value")),
    "StoreDelete": _Variant("delete from the store", ("key",)),
    "StoreDeleteAll": _Variant("delete all of the store"),
    "StoreDeletePrefix": _Variant("delete a prefix of the store", ("prefix",)),
    "StoreDeleteRange": _Variant("delete a range of the store", ("from", "to")),
    "StoreScanPrefix": _Variant("scan a prefix of the store", ("prefix",)),
    "StoreScanRange": _Variant("scan a range of the store", ("from", "to")),
    "StoreGetResult": _Variant("a value of the store", ("data",)),
    "StoreScanPrefixResult": _Variant("a prefix was scanned", ("key", "value")),
    "StoreScanRangeResult": _Variant("a range was scanned", ("key", "value")),
}


_BYTES = ("data", "value")


def encode(name: str, *values: bytes | str | bool) -> bytes:
    """The JSON of a variant."""
    plain = [list(value) if isinstance(value, bytes) else value for value in values]
    return msgspec.json.encode({name: plain[0] if len(plain) == 1 else plain})


def tell(payload: bytes) -> str | None:
    """A message in words for people; None when it is none."""
    try:
        message = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(message, dict) or len(message) != 1:
        return None
    ((name, content),) = message.items()
    variant = _VARIANTS.get(name)
    if variant is None:
        return None
    values = [content] if len(variant.fields) == 1 else content
    if not isinstance(values, list) or len(values) != len(variant.fields):
        return None
    told = [_told(field, value) for field, value in zip(variant.fields, values, strict=True)]
    words = [text for text in told if text is not None]
    return (
        None if len(words) != len(told) else ": ".join([variant.words, ", ".join(words)] if words else [variant.words])
    )


def _told(field: _Field, value: object) -> str | None:
    if field == "joined":
        return ("joined" if value else "left") if isinstance(value, bool) else None
    if field not in _BYTES:
        return f"{field} {value}" if isinstance(value, str) else None
    try:
        content = msgspec.convert(value, list[int])
        raw = bytes(content)
    except (msgspec.ValidationError, ValueError):
        return None
    try:
        return f"{field} {raw.decode()}"
    except UnicodeDecodeError:
        return f"{field} of {len(raw)} bytes"


def _decode(payload: bytes, sent_to: bool) -> str | None:
    told = tell(payload)
    if told is not None or sent_to:
        return told
    if not payload:
        return "published or stored"
    try:
        value = payload.decode()
    except UnicodeDecodeError:
        return None
    # EDGELESS 1.2: what answers a StoreGet is the bare value, for which its own helper in the guest panics.
    return f"a value of the store, bare, which the platform's guest crate panics on: {shown(value)}"


def _role(name: str) -> Role:
    """Who says such a message: a function to the sidecar, the sidecar of itself, or as its answer."""
    if name.startswith(("ComPublish", "StatePublish")) or (name.startswith("Store") and not name.endswith("Result")):
        return "gets"
    return "answers" if name.endswith("Result") else "sends"


def _form(name: str, variant: _Variant) -> Form:
    def filled(*typed: str | bool) -> bytes:
        values = zip(variant.fields, typed, strict=True)
        return encode(name, *(str(value).encode() if field in _BYTES else value for field, value in values))

    fields = (Field(field, "yes", "yes or no") if field == "joined" else Field(field) for field in variant.fields)
    return Form(variant.words, _role(name), tuple(fields), filled)


def _url(configuration: Mapping[str, str]) -> str:
    return configuration.get("dda_url", "")


KIND = Kind(
    class_type=DDA,
    words="publishes and receives events, actions and queries, and shares state, by way of a DDA sidecar",
    settings=(
        Setting("dda_url", "where the sidecar is", required=True),
        Setting(
            SUBSCRIPTIONS,
            'what is received: JSON, [{"topic":…,"pattern":"event","method":"cast","target":…}]',
            required=True,
        ),
        Setting(
            PUBLICATIONS,
            'what is published: JSON, [{"topic":…,"pattern":"event","alias":…}]',
            required=True,
        ),
    ),
    takes_cast=False,
    reaches=lambda configuration: origin_of(_url(configuration)) or shown(_url(configuration)) or None,
    servers=lambda configuration: (_url(configuration),),
    decode=_decode,
    samples={
        "published or stored": b"",
        "a value of the store, bare": b"21.5",
        "an event came": encode("ComSubscribeEvent", b"21.5"),
        "an action came": encode("ComSubscribeAction", "correlation-1", b"on"),
        "a query came": encode("ComSubscribeQuery", "correlation-1", b"status"),
        "the result of an action": encode("ComSubscribeActionResult", b"done"),
        "the result of a query": encode("ComSubscribeQueryResult", b"21.5"),
        "a prefix was scanned": encode("StoreScanPrefixResult", "key", b"value"),
        "a range was scanned": encode("StoreScanRangeResult", "key", b"value"),
    },
    forms=(
        *(_form(name, variant) for name, variant in _VARIANTS.items() if name != "StoreGetResult"),
        Form("a value of the store, bare", "answers", (Field("value"),), str.encode),
    ),
)
