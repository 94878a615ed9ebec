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
from workbench.headless.supplied import rests
from workbench.session.commands import (
    Advance,
    Answer,
    Command,
    Jump,
    Kill,
    Pause,
    Release,
    Rerun,
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
MOMENT_MS = 0.001
"""The smallest step of time that matters: what is due at this very time has fired once it is later by that."""


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
        self.why = ""
        """Why, in words."""

    def play(self) -> None:
        """From the first line to the last. Raises `UserError`, with the line, for what cannot be done or is not so."""
        lines = self._script.lines
        self._wait_for_code()
        if not lines or lines[0].verb != "pause":
            self._work_off()
        for line in lines:
            try:
                self._play(line)
            except UserError as error:
                raise UserError(str(error), path=self._script.path, line=line.number) from error
            self._played()

    def finish(self, until_ms: float | None) -> None:
        """Go on to the end of the run: until nothing is left to do, or to that time; a breakpoint may pause it."""
        session = self._session
        if until_ms is None:
            self._done(session.submit(Run()))
            self._note_breakpoint(self._settled())
        elif session.view().t_ms < until_ms and session.view().clock != "frozen":
            self._until(until_ms)

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
        match command:
            case Run(None):
                self.paused = False
                self._work_off()
            case Run(Until(t_ms=float() | int() as t_ms)):
                self._until(t_ms)
                if not self.paused:
                    self._stand_still("the time has come")
            case Advance(float() | int() as by_ms) if not self.paused:
                self._let_pass(by_ms)
            case Rerun():
                self._rerun(command)
            case _:
                self._plainly(command)

    def _plainly(self, command: Command) -> None:
        future = self._session.submit(command)
        if isinstance(command, Send) and self.paused:
            self._check_room(command, future)
        result = self._done(future)
        stepping = self._settled().stepping
        match command:
            case Run(Until(query=str())) if stepping.at is None:
                raise UserError(stepping.why)
            case SelfCheck() if isinstance(result, Difference):
                raise UserError(f"#{result.seq} came out otherwise: it was {result.was}, and is now {result.is_now}")
        if isinstance(command, STANDS_STILL_AFTER):
            self._stand_still("so the script says" if isinstance(command, Pause) else stepping.why)
        elif isinstance(command, HAPPENS_AFTER) and not self.paused:
            self._work_off()

    def _check_room(self, send: Send, future: Future[object]) -> None:
        """Raises `UserError` when the message waits for room, which nothing makes as long as it is paused."""
        while not future.done():
            if self._session.wait_idle(LOOK_SECONDS) and not future.done():
                raise UserError(
                    f"{send.target} takes no more messages while it is paused, its mailbox is full; "
                    "step or run before this line, or raise limits.mailbox or limits.mailbox_bytes"
                )
            self._look(0)

    def _filled(self, order: Order) -> Command:
        numbers = {gap: self._number(gap, pick) for gap, pick in order.gaps.items()}
        return structs.replace(order.command, **numbers)

    def _number(self, gap: str, pick: Pick) -> int:
        session = self._session
        if gap == "seq":
            return record_number(pick, session.journal)
        return waiting_number(pick, session.journal, session.view(), calls=gap == "call")

    def _work_off(self, patiently: bool = True) -> None:
        """Let all happen that can happen at this time: no timer fires that is not due yet. `patiently`: what real
        resources were asked is answered before it is done."""
        view = self._session.view()
        self._done(self._session.submit(SetClock("frozen")))
        self._done(self._session.submit(Run(Until(idle=True))))
        self._note_breakpoint(self._settled(patiently))
        self._done(self._session.submit(SetClock(view.clock, view.stepping.scale)))

    def _until(self, t_ms: float) -> None:
        """Go on to that time, and let happen what is due then. Raises `UserError` when it never comes."""
        if self._session.view().clock == "frozen":
            raise UserError("the clock is frozen, so that time does not come: advance it")
        self._done(self._session.submit(Run(Until(t_ms=t_ms))))
        if not self._note_breakpoint(self._settled()):
            self._work_off(patiently=False)

    def _note_breakpoint(self, view: View) -> bool:
        """Whether one has made it stand still."""
        hit = view.stepping.at is not None
        if hit:
            self.paused, self.why = True, view.stepping.why
        return hit

    def _let_pass(self, by_ms: float) -> None:
        """Advance the clock from timer to timer, so that what each brings about happens at its time."""
        session = self._session
        end_ms = session.view().t_ms + by_ms
        while not self.paused:
            view = session.view()
            due = min((one.due_ms for one in view.stepping.queue if one.due_ms is not None), default=end_ms)
            self._done(session.submit(Advance(max(0, min(due, end_ms) - view.t_ms))))
            self._work_off()
            if due >= end_ms:
                return

    def _rerun(self, command: Rerun) -> None:
        """Run again up to the time it is now; what is asked second is there before the first is done."""
        session = self._session
        until = Run(Until(t_ms=session.view().t_ms + MOMENT_MS))
        for future in [session.submit(command), session.submit(until)]:
            self._done(future)
        self._settled()
        self._stand_still("all has come again")

    def _stand_still(self, why: str) -> None:
        past = self._session.view().stepping.past
        self.paused, self.why = True, why if past is None else f"in the past, after #{past.seq}"

    # ---- waiting

    def _wait_for_code(self) -> None:
        """All instances that can begin have begun with `handle_init`."""
        while any(one.status == "loading" for one in self._session.view().instances):
            self._look(0.01)

    def _done(self, future: Future[object]) -> object:
        """Its result. Raises what the user got wrong."""
        while True:
            try:
                return future.result(LOOK_SECONDS)
            except TimeoutError:
                self._look(0)

    def _settled(self, patiently: bool = True) -> View:
        """What it looks like once it stands still."""
        while not self._session.wait_idle(LOOK_SECONDS):
            self._look(0)
            if not patiently and rests(self._session.view()):
                self._done(self._session.submit(Pause()))
        return self._session.view()
