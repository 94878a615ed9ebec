"""What a front can ask of the session: verbs as frozen data, applied between two events."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from workbench.records import USER, Profile, ReplyOutcome

ClockKind = Literal["real", "scaled", "virtual", "frozen"]
"""`virtual`: when nothing is left to do, time jumps to the next timer. `frozen`: time moves by `Advance` only."""
Moment = Literal["written", "begins"]
"""When a query is asked: as the record is written, or before an instance begins with the event that it is of."""


class Send(Struct, frozen=True):
    """Send a cast or call to `target` as if `source` (the user, an instance or a stand-in) had sent it.

    `delay_ms` waits first; `repeat` sends it that many times, `every_ms` apart. Result: the `seq` of the first event.
    """

    target: str
    payload: bytes
    call: bool = False
    source: str = USER
    delay_ms: int = 0
    repeat: int = 1
    every_ms: int = 0


class Answer(Struct, frozen=True):
    """Answer the waiting call numbered `call` that a stand-in got."""

    call: int
    outcome: ReplyOutcome
    payload: bytes = b""


class Rule(Struct, frozen=True):
    """Answer every call on output `alias` (or to the stand-in of that name) so; `outcome` None removes the rule.

    With `named`, only those to the stand-in of that name.
    """

    alias: str
    outcome: ReplyOutcome | None
    payload: bytes = b""
    named: bool = False


FaultKind = Literal["error", "silence", "delay", "loss", "double"]
"""What goes wrong at a stand-in: calls fail; are never answered; messages come later; never; twice."""
FAULTS_OF_CALLS: frozenset[FaultKind] = frozenset({"error", "silence"})
"""Those that concern calls only: a cast has no answer that could be wrong, or missing."""


class Fault(Struct, frozen=True):
    """Let something go wrong with what the stand-in `target` gets; `kind` None: nothing any more.

    It happens `times` times (None: always). `delay_ms`, on the session clock, is for `delay`.
    """

    target: str
    kind: FaultKind | None
    delay_ms: int = 0
    times: int | None = None


class SetResource(Struct, frozen=True):
    """Let a resource of a workflow run for real, wherever that leads, or be a stand-in played by the developer."""

    name: str
    real: bool


class Restart(Struct, frozen=True):
    """Start the instance anew from its newest artifact with `state` (None: fresh, as on the platform)."""

    instance: str
    state: str | None = None
    init_payload: str | None = None


class StopInstance(Struct, frozen=True):
    """Stop the instance in good order: `handle_stop` runs."""

    instance: str


class Kill(Struct, frozen=True):
    """End the instance at once, wherever it is; its mailbox stays visible."""

    instance: str


class Spawn(Struct, frozen=True):
    """Start one more instance of a function, linked as the function's first one. Result: its name."""

    function: str
    name: str | None = None
    state: str | None = None
    init_payload: str | None = None


class StopWorkflow(Struct, frozen=True):
    """Stop all of the workflow in the file at `path` in good order: its functions, then its resources."""

    path: str


class StartWorkflow(Struct, frozen=True):
    """Start all of the workflow in the file at `path` anew, fresh as on the platform: functions in the file's order,
    then resources. What runs is stopped first."""

    path: str


class Rebuild(Struct, frozen=True):
    """Build a function now (all of them when `function` is None) and reload its instances."""

    function: str | None = None


class CancelBuild(Struct, frozen=True):
    """End the build that is running."""


class SwitchProfile(Struct, frozen=True):
    """Build everything with this profile from now on, starting now."""

    profile: Profile


# ---- stepping


class Pause(Struct, frozen=True):
    """Let nothing more happen: at the next event's end, in a long handler at the end of its slice."""


class Until(Struct, frozen=True):
    """What pauses a `Run`: a record that `query` matches, when nothing is left to do, or a time of the session (ms).

    With `at` `begins`, the query is asked of the event that an instance is about to begin with.
    """

    query: str | None = None
    at: Moment = "written"
    idle: bool = False
    t_ms: float | None = None


class Run(Struct, frozen=True):
    """Go on. In the past: from that moment on, on a line of its own."""

    until: Until | None = None


