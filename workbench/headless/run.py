"""`workbench run`: the engine without a screen, from the first build to the summary."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from workbench import trace
from workbench.config.settings import Settings
from workbench.errors import UserError
from workbench.headless.by_hand import ByHand
from workbench.headless.findings import counted, errors, findings, line, settings_of
from workbench.headless.hearing import Branching, Hearing, Straight
from workbench.headless.names import check_names
from workbench.headless.said import Progress, said
from workbench.headless.script.actions import Script
from workbench.headless.script.load import load
from workbench.headless.script.names import check_script
from workbench.headless.script.play import Player
from workbench.headless.story import Story
from workbench.headless.supplied import Supplied, refusals, rests, troubles, would_answer
from workbench.headless.tally import Tally
from workbench.headless.terminal import complain, tell, visible
from workbench.project.model import Problem, Project
from workbench.project.moving import take_along
from workbench.project.targets import read, sound
from workbench.records import Build, Profile, Record
from workbench.session.commands import Pause, Rule, Send
from workbench.session.options import Options
from workbench.session.session import Session
from workbench.session.view import View
from workbench.signals import heard
from workbench.threads import ThreadDied
from workbench.trace import RecordWriter
from workbench.units import format_duration

INTERRUPTED = 130
FAILED = 1
DEFAULT_TIMEOUT_MS = 60_000
TRACE_TO_STDOUT = "-"
MOST_NAMED = 5
"""How many instances a sentence names."""
STANDSTILL_SECONDS = 1.0
"""How long it takes at most until nothing happens any more; a slice of a guest takes 5 ms."""
LOOK_SECONDS = 0.05
"""How often progress is drawn, and what must end the run is looked at."""


@dataclass(frozen=True)
class Request:
    """What `workbench run` is asked. Times in ms, sizes in bytes; None where the settings decide.

    `until` None is until idle; `trace` is a path, or `-` for standard output; `script` is
    one, or `-` for standard input. `stand_ins`: no resource runs for real. `strict`: what the platform may lose is
    lost. `port` is where http-ingress listens.
    """

    targets: tuple[Path, ...]
    sends: tuple[Send, ...] = ()
    init: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, str] = field(default_factory=dict)
    reply: tuple[Rule, ...] = ()
    clock: Literal["real", "virtual"] = "real"
    until: int | None = None
    timeout: int | None = None
    watch: bool = False
    profile: Profile | None = None
    build: bool = True
    state_dir: Path | None = None
    limit_memory: int | None = None
    limit_time: int | None = None
    trace: str | None = None
    script: str | None = None
    stand_ins: bool = False
    strict: bool = False
    port: int | None = None


class _OutOfTime(Exception):
    """The guard for the whole run struck."""


class _NotStarted(Exception):
    """Resources did not start, for these reasons."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__()
        self.reasons = reasons


def run(request: Request) -> int:
    """The exit status: 0, 1 (something did not go well) or 130. Raises `UserError` for what was asked wrongly.

    Nothing runs where `check` finds an error: they are told as `check` tells them.
    """
    began = time.monotonic()
    script = None if request.script is None else load(request.script)
    if script is not None and request.sends:
        raise UserError("with --script, what --cast and --call send is sent by lines of the script")
    settings, wrong = settings_of(request.targets)
    project = read(request.targets, settings)
    timeout_ms = _timeout_ms(request)
    try:
        against = errors([*wrong, *_findings(project, settings, request, timeout_ms)])
    except TimeoutError:
        complain(f"{_cut_off(timeout_ms)}, and the modules are not compiled yet")
        return FAILED
    if against:
        for problem in against:
            tell(line(problem))
        complain(f"{counted(len(against), 'error')}, so nothing was run")
        return FAILED
    project = sound(project)
    check_names(project, request.sends, request.init, request.state, request.reply)
    if script is not None:
        check_script(script, project)
    if moved := take_along(project):
        complain(moved)
    for problem in project.problems:
        complain(str(problem.error))
    session = Session(project, settings, _options(request, script))
    return _Run(request, session, project, settings, script, timeout_ms, began).play()


