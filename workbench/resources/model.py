"""What a resource is to the session: a class with its configuration, and a running part that takes messages.

A running resource works on threads of its own and never blocks the engine's. What it does to the session goes through
its `Port`; what comes of that is written down, so that nothing is asked of the outside a second time when the past is
run again. Semantics are the platform's (EDGELESS 1.2, edgeless_node's resource providers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from workbench.records import DropReason, ReplyOutcome
from workbench.resources.forms import Form

Health = Literal["starting", "ready", "trouble"]
"""`trouble`: the other side is down, slow or talks nonsense; the resource goes on trying."""


@dataclass(frozen=True)
class Message:
    """What a resource got: an event numbered `seq` from the actor called `source`, whose address is `sender` (32 bytes:
    node id, component id). `event` is its record's number, as long as time does not go back."""

    seq: int
    call: bool
    source: str
    sender: bytes
    payload: bytes
    event: int = 0


class Port(Protocol):
    """What a running resource may do to the session. Any thread; returns at once."""

    def reply(self, seq: int, outcome: ReplyOutcome, payload: bytes = b"") -> None:
        """Answer the call numbered `seq`. Where that never happens its caller waits for ever, as on the platform."""

    def cast(self, output: str, payload: bytes) -> None:
        """Send to what `output` leads to."""

    def call(self, output: str, payload: bytes, answered: Callable[[ReplyOutcome, bytes], None]) -> None:
        """Call what `output` leads to; `answered` is called, on any thread, once there is an answer, if ever."""

    def health(self, health: Health, words: str = "") -> None:
        """How it stands with the other side, in words for people: an address, or what is wrong."""

    def note(self, message: str) -> None:
        """Remark something that would hurt on the platform."""

    def drop(self, message: Message, reason: DropReason) -> None:
        """Write down that nothing comes of a message."""


class Running(Protocol):
    """A resource at work."""

    def take(self, message: Message) -> None:
        """A message arrived. Returns at once."""

    def relink(self, outputs: frozenset[str]) -> None:
        """Those outputs lead somewhere from now on (the platform's patch)."""

    @property
    def busy(self) -> bool:
        """Whether what it took is still being worked off, so that something may come of it. Any thread."""

    def close(self) -> None:
        """End, once what was taken is worked off, if that takes moments only; harmless twice."""


@dataclass(frozen=True)
class Permits:
    """What the project allows its resources. `directories`: where files may be, without links on the way to them, so
    that no later link counts; relative names begin at the first.
    `hosts`: which hosts, besides loopback, may be talked to (`example.org`, `example.org:8080`, `*.example.org`).
    `http_port`: where http-ingress listens, on loopback (0: any free one). `http_sites`: whose web pages may ask it
    (`app.example`, `*.example.org`, `*`). `to_make`: which of the directories is made before anything runs.
    `largest_file`: how many bytes a file may have that a resource writes."""

    directories: tuple[Path, ...]
    hosts: tuple[str, ...] = ()
    http_port: int = 7035
    http_sites: tuple[str, ...] = ()
    to_make: Path | None = None
    largest_file: int = 1 << 30


@dataclass(frozen=True)
class Part:
    """One resource of a workflow, as its file has it."""

    name: str
    class_type: str
    workflow_id: str
    configurations: Mapping[str, str]
    permits: Permits


@dataclass(frozen=True)
class Setting:
    """A key of a resource's configuration. `choices`: the values that mean something, when not any text does."""

    key: str
    words: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConfigurationFault:
    """What is wrong with the value of `key`, in words that could stand in a sentence. `refused`: the platform does not
    start the resource with it; else the value only means something else than it says."""

    key: str
    words: str
    refused: bool = True


@dataclass(frozen=True)
class Kind:
    """A class of resources. `start` makes one run; it raises `UserError` for a configuration the platform refuses, or
    the project does not allow, in one sentence. None: there is no real part, it is always played by a stand-in.

    `calls`: whether it calls where its outputs lead, as configured, instead of casting.
    `reaches` says what outside of this process it talks to (`host:port`, a URL, a file), as far as its configuration
    tells. `servers` are the URLs of those it talks to: one elsewhere than on this machine makes it a stand-in until
    that is allowed. `files`: what it reaches are files of the project.
    `faults` says what is wrong with values of its own; see `faults.faults_of` for what goes for all classes.
    `tries` raises `UserError` for what `start` would find against the file it reaches, and makes nothing.
    `directory` names the one without which it starts and does nothing, as `reaches` names files; None: it needs none.
    `extra` is the optional part of the package it needs (`pip install 'edgeless-workbench[redis]'`).
    `decode` tells a payload in words for people, None when it is none of its own; `sent_to` True: one it got.
    """

    class_type: str
    words: str
    settings: tuple[Setting, ...] = ()
    outputs: tuple[str, ...] = ()
    calls: Callable[[Mapping[str, str]], bool] = lambda configuration: False
    takes_cast: bool = True
    takes_call: bool = True
    start: Callable[[Part, Port], Running] | None = None
    reaches: Callable[[Mapping[str, str]], str | None] = lambda configuration: None
    servers: Callable[[Mapping[str, str]], tuple[str, ...]] = lambda configuration: ()
    files: bool = False
    faults: Callable[[Mapping[str, str]], Iterable[ConfigurationFault]] = lambda configuration: ()
    tries: Callable[[Mapping[str, str], Permits], None] = lambda configuration, permits: None
    directory: Callable[[Mapping[str, str]], str | None] = lambda configuration: None
    extra: str | None = None
    decode: Callable[[bytes, bool], str | None] = lambda payload, sent_to: None
    samples: Mapping[str, bytes] = field(default_factory=dict)
    """Payloads to begin with when one plays the resource by hand, by what they mean."""
    forms: tuple[Form, ...] = ()
    """Its messages as fields to fill in."""
