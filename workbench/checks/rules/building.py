"""What keeps functions from being built, as far as it shows before one is: their guest crate, and the toolchain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workbench.build import guest_crate, pinned, toolchain
from workbench.build.toolchain import ToolchainMissing
from workbench.errors import UserError
from workbench.project.model import Problem, Project


def found_in(project: Project) -> Iterator[Problem]:
    """For every function that cargo builds. Takes a moment where a toolchain is asked for: rustup knows of those."""
    for function in project.functions.values():
        if function.manifest is not None and function.command is None:
            yield from _guest_crate(function.manifest)
            yield from _toolchain(function.directory)


def _guest_crate(manifest: Path) -> Iterator[Problem]:
    if advice := guest_crate.advice(manifest):
        yield Problem("error", UserError(advice, path=manifest), "guest-crate", "functions")
    elif unfetched := guest_crate.unfetched(manifest):
        yield Problem("hint", UserError(unfetched, path=manifest), "guest-crate", "functions")


def _toolchain(directory: Path) -> Iterator[Problem]:
    try:
        pinned.toolchain_for(directory)
        pin = pinned.pin_of(directory)
        unheeded = None if pin is None else pinned.unheeded(directory, toolchain.find().version)
    except ToolchainMissing:  # of which `workbench doctor` tells
        return
    except UserError as error:
        yield Problem("error", error, "toolchain", "functions")
        return
    if pin is not None and unheeded is not None:
        yield Problem("warning", UserError(unheeded, path=pin.file), "toolchain", "functions")
