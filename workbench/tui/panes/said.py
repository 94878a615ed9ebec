"""What a record of traffic says: from whom to whom, by which glyph and word, and its content in short."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.records import (
    Build,
    Call,
    Cast,
    Change,
    DropReason,
    Note,
    Record,
    Reload,
    Reply,
    Start,
    Sync,
    Timer,
    Trap,
)
from workbench.tui.text import decode, duration_words, preview, visible, visible_lines

_DROPPED: Mapping[DropReason | None, str] = {
    None: "dropped",
    "limit": "dropped: no room",
    "restart": "dropped: started anew",
    "reload": "dropped: the new code set it again",
    "gone": "dropped: its target is gone",
    "busy": "dropped: no room behind what waits",
    "unwritten": "lost: it could not be written",
}

Tone = Literal["cast", "call", "reply", "timer", "sync", "life", "good", "note", "trap"]
"""What kind of colour suits it."""


@dataclass(frozen=True)
class Way:
    """From `source` to `target`, which is empty for what does not go anywhere."""

    source: str
    target: str
    glyph: str
    kind: str
    tone: Tone

    @property
    def style(self) -> str:
        """The style, of those that panes of lines have, that suits it."""
        return f"tone--{self.tone}"


def way_of(record: Record, get: Callable[[int], Record | None]) -> Way:
    """The way of `record`; `get` finds the call that a reply is for."""
    who = record.instance or ""
    match record:
        case Cast():
            return Way(record.source, record.target or f"✗ {record.alias or ''}", "→", "cast", "cast")
        case Call():
            return Way(record.source, record.target or f"✗ {record.alias or ''}", "→", "call", "call")
        case Reply():
            call = get(record.call)
            callee, caller = (call.target or who, call.source) if isinstance(call, Call) else (who, "")
            return Way(callee, caller, "↩", "reply", "reply" if record.outcome != "err" else "note")
        case Timer():
            to = "self" if record.target == record.source else record.target or ""
            return Way(record.source, to, "◷", "timer", "timer")
        case Sync():
            return Way(who, "", "≡", "sync", "sync")
        case Trap():
            return Way(who, "", "✖", "trap", "trap")
        case Note():
            return Way(who, "", "!", "note", "note")
        case Change():
            event = get(record.event)
            way = way_of(event, get) if event is not None and not isinstance(event, Change) else None
            source, target = (way.source, way.target) if way is not None else (who, "")
            return Way(source, record.target or target, "✎", "change", "note")
        case Reload():
            return Way(who, "", "↻", "reload", "note" if record.outcome == "kept-old" else "good")
        case Build():
            return Way(record.function, "", "⊞", "build", "good" if record.ok else "trap")
        case Start():
            return Way(who, "", "▷", "start", "life")
        case _:
            return Way(who, "", "□", record.kind, "life")


def said(record: Record, limit: int, wrapped: bool) -> str:
    """Its content in about `limit` characters; `wrapped`: on more than one line where it has them."""
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
        case Change():
            return f"#{record.event:,} {change_words(record)}" + (
                f": {_shown(record.payload, limit - 24, wrapped)}" if record.payload is not None else ""
            )
        case Reload():
            since = record.since_change_ms
            words = "new code" if record.policy == "handoff" else "new code, fresh state"
            if record.outcome == "kept-old":
                words = "the old code stays"
            return words if since is None else f"{words}, {duration_words(since)} after the change"
        case Build():
            errors = sum(each.level == "error" for each in record.diagnostics)
            failed = f"failed: {errors} error{'' if errors == 1 else 's'}" if errors else "failed"
            return f"{record.profile} build {'done' if record.ok else failed}"
        case Start():
            words = "" if record.state is None else "with state "
            return words + _shown(record.init_payload or "", limit - 11, wrapped)
        case _:
            return ""


def change_words(change: Change) -> str:
    """What became of what waits, by hand or otherwise."""
    match change.action:
        case "held":
            return "held back"
        case "released":
            return "let go"
        case "dropped":
            return _DROPPED[change.reason]
        case "edited":
            return "edited"
        case "duplicated":
            return "comes twice"
        case "delayed":
            return f"delayed by {duration_words(change.delay_ms or 0)}"
        case "redirected":
            return f"goes to {visible(change.target or 'nobody')} now"
        case "moved":
            return "moved in the order"


def _shown(content: bytes | str, limit: int, wrapped: bool) -> str:
    limit = max(limit, 8)
    if not wrapped or len(content) > limit:
        return preview(content, limit)
    return visible_lines(decode(content) if isinstance(content, bytes) else content)
