"""The query language: text → a predicate over records. docs/queries.md teaches it."""

from __future__ import annotations

from workbench.query.language import Query, parse
from workbench.query.nodes import QueryError
from workbench.query.terms import Index

__all__ = ["Index", "Query", "QueryError", "parse"]
