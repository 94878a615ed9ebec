"""The query language: text → a predicate over records. docs/queries.md teaches it."""

from __future__ import annotations

from workbench.query.facts import Index, content, duration_ms, edited
from workbench.query.language import Query, parse
from workbench.query.nodes import QueryError

__all__ = ["Index", "Query", "QueryError", "content", "duration_ms", "edited", "parse"]
