"""A screen on a stub session in full swing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.stub import StubSession, busy
from workbench.tui.app import Workbench


@pytest.fixture
def session(tmp_path: Path) -> StubSession:
    """A session that remembers what it was asked."""
    return busy(tmp_path / "pipeline")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A user's config directory, empty."""
    directory = tmp_path / "config"
    directory.mkdir()
    return directory


@pytest.fixture
def app(session: StubSession, config: Path) -> Workbench:
    """The screen, not yet running."""
    return Workbench(session, config)
