"""The classes of resources there are. Importing them loads none of the clients they need: a start does."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.resources import (
    dda,
    epaper_display,
    file_log,
    file_pusher,
    http_egress,
    http_ingress,
    http_poster,
    kafka,
    ollama,
    portal,
    redis,
    scd30_sensor,
    serverless,
    sqlx,
)
from workbench.resources.model import Kind

_MODULES = (
    dda,
    epaper_display,
    file_log,
    file_pusher,
    http_egress,
    http_ingress,
    http_poster,
    kafka,
    ollama,
    portal,
    redis,
    scd30_sensor,
    serverless,
    sqlx,
)

KINDS: Mapping[str, Kind] = {module.KIND.class_type: module.KIND for module in _MODULES}
