"""What is found in the wasm itself."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.guests.build import wasm
from workbench.checks.rules.modules import looked_into
from workbench.config import Settings
from workbench.project.targets import read


def test_state_that_is_synced_and_never_read_is_a_hint(tmp_path: Path) -> None:
    shutil.copy(wasm("writer", "release"), tmp_path / "it.wasm")
    [problem] = looked_into(read([tmp_path / "it.wasm"], Settings()))
    assert (problem.severity, problem.code, problem.error.path) == ("hint", "state-never-read", tmp_path / "it.wasm")