class Step(Struct, frozen=True):
    """Let one event happen: the next in order, the next of `instance`, or the one numbered `event` that waits.

    `into` ends where a handler calls another, `over` goes on until the event is handled, `out` until the call is
    answered in whose handler one stands. A timer numbered so fires now, whatever the time; a held message is let go.
    """

    how: Literal["into", "over", "out"] = "into"
    instance: str | None = None
    event: int | None = None


class SetBreakpoint(Struct, frozen=True):
    """Pause, or hold the message back (`hold`), where `query` matches; with `field`, where that field of a synced JSON
    state changes as well (a path as in queries: `.count`). Result: its number.

    The first `skip` hits pass. With `number`, that one is changed.
    """

    query: str
    at: Moment = "written"
    field: str = ""
    hold: bool = False
    on: bool = True
    skip: int = 0
    number: int | None = None


class DropBreakpoint(Struct, frozen=True):
    """Remove the breakpoint of that number."""

    number: int


# ---- what waits: a cast or call in a mailbox, a timer, a held message or reply, each by its record's `seq`


class Drop(Struct, frozen=True):
    """Let it never come. A caller whose call or reply is dropped waits on."""

    event: int


class Edit(Struct, frozen=True):
    """Let it say something else."""

    event: int
    payload: bytes


class Duplicate(Struct, frozen=True):
    """Let it come twice; nobody waits for the answer to a second call. Result: the copy's `seq`."""

    event: int


class Delay(Struct, frozen=True):
    """Let it come that much later (ms on the session clock)."""

    event: int
    by_ms: float


class Redirect(Struct, frozen=True):
    """Let it go to another instance or stand-in."""

    event: int
    target: str


class Move(Struct, frozen=True):
    """Let it come before the waiting event `before`, of the same mailbox or another timer; None: first of all."""

    event: int
    before: int | None = None


class Hold(Struct, frozen=True):
    """Hold back a message that waits, as a breakpoint with `hold` would have."""

    event: int


class Release(Struct, frozen=True):
    """Let the held message go; None: all of them, in the order they were held."""

    event: int | None = None


# ---- time


class SetClock(Struct, frozen=True):
    """Let time pass otherwise from now on; `scale` is for `scaled`, 0.1 to 1000 session seconds a second."""

    kind: ClockKind
    scale: float = 1.0


class Advance(Struct, frozen=True):
    """Move the clock forward; None: to the next timer. Timers that are due then fire, each at its own time."""

    by_ms: float | None = None


class SetStrict(Struct, frozen=True):
    """Lose what the platform may lose from now on, or no more: see `World.strict`."""

    on: bool


class Shuffle(Struct, frozen=True):
    """Let chance decide, the same for the same seed, who comes first where the platform promises no order: whose turn
    it is, and which of the timers due at one time fires first. None: as ever, in the order of sending."""

    seed: int | None


# ---- going back


class Jump(Struct, frozen=True):
    """Show the moment after the record numbered `seq`; None: the present. What waits then can be changed, and `Run`,
    a `Send` or a change goes on from there on a line of its own; the old one is kept."""

    seq: int | None


class StepBack(Struct, frozen=True):
    """Show the moment before the last event that was handled."""

    events: int = 1


class SwitchLine(Struct, frozen=True):
    """Return to the line of that number, at its end."""

    number: int


class Rerun(Struct, frozen=True):
    """On a line of its own, go back to the moment after `seq` (None: the beginning), put the newest code in, and send
    again what came from outside since, at the same times."""

    seq: int | None = None


class SelfCheck(Struct, frozen=True):
    """Run the journal again beside the session. Result: a `Difference`, or None when all came out the same."""


Command: TypeAlias = (
    Send | Answer | Rule | Fault | SetResource | Restart | StopInstance | Kill | Spawn
    | StopWorkflow | StartWorkflow | Rebuild | CancelBuild | SwitchProfile
    | Pause | Run | Step | SetBreakpoint | DropBreakpoint
    | Drop | Edit | Duplicate | Delay | Redirect | Move | Hold | Release
    | SetClock | Advance | Shuffle | SetStrict
    | Jump | StepBack | SwitchLine | Rerun | SelfCheck
)  # fmt: skip
