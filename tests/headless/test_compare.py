"""`workbench check --compare-profiles`: what the dev build does that the release build does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.headless.program import workbench
from workbench import assets


@pytest.fixture
def pong(tmp_path: Path) -> Path:
    """The sample `pong`, to be changed."""
    for name in (assets.GUEST_CRATE, "pong"):
        shutil.copytree(assets.samples() / name, tmp_path / name, ignore=shutil.ignore_patterns("*.wasm", "target"))
    return tmp_path / "pong"


def test_builds_that_do_the_same_are_said_to(pong: Path) -> None:
    ended = workbench("check", str(pong), "--compare-profiles", "--call", "pong=hello")
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert "no difference" in ended.stderr
    assert "1 message" in ended.stderr


def test_the_first_difference_is_shown_from_both_sides(pong: Path) -> None:
    source = pong / "src" / "lib.rs"
    check = 'init_logger();\n        if cfg!(debug_assertions) { log::info!("only in dev"); }'
    source.write_text(source.read_text().replace("init_logger();", check))
    ended = workbench("check", str(pong), "--compare-profiles", "--call", "pong=hello")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "only in dev" in ended.stdout
    assert "release:" in ended.stdout
    assert "Traceback" not in ended.stderr


def test_messages_without_a_comparison_are_a_mistake(pong: Path) -> None:
    ended = workbench("check", str(pong), "--call", "pong=hello")
    assert ended.returncode == 2
    assert "--compare-profiles" in ended.stderr