def _timeout_ms(request: Request) -> int | None:
    """How long it all may take, of real time."""
    if request.timeout is not None or request.watch:
        return request.timeout
    return DEFAULT_TIMEOUT_MS + (request.until or 0 if request.clock == "real" else 0)


def _cut_off(timeout_ms: int | None) -> str:
    return f"cut off after {format_duration(timeout_ms or 0)} with --timeout"


def _findings(project: Project, settings: Settings, request: Request, timeout_ms: int | None) -> Iterator[Problem]:
    """What `check` finds, but in modules that will be built, and in what is not asked for to run for real."""
    built = [function.id for function in project.functions.values() if function.buildable] if request.build else []
    timeout_s = None if timeout_ms is None else timeout_ms / 1000
    for problem in findings(project, request.limit_memory or settings.limits.memory_bytes, built, timeout_s):
        if problem.code != "not-allowed" or not request.stand_ins:
            yield problem


def _options(request: Request, script: Script | None) -> Options:
    return Options(
        clock=request.clock,
        history=script is not None and script.goes_back,
        paused=script is not None,
        real=not request.stand_ins,
        strict=request.strict,
        http_port=request.port,
        until_ms=None if script is not None else request.until,  # else what a script runs would end there, too
        profile=request.profile,
        watch=request.watch,
        build=request.build,
        memory_bytes=request.limit_memory,
        time_ms=request.limit_time,
        state_directory=request.state_dir,
        init_payloads=request.init,
        states=request.state,
        rules=request.reply,
    )


