"""Other programs run from the screen: the editor, the doctor, `new`; each with the terminal to itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from textual.app import App, SuspendNotSupported

from workbench import assets
from workbench.errors import UserError, reason_of
from workbench.signals import heard


def own_command(*arguments: str) -> list[str]:
    """The workbench itself, as a command."""
    return [sys.executable, "-c", "from workbench.cli import main; main()", *arguments]


def in_terminal(app: App[object], command: Sequence[str], directory: Path, wait: bool = False) -> int:
    """Run `command` with the terminal to itself and give back its exit status; `wait` for Enter afterwards.

    Raises `UserError` when it cannot be started, or when the screen cannot be left.
    """
    with _without_screen(app), _keys_for_another():
        try:
            status = subprocess.run(list(command), cwd=directory).returncode
        except OSError as error:
            raise _not_started(command, directory, error) from None
        if wait:
            with suppress(EOFError):
                input("\nPress Enter to go back to the workbench. ")
        return status


@contextmanager
def _without_screen(app: App[object]) -> Iterator[None]:
    """Give the terminal away inside the block; the screen comes back however the block ends.

    Textual's own `suspend` does not come back after an exception, and takes the modes that another program left the
    terminal in for those it has to restore at the end. Raises `UserError` when the screen cannot be left.
    """
    failure: BaseException | None = None
    try:
        with app.suspend():
            terminal = 0 if sys.__stdin__ is None else sys.__stdin__.fileno()
            modes = termios.tcgetattr(terminal)
            try:
                yield
            except BaseException as error:
                failure = error
            with suppress(termios.error):  # a terminal that is gone
                termios.tcsetattr(terminal, termios.TCSANOW, modes)
    except SuspendNotSupported:
        raise UserError("the screen cannot be left here; run it in another terminal") from None
    if failure is not None:
        raise failure


def to_shell(app: App[object]) -> None:
    """Stop all that runs here as Ctrl-Z does, until the shell's `fg`.

    The whole process group stops, as the shell may have started us through another program, such as make.
    Raises `UserError` when there is no shell with job control, which alone could go on with us.
    """
    if os.getpgrp() == os.getsid(0):
        raise UserError("there is no shell to go back to: the workbench was not started by one with job control")
    with _without_screen(app):  # first, as the shell takes the terminal the moment it sees that we stop
        os.kill(0, signal.SIGTSTP)


def beside(command: Sequence[str], directory: Path) -> None:
    """Start a program with a window of its own. Raises `UserError` when it cannot be started."""
    try:
        subprocess.Popen(
            list(command),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise _not_started(command, directory, error) from None


def _not_started(command: Sequence[str], directory: Path, error: OSError) -> UserError:
    where = "" if os.path.isdir(directory) else f" in {directory}, which does not exist"
    return UserError(f"{command[0]} cannot be started{where}: {reason_of(error)}")


def _keys_for_another() -> AbstractContextManager[None]:
    """Let Ctrl-C and Ctrl-\\ be only the other program's, which has the terminal; both reach us too.

    A handler that does nothing, unlike ignoring them, is not inherited by the program.
    """
    return heard(lambda *_: None, [signal.SIGINT, signal.SIGQUIT])


async def quietly(command: Sequence[str], directory: Path) -> None:
    """Run a short program beside the screen; its last line of complaint becomes the `UserError`."""
    pipe = asyncio.subprocess.PIPE
    try:
        program = await asyncio.create_subprocess_exec(
            *command, cwd=directory, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
    except OSError as error:
        raise _not_started(command, directory, error) from None
    try:
        said, complained = await program.communicate()
    except asyncio.CancelledError:  # the screen ends
        program.kill()
        raise
    if program.returncode:
        complaint = (complained or said).decode(errors="replace").strip().splitlines()
        raise UserError(complaint[-1] if complaint else f"{command[0]} ended with status {program.returncode}")


def copy_samples(root: Path) -> Path:
    """Copy the samples into `root` and give back where they are; those that are there already stay as they are.

    Raises `UserError` when they cannot be copied.
    """
    target = root / "sample_functions"
    if os.path.exists(target):
        return target
    try:
        shutil.copytree(assets.samples(), target, ignore=shutil.ignore_patterns("target", ".workbench", "Cargo.lock"))
    except (OSError, shutil.Error) as error:
        raise UserError(f"the samples cannot be copied: {reason_of(error)}", path=target) from None
    return target
