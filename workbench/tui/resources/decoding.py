"""A payload to or from a resource as its class understands it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workbench.journal import Journal
from workbench.records import Call, Cast, Record, Reply
from workbench.resources.model import Kind
from workbench.session.view import View
from workbench.tui.panes.line import Line, line
from workbench.tui.payloads import TEXT_LIMIT, json_line, laid_out
from workbench.tui.resources.words import kind_of
from workbench.tui.text import visible_lines


class DecodedViewer:
    """One payload in words, as `text`."""

    name = "decoded"

    def __init__(self, text: str) -> None:
        self.text = text

    def priority(self, payload: bytes) -> float:
        """More than anything, for it was made for this payload; a remark of one line is less than what it is about."""
        return 2 if "\n" in self.text else 0.05

    def lines(self, payload: bytes, width: int) -> Sequence[Line]:
        """The words; JSON among them, as the body of a request, is laid out."""
        return [line for each in visible_lines(self.text).split("\n") for line in _laid_out(each)]


def _laid_out(text: str) -> Iterator[Line]:
    if text[:1] in ("{", "[") and (fields := laid_out(text.encode())) is not None:
        yield from (json_line(each) for each in fields.split("\n"))
    else:
        yield line(text)


def kinds_of(view: View) -> Mapping[str, Kind]:
    """The class of each resource, by its name, as far as it is known here."""
    kinds = ((one.name, kind_of(one, view.project)) for one in view.stand_ins)
    return {name: kind for name, kind in kinds if kind is not None}


def decoded(record: Record, payload: bytes, journal: Journal, kinds: Mapping[str, Kind]) -> DecodedViewer | None:
    """The payload in words, when it goes to or comes from a resource that understands it."""
    if len(payload) > TEXT_LIMIT:
        return None
    for name, sent_to in _ends(record, journal):
        kind = kinds.get(name or "")
        words = None if kind is None else kind.decode(payload, sent_to)
        if words:
            return DecodedViewer(words)
    return None


def _ends(record: Record, journal: Journal) -> Iterator[tuple[str | None, bool]]:
    """Who gets it and who sends it, and whether it was sent to that one."""
    if isinstance(record, Cast | Call):
        yield record.target, True
        yield record.source, False
    elif isinstance(record, Reply):
        call = journal.get(record.call)
        if isinstance(call, Call):
            yield call.target, False
            yield call.source, True
