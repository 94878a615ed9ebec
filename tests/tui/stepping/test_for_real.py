"""Stepping and going back with the screen on a real session, by keys alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.driving import WIDE, choose, press, until
from workbench import assets
from workbench.config import Settings
from workbench.project.targets import read
from workbench.records import Sync, Trap
from workbench.session.options import Options
from workbench.session.session import Session
from workbench.session.view import InstanceView, SteppingView
from workbench.tui.app import Workbench


@pytest.fixture
def real(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    """A session on the ready-made code of one sample, which the test names."""
    home = tmp_path / request.param
    shutil.copytree(assets.samples() / request.param, home, ignore=shutil.ignore_patterns("target"))
    settings = Settings()
    session = Session(read((home,), settings), settings, Options(watch=False, build=False, history=True))
    session.open()
    yield session
    session.close()


def stepping(session: Session) -> SteppingView:
    return session.view().stepping


def instance(session: Session, name: str) -> InstanceView:
    return next(one for one in session.view().instances if one.name == name)


async def paused(pilot: Pilot[object], session: Session, name: str) -> None:
    """Pause once the instance runs, and choose it."""
    await until(pilot, lambda: instance(session, name).status == "idle")
    await press(pilot, "space")
    await until(pilot, lambda: stepping(session).mode == "paused")
    await choose(pilot, name)


async def send(pilot: Pilot[object], session: Session, text: str) -> None:
    """Type a cast to the chosen instance, which then waits."""
    waiting = stepping(session).queued
    await press(pilot, "s", "f7", *text, "ctrl+j")
    await until(pilot, lambda: stepping(session).queued == waiting + 1)
    await press(pilot, "escape")


@pytest.mark.parametrize("real", ["risky"], indirect=True)
async def test_one_goes_back_before_a_panic_changes_the_message_and_goes_on(real: Session, config: Path) -> None:
    app = Workbench(real, config)
    async with app.run_test(size=WIDE) as pilot:
        await paused(pilot, real, "risky")
        await send(pilot, real, "panic")
        await press(pilot, "8", "down", "full_stop")
        await until(pilot, lambda: instance(real, "risky").status == "trapped")
        journal = real.journal

        await press(pilot, "b")
        await until(pilot, lambda: stepping(real).past is not None)
        assert instance(real, "risky").status == "idle"
        await press(pilot, "E", "f7", *"hello", "f5")
        await until(pilot, lambda: real.journal is not journal)
        await press(pilot, "n")
        await until(pilot, lambda: stepping(real).queued == 0)

        assert instance(real, "risky").status == "idle"
        assert not [record for record in real.journal.iterate() if isinstance(record, Trap)]
        assert len(stepping(real).lines) == 2


@pytest.mark.parametrize("real", ["average"], indirect=True)
async def test_one_decides_which_of_two_messages_comes_first(real: Session, config: Path) -> None:
    app = Workbench(real, config)
    async with app.run_test(size=WIDE) as pilot:
        await paused(pilot, real, "average")
        for reading in ("20", "10"):
            await send(pilot, real, reading)
        await press(pilot, "8", "down", "down", "shift+up")
        await until(pilot, lambda: stepping(real).queue[0].payload == b"10")
        await press(pilot, "space")
        await until(pilot, lambda: stepping(real).queued == 0)

        states = [record.state for record in real.journal.iterate() if isinstance(record, Sync)]
        assert states == ["10", "10 20"]
