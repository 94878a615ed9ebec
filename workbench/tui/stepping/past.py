"""Going back: to the event before, to a record, to another line of history; and comparing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import UserError
from workbench.session.commands import Jump, Rerun, SelfCheck, StepBack, SwitchLine
from workbench.session.view import Difference, LineView
from workbench.tui.chooser import Choice, Chooser
from workbench.tui.notice import Notice
from workbench.tui.situation import Selection

if TYPE_CHECKING:
    from workbench.tui.app import Workbench


def step_back(app: Workbench) -> None:
    """Show the moment before the last event."""
    app.ask(StepBack())


def jump_here(app: Workbench) -> None:
    """Show the moment after the chosen record."""
    if app.selection.seq is not None:
        jump(app, app.selection.seq)


def jump(app: Workbench, seq: int) -> None:
    """Show the moment after the record `seq`."""
    app.ask(Jump(seq))


def present(app: Workbench) -> None:
    """Leave the past."""
    app.ask(Jump(None))


def switch_line(app: Workbench) -> None:
    """Choose a line of history to return to. Raises `UserError` when there is one only."""
    stepping = app.engine.view().stepping
    if len(stepping.lines) < 2:
        raise UserError(
            "there is one line of history only; one more begins where you go on from the past"
            f" ({app.key_for('step-back')} goes back)"
        )
    choices = [Choice(str(line.number), _line_words(line, stepping.line), _line_hint(line)) for line in stepping.lines]

    def chosen(number: str | None) -> None:
        if number is not None and int(number) != stepping.line:
            app.ask(SwitchLine(int(number)), lambda _: app.say(f"line {number} goes on from its end"))

    app.push_screen(Chooser("Return to a line of history", choices, str(stepping.line)), chosen)


def _line_words(line: LineView, current: int) -> str:
    mark = "●" if line.number == current else "○"
    return f"{mark} line {line.number}  {line.events:,} event{'' if line.events == 1 else 's'}"


def _line_hint(line: LineView) -> str:
    left = "from the start" if line.parent is None else f"left line {line.parent}"
    if line.forked_at is not None and line.forked_at < 0:
        left += " at the beginning"
    elif line.forked_at is not None:
        left += f" after #{line.forked_at:,}"
    return f"{left}, ends with #{line.end - 1:,}" if line.end else left


def rerun(app: Workbench) -> None:
    """Choose from where what came from outside is sent again, through the newest code."""
    past = app.engine.view().stepping.past
    choices = [Choice("", "from the start")]
    if past is not None:
        choices.insert(0, Choice(str(past.seq), f"from the moment that is shown, after #{past.seq:,}"))
    elif app.selection.seq is not None:
        seq = app.selection.seq
        choices.insert(0, Choice(str(seq), f"from what is chosen, after #{seq:,}"))

    def chosen(start: str | None) -> None:
        if start is not None:
            app.ask(Rerun(int(start) if start else None), lambda _: app.say("what came from outside was sent again"))

    app.push_screen(Chooser("Run again, through the newest code", choices), chosen)


def self_check(app: Workbench) -> None:
    """Run the journal again beside the session, and say what came out."""
    app.say("running the journal again…")
    app.ask(SelfCheck(), lambda answer: _tell(app, answer))


def _tell(app: Workbench, answer: object) -> None:
    if isinstance(answer, Difference):
        app.choose(Selection(answer.seq, app.selection.instance))
        lines = (f"#{answer.seq:,} came out otherwise when the journal was run again.", "", f"it was  {answer.was}")
        app.push_screen(Notice("Self-check", (*lines, f"it is   {answer.is_now}")))
    else:
        app.push_screen(Notice("Self-check", ("Run again, the journal came out the same.",)))
