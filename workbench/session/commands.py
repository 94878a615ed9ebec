"""What a front can ask of the session: verbs as frozen data, applied between two events."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from workbench.records import USER, Profile, ReplyOutcome


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
    """Answer every call on output `alias` (or to the stand-in of that name) so; `outcome` None removes the rule."""

    alias: str
    outcome: ReplyOutcome | None
    payload: bytes = b""


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


class Rebuild(Struct, frozen=True):
    """Build a function now (all of them when `function` is None) and reload its instances."""

    function: str | None = None


class CancelBuild(Struct, frozen=True):
    """End the build that is running."""


class SwitchProfile(Struct, frozen=True):
    """Build everything with this profile from now on, starting now."""

    profile: Profile


Command: TypeAlias = (
    Send | Answer | Rule | Restart | StopInstance | Kill | Spawn | Rebuild | CancelBuild | SwitchProfile
)
