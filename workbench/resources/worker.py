"""A resource with one task and one mailbox, as the platform's resources are: messages are worked off one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

from workbench import threads
from workbench.errors import reason_of
from workbench.records import ReplyOutcome
from workbench.resources import alarm
from workbench.resources.alarm import Alarm
from workbench.resources.mailbox import Mailbox
from workbench.resources.model import Message, Part, Port
from workbench.resources.standing import Standing
from workbench.resources.wording import shown
from workbench.threads import ThreadDied

PATIENCE_S = 0.5
"""How long an end waits for what was taken to be worked off."""

Answer: TypeAlias = tuple[ReplyOutcome, bytes] | None
"""What a call gets; None: it is never answered."""


class Worker:
    """A `Running` resource without outputs. `work` is given each message on a thread of its own, and says what the
    message is answered with, if it is a call. Whatever `work` raises is told as trouble, the call gets Err, and the
    next message has its turn. `let_go` is called once at the end, on the thread that ends it, after some patience.

    A call that finds the mailbox full gets Err; a cast is dropped.
    """

    def __init__(
        self,
        part: Part,
        port: Port,
        standing: Standing,
        work: Callable[[Message], Answer],
        let_go: Callable[[], None] = lambda: None,
    ) -> None:
        self._class_type, self._port, self._standing = part.class_type, port, standing
        self._work, self._let_go = work, let_go
        self._mailbox = Mailbox()
        self._changed = threading.Condition()
        self._closed = False
        self._working = False
        self._message: Message | None = None
        """What is being worked on."""
        self._alarm = Alarm(part.name, self._slow)
        self._dead = False
        self._thread = threads.start(f"resource {part.name}", self._run, self._end_dead)

    def take(self, message: Message) -> None:
        """A message arrived."""
        with self._changed:
            dead = self._dead
            taken = not dead and self._mailbox.put(message)
            self._changed.notify()
        if dead:
            self._answer(message, ("err", b""))
        elif not taken:
            self._standing.tell("trouble", f"{self._class_type} is too slow: what is sent to it now is dropped.")
            self._port.drop(message, "busy")
            self._answer(message, ("err", b""))

    def relink(self, outputs: frozenset[str]) -> None:
        """It sends nothing."""

    @property
    def busy(self) -> bool:
        """Whether something is being worked on, or waits for it."""
        with self._changed:
            return self._working or bool(self._mailbox)

    def close(self) -> None:
        """End once all that was taken is worked off; waits for that, but not long, and not at all for what is slow."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify()
        if threading.current_thread() is not self._thread and not self._alarm.rung:
            self._thread.join(PATIENCE_S)
        with self._changed:
            self._mailbox.clear()
        self._alarm.close()
        self._let_go()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._mailbox or self._closed)
                if not self._mailbox:
                    return
                message = self._message = self._mailbox.get()
                self._working = True
            try:
                with self._alarm:
                    answer = self._work(message)
            except Exception as error:
                answer = ("err", b"")
                reason = shown(reason_of(error)).removesuffix(".")
                self._standing.tell("trouble", f"A message could not be worked off: {reason}.")
            self._message = None
            self._answer(message, answer)
            self._working = False

    def _end_dead(self, death: ThreadDied) -> None:
        with self._changed:
            self._dead, self._working = True, False
            left = [self._mailbox.get() for _ in range(len(self._mailbox))]
            if self._message is not None:
                left.insert(0, self._message)
        self._standing.tell("trouble", death.message)
        for message in left:
            self._answer(message, ("err", b""))

    def _answer(self, message: Message, answer: Answer) -> None:
        if message.call and answer is not None:
            self._port.reply(message.seq, *answer)

    def _slow(self, is_slow: bool) -> None:
        words = f"{self._class_type} has been at one message for {alarm.SLOW_S:g} s; what comes later waits."
        self._standing.held_up(words if is_slow else None)
