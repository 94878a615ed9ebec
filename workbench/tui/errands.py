"""What is done outside the screen: the editor at a line, the doctor, a new function, the samples."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.build import guest_crate
from workbench.errors import UserError
from workbench.records import Build, Record, Trap
from workbench.session.commands import Rebuild
from workbench.tui import editor
from workbench.tui.actions import BY_ID
from workbench.tui.chooser import OneLine
from workbench.tui.confirm import Confirm
from workbench.tui.editor import Place
from workbench.tui.outside import beside, copy_samples, in_terminal, own_command, quietly

if TYPE_CHECKING:
    from workbench.tui.app import Workbench
    from workbench.tui.situation import Situation


@dataclass(frozen=True)
class Reopen:
    """How the app ends when something else is to be opened."""

    targets: tuple[Path, ...]


def open_place(app: Workbench, place: Place) -> None:
    """Open a place in the user's editor. Raises `UserError`."""
    if not os.path.exists(place.path):
        raise UserError("there is no such file any more", path=place.path)
    program = editor.editor()
    command = editor.command(program, place)
    if editor.windowed(program):
        beside(command, app.project.root)
        return
    status = in_terminal(app, command, app.project.root)
    if status:
        raise UserError(f"{program[0]} ended with status {status}")


def open_source(app: Workbench) -> None:
    """Open the source under the cursor, else that of the chosen trap, build or instance. Raises `UserError`."""
    now = app.now()
    pane = app.panes.get(now.pane)
    if pane is not None and (place := pane.place) is not None:
        open_place(app, Place(place.path, place.line, place.column))
        return
    function = None if now.instance is None else now.instance.function
    open_place(app, editor.place_of(_telling(app, now), function, app.project))


def _telling(app: Workbench, now: Situation) -> Record | None:
    """The record that says where to look: the chosen trap or build, else why the chosen instance is dead."""
    pointed_at = now.pane == "instances"
    if isinstance(now.record, Trap | Build) and not pointed_at:
        return now.record
    if now.instance is None or now.instance.status != "trapped" or now.instance.last_trap is None:
        return None
    return app.engine.journal.get(now.instance.last_trap)


def run_doctor(app: Workbench) -> None:
    """Let `workbench doctor --fix` have the terminal, then build. Raises `UserError`."""
    in_terminal(app, own_command("doctor", "--fix"), app.project.root, wait=True)
    app.action_do("rebuild-all")


def use_guest_crate(app: Workbench) -> None:
    """Have a function that does not build use the guest crate that ships, after showing all that is written.

    Raises `UserError` when none is in need of it, or it has to be done by hand.
    """
    failed = {build.function for build in app.engine.view().builds if build.state == "failed"}
    functions = [each for name, each in app.project.functions.items() if name in failed and each.manifest is not None]
    chosen = app.now().instance
    functions.sort(key=lambda function: chosen is None or function.id != chosen.function)
    changes = ((each, guest_crate.change_for(each.manifest)) for each in functions if each.manifest is not None)
    function, change = next(((each, change) for each, change in changes if change is not None), (None, None))
    if function is None or change is None:
        raise UserError("the functions that do not build use the guest crate of the workbench already")

    def sure(yes: bool | None) -> None:
        if yes:
            try:
                guest_crate.make(change)
            except UserError as error:
                app.complain(str(error))
            else:
                app.ask(Rebuild(function.id))
                app.say(f"building {function.id}")

    key = app.key_of(BY_ID["guest-crate"])
    app.push_screen(Confirm(f"{change.words}. Do that?", key, "write it", BY_ID["guest-crate"].keys), sure)


def new_function(app: Workbench) -> None:
    """Ask for a name and make a function of it."""
    root = app.project.root

    def named(name: str | None) -> None:
        if name is not None:
            app.run_worker(make(name))

    async def make(name: str) -> None:
        app.say(f"making {name}…")
        try:
            await quietly(own_command("new", name), root)
        except UserError as error:
            app.complain(str(error))
            return
        app.say(f"{name} is made")
        if not app.project.functions:
            app.exit(Reopen((root,)))

    app.push_screen(OneLine("Name of the new function", check=lambda name: name_error(root, name)), named)


def name_error(root: Path, name: str) -> str | None:
    """What is wrong with a new function's name; None when nothing is."""
    if name and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
        return "a name has letters, digits, - and _, and begins with a letter"
    return "there is something of that name already" if name and os.path.exists(root / name) else None


def open_samples(app: Workbench) -> None:
    """Copy the samples here and open them, after asking where something is open. Raises `UserError`."""

    def sure(yes: bool | None) -> None:
        if yes:
            try:
                app.exit(Reopen((copy_samples(app.project.root),)))
            except UserError as error:
                app.complain(str(error))

    if app.project.functions:
        question = f"Leave what is open, and open a copy of the samples in {app.project.root.name}?"
        app.push_screen(Confirm(question, "y", "open the samples"), sure)
    else:
        sure(True)
