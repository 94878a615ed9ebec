"""The inspector: everything about the one thing that is selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType

from workbench.journal import Journal
from workbench.project.model import Project
from workbench.query import content, edited
from workbench.records import Change, Handled, Record, Reply
from workbench.resources.model import Kind
from workbench.session.view import InstanceView
from workbench.tui.panes.below import Keys
from workbench.tui.panes.chain import cause_of
from workbench.tui.panes.document import DocumentPane, Row, labelled
from workbench.tui.panes.line import Line, line
from workbench.tui.panes.messages import PaneSource
from workbench.tui.panes.telling import Findings, about_instance, about_record
from workbench.tui.panes.wall import Wall
from workbench.tui.payloads import VIEWERS, HexViewer, Viewer, best_viewer
from workbench.tui.resources.decoding import decoded, kinds_of
from workbench.tui.text import visible
from workbench.units import format_size

SLICE = 4096
"""Records looked through for consequences in one tick."""
REACH = 500_000
"""How far after a record its consequences are looked for."""
MOST_CHILDREN = 200

_UNSEEN = object()
"""Stands for what is shown while nothing has been shown yet."""


class InspectorPane(DocumentPane):
    """The selected record, or else the selected instance, whole."""

    NAME = "inspector"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "view(1)", "next view of the payload", show=False, id="inspector.next-view"),
        Binding("left,h", "view(-1)", "previous view of the payload", show=False, id="inspector.previous-view"),
    ]
    DEFAULT_CSS = """
    InspectorPane > .pane--title { color: $title; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._journal = Journal(max_records=0)
        self._project = Project(Path(), ())
        self._seq: int | None = None
        self._record: Record | None = None
        self._instance: str | None = None
        self._findings = Findings()
        self._scanned = 0
        self._viewer = ""
        self._payload_lines: Sequence[Line] = ()
        self._seen: object = _UNSEEN
        self._wall = Wall()
        self.keys_told = Keys()
        self._kinds: Mapping[str, Kind] = {}
        self._viewers: Sequence[Viewer] = VIEWERS

    def update_from(self, session: PaneSource) -> None:
        """Look for more consequences of the record, or at the instance as it is now."""
        self._project = session.view().project
        self._wall.look(session.view())
        if session.journal is not self._journal:
            self._journal, self._record = session.journal, None  # another line of history, with other consequences
        if not self.display:
            return
        self._kinds = kinds_of(session.view())
        if self._seq is not None:
            if self._record is None:
                self._take_record(self._seq)
            elif self._scan():
                self._write()
        elif self._instance is not None:
            view = session.view()
            instance = view.named.get(self._instance)
            if instance != self._seen:
                other = not isinstance(self._seen, InstanceView) or self._seen.name != self._instance
                self._seen = instance
                trap = None if instance is None or instance.last_trap is None else self._journal.get(instance.last_trap)
                self.subtitle = ""
                self.show(about_instance(self._instance, instance, view, trap, self.keys_told), from_top=other)
        elif self._seen is not None:
            self._seen = None
            hint = "Choose a line in the traffic, a log or an instance: all about it shows here."
            self.show([Row(line((hint, "pane--muted")))])

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Show this record or, when it is None, this instance."""
        if seq is not None and seq == self._seq:
            return
        self._seq, self._instance = seq, instance
        self._record, self._seen = None, _UNSEEN
        if seq is not None:
            self._take_record(seq)

    def _take_record(self, seq: int) -> None:
        record = self._journal.get(seq)
        self._findings = Findings()
        self._scanned = seq + 1
        self._viewer = ""
        if record is None:
            gone = f"#{seq:,} is no longer in the journal, which keeps the newest."
            self.show([Row(line((gone, "pane--muted")))], from_top=True)
            return
        self._record = record
        self._seen = record
        self._scan()
        self._write(from_top=True)

    def _scan(self) -> bool:
        """Look further for consequences; whether any were found."""
        assert self._seq is not None
        findings, found = self._findings, False
        if self._scanned - self._seq > REACH:
            return False
        records = self._journal.read(self._scanned, SLICE)
        for record in records:
            if isinstance(record, Handled):
                if record.event == self._seq:
                    findings.handled, found = record, True
            elif isinstance(record, Reply) and record.call == self._seq:
                findings.reply, found = record, True
            elif cause_of(record) == self._seq:
                if isinstance(record, Change) and record.payload is not None:
                    findings.edit = record
                    self._payload_lines = ()
                findings.children_count += 1
                if len(findings.children) < MOST_CHILDREN:
                    findings.children.append(record)
                found = True
        if records:
            self._scanned = records[-1].seq + 1
        return found

    def _payload(self) -> bytes | None:
        held = None if self._record is None else content(edited(self._record, self._findings.edit))
        return held.encode(errors="replace") if isinstance(held, str) else held

    def _write(self, *, from_top: bool = False) -> None:
        assert self._record is not None
        wall = self._wall.at(self._record.t)
        head = about_record(self._record, self._journal, self._findings, wall, self._project)
        payload = self._payload()
        if payload is None:
            self.subtitle = ""
            self.show(head, from_top=from_top)
            return
        special = decoded(edited(self._record, self._findings.edit), payload, self._journal, self._kinds)
        if special is not None:
            means = special.text if "\n" not in special.text else special.text.split("\n")[0]
            head.append(labelled("means", visible(means)))
        if from_top or not self._payload_lines:
            self._viewers = VIEWERS if special is None else (special, *VIEWERS)
            wanted = next((each for each in self._viewers if each.name == self._viewer), None)
            viewer = wanted or best_viewer(payload, self._viewers)
            self._viewer = viewer.name
            self._payload_lines = viewer.lines(payload, self.rows.text_width)
        tabs = [
            (f" {each.name} ", "pane--tab-active" if each.name == self._viewer else "pane--tab")
            for each in self._viewers
        ]
        title = line(("payload", "pane--title"), *tabs, (f" {format_size(len(payload))}", "pane--muted"))
        self.show([*head, Row(line()), Row(title)], self._payload_lines, from_top=from_top)

    def action_view(self, by: int) -> None:
        """Look at the payload another way."""
        payload = self._payload()
        if payload is None:
            return
        names = [each.name for each in self._viewers]
        at = (names.index(self._viewer) + by) % len(names) if self._viewer in names else 0
        self._viewer = names[at]
        self._payload_lines = self._viewers[at].lines(payload, self.rows.text_width)
        self._write()

    def on_resize(self) -> None:
        """Lines of hex fit the width."""
        payload = self._payload()
        if self._viewer == "hex" and payload is not None:
            self._payload_lines = HexViewer().lines(payload, self.rows.text_width)
            self._write()

    @property
    def copy_text(self) -> str | None:
        """The whole payload, when the cursor is not on a line above it."""
        payload = self._payload()
        if payload is None or self.row_at_cursor() is not None:
            return super().copy_text
        return payload.decode("utf-8", "backslashreplace")
