"""Pictures of the running program: opens the samples at three sizes and writes docs/pictures/*.svg.

Run it from the source tree: `.venv/bin/python docs/pictures.py`. It takes about a minute.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

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


@dataclass(frozen=True)
class Scene:
    """One picture: its file's stem, the terminal's columns and rows, the pane looked at, the kind of record chosen."""

    name: str
    size: tuple[int, int]
    pane: str
    chosen: type[Record]


SCENES = (
    Scene("narrow", (80, 24), "traffic", Call),
    Scene("wide", (120, 36), "traffic", Call),
    Scene("huge", (200, 60), "traffic", Sync),
)


async def take(scene: Scene, samples: Path) -> str:
    """The picture of `scene` as SVG."""
    settings = settings_for((samples,))
    session = Session(read((samples,), settings), settings, Options(watch=True))
    session.open()
    try:
        with tempfile.TemporaryDirectory() as config:
            app = Workbench(session, Path(config))
            async with app.run_test(size=scene.size) as pilot:
                await until(pilot, lambda: all(build.state in ("live", "prebuilt") for build in session.view().builds))
                await send(pilot, "risky", "panic")
                await send(pilot, "filter", "21.5")
                await change(pilot, session, samples / "average" / "src" / "lib.rs")
                await until(pilot, lambda: session.view().traps > 0 and count(session, Reply) >= 4)
                await pilot.press(str(1 + list(app.panes).index(scene.pane)))
                chosen = next(record for record in reversed(session.journal.read(0)) if type(record) is scene.chosen)
                pane = app.panes[scene.pane]
                pane.rows.go_to(pane.index_of(chosen.seq))
                await pilot.pause(0.5)
                return app.export_screenshot(title="workbench sample_functions")
    finally:
        session.close()


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


def main() -> None:
    """Take every picture."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        samples = copy_samples(Path(directory))
        for scene in SCENES:
            (PICTURES / f"{scene.name}.svg").write_text(asyncio.run(take(scene, samples)), encoding="utf-8")
            print(f"{scene.name}: {scene.size[0]} by {scene.size[1]}")


if __name__ == "__main__":
    main()
