"""docs/command-line.md and README.md: the runs they show go well, and every option has its word there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.headless.program import ROOT, workbench
from workbench import assets
from workbench.cli import commands

PAGE = (ROOT / "docs" / "command-line.md").read_text()
RUNS = re.findall(r"^workbench run .*$", PAGE + (ROOT / "README.md").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the examples say they are; what runs leave behind stays here."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(assets.samples(), folder / "sample_functions", ignore=shutil.ignore_patterns("target"))
    shutil.copytree(ROOT / "docs" / "scripts", folder / "docs" / "scripts")
    return folder


@pytest.mark.parametrize("shown", dict.fromkeys(RUNS))
def test_a_run_that_is_shown_goes_well(checkout: Path, shown: str) -> None:
    _, *arguments = shlex.split(re.sub(r"--until \d+m", "--until 100ms", shown), comments=True)
    ended = workbench(*arguments, "--no-build", "--port", "0", cwd=checkout)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("command", commands.COMMANDS)
def test_every_option_is_documented(command: str) -> None:
    options = set(re.findall(r"--[a-z-]+", workbench(command, "--help").stdout)) - {"--help"}
    assert options <= set(re.findall(r"--[a-z-]+", PAGE))


@pytest.mark.parametrize("command", ["run", "check"])
def test_help_says_how_payloads_are_written(command: str) -> None:
    assert "@FILE reads it from a file" in workbench(command, "--help").stdout
