"""Errors in words: one function says why, and never nothing."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

import workbench
from workbench.errors import reason_of

NO_SPACE = "[Errno 28] No space left on device: 'a'"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/a/b"), "No space left on device"),
        (FileExistsError("it is there"), "it is there"),
        (ConnectionResetError(), "ConnectionResetError"),
        (shutil.Error([("a", "b", NO_SPACE), ("c", "d", NO_SPACE)]), "No space left on device: 'a'"),
        (shutil.Error("into itself"), "into itself"),
        (shutil.SameFileError("a is b"), "a is b"),
        (ValueError("embedded null byte"), "embedded null byte"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_a_reason_is_never_empty(error: Exception, words: str) -> None:
    assert reason_of(error) == words


def test_nothing_words_an_error_of_the_system_by_itself() -> None:
    package = Path(workbench.__file__).parent
    alone = [str(path) for path in package.rglob("*.py") if ".strerror" in path.read_text().replace("os.strerror", "")]
    assert alone == [str(package / "errors.py")], "use reason_of: strerror may be None"
