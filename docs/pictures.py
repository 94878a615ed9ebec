"""Pictures of the running program: opens samples, does what README.md tells, and writes docs/pictures/*.svg.

Run it from the source tree: `make pictures`, or `.venv/bin/python docs/pictures.py NAME ...` for some of them. It takes
about two minutes.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from textual.pilot import Pilot

from workbench.config import settings_for
from workbench.project.targets import read
from workbench.records import Call, Record, Reply, Sync
from workbench.session.options import Options
from workbench.session.session import Session
from workbench.tui.app import Workbench
from workbench.tui.drafts import Draft
from workbench.tui.outside import copy_samples

PICTURES = Path(__file__).parent / "pictures"
PATIENCE_S = 300.0


Play: TypeAlias = Callable[["Stage"], Awaitable[None]]


@dataclass(frozen=True)
class Stage:
    """What a scene is played on."""

    app: Workbench
    pilot: Pilot[object]
    session: Session
    samples: Path

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, each once the one before is done."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause(0.3)

    async def go_to(self, pane: str) -> None:
        """Go to a pane."""
        await self.press(str(1 + list(self.app.panes).index(pane)))

    async def choose(self, kind: type[Record], pane: str = "traffic") -> None:
        """Go to a pane, to the newest record of a kind."""
        await self.go_to(pane)
        chosen = next(record for record in reversed(self.session.journal.read(0)) if type(record) is kind)
        rows = self.app.panes[pane]
        rows.rows.go_to(rows.index_of(chosen.seq))
        await self.pilot.pause(0.5)


@dataclass(frozen=True)
class Scene:
    """One picture: its file's stem, the terminal's columns and rows, the sample that is opened, what is done there."""

    name: str
    size: tuple[int, int]
    target: str
    play: Play


async def all_samples(stage: Stage, chosen: type[Record]) -> None:
    """Something of all: a trap, a rejected reading, calls, new code."""
    await send(stage.pilot, "risky", "panic")
    await send(stage.pilot, "filter", "21.5")
    await change(stage.pilot, stage.session, stage.samples / "average" / "src" / "lib.rs")
    await until(stage.pilot, lambda: stage.session.view().traps > 0 and count(stage.session, Reply) >= 4)
    await stage.choose(chosen)


async def a_call(stage: Stage) -> None:
    """A call is looked at."""
    await all_samples(stage, Call)


async def a_state(stage: Stage) -> None:
    """A state is looked at."""
    await all_samples(stage, Sync)


async def race(stage: Stage) -> None:
    """Two messages wait, and the second is about to be let go first."""
    await stage.press("space")
    await send(stage.pilot, "counter", "5")
    await send(stage.pilot, "counter", "reset")
    await stage.go_to("queue")
    await stage.press("home", "down")
    await stage.pilot.pause(0.5)


async def repair(stage: Stage) -> None:
    """Back before a panic."""
    await send(stage.pilot, "risky", "sunshine")
    await send(stage.pilot, "risky", "panic")
    await until(stage.pilot, lambda: stage.session.view().traps > 0)
    await stage.go_to("traffic")
    await stage.press("b")
    await until(stage.pilot, lambda: stage.session.view().stepping.past is not None)
    await stage.go_to("queue")
    await stage.press("home")
    await stage.pilot.pause(0.5)


async def order(stage: Stage) -> None:
    """Two orders, the first of which goes well."""
    view = stage.session.view
    await until(stage.pilot, lambda: any("http://" in one.health_words for one in view().instances))
    address = next(one.health_words for one in view().instances if "http://" in one.health_words)
    await asyncio.to_thread(post, address.removeprefix("http://"))
    await stage.choose(Call)


SCENES = (
    Scene("narrow", (80, 24), ".", a_call),
    Scene("wide", (120, 36), ".", a_call),
    Scene("huge", (200, 60), ".", a_state),
    Scene("paused", (120, 30), "counter", race),
    Scene("past", (120, 30), "risky", repair),
    Scene("web", (120, 36), "web", order),
)


async def take(scene: Scene, samples: Path) -> str:
    """The picture of `scene` as SVG."""
    target = samples / scene.target
    with opened(target) as session:  # so that what is seen builds as fast as it does every other time
        while not is_live(session):
            await asyncio.sleep(0.1)
    with tempfile.TemporaryDirectory() as config, opened(target) as session:
        app = Workbench(session, Path(config))
        async with app.run_test(size=scene.size) as pilot:
            await until(pilot, lambda: is_live(session))
            await scene.play(Stage(app, pilot, session, samples))
            return app.export_screenshot(title=f"workbench {target.relative_to(samples.parent)}")


@contextmanager
def opened(target: Path) -> Iterator[Session]:
    """A session on `target`, as the program opens it."""
    settings = settings_for((target,))
    session = Session(read((target,), settings), settings, Options(watch=True, history=True, real=True))
    session.open()
    try:
        yield session
    finally:
        session.close()


def is_live(session: Session) -> bool:
    """Whether everything is built and runs."""
    view = session.view()
    return len(view.builds) == len(view.project.functions) and all(
        build.state in ("live", "prebuilt") for build in view.builds
    )


def post(address: str) -> None:
    """An order, as curl would send it."""
    connection = HTTPConnection(address)
    connection.request("POST", "/orders", b"3 apples", {"user-agent": "curl", "accept": "*/*"})
    connection.getresponse().read()
    connection.close()


async def send(pilot: Pilot[object], target: str, payload: str) -> None:
    """Send a cast from the form."""
    app = pilot.app
    assert isinstance(app, Workbench)
    await pilot.press("s")
    await pilot.pause(0.2)
    app.composer.load(Draft(target, typed=payload))
    await pilot.press("ctrl+j")
    await pilot.pause(0.2)
    await pilot.press("escape")


async def change(pilot: Pilot[object], session: Session, source: Path) -> None:
    """Change how many digits the average has, and wait for the new code."""
    text = source.read_text()
    digits = "{average:.2}" if "{average:.3}" in text else "{average:.3}"
    source.write_text(text.replace("{average:.3}", digits).replace("{average:.2}", digits))
    await until(pilot, lambda: any(build.since_change_ms is not None for build in session.view().builds))
    await pilot.pause(2.0)


def count(session: Session, kind: type[Record]) -> int:
    """How many records of a kind there are."""
    return sum(isinstance(record, kind) for record in session.journal.iterate())


async def until(pilot: Pilot[object], holds: Callable[[], bool]) -> None:
    """Wait for something the program does in its own time."""
    deadline = monotonic() + PATIENCE_S
    while not holds():
        if monotonic() > deadline:
            raise TimeoutError("the samples did not get there")
        await pilot.pause(0.1)


def main(names: list[str]) -> None:
    """Take the pictures of these names, or all."""
    PICTURES.mkdir(exist_ok=True)
    for scene in SCENES:
        if names and scene.name not in names:
            continue
        with tempfile.TemporaryDirectory() as directory:
            samples = copy_samples(Path(directory))
            (PICTURES / f"{scene.name}.svg").write_text(asyncio.run(take(scene, samples)), encoding="utf-8")
        print(f"{scene.name}: {scene.size[0]} by {scene.size[1]}")


if __name__ == "__main__":
    main(sys.argv[1:])
