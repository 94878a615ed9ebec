"""What tests without a screen have in common."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.guests import build
from tests.headless.playing import Play
from workbench import assets


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path / "steps.txt")


@pytest.fixture(scope="session")
def probe() -> str:
    """The function that does what it is told, as a lone wasm file."""
    return str(build.wasm("probe"))


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    return _copied("counter", tmp_path)


@pytest.fixture
def ping(tmp_path: Path) -> Path:
    """The one that is quickly built."""
    return _copied("ping", tmp_path)


def _copied(name: str, directory: Path) -> Path:
    """A sample of our own, with its wasm and the crate it needs."""
    for part in (assets.GUEST_CRATE, name):
        shutil.copytree(assets.samples() / part, directory / part, ignore=shutil.ignore_patterns("target"))
    return directory / name
