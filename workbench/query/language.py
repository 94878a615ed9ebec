"""A whole query: parsed, compiled to one closure, printed back."""

from __future__ import annotations

from workbench.query.facts import Index
from workbench.query.nodes import And, Everything, Json, Node, Not, Or, Pattern, Term, Word
from workbench.query.parser import parse_tree
from workbench.query.terms import FIELDS, LATE, Test, json_test, pattern_test, word_test
from workbench.records import Record


class Query:
    """A predicate over records. `str(query)` is text that parses to the same query."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree
        self.late = _late(tree)
        """Whether a match can change once an event has been handled or answered."""
        self._test = _compile(tree)

    @property
    def everything(self) -> bool:
        """Whether it is the empty query."""
        return isinstance(self.tree, Everything)

    def matches(self, record: Record, index: Index | None = None) -> bool:
        """Whether `record` fits; without `index`, what is known only from other records fits nothing."""
        return self._test(record, index)

    def __str__(self) -> str:
        return str(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.tree == other.tree

    def __hash__(self) -> int:
        return hash(self.tree)


def parse(text: str) -> Query:
    """The query `text` says. Raises `QueryError` with the column of the fault."""
    return Query(parse_tree(text))


def _compile(tree: Node) -> Test:
    match tree:
        case Everything():
            return lambda record, index: True
        case Word():
            return word_test(tree)
        case Pattern():
            return pattern_test(tree)
        case Term():
            return FIELDS[tree.field](tree.operator, tree.value)
        case Json():
            return json_test(tree)
        case Not():
            inner = _compile(tree.part)
            return lambda record, index: not inner(record, index)
        case And():
            return _all([_compile(part) for part in tree.parts])
        case Or():
            return _any([_compile(part) for part in tree.parts])


def _all(tests: list[Test]) -> Test:
    def test(record: Record, index: Index | None) -> bool:
        for each in tests:  # noqa: SIM110  # half the time of all()
            if not each(record, index):
                return False
        return True

    return test


def _any(tests: list[Test]) -> Test:
    def test(record: Record, index: Index | None) -> bool:
        for each in tests:  # noqa: SIM110  # half the time of any()
            if each(record, index):
                return True
        return False

    return test


def _late(tree: Node) -> bool:
    if isinstance(tree, And | Or):
        return any(_late(part) for part in tree.parts)
    if isinstance(tree, Not):
        return _late(tree.part)
    return isinstance(tree, Term) and tree.field in LATE
