"""The vocabulary of the journal: one small frozen record for each thing that can happen.

Field names and meanings are the trace format's (docs/trace.md); `kind` is the record's name there.
Records are msgspec structs because the engine makes several per event: measured on one machine, building one
takes about 0.1 us against 1 us for a frozen dataclass.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct

Callback = Literal["handle_init", "handle_cast", "handle_call", "handle_stop"]
LogLevel = Literal["error", "warn", "info", "debug", "trace"]
ReplyOutcome = Literal["reply", "noreply", "err"]
HandledOutcome = Literal["ok", "trap", "killed"]
KillReason = Literal["by hand", "limit", "reload", "restart", "stop", "closed"]
Profile = Literal["dev", "release"]
ReloadPolicy = Literal["handoff", "fresh"]
ReloadOutcome = Literal["swapped", "kept-old"]
DropReason = Literal["limit", "restart", "reload", "gone", "busy", "unwritten"]
Intervention = Literal["held", "released", "dropped", "edited", "duplicated", "delayed", "redirected", "moved"]
NoteCode = Literal[
    "unknown-alias",
    "undeclared-output",
    "non-utf8",
    "call-to-self",
    "call-cycle",
    "call-unanswered",
    "call-in-stop",
    "callee-trapped",
    "stop-after-trap",
    "reply-after-free",
    "state-not-kept",
    "runaway",
    "unknown-log-level",
    "unsupported-import",
    "resource",
    "init-race",
    "panic-lost",
    "state-not-synced",
    "state-unread",
    "logger-missing",
    "logger-twice",
    "fault",
    "too-long",
]

USER = "user"
"""The `source` of what was sent by hand."""


class InstanceId(Struct, frozen=True, gc=False):
    """An instance's physical address: two UUIDs, hyphenated."""

    node_id: str
    function_id: str


class Diagnostic(Struct, frozen=True, gc=False):
    """One compiler message. `line` and `column` count from 1; `rendered` is the compiler's own text, in colour."""

    level: Literal["error", "warning", "note", "help"]
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    rendered: str = ""


class Frame(Struct, frozen=True, gc=False):
    """One frame of a trap, innermost first. `file`, `line`, `column` are known for dev builds only."""

    function: str
    file: str | None = None
    line: int | None = None
    column: int | None = None


class Entry(Struct, frozen=True, gc=False):
    """What every record has.

    `seq` strictly increases; `t` is milliseconds on the session clock; `instance` names the instance it belongs to;
    `parent` is the `seq` of the event whose handling caused it, None when the cause came from outside.
    """

    kind: ClassVar[str] = ""

    seq: int
    t: float
    instance: str | None
    parent: int | None


class Build(Entry, frozen=True, gc=False, tag_field="kind", tag="build"):
    """A build ended. `wasm` is the artifact's path when it went well."""

    kind: ClassVar[str] = "build"

    function: str
    ok: bool
    profile: Profile
    duration_ms: float
    wasm: str | None
    diagnostics: tuple[Diagnostic, ...]


class Start(Entry, frozen=True, gc=False, tag_field="kind", tag="start"):
    """An instance starts; the event whose handling is `handle_init`."""

    kind: ClassVar[str] = "start"

    function: str
    instance_id: InstanceId
    init_payload: str | None
    state: str | None


class Reload(Entry, frozen=True, gc=False, tag_field="kind", tag="reload"):
    """New code took an instance over, or failed to. `since_change_ms`: from the file's change to ready for events."""

    kind: ClassVar[str] = "reload"

    policy: ReloadPolicy
    outcome: ReloadOutcome
    duration_ms: float
    since_change_ms: float | None


class Cast(Entry, frozen=True, gc=False, tag_field="kind", tag="cast"):
    """A cast was sent. `target` is None when the alias leads nowhere; `alias` is None for raw and hand-sent ones."""

    kind: ClassVar[str] = "cast"

    source: str
    target: str | None
    alias: str | None
    payload: bytes


class Call(Entry, frozen=True, gc=False, tag_field="kind", tag="call"):
    """A call was sent; fields as for `Cast`."""

    kind: ClassVar[str] = "call"

    source: str
    target: str | None
    alias: str | None
    payload: bytes


class Reply(Entry, frozen=True, gc=False, tag_field="kind", tag="reply"):
    """A call (by its `seq`) was answered. `payload` is None unless the outcome is `reply`."""

    kind: ClassVar[str] = "reply"

    call: int
    outcome: ReplyOutcome
    payload: bytes | None


class Timer(Entry, frozen=True, gc=False, tag_field="kind", tag="timer"):
    """A delayed cast was set; when it fires, a `Cast` with this record as `parent` follows."""

    kind: ClassVar[str] = "timer"

    source: str
    target: str | None
    alias: str | None
    delay_ms: int
    payload: bytes


class Handled(Entry, frozen=True, gc=False, tag_field="kind", tag="handled"):
    """The handling of `event` (a `seq` of a start, cast, call or stop) ended. `reason` says why it was killed.

    `duration_us` is time in the guest; events that waited together and were handed over in one go share it evenly.
    """

    kind: ClassVar[str] = "handled"

    event: int
    callback: Callback
    duration_us: float
    outcome: HandledOutcome
    reason: KillReason | None = None


class Log(Entry, frozen=True, gc=False, tag_field="kind", tag="log"):
    """A guest logged a line."""

    kind: ClassVar[str] = "log"

    level: LogLevel
    target: str
    message: str


class Sync(Entry, frozen=True, gc=False, tag_field="kind", tag="sync"):
    """A guest handed over its serialized state."""

    kind: ClassVar[str] = "sync"

    state: str


class Trap(Entry, frozen=True, gc=False, tag_field="kind", tag="trap"):
    """A guest trapped. `panic` is the Rust panic text where the guest logged it."""

    kind: ClassVar[str] = "trap"

    callback: Callback
    message: str
    panic: str | None
    frames: tuple[Frame, ...]


class Note(Entry, frozen=True, gc=False, tag_field="kind", tag="note"):
    """Something that differs from, or would hurt on, the real platform."""

    kind: ClassVar[str] = "note"

    code: NoteCode
    message: str


class Stop(Entry, frozen=True, gc=False, tag_field="kind", tag="stop"):
    """An instance stops; the event whose handling is `handle_stop`."""

    kind: ClassVar[str] = "stop"


class Change(Entry, frozen=True, gc=False, tag_field="kind", tag="change"):
    """What waits was changed or dropped: the message, timer or reply numbered `event`.

    The developer did, unless `reason` says why it was dropped otherwise: at a limit, because its workflow or instance
    was started anew, because new code set its timer again, because whom it was for is gone, because a
    resource had too much waiting, or could not write it to its file. A duplicate is a cast or
    call of its own, with the original as its `parent`. `target` is whom it is for now, `delay_ms` what it was delayed
    by, `payload` what it says now, where that was changed.
    """

    kind: ClassVar[str] = "change"

    event: int
    action: Intervention
    target: str | None = None
    delay_ms: float | None = None
    payload: bytes | None = None
    reason: DropReason | None = None


Record: TypeAlias = (
    Build | Start | Reload | Cast | Call | Reply | Timer | Handled | Log | Sync | Trap | Note | Stop | Change
)
