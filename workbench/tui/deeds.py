"""What each action does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from workbench.errors import UserError, reason_of
from workbench.project.messages import DIRECTORY as MESSAGES
from workbench.project.messages import save_message
from workbench.query import edited
from workbench.records import Call, Cast, Change
from workbench.session.commands import (
    CancelBuild,
    Kill,
    Rebuild,
    Restart,
    Spawn,
    StartWorkflow,
    StopInstance,
    StopWorkflow,
    SwitchProfile,
)
from workbench.session.view import Status
from workbench.tui.actions import ACTIONS, BY_ID
from workbench.tui.chooser import Choice, Chooser, OneLine
from workbench.tui.confirm import Confirm
from workbench.tui.errands import new_function, open_samples, open_source, run_doctor, use_guest_crate
from workbench.tui.help import Help
from workbench.tui.layout import PANES, SEND
from workbench.tui.outside import to_shell
from workbench.tui.palette import Palette
from workbench.tui.queries import ask_name, ask_query
from workbench.tui.resources.deeds import RESOURCE_DEEDS
from workbench.tui.resources.words import waiting_for_you
from workbench.tui.shelf import Saved
from workbench.tui.state_editor import StateEditor
from workbench.tui.stepping.deeds import STEPPING_DEEDS
from workbench.tui.stepping.words import event_words

if TYPE_CHECKING:
    from workbench.tui.app import Workbench

Deed = Callable[["Workbench"], None]

OVER: tuple[Status, ...] = ("trapped", "killed", "stopped", "failed")


def do(app: Workbench, action: str) -> None:
    """Do `action`, after asking once where something would be lost."""
    entry = BY_ID[action]
    deed = DEEDS[action]
    if not entry.confirm or (entry.context == "instance" and _is_over(app)):
        deed(app)
        return
    keys = app.keymap_in_force.keys_of(action)
    waiting = app.now().waiting if entry.group == "waiting" else None
    name = event_words(waiting) if waiting is not None else app.selection.instance or "it"
    left = "; who called waits on" if waiting is not None and waiting.what in ("call", "reply") else ""
    question = entry.confirm.format(name=name, workflow=getattr(_workflow(app), "name", "it"), left=left)

    def answered(yes: bool | None) -> None:
        if yes:
            try:
                deed(app)
            except UserError as error:  # what it was about may be gone by now
                app.complain(str(error))

    app.push_screen(Confirm(question, app.key_of(entry), entry.words, keys), answered)


def _is_over(app: Workbench) -> bool:
    """Whether the chosen instance has nothing left that could be lost."""
    instance = app.now().instance
    return instance is not None and instance.status in OVER


def _instance(app: Workbench) -> str:
    return app.selection.instance or ""


def _workflow(app: Workbench) -> Path | None:
    instance = app.now().instance
    return None if instance is None else instance.workflow


def _start_workflow(app: Workbench) -> None:
    path = _workflow(app)
    if path is not None:
        app.ask(StartWorkflow(str(path)), lambda _: app.say(f"{path.name} is started"))


def _stop_workflow(app: Workbench) -> None:
    path = _workflow(app)
    if path is not None:
        app.ask(StopWorkflow(str(path)), lambda _: app.say(f"{path.name} is stopped"))


def _function(app: Workbench) -> str | None:
    instance = app.now().instance
    return None if instance is None or instance.status == "stand-in" else instance.function


def _send(app: Workbench) -> None:
    pointing = app.workspace.current == "instances"
    app.workspace.go(SEND)
    app.composer.aim(app.selection.instance, anew=pointing)


def _answer(app: Workbench) -> None:
    pending = waiting_for_you(app.engine.view())
    if not pending:
        raise UserError("no call waits any more")
    chosen = next((call for call in pending if call.seq == app.selection.seq), None)
    chosen = chosen or next((call for call in pending if call.target == app.selection.instance), pending[0])
    app.composer.answer(chosen)
    app.workspace.go(SEND)


def _chosen_message(app: Workbench) -> Cast | Call | None:
    """The chosen message as it was edited last."""
    journal, message = app.engine.journal, app.now().record
    if not isinstance(message, Cast | Call):
        return None
    for change in journal.iterate(message.seq):
        if isinstance(change, Change) and change.event == message.seq:
            message = edited(message, change)
    return message if isinstance(message, Cast | Call) else None


def _resend(app: Workbench) -> None:
    message = _chosen_message(app)
    if message is not None:
        app.composer.resend(message)


def _edit_resend(app: Workbench) -> None:
    message = _chosen_message(app)
    if message is not None:
        app.composer.take(message)
        app.workspace.go(SEND)


def _restart_with_state(app: Workbench) -> None:
    instance = app.now().instance
    if instance is None:
        return

    def restart(state: str | None) -> None:
        if state is not None:
            app.ask(Restart(instance.name, state))

    editor = StateEditor(instance.name, instance.synced or "", app.key_of(BY_ID["send-now"]))
    app.push_screen(editor, restart)


def _spawn(app: Workbench) -> None:
    function = _function(app)
    if function is not None:
        app.ask(Spawn(function), lambda name: app.say(f"{name} started"))


def _rebuild(app: Workbench) -> None:
    function = _function(app)
    app.ask(Rebuild(function))
    app.say(f"building {function}" if function else "building every function")


def _switch_profile(app: Workbench) -> None:
    profile = "release" if app.engine.view().profile == "dev" else "dev"
    app.ask(SwitchProfile("release" if profile == "release" else "dev"))
    app.say(f"building everything with the {profile} profile")


def _panes(app: Workbench) -> None:
    hidden = app.workspace.arrangement.hidden
    choices = [
        Choice(name, f"{'○' if name in hidden else '●'} {name}", "hidden" if name in hidden else "")
        for name in (*PANES, SEND)
    ]

    def chosen(name: str | None) -> None:
        if name is not None:
            app.workspace.toggle(name)

    app.push_screen(Chooser("Show or hide a pane", choices), chosen)


def _leave_composer(app: Workbench) -> None:
    app.composer.stop_answering()
    app.workspace.leave_composer()


def _save_message(app: Workbench) -> None:
    app.composer.saved("")  # what is wrong with the form is said before a name is asked for

    def named(name: str | None) -> None:
        if name is None:
            return
        try:
            save_message(app.composer.saved(name), app.project.own_directory / MESSAGES.name)
        except UserError as error:
            app.complain(str(error))
        else:
            app.look_around()
            app.say(f"saved as {name}")

    app.push_screen(OneLine("Save the message as"), named)


def delete_message(app: Workbench, saved: Saved) -> None:
    """Delete a saved message, after asking."""

    def sure(yes: bool | None) -> None:
        if yes:
            try:
                saved.path.unlink(missing_ok=True)
            except OSError as error:
                app.complain(f"{saved.path}: cannot be deleted: {reason_of(error)}")
            app.look_around()

    app.push_screen(Confirm(f"Delete the message {saved.name}?", "y", "delete"), sure)


def _theme(app: Workbench) -> None:
    theming = app.theming

    def chosen(name: str | None) -> None:
        if name is None:
            theming.leave()
            return
        try:
            theming.choose(name)
        except UserError as error:
            app.complain(str(error))

    choices = [Choice(name, name) for name in theming.names]
    app.push_screen(Chooser("Theme", choices, app.theme, theming.preview), chosen)


def _go(name: str) -> Deed:
    return lambda app: app.workspace.go(name)


def _show(app: Workbench, window: Screen[Any]) -> None:
    app.push_screen(window)


def _pane(method: str) -> Deed:
    """Hand the action to the pane the focus is in."""

    def deed(app: Workbench) -> None:
        found = getattr(app.workspace.panes[app.workspace.current], f"action_{method}", None)
        if found is not None:
            found()

    return deed


DEEDS: Mapping[str, Deed] = {
    "send": _send,
    "send-now": lambda app: app.composer.send(),
    "answer": _answer,
    "resend": _resend,
    "edit-resend": _edit_resend,
    "save-message": _save_message,
    "leave-composer": _leave_composer,
    **STEPPING_DEEDS,
    "restart": lambda app: app.ask(Restart(_instance(app))),
    "restart-with-state": _restart_with_state,
    "stop": lambda app: app.ask(StopInstance(_instance(app))),
    "kill": lambda app: app.ask(Kill(_instance(app))),
    "start-another": _spawn,
    "start-workflow": _start_workflow,
    "stop-workflow": _stop_workflow,
    **RESOURCE_DEEDS,
    "rebuild": _rebuild,
    "rebuild-all": lambda app: app.ask(Rebuild()),
    "cancel-build": lambda app: app.ask(CancelBuild(), lambda _: app.say("cancelled; the old code stays")),
    "switch-profile": _switch_profile,
    "open-source": open_source,
    "diagnostics": _go("diagnostics"),
    "doctor": run_doctor,
    "guest-crate": use_guest_crate,
    "new-function": new_function,
    "open-samples": open_samples,
    "filter": _pane("filter"),
    "save-query": ask_name,
    "queries": ask_query,
    "search": _pane("search"),
    "next-match": _pane("next_match"),
    "previous-match": _pane("previous_match"),
    "follow": _pane("follow"),
    "wrap": _pane("wrap"),
    "copy": _pane("copy"),
    "clear": _pane("clear"),
    "next-pane": lambda app: app.workspace.step(1),
    "previous-pane": lambda app: app.workspace.step(-1),
    **{f"pane-{number}": _go(name) for number, name in enumerate(PANES, 1)},
    "maximise": lambda app: app.workspace.toggle_maximised(),
    "panes": _panes,
    "wider": lambda app: app.workspace.grow("columns", 2),
    "narrower": lambda app: app.workspace.grow("columns", -2),
    "taller": lambda app: app.workspace.grow("rows", 1),
    "shorter": lambda app: app.workspace.grow("rows", -1),
    "reset-layout": lambda app: app.workspace.reset(),
    "theme": _theme,
    "help": lambda app: _show(app, Help(app.now(), app.key_of, app.keys_bound)),
    "palette": lambda app: _show(app, Palette()),
    "suspend": to_shell,
    "quit": lambda app: app.exit(),
}

assert DEEDS.keys() == {action.id for action in ACTIONS}
