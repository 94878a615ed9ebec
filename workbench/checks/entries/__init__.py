"""What each code means: of findings of `workbench check`, and of notes of a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tomli


@dataclass(frozen=True)
class Entry:
    """A code explained. `kind`: error, warning, hint or note; a finding may be one of two ("warning or hint").

    `words` says when it comes; then what the platform (EDGELESS 1.2) does, what the workbench does, and what to do.
    """

    code: str
    kind: str
    words: str
    platform: str
    workbench: str
    remedy: str


@cache
def entries() -> Mapping[str, Entry]:
    """All of them by code: findings, then notes."""
    found = {code: Entry(code=code, **told) for code, told in _read("checks.toml").items()}
    return found | {code: Entry(code=code, kind="note", **told) for code, told in _read("notes.toml").items()}


def _read(name: str) -> dict[str, dict[str, str]]:
    return tomli.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
