"""Logs: what the guests log."""

from __future__ import annotations

from rich.cells import cell_len

from workbench.records import Log, Record
from workbench.tui.panes.line import Line, Part, fit, line
from workbench.tui.panes.named import NamedLinePane
from workbench.tui.panes.names import fit_name
from workbench.tui.text import clock_column, preview, visible, visible_lines

WRAPPED_PREVIEW = 8000
"""Characters of a message in a wrapped line."""


class LogsPane(NamedLinePane):
    """One line per log record: time, instance, level, message."""

    NAME = "logs"
    HINT = "No logs yet. What functions log shows here."
    KINDS = frozenset({Log})

    def line_for(self, record: Record, width: int, wrap: bool) -> Line:
        """`0.321 ping  info  asking pong`; the target stands where there is room for it."""
        assert isinstance(record, Log)
        level = f"log--{record.level}"
        names = self.name_width(width)
        parts: list[Part] = [
            (clock_column(record.t, width >= 64) + " ", "log--time"),
            (fit_name(visible(record.instance or ""), names) + " ", "log--name"),
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
