"""Who takes part: instances with their mailboxes, and stand-ins. Plain state; the world moves it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace as replaced

from workbench.host.contract import Effect, Identity
from workbench.host.guest import Guest
from workbench.host.modules import Module
from workbench.host.snapshot import Snapshot
from workbench.project.model import InstancePlan, StandInPlan
from workbench.records import Call, Callback, Cast, HandledOutcome, InstanceId, KillReason, ReplyOutcome
from workbench.session.commands import Fault
from workbench.session.identity import address, identity, sender
from workbench.session.noted import Noted
from workbench.session.view import Status

Answer: TypeAlias = tuple[ReplyOutcome, bytes]
Ending: TypeAlias = HandledOutcome | KillReason
"""How the handling of an event ended; `killed` is told by its reason."""


class Event(Struct, frozen=True, gc=False):
    """What waits in a mailbox: a letter for the guest, and who sent it. `seq` is its record's.

    `record` says of it what the journal may have dropped: to whom, by which output, from whose handling it was sent.
    """

    seq: int
    call: bool
    source: str
    identity: Identity
    payload: bytes
    record: Cast | Call


def event_of(call: Call) -> Event:
    """A call that waits for its answer, as who is to answer it gets it."""
    return Event(call.seq, True, call.source, sender(call.source), call.payload, call)


def saying(event: Event, payload: bytes) -> Event:
    """The message with another payload."""
    return replaced(event, payload=payload, record=replaced(event.record, payload=payload))


def going_to(event: Event, target: str) -> Event:
    """The message, for somebody else."""
    return replaced(event, record=replaced(event.record, target=target))


class Init(Struct, frozen=True, gc=False):
    """What a guest is given to begin with."""

    payload: str | None
    state: str | None


class Answered(Struct, frozen=True, gc=False):
    """What a guest is given for the call it waits in."""

    outcome: ReplyOutcome
    payload: bytes


class Stopping(Struct, frozen=True, gc=False):
    """A guest is to stop."""


Food: TypeAlias = Event | Init | Answered | Stopping
"""All that ever reaches a guest: fed with the same again, it does the same again."""


@dataclass(eq=False)
class StandIn:
    """A target played by the developer, or a resource; `rule` is how it answers by itself."""

    plan: StandInPlan
    instance_id: InstanceId
    identity: Identity
    rule: Answer | None = None
    fault: Fault | None = None
    """What goes wrong with what it gets; `times` are those that are left."""
    real: bool = False
    """Whether what it gets goes to the real part of a resource."""
    stopped: bool = False
    """Whether its workflow is stopped, and it with it."""
    calls_made: int = 0
    """Calls that came from outside by way of it."""
    dropped: int = 0
    """Messages that found no room."""
    noted: Noted = field(default_factory=Noted)
    lasting: bool = False
    """Whether it stays although no project plans it: a rule made it."""

    @property
    def name(self) -> str:
        """How it is called."""
        return self.plan.name


@dataclass(eq=False)
class Instance:
    """One running function, or one that ran, or will.

    `links` leads from an alias to its target. `resting`: alive and nothing to do; `queued`: its turn will come.
    `cause` is the `seq` of the event being handled, None between events. `agenda` are things to do between events,
    before the mailbox's turn comes. `then` hears how it went when the handler that runs has ended. `turn_left`: events
    it may still handle before it is another's turn, `in_one_go` of them handed over together; `to_begin`: events that
    began in the last slice and whose beginning is still to be told; `guest_s`: time in the guest for the event
    being handled, `share_s` of it in the last slice. `ahead`: what the guest has done that has not come about yet,
    because the world was halted before; `taken`: how many effects of the event being handled have come about.
    """

    name: str
    function: str
    instance_id: InstanceId
    identity: Identity
    init_payload: str | None = None
    workflow: Path | None = None
    link_names: Mapping[str, str] = field(default_factory=dict)
    links: dict[bytes, Actor] = field(default_factory=dict)
    guest: Guest | None = None
    module: Module | None = None
    memory_limit: int = 0
    """Bytes that its guest may have."""
    status: Status = "loading"
    detail: str = ""
    mailbox: deque[Event] = field(default_factory=deque)
    mailbox_bytes: int = 0
    """What the messages in it weigh."""
    agenda: deque[Callable[[], None]] = field(default_factory=deque)
    handles_first: int = 0
    """How many of the events that wait it is to handle before what is on its agenda."""
    resting: bool = False
    queued: bool = False
    event: Event | None = None
    cause: int | None = None
    callback: Callback | None = None
    then: Callable[[Ending], None] | None = None
    turn_left: int = 0
    in_one_go: int = 1
    to_begin: int = 0
    guest_s: float = 0.0
    share_s: float = 0.0
    unlinked: bool = False
    """Whether its outputs lead nowhere as yet, because its `handle_init` has not ended."""
    ahead: list[Effect] = field(default_factory=list)
    taken: int = 0
    snapshot: Snapshot | None = None
    """The guest as it was before it was given what is in `fed`; None: new."""
    fed: list[Food] | None = None
    """What it was given since; None when nobody will go back, or when it has become too much to be kept."""
    fed_s: float = 0.0
    """Time in the guest since."""
    fed_bytes: int = 0
    """What it holds of payloads."""
    unnoted_s: float = 0.0
    """Time in the guest in turns that the history does not tell of."""
    young: bool = True
    """Whether it has not handled its first event yet."""
    wary: bool = True
    """Whether it is not known yet how it hands its replies out."""
    warned: bool = False
    panic: str | None = None
    waiting_call: int | None = None
    waits_on: Actor | None = None
    killed_for: KillReason | None = None
    changed_at_ms: Callable[[], float] | None = None
    """How many ms ago the change was that its newest code came from; None when it came from none."""
    calls_made: int = 0
    next_call_fails: bool = False
    """Whether it is to stop, and no call of its has returned an error for that yet."""
    handled: int = 0
    dropped: int = 0
    last_sync: int | None = None
    synced: str | None = None
    """The state of that."""
    last_trap: int | None = None
    state: str | None = None
    noted: Noted = field(default_factory=Noted)


Actor: TypeAlias = Instance | StandIn


def copy_of(stand_in: StandIn) -> StandIn:
    """As it is now, sharing nothing that changes."""
    return replace(stand_in, noted=stand_in.noted.copy())


def new_instance(plan: InstancePlan) -> Instance:
    """An instance that has not started."""
    instance_id = address(plan.name)
    return Instance(
        name=plan.name,
        function=plan.function,
        instance_id=instance_id,
        identity=identity(instance_id),
        init_payload=plan.init_payload,
        workflow=plan.workflow,
        link_names=dict(plan.links),
    )


def new_stand_in(plan: StandInPlan) -> StandIn:
    """A stand-in for a resource or for an output that leads nowhere else."""
    instance_id = address(plan.name)
    return StandIn(plan, instance_id, identity(instance_id))
