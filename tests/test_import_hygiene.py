"""What a front without a screen must not pay for: Textual, and the engine where nothing runs."""

from __future__ import annotations

import subprocess
import sys

import pytest


def modules_after(code: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in run.stdout.split()}


@pytest.mark.parametrize("room", ["run", "build", "check", "explain", "doctor", "new"])
def test_a_front_without_a_screen_knows_no_textual(room: str) -> None:
    assert "textual" not in modules_after(f"import workbench.headless.{room}")


def test_the_command_line_alone_loads_neither_screen_nor_engine() -> None:
    assert modules_after("import workbench.cli").isdisjoint({"textual", "wasmtime", "watchfiles", "rich"})
