"""What can be done with the chosen thing that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import UserError
from workbench.session.commands import Delay, Drop, Duplicate, Edit, Hold, Move, Redirect, Release, Step
from workbench.session.view import Queued
from workbench.tui.chooser import Choice, Chooser, OneLine
from workbench.tui.listed import listed
from workbench.tui.resources.words import what_is
from workbench.tui.situation import Selection
from workbench.tui.stepping.payload_editor import PayloadEditor
from workbench.tui.stepping.times import amount, checked
from workbench.tui.stepping.words import event_words

if TYPE_CHECKING:
    from workbench.tui.app import Workbench


def _chosen(app: Workbench) -> Queued:
    event = app.now().waiting
    if event is None:
        raise UserError("that waits no more")
    return event


def step_this(app: Workbench) -> None:
    """Let it happen now."""
    app.ask(Step(event=_chosen(app).seq))


def drop(app: Workbench) -> None:
    """Let it never come."""
    app.ask(Drop(_chosen(app).seq))


def duplicate(app: Workbench) -> None:
    """Let it come twice; the copy is the chosen one then."""

    def copied(seq: object) -> None:
        if isinstance(seq, int):
            app.choose(Selection(seq, app.selection.instance))

    app.ask(Duplicate(_chosen(app).seq), copied)


def delay(app: Workbench) -> None:
    """Let it come later, by how much is asked for."""
    event = _chosen(app)

    def typed(text: str | None) -> None:
        if text is not None:
            app.ask(Delay(event.seq, amount(text)))

    app.push_screen(OneLine(f"Delay {event_words(event)} by", "1s", checked(amount)), typed)


def redirect(app: Workbench) -> None:
    """Let it go to another, who is chosen."""
    event = _chosen(app)
    view = app.engine.view()
    choices = [
        Choice(one.name, one.name, what_is(one, view)) for one in listed(view.instances) if one.name != event.target
    ]

    if not choices:
        raise UserError(f"there is nobody but {event.target} who could get it")

    def chosen(target: str | None) -> None:
        if target is not None:
            app.ask(Redirect(event.seq, target))

    app.push_screen(Chooser(f"Send {event_words(event)} to", choices), chosen)


def edit(app: Workbench) -> None:
    """Change what it says. Raises `UserError` when it is too large to be typed and cannot be written to a file."""
    event = _chosen(app)
    editor = PayloadEditor(
        f"Edit {event_words(event)}",
        event.payload,
        event.seq,
        app.project,
        lambda payload, done, refused: app.ask(Edit(event.seq, payload), done, refused),
        app.key_for("send-now"),
    )
    app.push_screen(editor)


def move_up(app: Workbench) -> None:
    """Let it come before the one that comes before it. Raises `UserError` when it is the first."""
    event, before, _ = _neighbours(app)
    if before is None:
        raise UserError(f"nothing that {_rivals(event)} comes before it")
    app.ask(Move(event.seq, before.seq))


def move_down(app: Workbench) -> None:
    """Let it come after the one that comes after it. Raises `UserError` when it is the last."""
    event, _, after = _neighbours(app)
    if after is None:
        raise UserError(f"nothing that {_rivals(event)} comes after it")
    app.ask(Move(after.seq, event.seq))


def _neighbours(app: Workbench) -> tuple[Queued, Queued | None, Queued | None]:
    """The chosen one, and those before and after it among which it can be moved."""
    event = _chosen(app)
    if event.kind in ("held", "call"):
        raise UserError("what is held or waits for an answer has no place in the order")
    rivals = [
        other
        for other in app.engine.view().stepping.queue
        if other.kind == event.kind and (event.kind == "timer" or other.target == event.target)
    ]
    at = next(place for place, other in enumerate(rivals) if other.seq == event.seq)
    return event, rivals[at - 1] if at else None, rivals[at + 1] if at + 1 < len(rivals) else None


def _rivals(event: Queued) -> str:
    return "is set for later" if event.kind == "timer" else "waits for the same"


def hold(app: Workbench) -> None:
    """Hold it back. Raises `UserError` when it is held already."""
    event = _chosen(app)
    if event.kind == "held":
        raise UserError(f"it is held already; {app.key_for('release-event')} releases it")
    app.ask(Hold(event.seq))


def release(app: Workbench) -> None:
    """Let it go."""
    app.ask(Release(_chosen(app).seq))


def release_all(app: Workbench) -> None:
    """Let all held messages go."""
    app.ask(Release())
