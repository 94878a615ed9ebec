"""The outside: the resources that run for real. Fed from the engine's thread; what they do comes back as inputs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench import threads
from workbench.config import Resources
from workbench.errors import UserError
from workbench.project.model import StandInPlan
from workbench.records import DropReason, ReplyOutcome
from workbench.resources import faults
from workbench.resources.configuration import configuration_of, is_to_run, kind_of
from workbench.resources.model import Health, Kind, Message, Running
from workbench.session.actors import Event
from workbench.session.done import COUNTS_AS_DONE, Done
from workbench.session.given import Given, given, part_of
from workbench.session.inputs import Asked, Came, Input, Remarked, Replied, Undone
from workbench.session.pending import PendingCalls

CLOSE_S = 5.0
"""How long the end of all may take."""

Answered = Callable[[ReplyOutcome, bytes], None]


@dataclass(frozen=True)
class Report:
    """How a resource stands with its other side."""

    health: Health
    words: str = ""


class Outside:
    """Starts, feeds and ends real resources. `post` has an input come about on the engine's thread."""

    def __init__(self, root: Path, home: Path, post: Callable[[Input], None], http_port: int | None = None) -> None:
        self.root, self._home, self._post, self._http_port = root, home, post, http_port
        self._settings = Resources()
        self._running: dict[str, tuple[Running, _Port]] = {}
        self._asked: dict[int, tuple[str, Answered]] = {}
        """What resources ask, by the numbers the world knows it by."""
        self._calls: dict[int, tuple[str, Event]] = {}
        """The calls that running resources have not answered yet, by the numbers they know them by. Those go on when
        time goes back, which numbers of records do not."""
        self._works_on: dict[int, list[tuple[str, Event]]] = {}
        """The same calls by the numbers of their records."""
        self._kinds: dict[str, Kind] = {}
        self.done = Done()
        """What counts as done of what resources are sent."""
        self._tokens = 0
        self._of_another_time = 0
        """Up to this number, what resources know messages by says nothing of the records of now."""
        self._ending: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.reports: Mapping[str, Report] = {}
        """How each running resource stands, replaced whole; any thread."""

    def follow(self, settings: Resources) -> None:
        """These settings hold from now on, for what is started from now on."""
        self._settings = settings

    def given(self, plan: StandInPlan) -> Given:
        """What a resource would be given now."""
        return given(plan, self._settings, self._http_port)

    def is_to_run(self, plan: StandInPlan) -> bool:
        """Whether a resource is to run for real, as its class and the settings say."""
        kind, settings = kind_of(plan, self._settings), self._settings
        return kind is not None and is_to_run(plan.name, kind, configuration_of(plan, settings), settings)

    def start(self, plan: StandInPlan, allowed: bool = False, start: int = 1) -> None:
        """Let it run for real, in its workflow's start of that number; `allowed`: whatever it talks to. Raises
        `UserError` with what the platform, or this machine, has against it."""
        self.stop(plan.name)
        now = self.given(plan)
        kind = now.kind
        if kind is None or kind.start is None:
            what = f'the class "{plan.class_type}"' if plan.class_type else "an output"
            raise UserError(f"{plan.name} can only be played by hand: there is no real part for {what} here")
        port = _Port(self, plan.name)
        self.report(plan.name, Report("starting"))
        try:
            running = faults.start(kind, part_of(plan, now, self.root, self._home, allowed, start), port)
        except Exception as error:  # whatever is wrong with one resource is its trouble alone
            port.close()
            told = error if isinstance(error, UserError) else UserError(f"it cannot start: {error!r}")
            self.report(plan.name, Report("trouble", str(told)))
            raise told from error
        self._running[plan.name] = (running, port)
        self._kinds[plan.name] = kind
        running.relink(frozenset(plan.links))

    def relink(self, plan: StandInPlan) -> None:
        """Its outputs lead where its plan says now."""
        if plan.name in self._running:
            self._running[plan.name][0].relink(frozenset(plan.links))

    def stop(self, *names: str) -> None:
        """They run no more. They end side by side, on threads of their own; what they still do in ending is heard."""
        for name in names:
            if name in self._running:
                running, port = self._running.pop(name)
                port.leave()
                with self._lock:
                    taken = frozenset(number for number, call in self._calls.items() if call[0] == name)
                self._ending.append(threads.start("end of a resource", partial(self._end, running, port, taken)))
        self._ending = [end for end in self._ending if end.is_alive()]
        with self._lock:
            self.reports = {name: report for name, report in self.reports.items() if name not in names}

    def _end(self, running: Running, port: _Port, taken: Collection[int]) -> None:
        try:
            running.close()
        finally:
            port.close()
            with self._lock:
                self._keep({number: call for number, call in self._calls.items() if number not in taken})

    def has(self, name: str, event: Event) -> bool:
        """Whether a running resource has that call, and may still answer it."""
        with self._lock:
            return (name, event) in self._works_on.get(event.seq, ())

    def works_on(self, call: int) -> bool:
        """Whether the call of that number may still be answered from outside."""
        return call in self._works_on

    def works_on_any(self, calls: PendingCalls) -> bool:
        """Whether one of the calls may still be answered from outside."""
        with self._lock:
            return any(number in calls for number in self._works_on)

    def runs(self, name: str) -> bool:
        """Whether it runs."""
        return name in self._running

    @property
    def busy(self) -> bool:
        """Whether a resource still works on what it took, or is about to end."""
        working = any(running.busy for running, _ in list(self._running.values()))
        return working or any(end.is_alive() for end in self._ending)

    def take(self, name: str, event: Event) -> None:
        """A message arrived for it."""
        sent = self.done.take(name, event) if name in self._running else None
        if sent is not None:
            if self.done.is_news(name):
                self._post(Remarked(name, COUNTS_AS_DONE))
            if sent.reply is not None:
                self._post(Replied(name, event.seq, sent.reply.outcome, sent.reply.payload))
        elif name in self._running:
            running, port = self._running[name]
            with self._lock:
                number = self._number()
                if event.call and self._kinds[name].takes_call:
                    self._calls[number] = (name, event)
                    self._works_on.setdefault(event.seq, []).append((name, event))
            running.take(Message(number, event.call, event.source, event.identity, event.payload, event.seq))
            if event.call and not self._kinds[name].takes_call:
                port.note("it answers no call: who calls it waits for ever")

    def answered(self, token: int, outcome: ReplyOutcome, payload: bytes) -> None:
        """What a resource asked is answered."""
        with self._lock:
            _, answered = self._asked.pop(token, ("", None))
        if answered is not None:
            answered(outcome, payload)

    def abandon(self, waiting: Collection[tuple[str, Event]] = ()) -> None:
        """The world goes on no more in which things were asked, so that nobody will answer them; of the calls that
        resources have, only those `waiting` are in the world that goes on instead."""
        kept = frozenset(waiting)
        with self._lock:
            self._of_another_time = self._tokens
            left, self._asked = list(self._asked.values()), {}
            self._keep({number: call for number, call in self._calls.items() if call in kept})
        for _, answered in left:
            answered("err", b"")

    def close(self) -> None:
        """End all; waits for that, but no longer than `CLOSE_S`."""
        self.abandon()
        self.stop(*self._running)
        deadline = time.monotonic() + CLOSE_S
        for end in self._ending:
            end.join(max(0.0, deadline - time.monotonic()))

    # ---- what ports say, on any thread

    def say(self, what: Input) -> None:
        """Something came from outside."""
        self._post(what)

    def ask(self, name: str, answered: Answered) -> int:
        """A number for what a resource asks."""
        with self._lock:
            number = self._number()
            self._asked[number] = (name, answered)
            return number

    def replied(self, name: str, number: int, outcome: ReplyOutcome, payload: bytes) -> None:
        """A resource answers what it knows by that number."""
        with self._lock:
            call = self._calls.pop(number, None)
            if call is not None:
                same = self._works_on[call[1].seq]
                same.remove(call)
                if not same:
                    del self._works_on[call[1].seq]
        if call is not None:
            self.say(Replied(name, call[1].seq, outcome, payload))

    def dropped(self, name: str, message: Message, reason: DropReason) -> None:
        """A resource has dropped what it was sent."""
        with self._lock:
            is_of_now = message.seq > self._of_another_time
        if is_of_now:
            self.say(Undone(name, message.event, reason))

    def report(self, name: str, report: Report) -> None:
        """How it stands; what lies in the project is named from its root on."""
        report = Report(report.health, report.words.replace(f"{self.root}/", ""))
        with self._lock:
            self.reports = {**self.reports, name: report}

    def _keep(self, calls: dict[int, tuple[str, Event]]) -> None:
        """Only these calls are still known. Under the lock."""
        self._calls, self._works_on = calls, {}
        for call in self._calls.values():
            self._works_on.setdefault(call[1].seq, []).append(call)

    def _number(self) -> int:
        self._tokens += 1
        return self._tokens


