"""What tests of workflows have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.resources.conftest import redis_server
from tests.workflows.workflow import Workflow

__all__ = ["redis_server"]


@pytest.fixture
def workflow(tmp_path: Path) -> Workflow:
    """A workflow of one function, `a`, that does what it is told, to which a test adds resources."""
    return Workflow(tmp_path / "project")
