"""Save to live: from writing a file to the first event the new code handles, against a bare `cargo build` of it."""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figure import Figure, median
from tests.benchmarks.sessions import copy_samples, next_record, running
from workbench.build import toolchain
from workbench.records import Handled, Reload
from workbench.session.commands import Send
from workbench.session.session import Options

TIMES = 9
GOAL_MS = 200


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as bare:
        for directory in (ours, bare):
            copy_samples(Path(directory), "counter")
        live, built = _both(Path(ours) / "counter", Path(bare) / "counter")
    extra = median(mine - theirs for mine, theirs in zip(live, built, strict=True))
    goal = f"at most {GOAL_MS} ms on top"
    against = "a bare cargo build of the same change"
    name = "save to live, dev profile"
    return [Figure(name, "ms", median(live), median(built), against, f"{extra:+.0f} ms", goal, extra <= GOAL_MS)]


def _both(ours: Path, bare: Path) -> tuple[list[float], list[float]]:
    """Milliseconds, by turns, so that neither has a warmer machine than the other."""
    live, built = [], []
    _cargo_build(bare)
    texts = (f"count is now ({number})" for number in itertools.count())
    with running(ours, Options(watch=True)) as session:
        for _ in range(TIMES):
            text = next(texts)
            reloaded = next_record(session, Reload, lambda record: record.outcome == "swapped")
            began = _edit(ours, text)
            since = reloaded().seq
            handled = next_record(session, Handled, lambda record: record.callback == "handle_cast")
            session.submit(Send("counter", b"1"))
            assert handled().seq > since
            live.append((time.perf_counter() - began) * 1000)
            began = _edit(bare, text)
            _cargo_build(bare)
            built.append((time.perf_counter() - began) * 1000)
    return live, built


def _edit(function: Path, text: str) -> float:
    """Change what it logs; when that was."""
    source = function / "src" / "lib.rs"
    content = source.read_text()
    began = content.index('log::info!("count is')
    end = content.index("\n", began)
    changed = f'{content[:began]}log::info!("{text} {{}}", state.count);{content[end:]}'
    written = time.perf_counter()
    source.write_text(changed)
    return written


def _cargo_build(function: Path) -> None:
    found = toolchain.find()
    environment = {**os.environ, **found.environment, "CARGO_PROFILE_DEV_DEBUG": "line-tables-only"}
    command = [str(found.cargo), "build", "--quiet", "--target", toolchain.TARGET]
    subprocess.run(command, cwd=function, env=environment, check=True)
