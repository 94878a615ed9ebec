"""How a session is to be run: what its front decides, where the settings leave room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.records import Profile
from workbench.session.commands import ClockKind, Rule, SetBreakpoint


@dataclass(frozen=True)
class Options:
    """None means: as the settings say.

    `clock` virtual: when nothing is left to do, time jumps to the next timer; `scale` is for `scaled`. `until_ms`, on
    the session clock: no timer fires after it; the session is idle once only later ones are left (and, with a clock
    that runs, it has come).
    `watch`: rebuild and reload on change. `build`: build from source, else run the `.wasm` that is there.
    `memory_bytes` and `time_ms` (time in the guest, per handler) limit each instance.
    `shuffle` is the seed that decides among equals. `history`: keep what going back needs. `paused`: nothing is handled
    before the first step. `real`: resources run for real, as far as that stays on this machine or is allowed.
    `strict`: what the platform may lose is lost, as what is sent while `handle_init` runs.
    `http_port` is where http-ingress listens. `init_payloads` and `states` are by instance name; `rules` are in force
    from the start.
    """

    clock: ClockKind = "real"
    scale: float = 1.0
    shuffle: int | None = None
    history: bool = False
    paused: bool = False
    real: bool = False
    strict: bool = False
    http_port: int | None = None
    until_ms: float | None = None
    profile: Profile | None = None
    watch: bool = True
    build: bool = True
    memory_bytes: int | None = None
    time_ms: int | None = None
    mailbox: int | None = None
    mailbox_bytes: int | None = None
    state_directory: Path | None = None
    init_payloads: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    breakpoints: tuple[SetBreakpoint, ...] = ()
