"""Sessions that tests open, and that are closed whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.session.playing import Play, project
from workbench.project.model import InstancePlan, Project
from workbench.session.session import Options

Stage: TypeAlias = Callable[..., Play]

PREBUILT = Options(clock="virtual", watch=False, build=False)


@pytest.fixture
def opened() -> Iterator[list[Play]]:
    """The sessions of a test. At its end they are closed, and none may have had a fault of its own."""
    plays: list[Play] = []
    yield plays
    for play in plays:
        play.session.close()
    for play in plays:
        play.session.wait_idle(0)


@pytest.fixture
def stage(tmp_path: Path, opened: list[Play]) -> Stage:
    """Opens a session of these instances, on virtual time, and waits until they have started."""

    def open_play(
        *plans: InstancePlan,
        stand_ins: tuple[str, ...] = (),
        options: Options = PREBUILT,
        settle: bool = True,
        **changes: object,
    ) -> Play:
        given: Project = project(tmp_path, *plans, stand_ins=stand_ins)
        play = Play(given, replace(options, **changes))  # type: ignore[arg-type]
        opened.append(play)
        if settle:
            play.settle()
        return play

    return open_play
