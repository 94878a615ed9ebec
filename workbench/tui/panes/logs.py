"""Logs: what the guests log."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len

from workbench.records import Log, Record
from workbench.tui.panes.line import Line, Part, fit, line
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.messages import PaneSource
from workbench.tui.text import clock_column, preview, visible, visible_lines

MAX_NAME = 14
WRAPPED_PREVIEW = 8000
"""Characters of a message in a wrapped line."""


class LogsPane(LinePane):
    """One line per log record: time, instance, level, message."""

    NAME = "logs"
    HINT = "No logs yet. What functions log shows here."
    KINDS = frozenset({Log})
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--time",
        "log--name",
        "log--target",
        "log--error",
        "log--warn",
        "log--info",
        "log--debug",
        "log--trace",
        "log--message",
    }
    DEFAULT_CSS = """
    LogsPane {
        & > .log--time { color: $muted; }
        & > .log--name { color: $foreground; }
        & > .log--target { color: $muted 80%; }
        & > .log--error { color: $log-error; text-style: bold; }
        & > .log--warn { color: $log-warn; }
        & > .log--info { color: $log-info; }
        & > .log--debug { color: $log-debug; }
        & > .log--trace { color: $log-trace; }
        & > .log--message { color: $foreground; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._name_width = 6

    def update_from(self, session: PaneSource) -> None:
        """Give the names the room they need, then as any pane of lines."""
        if self.display:
            longest = max((cell_len(visible(each.name)) for each in session.view().instances), default=0)
            width = min(max(longest, 4), MAX_NAME)
            if width != self._name_width:
                self._name_width = width
                self.rows.redraw()
        super().update_from(session)

    def line_for(self, record: Record, width: int, wrap: bool) -> Line:
        """`0.321 ping  info  asking pong`; the target stands where there is room for it."""
        assert isinstance(record, Log)
        level = f"log--{record.level}"
        names = self._name_width if width >= 64 else min(self._name_width, 8)
        parts: list[Part] = [
            (clock_column(record.t, width >= 64) + " ", "log--time"),
            (fit(visible(record.instance or ""), names) + " ", "log--name"),
            (fit(record.level, 6), level),
        ]
        target = visible(record.target)
        if target and width >= 90:
            parts.append((fit(target, 12) + " ", "log--target"))
        used = sum(cell_len(text) for text, _ in parts)
        message_style = level if record.level in ("error", "warn", "debug", "trace") else "log--message"
        if wrap and len(record.message) <= WRAPPED_PREVIEW:
            return line(*parts, (visible_lines(record.message).rstrip("\n"), message_style), hang=used)
        limit = WRAPPED_PREVIEW if wrap else max(width - used, 8)
        return line(*parts, (preview(record.message.rstrip("\n"), limit), message_style), hang=used)
