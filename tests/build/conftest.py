"""A compiler and one shared target directory for all tests of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.build import toolchain
from workbench.build.toolchain import Toolchain


@pytest.fixture(scope="session")
def compiler() -> Toolchain:
    return toolchain.find()


@pytest.fixture(scope="session")
def shared_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workbench") / "target"
