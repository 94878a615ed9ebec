"""A screen on the shop, whose resources stand in each way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.resources.scenes import orders
from tests.tui.stub import StubSession


@pytest.fixture
def session(tmp_path: Path) -> StubSession:
    """Overrides the usual session."""
    return orders(tmp_path / "shop")
