"""The classes of resources there are. Importing them loads none of the clients they need: a start does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from workbench.resources.model import Kind

_MODULES = (
    "dda",
    "epaper_display",
    "file_log",
    "file_pusher",
    "http_egress",
    "http_ingress",
    "http_poster",
    "kafka",
    "ollama",
    "portal",
    "redis",
    "scd30_sensor",
    "serverless",
    "sqlx",
)


def _kinds() -> Iterator[Kind]:
    for name in _MODULES:
        yield import_module(f"{__package__}.{name}").KIND


KINDS: Mapping[str, Kind] = {kind.class_type: kind for kind in _kinds()}
