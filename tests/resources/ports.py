"""A port that writes down what a resource does, and lets a test wait until it has done it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from workbench.records import DropReason, ReplyOutcome
from workbench.resources.model import Health, Message, Part, Permits

PATIENCE_S = 20.0
WORKFLOW_ID = "5f9ad1ae-2a44-4fd2-8d4d-0d2b8a7d5a51"
SENDER = bytes(range(32))


class RecordingPort:
    """What a resource did, in order, by kind."""

    def __init__(self) -> None:
        self.replies: dict[int, tuple[ReplyOutcome, bytes]] = {}
        self.casts: list[tuple[str, bytes]] = []
        self.calls: list[tuple[str, bytes, Callable[[ReplyOutcome, bytes], None]]] = []
        self.healths: list[tuple[Health, str]] = []
        self.notes: list[str] = []
        self.dropped: list[tuple[int, DropReason]] = []
        self._changed = threading.Condition()

    def reply(self, seq: int, outcome: ReplyOutcome, payload: bytes = b"") -> None:
        with self._changed:
            assert seq not in self.replies, "a call is answered once"
            self.replies[seq] = (outcome, payload)
            self._changed.notify_all()

    def cast(self, output: str, payload: bytes) -> None:
        with self._changed:
            self.casts.append((output, payload))
            self._changed.notify_all()

    def call(self, output: str, payload: bytes, answered: Callable[[ReplyOutcome, bytes], None]) -> None:
        with self._changed:
            self.calls.append((output, payload, answered))
            self._changed.notify_all()

    def health(self, health: Health, words: str = "") -> None:
        with self._changed:
            self.healths.append((health, words))
            self._changed.notify_all()

    def note(self, message: str) -> None:
        with self._changed:
            self.notes.append(message)
            self._changed.notify_all()

    def drop(self, message: Message, reason: DropReason) -> None:
        with self._changed:
            self.dropped.append((message.seq, reason))
            self._changed.notify_all()

    def until(self, happened: Callable[[], object]) -> None:
        """Waits until it is so, also for what no resource tells of."""
        end = time.monotonic() + PATIENCE_S
        with self._changed:
            while not happened():
                assert time.monotonic() < end, f"in vain, after {self.healths} and {self.notes}"
                self._changed.wait(0.02)

    def reply_to(self, seq: int) -> tuple[ReplyOutcome, bytes]:
        """The answer to the call numbered `seq`, once there is one."""
        self.until(lambda: seq in self.replies)
        return self.replies[seq]

    def health_is(self, health: Health) -> str:
        """Waits until it stands so; the words that go with it."""
        self.until(lambda: self.healths and self.healths[-1][0] == health)
        return self.healths[-1][1]


def part(class_type: str, configurations: Mapping[str, str], *directories: Path, hosts: tuple[str, ...] = ()) -> Part:
    """A resource of a workflow, in a project that allows it these directories and hosts."""
    return Part("it", class_type, WORKFLOW_ID, configurations, Permits(directories, hosts, http_port=0))


def call(seq: int, payload: bytes | str = b"") -> Message:
    return Message(seq, True, "caller", SENDER, payload.encode() if isinstance(payload, str) else payload)


def cast(payload: bytes | str = b"", seq: int = 1) -> Message:
    return Message(seq, False, "caller", SENDER, payload.encode() if isinstance(payload, str) else payload)
