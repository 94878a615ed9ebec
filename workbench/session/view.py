"""What the session looks like at one moment: a frozen picture a front may keep and draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

from workbench.project.model import Problem, Project
from workbench.records import Callback, Diagnostic, Profile, ReplyOutcome
from workbench.session.commands import ClockKind, Fault, Moment

Status = Literal[
    "loading",  # its artifact is being built or compiled for the first time
    "idle",
    "running",  # in a handler
    "waiting",  # in a call, for a reply
    "trapped",
    "killed",
    "stopped",
    "failed",  # its module could not be loaded
    "stand-in",
]


@dataclass(frozen=True)
class Waiting:
    """One event in a mailbox: not yet handled."""

    seq: int
    source: str
    call: bool
    payload: bytes


@dataclass(frozen=True)
class InstanceView:
    """One row of the instances pane. Memory in bytes, rates in events per second, times in ms."""

    name: str
    function: str
    status: Status
    detail: str = ""
    """Words for the status: the trap's message, why it failed, what it waits on."""
    instance_id: str = ""
    mailbox: int = 0
    next_events: tuple[Waiting, ...] = ()
    """The first waiting events, at most 100."""
    dropped: int = 0
    """Events that found the mailbox full, in this life; of a stand-in, calls that found too many waiting."""
    waits_on: str | None = None
    callback: Callback | None = None
    busy_ms: float = 0.0
    """How long the current handler has run, when running."""
    handled: int = 0
    rate: float = 0.0
    memory_bytes: int = 0
    last_sync: int | None = None
    synced: str | None = None
    """The state that it synced last; its record may be cut, or gone."""
    last_trap: int | None = None
    links: Mapping[str, str | None] = field(default_factory=dict)
    init_payload: str | None = None
    rule: tuple[ReplyOutcome, bytes] | None = None
    """How a stand-in answers by itself, when a rule was given."""
    fault: Fault | None = None
    """What goes wrong at a stand-in, when that was ordered."""
    class_type: str | None = None
    """Of a workflow's resource."""
    workflow: Path | None = None
    """The workflow's file that it is of."""
    workflow_id: str = ""
    """The UUID that this has since it was started last."""
    real: bool = False
    """Whether a resource talks to its real other side; else it is a stand-in."""
    stopped: bool = False
    """Whether a resource is stopped with its workflow."""
    health: Literal["starting", "ready", "trouble"] | None = None
    health_words: str = ""
    """How a real resource stands with its other side: an address, or what is wrong; of one that is to be real and does
    not run, why."""


@dataclass(frozen=True)
class PendingCall:
    """A call to a stand-in that waits for the developer."""

    seq: int
    source: str
    target: str
    alias: str | None
    payload: bytes
    since_ms: float


BuildState: TypeAlias = Literal[
    "none",
    "queued",
    "building",
    "built",  # no instance has started well on it, or not yet
    "live",
    "failed",  # to be built, or to be loaded
    "prebuilt",  # not built here: the `.wasm` that is there
]


@dataclass(frozen=True)
class BuildView:
    """How a function's newest code stands. `state` in words; counts of crates while building."""

    function: str
    state: BuildState
    crate: str = ""
    done: int = 0
    total: int = 0
    elapsed_ms: float = 0.0
    diagnostics: tuple[Diagnostic, ...] = ()
    since_change_ms: float | None = None
    """From the last change of a file to its code being live."""
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    """Time of each stage of the last reload: detect, build, compile, swap."""


@dataclass(frozen=True)
class Queued:
    """One thing that waits to happen. `seq` is its record's (of a held reply, the reply's; else what Drop and others
    take). `due_ms` is a timer's time on the session clock; `why` says in words what keeps it from happening now."""

    seq: int
    kind: Literal["event", "timer", "held", "call"]
    """In a mailbox; set for later; held back; a call to a stand-in, or to nobody, that waits for an answer."""
    what: Literal["cast", "call", "reply"]
    source: str
    target: str | None
    alias: str | None
    payload: bytes
    due_ms: float | None = None
    why: str = ""


@dataclass(frozen=True)
class BreakpointView:
    """A breakpoint and how often it was hit; the fields are `SetBreakpoint`'s."""

    number: int
    query: str
    at: Moment = "written"
    field: str = ""
    hold: bool = False
    on: bool = True
    skip: int = 0
    hits: int = 0


@dataclass(frozen=True)
class LineView:
    """One line of history; `parent` and `forked_at` (a `seq`) say where it left another."""

    number: int
    parent: int | None
    forked_at: int | None
    events: int
    end: int
    """The `seq` after its last record."""


@dataclass(frozen=True)
class Past:
    """The moment that is shown when it is not the present: after record `seq`, `events` events ago."""

    seq: int
    events: int
    news: tuple[str, ...] = ()
    """Functions whose newer code runs in the present only."""


@dataclass(frozen=True)
class Difference:
    """The first record of the journal that came out otherwise when it was run again."""

    seq: int
    was: str
    is_now: str


@dataclass(frozen=True)
class SteppingView:
    """How time and order stand. `mode` `stepping`: a step or a run-until is under way."""

    mode: Literal["running", "paused", "stepping"] = "running"
    why: str = ""
    """Why it is paused, in words."""
    at: int | None = None
    """The `seq` of the record at which it is paused."""
    scale: float = 1.0
    shuffle: int | None = None
    strict: bool = False
    """Whether outputs lead nowhere while `handle_init` runs."""
    queue: tuple[Queued, ...] = ()
    """What waits, in the order it would happen, at most 300."""
    queued: int = 0
    """How much waits in all."""
    deadlocks: tuple[str, ...] = ()
    """Who waits for ever on whom, one sentence each, at most 100."""
    breakpoints: tuple[BreakpointView, ...] = ()
    past: Past | None = None
    line: int = 1
    lines: tuple[LineView, ...] = ()
    horizon: int | None = None
    """The oldest `seq` one can go back to; None when the history is not kept."""
    horizon_why: str = ""
    checkpoint_bytes: int = 0


@dataclass(frozen=True)
class View:
    """The whole session at one moment. `t_ms` is the session clock; `toolchain` says what is missing."""

    project: Project
    instances: tuple[InstanceView, ...] = ()
    builds: tuple[BuildView, ...] = ()
    pending_calls: tuple[PendingCall, ...] = ()
    """Oldest first; of each that is to answer at most 100. How many there are is its `mailbox`."""
    problems: tuple[Problem, ...] = ()
    profile: Profile = "dev"
    clock: ClockKind = "real"
    t_ms: float = 0.0
    events: int = 0
    rate: float = 0.0
    traps: int = 0
    notes: int = 0
    timers: int = 0
    toolchain: str | None = None
    idle: bool = False
    """Nothing waits, nothing runs, no timer is set (calls to stand-ins may still wait), or all is paused."""
    stepping: SteppingView = SteppingView()

    @cached_property
    def named(self) -> Mapping[str, InstanceView]:
        """Instances and stand-ins by name."""
        return {one.name: one for one in self.instances}

    @cached_property
    def stand_ins(self) -> tuple[InstanceView, ...]:
        """The stand-ins among them."""
        return tuple(one for one in self.instances if one.status == "stand-in")
