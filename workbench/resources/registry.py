"""The classes of resources there are. Importing them loads none of the clients they need: a start does."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.resources import file_log, file_pusher, redis, sqlx
from workbench.resources.model import Kind

_MODULES = (
    file_log,
    file_pusher,
    redis,
    sqlx,
)

KINDS: Mapping[str, Kind] = {module.KIND.class_type: module.KIND for module in _MODULES}