class _Port:
    """What one running resource may do; nothing once it is closed."""

    def __init__(self, outside: Outside, name: str) -> None:
        self._outside, self._name = outside, name
        self._open = self._current = True

    def leave(self) -> None:
        """How it stands is not told any more: another one may run by its name."""
        self._current = False

    def close(self) -> None:
        """Whatever it says from now on is not heard."""
        self._open = self._current = False

    def reply(self, seq: int, outcome: ReplyOutcome, payload: bytes = b"") -> None:
        """See `Port`."""
        if self._open:
            self._outside.replied(self._name, seq, outcome, payload)

    def cast(self, output: str, payload: bytes) -> None:
        """See `Port`."""
        if self._open:
            self._outside.say(Came(self._name, output, payload))

    def call(self, output: str, payload: bytes, answered: Answered) -> None:
        """See `Port`."""
        if self._open:
            self._outside.say(Asked(self._name, output, payload, self._outside.ask(self._name, answered)))

    def health(self, health: Health, words: str = "") -> None:
        """See `Port`."""
        if self._current:
            self._outside.report(self._name, Report(health, words))

    def note(self, message: str) -> None:
        """See `Port`."""
        if self._open:
            self._outside.say(Remarked(self._name, message))

    def drop(self, message: Message, reason: DropReason) -> None:
        """See `Port`."""
        if self._open:
            self._outside.dropped(self._name, message, reason)