class _Run:
    """One run: a session, what listens to it, and what is sent by hand or done by a script."""

    def __init__(
        self, request: Request, session: Session, project: Project, settings: Settings, script: Script | None,
        timeout_ms: int | None, began: float,
    ) -> None:  # fmt: skip
        self._request = request
        self._session = session
        self._script = script
        self._known = self._told = {str(problem.error) for problem in project.problems}
        self._suspects: set[str] = set()
        instances = {plan.name for plan in project.instances}
        self._tally = Tally()
        self._progress = Progress()
        file, form = request.trace, Story(project).tell
        if file == TRACE_TO_STDOUT:
            file, form = None, trace.encode
        self._files = [] if file is None else [RecordWriter(file)]
        self._stdout = RecordWriter(1, form)
        self._stderr = RecordWriter(2, self._tell_build)
        ruled = {rule.alias for rule in request.reply}
        self._by_hand = ByHand(request.sends, session.submit, instances, ruled, self._is_real)
        self._supplied = Supplied(project, played=request.stand_ins)
        self._hearing = self._who_hears()
        self._left_paused = self._begun = False
        self._timeout_ms = timeout_ms
        self._deadline = None if timeout_ms is None else began + timeout_ms / 1000

    def play(self) -> int:
        """Everything from the first build to the summary; the exit status."""
        reasons: list[str] = []
        interrupted = False
        self._hearing.begin()
        try:
            self._session.open()
            self._look(0)
            if self._script is None:
                self._send_and_wait()
            else:
                reasons += self._play(self._script)
            self._refuse(self._session.view())
            while self._request.watch and not reasons and not self._nobody_listens():
                self._look()
        except _OutOfTime:
            reasons.append(self._cut_off())
        except _NotStarted as error:
            reasons += error.reasons
        except KeyboardInterrupt:
            interrupted = not self._request.watch
        finally:
            try:
                unsent = self._by_hand.give_up()
                self._stand_still()
                view = self._session.view()
                if self._begun:
                    self._tell_resources(view)
            finally:
                self._end()
        complaints = self._tally.complaints(not self._left_paused, troubles(view), would_answer(view))
        reasons = [*self._unloadable(view), *complaints, *reasons, *self._problems(), *self._unwritten()]
        if unsent and not interrupted:
            reasons.append(
                f"{counted(unsent, 'message')} by hand {'was' if unsent == 1 else 'were'} not sent before the end"
            )
        if interrupted:
            reasons.append("interrupted before the end")
        if self._request.trace is not None and isinstance(self._hearing, Branching) and self._session.journal.first:
            complain(f"the trace begins with #{self._session.journal.first}: what was before is not kept any more")
        closed = self._session.view()
        self._tell_undone(closed)
        if reasons:
            complain("; ".join(reason.rstrip(".") for reason in reasons))
        tell(self._tally.summary(closed.stepping.queued))
        if interrupted:
            return INTERRUPTED
        return FAILED if reasons else 0

    def _stand_still(self) -> None:
        """Let nothing more happen, so that what is counted and what waits add up to what was sent."""
        with suppress(UserError, TimeoutError):
            self._session.submit(Pause()).result(STANDSTILL_SECONDS)

    def _send_and_wait(self) -> None:
        while not ((self._session.wait_idle(LOOK_SECONDS) or self._time_is_up()) and self._by_hand.done):
            if self._tally.runs_for() * 1000 >= (self._request.until or math.inf) and self._time_has_come():
                break
            if self._session.wait_idle(0):
                self._by_hand.go_on()  # what was to be worked off never came to work
            self._look(0)

    def _time_is_up(self) -> bool:
        """Whether it is past the end, and only real resources could still bring anything about."""
        return self._time_has_come() and rests(self._session.view())

    def _time_has_come(self) -> bool:
        """Whether the end that was asked for, on the real clock, has come."""
        until = self._request.until
        return until is not None and self._request.clock == "real" and self._session.view().t_ms >= until

    def _is_real(self, name: str) -> bool:
        return any(one.name == name and one.real for one in self._session.view().instances)

    def _refuse(self, view: View) -> None:
        """Raises `_NotStarted` for resources that do not run and were to; not for those of later, while one watches."""
        refused = [] if self._begun and self._request.watch else list(refusals(view))
        if refused:
            raise _NotStarted(refused)
        self._begun = self._begun or all(one.status != "loading" for one in view.instances)

    def _tell_resources(self, view: View) -> None:
        for sentence in self._supplied.news(view):
            self._progress.clear()
            complain(sentence)

    def _tell_undone(self, view: View) -> None:
        """Say what the end of the run cut off, and what waits and is not handled any more."""
        for name, callback in self._tally.cut.items():
            complain(f"{visible(name)} had not ended its {callback} when the run ended")
        mailboxes = {one.name: one.mailbox for one in view.instances if one.mailbox}
        if mailboxes:
            total, named = sum(mailboxes.values()), [f"{visible(who)} {n}" for who, n in mailboxes.items()]
            rest = f" and {len(named) - MOST_NAMED} instances more" if len(named) > MOST_NAMED else ""
            waits = "1 event waits" if total == 1 else f"{total} events wait"
            complain(f"{waits} at the end and will not be handled: {', '.join(named[:MOST_NAMED])}{rest}")

    def _play(self, script: Script) -> list[str]:
        """The script, and unless it ends paused, what is left to do then; why the script could not be played, if so."""
        session, until = self._session, self._request.until
        player = Player(script, session, self._look, self._show, self._hearing.go_on)
        try:
            player.play()
            if not player.paused:
                player.finish(until)
        except UserError as error:
            self._left_paused = True
            return [str(error)]
        if player.paused:
            self._left_paused = True
            complain(f"paused at the end: {player.why}")
        return []

    def _look(self, pause: float = LOOK_SECONDS) -> None:
        """Draw how builds go. Raises `_OutOfTime` when the guard for the whole run strikes, and `ThreadDied`."""
        time.sleep(pause)
        self._hearing.go_on()
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise _OutOfTime
        view = self._session.view()
        for problem in view.problems:
            if isinstance(problem.error, ThreadDied):
                raise problem.error
        self._refuse(view)
        self._tell_resources(view)
        self._tell_problems(view)
        building = next((one for one in view.builds if one.state == "building"), None)
        if building is None:
            self._progress.clear()
        else:
            self._progress.show(building.function, building.crate, building.done, building.total)

    def _tell_problems(self, view: View) -> None:
        now = dict.fromkeys([*(str(problem.error) for problem in view.problems), *self._refused(view)])
        for sentence in now:
            if sentence not in self._told:
                self._progress.clear()
                complain(sentence)
        self._told = set(now)

    def _problems(self) -> list[str]:
        """What is wrong at the very end and was not at the beginning, as state that cannot be kept."""
        view = self._session.view()
        if self._request.watch:
            self._tell_problems(view)
        return [sentence for problem in view.problems if (sentence := str(problem.error)) not in self._known]

    def _refused(self, view: View) -> list[str]:
        """New code that cannot run, which no record tells of.

        Of what could not be built there is one, though it may be written a moment after the view has it: hence twice.
        """
        if not self._request.watch:
            return []
        failed = [one for one in view.builds if one.state == "failed" and one.function not in self._tally.unbuilt]
        before, self._suspects = self._suspects, {one.function for one in failed}
        told = [(one, diagnostic) for one in failed if one.function in before for diagnostic in one.diagnostics[:1]]
        return [f"{one.function} cannot run: {diagnostic.message}" for one, diagnostic in told]

    def _end(self) -> None:
        """Put everything away, however often we are interrupted meanwhile: what is begun here takes only moments."""
        with heard(signal.SIG_IGN):
            self._progress.clear()
            writers = (*self._files, self._stdout, self._stderr)
            for writer in writers:
                writer.hasten()
            try:
                self._hearing.end(self._session.close, self._tally.end)
            finally:
                for writer in writers:
                    writer.close()

    def _cut_off(self) -> str:
        view = self._session.view()
        built = [one.function for one in view.builds if one.state in ("building", "queued")]
        busy = [one.name for one in view.instances if one.status in ("running", "loading") or one.mailbox]
        timers = "a timer is set" if view.timers == 1 else f"{view.timers} timers are set"
        waits = f"{busy[0]} is not done" if busy else timers if view.timers else "not all is done"
        real = {one.name for one in view.instances if one.real}
        unanswered = [one for one in view.instances if one.status == "waiting" and one.waits_on in real]
        if unanswered:
            waits = f"{unanswered[0].name} waits for {unanswered[0].waits_on}, which does not answer"
        if built:
            waits = f"{built[0]} is not built yet"
        return f"{_cut_off(self._timeout_ms)}, and {waits}"

    def _unloadable(self, view: View) -> list[str]:
        """Why functions have no code to run, or not their newest, other than that it could not be built."""
        unbuilt, kept = self._tally.unbuilt, self._tally.kept
        failed = {
            one.function: one.diagnostics[0].message for one in view.builds if one.state == "failed" and one.diagnostics
        }
        failed |= {one.function: one.detail for one in view.instances if one.status == "failed"}
        refused = [f"{visible(name)} cannot run: {visible(why)}" for name, why in failed.items() if name not in unbuilt]
        return refused + [f"{visible(one.name)} {visible(one.detail)}" for one in view.instances if one.name in kept]

    def _nobody_listens(self) -> bool:
        """Whether who read standard output has had enough, as `head` has."""
        return self._stdout.hung_up

    def _unwritten(self) -> list[str]:
        heard = [] if self._nobody_listens() else [self._stdout]
        return [str(writer.error) for writer in (*self._files, *heard) if writer.error is not None]

    def _who_hears(self) -> Hearing:
        files = [writer.write for writer in self._files]
        tellers = [self._stdout.write, self._stderr.write]
        count, listen = self._tally.count, self._by_hand.listen
        if self._script is None or not self._script.goes_back:
            return Straight(self._session, (*files, *tellers, listen, count))
        if self._request.trace == TRACE_TO_STDOUT:
            files.append(tellers.pop(0))
        return Branching(
            self._session, (*tellers, self._tally.begin), (*files, count), lambda sentence: self._show([sentence])
        )

    def _show(self, lines: Iterable[str]) -> None:
        """Print what a script shows."""
        writer = self._stderr if self._request.trace == TRACE_TO_STDOUT else self._stdout
        writer.put("".join(f"{line}\n" for line in lines).encode(errors="backslashreplace"))

    def _tell_build(self, record: Record) -> bytes:
        if not isinstance(record, Build):
            return b""
        text = said(
            record.function,
            record.profile,
            record.ok,
            record.duration_ms,
            record.diagnostics,
            self._progress.colours,
        )
        return (self._progress.erase + text).encode(errors="backslashreplace")
