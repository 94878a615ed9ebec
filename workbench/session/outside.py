"""The outside: the resources that run for real. Fed from the engine's thread; what they do comes back as inputs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from workbench.config import Settings
from workbench.errors import UserError
from workbench.project.model import StandInPlan
from workbench.records import ReplyOutcome
from workbench.resources.configuration import kind_of
from workbench.resources.model import Health, Kind, Message, Part, Permits, Running
from workbench.session.actors import Event
from workbench.session.identity import address
from workbench.session.inputs import Asked, Came, Input, Remarked, Replied

FILES = Path(".workbench") / "files"
"""Where files of resources may be, under a project's root, unless its settings say otherwise."""

Answered = Callable[[ReplyOutcome, bytes], None]


@dataclass(frozen=True)
class Report:
    """How a resource stands with its other side."""

    health: Health
    words: str = ""


class Outside:
    """Starts, feeds and ends real resources. `post` has an input come about on the engine's thread."""

    def __init__(self, root: Path, post: Callable[[Input], None], http_port: int | None = None) -> None:
        self._root, self._post, self._http_port = root, post, http_port
        self._settings = Settings()
        self._running: dict[str, tuple[Running, _Port]] = {}
        self._asked: dict[int, tuple[str, Answered]] = {}
        self._kinds: dict[str, Kind] = {}
        self._tokens = 0
        self._lock = threading.Lock()
        self.reports: Mapping[str, Report] = {}
        """How each running resource stands, replaced whole; any thread."""

    def follow(self, settings: Settings) -> None:
        """These settings hold from now on, for what is started from now on."""
        self._settings = settings

    def is_to_run(self, plan: StandInPlan) -> bool:
        """Whether a resource is to run for real, as its class and the settings say: what leaves the machine only where
        that is allowed by name."""
        kind = kind_of(plan, self._settings.resources)
        if kind is None or kind.start is None:
            return False
        own = self._settings.resources.own.get(plan.name)
        if own is not None and own.real is not None:
            return own.real
        return not kind.away(self._configuration(plan))

    def start(self, plan: StandInPlan, allowed: bool = False) -> None:
        """Let it run for real; `allowed`: whatever it talks to. Raises `UserError` with what the platform, or this
        machine, has against it."""
        self.stop(plan.name)
        kind = kind_of(plan, self._settings.resources)
        if kind is None or kind.start is None:
            what = f'the class "{plan.class_type}"' if plan.class_type else "an output"
            raise UserError(f"{plan.name} can only be played by hand: there is no real part for {what} here")
        configuration = self._configuration(plan)
        resources = self._settings.resources
        hosts = resources.hosts
        own = resources.own.get(plan.name)
        reached = kind.reaches(configuration)
        if reached is not None and (allowed or (own is not None and own.real)):
            hosts = (*hosts, *_host_of(reached))
        directories = resources.directories or (self._own_directory(),)
        http_port = resources.http_port if self._http_port is None else self._http_port
        permits = Permits(directories, hosts, http_port)
        workflow = plan.workflow.stem if plan.workflow is not None else plan.name
        part = Part(plan.name, kind.class_type, address(workflow).function_id, configuration, permits)
        port = _Port(self, plan.name)
        self.report(plan.name, Report("starting"))
        try:
            running = kind.start(part, port)
        except UserError as error:
            port.close()
            self.report(plan.name, Report("trouble", str(error)))
            raise
        self._running[plan.name] = (running, port)
        self._kinds[plan.name] = kind
        running.relink(frozenset(plan.links))

    def relink(self, plan: StandInPlan) -> None:
        """Its outputs lead where its plan says now."""
        if plan.name in self._running:
            self._running[plan.name][0].relink(frozenset(plan.links))

    def stop(self, name: str) -> None:
        """It runs no more."""
        running, port = self._running.pop(name, (None, None))
        if running is not None and port is not None:
            port.close()
            running.close()
        self.reports = {other: report for other, report in self.reports.items() if other != name}

    def will_answer(self, name: str) -> bool:
        """Whether a call to it may still be answered from outside."""
        return name in self._running and self._answers(name)

    def runs(self, name: str) -> bool:
        """Whether it runs."""
        return name in self._running

    @property
    def busy(self) -> bool:
        """Whether a resource still works on what it took."""
        return any(running.busy for running, _ in list(self._running.values()))

    def take(self, name: str, event: Event) -> None:
        """A message arrived for it."""
        if name in self._running:
            running, port = self._running[name]
            message = Message(event.seq, event.call, event.source, event.identity, event.payload)
            running.take(message)
            if event.call and not self._answers(name):
                port.note("it answers no call: who calls it waits for ever")

    def _answers(self, name: str) -> bool:
        return self._kinds[name].takes_call

    def answered(self, token: int, outcome: ReplyOutcome, payload: bytes) -> None:
        """What a resource asked is answered."""
        with self._lock:
            _, answered = self._asked.pop(token, ("", None))
        if answered is not None:
            answered(outcome, payload)

    def abandon(self) -> None:
        """Nobody will answer what was asked: the world it was asked in goes on no more."""
        with self._lock:
            left, self._asked = list(self._asked.values()), {}
        for _, answered in left:
            answered("err", b"")

    def close(self) -> None:
        """End all."""
        self.abandon()
        for name in list(self._running):
            self.stop(name)

    # ---- what ports say, on any thread

    def say(self, what: Input) -> None:
        """Something came from outside."""
        self._post(what)

    def ask(self, name: str, answered: Answered) -> int:
        """A number for what a resource asks."""
        with self._lock:
            self._tokens += 1
            self._asked[self._tokens] = (name, answered)
            return self._tokens

    def report(self, name: str, report: Report) -> None:
        """How it stands; what lies in the project is named from its root on."""
        report = Report(report.health, report.words.replace(f"{self._root}/", ""))
        with self._lock:
            self.reports = {**self.reports, name: report}

    def _own_directory(self) -> Path:
        """Where files may be in a project that says nothing of it."""
        directory = self._root / FILES
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"its directory cannot be made: {error.strerror}", path=directory) from error
        return directory

    def _configuration(self, plan: StandInPlan) -> Mapping[str, str]:
        """What its workflow says, and what on the platform a node's settings would."""
        own = self._settings.resources.own.get(plan.name)
        ours = {} if own is None else {"directory": own.directory, "function_url": own.url, "ollama_url": own.url}
        return {**plan.configurations, **{f"workbench:{key}": text for key, text in ours.items() if text is not None}}


class _Port:
    """What one running resource may do; nothing once it is closed."""

    def __init__(self, outside: Outside, name: str) -> None:
        self._outside, self._name = outside, name
        self._open = True

    def close(self) -> None:
        """Whatever it says from now on is not heard."""
        self._open = False

    def reply(self, seq: int, outcome: ReplyOutcome, payload: bytes = b"") -> None:
        """See `Port`."""
        if self._open:
            self._outside.say(Replied(self._name, seq, outcome, payload))

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
        if self._open:
            self._outside.report(self._name, Report(health, words))

    def note(self, message: str) -> None:
        """See `Port`."""
        if self._open:
            self._outside.say(Remarked(self._name, message))


def _host_of(reached: str) -> tuple[str, ...]:
    """The host that an address names, to be allowed."""
    host = urlsplit(reached if "//" in reached else f"//{reached}").hostname
    return () if host is None else (host,)
