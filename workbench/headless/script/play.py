"""Plays a script: a line at a time, each done before the next is looked at; in between the world stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future

from msgspec import structs

from workbench.errors import UserError
from workbench.headless.script.actions import Line, Order, Pick, Script, Show, ShowLog, ShowState
from workbench.headless.script.expect import disappointment
from workbench.headless.script.pick import record_number, waiting_number
from workbench.headless.script.told import told
from workbench.session.commands import (
    Advance,
    Answer,
    Command,
    Jump,
    Kill,
    Pause,
    Release,
    Restart,
    Rule,
    Run,
    SelfCheck,
    Send,
    SetClock,
    Step,
    StepBack,
    StopInstance,
    SwitchLine,
    Until,
)
from workbench.session.session import Session
from workbench.session.view import Difference, View

STANDS_STILL_AFTER = (Pause, Run, Step, StepBack, Jump, SwitchLine)
"""After these nothing happens any more but what the lines ask for."""
HAPPENS_AFTER = (Send, Answer, Rule, Release, Kill, StopInstance, Restart, Advance)
"""What follows from these is worked off before the next line, unless it is paused."""


LOOK_SECONDS = 0.05


class Player:
    """Plays `script` on `session`, which was opened paused. `look` is called while something takes long; it may raise
    what must end the run. `say` gets the lines that are shown, `played` is called after each line."""

    def __init__(
        self,
        script: Script,
        session: Session,
        look: Callable[[float], None],
        say: Callable[[Iterable[str]], None],
        played: Callable[[], None],
    ) -> None:
        self._script = script
        self._session = session
        self._look, self._say, self._played = look, say, played
        self.paused = False
        """Whether nothing happens but what the lines ask for: after `pause`, a step, a breakpoint, in the past."""

    def play(self) -> None:
        """From the first line to the last. Raises `UserError`, with the line, for what cannot be done or is not so."""
        lines = self._script.lines
        self._wait_for_code()
        self.paused = bool(lines) and lines[0].verb == "pause"
        if not self.paused:
            self._work_off()
        for line in lines:
            try:
                self._play(line)
            except UserError as error:
                raise UserError(str(error), path=self._script.path, line=line.number) from error
            self._played()

    def _play(self, line: Line) -> None:
        session, action = self._session, line.action
        match action:
            case Order():
                self._order(action)
            case Show() | ShowState() | ShowLog():
                self._say(told(action, session.journal, session.view()))
            case _:
                reason = disappointment(action, self.paused, session.journal, session.view())
                if reason is not None:
                    raise UserError(f"{line} is not so: {reason}")

    # ---- what is asked of the session

    def _order(self, order: Order) -> None:
        command = self._filled(order)
        if command == Run():
            self.paused = False
            self._work_off()
            return
        result = self._done(self._session.submit(command))
        stepping = self._settled().stepping
        match command:
            case Run(Until(query=str())) if stepping.at is None:
                raise UserError(stepping.why or "it has not come")
            case SelfCheck() if isinstance(result, Difference):
                raise UserError(f"#{result.seq} came out otherwise: it was {result.was}, and is now {result.is_now}")
        if isinstance(command, STANDS_STILL_AFTER):
            self.paused = True
        elif isinstance(command, HAPPENS_AFTER) and not self.paused:
            self._work_off()

    def _filled(self, order: Order) -> Command:
        numbers = {gap: self._number(gap, pick) for gap, pick in order.gaps.items()}
        return structs.replace(order.command, **numbers)

    def _number(self, gap: str, pick: Pick) -> int:
        session = self._session
        if gap == "seq":
            return record_number(pick, session.journal)
        return waiting_number(pick, session.journal, session.view())

    def _work_off(self) -> None:
        """Let all happen that can happen at this time: no timer fires that is not due yet."""
        view = self._session.view()
        kind, scale = view.clock, view.stepping.scale
        self._done(self._session.submit(SetClock("frozen")))
        self._done(self._session.submit(Run(Until(idle=True))))
        stepping = self._settled().stepping
        self._done(self._session.submit(SetClock(kind, scale)))
        if stepping.at is not None:  # a breakpoint
            self.paused = True

    # ---- waiting

    def _wait_for_code(self) -> None:
        """All instances that can be started are."""
        while True:
            view = self._session.view()
            building = any(one.state in ("queued", "building") for one in view.builds)
            if not building and not any(one.status == "loading" for one in view.instances):
                return
            self._look(0.01)

    def _done(self, future: Future[object]) -> object:
        """Its result. Raises what the user got wrong."""
        while True:
            try:
                return future.result(LOOK_SECONDS)
            except TimeoutError:
                self._look(0)

    def _settled(self) -> View:
        """What it looks like once it stands still."""
        while not self._session.wait_idle(LOOK_SECONDS):
            self._look(0)
        return self._session.view()
