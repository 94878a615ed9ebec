"""Traffic: every message that crosses, and what became of the instances."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len

from workbench.query import duration_ms
from workbench.records import (
    Build,
    Call,
    Cast,
    Note,
    Record,
    Reload,
    Reply,
    Start,
    Stop,
    Sync,
    Timer,
    Trap,
)
from workbench.tui.panes.line import Line, Part, fit, fit_right, line
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.messages import PaneSource
from workbench.tui.text import clock_column, decode, duration_words, preview, visible, visible_lines

NAME_WIDTHS = range(4, 15)
WRAPPED_PREVIEW = 4000
"""Characters of a payload in a wrapped line."""
_DURATION = 8


class TrafficPane(LinePane):
    """One line per cast, call, reply, timer, sync, trap, note, build, start, stop and reload."""

    NAME = "traffic"
    HINT = "No messages yet. What functions and you send shows here."
    KINDS = frozenset({Cast, Call, Reply, Timer, Sync, Trap, Note, Build, Start, Stop, Reload})
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "traffic--seq",
        "traffic--time",
        "traffic--name",
        "traffic--cast",
        "traffic--call",
        "traffic--reply",
        "traffic--timer",
        "traffic--sync",
        "traffic--life",
        "traffic--good",
        "traffic--note",
        "traffic--trap",
        "traffic--payload",
        "traffic--duration",
    }
    DEFAULT_CSS = """
    TrafficPane {
        & > .traffic--seq { color: $muted 70%; }
        & > .traffic--time { color: $muted; }
        & > .traffic--name { color: $foreground; }
        & > .traffic--cast { color: $cast; }
        & > .traffic--call { color: $call; }
        & > .traffic--reply { color: $reply; }
        & > .traffic--timer { color: $timer; }
        & > .traffic--sync { color: $muted; }
        & > .traffic--life { color: $muted; }
        & > .traffic--good { color: $success; }
        & > .traffic--note { color: $warning; }
        & > .traffic--trap { color: $error; text-style: bold; }
        & > .traffic--payload { color: $foreground; }
        & > .traffic--duration { color: $muted; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._name_width = 6

    def update_from(self, session: PaneSource) -> None:
        """Give the names the room they need, then as any pane of lines."""
        if self.display:
            longest = max((cell_len(visible(each.name)) for each in session.view().instances), default=0)
            width = min(max(longest, 4), NAME_WIDTHS.stop - 1)
            if width != self._name_width:
                self._name_width = width
                self.rows.redraw()
        super().update_from(session)

    def line_for(self, record: Record, width: int, wrap: bool) -> Line:
        """`4711  0.318  sensor → filter  cast  41.7   0.4 ms`; narrow panes leave the number out."""
        names = self._name_width if width >= 64 else min(self._name_width, 8)
        parts: list[Part] = []
        if width >= 72:
            parts.append((f"{record.seq:>6} ", "traffic--seq"))
        parts.append((clock_column(record.t, width >= 64) + " ", "traffic--time"))
        way, glyph, kind, style = self._way(record)
        parts += [
            (fit(visible(way[0]), names), "traffic--name"),
            (f" {glyph} ", style),
            (fit(visible(way[1]), names) + " ", "traffic--name"),
            (f"{kind:<6} ", style),
        ]
        used = sum(cell_len(text) for text, _ in parts)
        took = duration_ms(record, self._outcomes) if not isinstance(record, Reply) else None
        ending = duration_words(took) if took is not None else ""
        if wrap:
            said = _said(record, WRAPPED_PREVIEW, wrapped=True)
            took_part = (f"  {ending}" if ending else "", "traffic--duration")
            return line(*parts, (said, _said_style(record)), took_part, hang=used)
        room = width - used - (_DURATION + 1 if ending and width >= 48 else 0)
        parts.append((fit(_said(record, max(room, 8), wrapped=False), room), _said_style(record)))
        if ending and width >= 48:
            parts.append((fit_right(ending, _DURATION + 1), "traffic--duration"))
        return line(*parts)

    def _way(self, record: Record) -> tuple[tuple[str, str], str, str, str]:
        way, glyph, kind, style = _way_of(record)
        if isinstance(record, Reply) and isinstance(call := self._outcomes.get(record.call), Call):
            way = (call.target or way[0], call.source)
        return way, glyph, kind, style


def _way_of(record: Record) -> tuple[tuple[str, str], str, str, str]:
    """From and to, the glyph between them, the word for the kind, the style of both."""
    who = record.instance or ""
    match record:
        case Cast():
            return (record.source, record.target or f"✗ {record.alias or ''}"), "→", "cast", "traffic--cast"
        case Call():
            return (record.source, record.target or f"✗ {record.alias or ''}"), "→", "call", "traffic--call"
        case Reply():
            return (who, ""), "↩", "reply", "traffic--reply" if record.outcome != "err" else "traffic--note"
        case Timer():
            to = "self" if record.target == record.source else record.target or ""
            return (record.source, to), "◷", "timer", "traffic--timer"
        case Sync():
            return (who, ""), "≡", "sync", "traffic--sync"
        case Trap():
            return (who, ""), "✖", "trap", "traffic--trap"
        case Note():
            return (who, ""), "!", "note", "traffic--note"
        case Reload():
            kept = record.outcome == "kept-old"
            return (who, ""), "↻", "reload", "traffic--note" if kept else "traffic--good"
        case Build():
            return (record.function, ""), "⊞", "build", "traffic--good" if record.ok else "traffic--trap"
        case Start():
            return (who, ""), "▷", "start", "traffic--life"
        case _:
            return (who, ""), "□", record.kind, "traffic--life"


def _said(record: Record, limit: int, wrapped: bool) -> str:
    match record:
        case Cast() | Call():
            return _shown(record.payload, limit, wrapped)
        case Timer():
            return f"+{record.delay_ms:,} ms " + _shown(record.payload, limit - 10, wrapped)
        case Reply():
            if record.payload is None:
                return "no reply" if record.outcome == "noreply" else "error"
            return _shown(record.payload, limit, wrapped)
        case Sync():
            return _shown(record.state, limit, wrapped)
        case Trap():
            return _shown(record.panic or record.message, limit, wrapped)
        case Note():
            return _shown(f"{record.code}: {record.message}", limit, wrapped)
        case Reload():
            since = record.since_change_ms
            words = "new code, state carried over" if record.policy == "handoff" else "new code, fresh state"
            if record.outcome == "kept-old":
                words = "the old code stays"
            return words if since is None else f"{words}, {duration_words(since)} after the change"
        case Build():
            errors = sum(each.level == "error" for each in record.diagnostics)
            failed = f"failed: {errors} errors" if errors else "failed"
            return f"{record.profile} build {'done' if record.ok else failed}"
        case Start():
            words = "" if record.state is None else "with state "
            return words + _shown(record.init_payload or "", limit - 11, wrapped)
        case _:
            return ""


def _shown(content: bytes | str, limit: int, wrapped: bool) -> str:
    limit = max(limit, 8)
    if not wrapped or len(content) > limit:
        return preview(content, limit)
    return visible_lines(decode(content) if isinstance(content, bytes) else content)


def _said_style(record: Record) -> str:
    if isinstance(record, Trap):
        return "traffic--trap"
    if isinstance(record, Note):
        return "traffic--note"
    return "traffic--life" if isinstance(record, Sync | Start | Stop | Reload | Build) else "traffic--payload"
