"""A trap's frames as a developer reads them: which are their own code, which have source here, which have none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from workbench.project.model import Project
from workbench.records import Frame

Kind = Literal["own", "here", "none"]
"""In a function's directory; in a file somewhere on this machine; in no file there is, as Rust's own library."""


@dataclass(frozen=True)
class Stretch:
    """Frames of one kind that follow one another."""

    kind: Kind
    frames: tuple[Frame, ...]


def kind_of(frame: Frame, project: Project) -> Kind:
    """What `frame` is to a developer of `project`."""
    path = Path(frame.file or "")
    if not path.is_absolute() or not os.path.isfile(path):  # of a file in a folder one may not enter, `Path` raises
        return "none"
    return "own" if any(path.is_relative_to(each.directory) for each in project.functions.values()) else "here"


def stretches(frames: Iterable[Frame], project: Project) -> Iterator[Stretch]:
    """The frames in their order."""
    for kind, found in groupby(frames, lambda frame: kind_of(frame, project)):
        yield Stretch(kind, tuple(found))


def folded(frames: Sequence[Frame]) -> str:
    """One line for frames without source, such as those of Rust's own library."""
    first, last = frames[0].function, frames[-1].function
    names = {1: first, 2: f"{first}, {last}"}.get(len(frames), f"{first} … {last}")
    return f"{len(frames)} without source: {names}" if len(frames) > 1 else names


def culprit(frames: Iterable[Frame], project: Project) -> Frame | None:
    """The frame to look at first: the innermost of one's own code, else the innermost with source."""
    found = [(kind_of(frame, project), frame) for frame in frames]
    return next((frame for wanted in ("own", "here") for kind, frame in found if kind == wanted), None)


def shown_place(frame: Frame, project: Project) -> str:
    """`risky/src/lib.rs:27:20`: below the project's root without it."""
    path = Path(frame.file or "")
    if path.is_relative_to(project.root):
        path = path.relative_to(project.root)
    return ":".join(str(each) for each in (path, frame.line, frame.column) if each is not None)
