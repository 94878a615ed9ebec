"""Other programs run from the screen: the editor, the doctor, `new`; each with the terminal to itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from textual.app import App, SuspendNotSupported

from workbench import assets
from workbench.errors import UserError
from workbench.signals import heard


def own_command(*arguments: str) -> list[str]:
    """The workbench itself, as a command."""
    return [sys.executable, "-c", "from workbench.cli import main; main()", *arguments]


def in_terminal(app: App[object], command: Sequence[str], directory: Path, wait: bool = False) -> int:
    """Run `command` with the terminal to itself and give back its exit status; `wait` for Enter afterwards.

    Raises `UserError` when it cannot be started, or when the screen cannot step aside.
    """
    try:
        with app.suspend(), _keys_for_another():
            status = subprocess.run(list(command), cwd=directory).returncode
            if wait:
                input("\nPress Enter to go back to the workbench. ")
            return status
    except SuspendNotSupported:
        raise UserError("the screen cannot step aside here; run it in another terminal") from None
    except OSError as error:
        raise UserError(f"{command[0]} cannot be started: {error.strerror}") from None
    except EOFError:
        return 0


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
        raise UserError(f"{command[0]} cannot be started: {error.strerror}") from None


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
        raise UserError(f"it cannot be started in {directory}: {error.strerror}") from None
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
        raise UserError(f"the samples cannot be copied: {error}", path=target) from None
    return target
