"""What the builder reports: progress, and how a build ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from workbench.errors import UserError
from workbench.records import Diagnostic, Profile

WAITING = "waiting for another build"
"""How `Progress.crate` begins while another cargo has locked what this one needs."""


@dataclass(frozen=True)
class Artifact:
    """The wasm one build made, taken away from where the next build may overwrite it.

    `digest` (hexadecimal BLAKE2b) is the same exactly when the code is; `sources` are the files and directories it was
    made of. `fresh`: cargo had made it before, and had nothing to do.
    """

    function: str
    profile: Profile
    path: Path
    digest: str
    sources: frozenset[Path]
    fresh: bool = False


@dataclass(frozen=True)
class Progress:
    """A build goes on: `done` of `total` crates are compiled, and what it does now.

    Both are 0 before cargo knows, and with a user's own command, whose name then stands for the crate.
    """

    function: str
    crate: str
    done: int
    total: int


@dataclass(frozen=True)
class Finished:
    """A build went well.

    `diagnostics` are warnings, their `rendered` the compiler's own bytes: they may hold any escape sequence, so show
    them through `rich.text.Text.from_ansi` only. `changed_at` is `time.time()` of the change that asked for the build.
    """

    function: str
    artifact: Artifact
    diagnostics: tuple[Diagnostic, ...]
    duration_ms: float
    changed_at: float | None


@dataclass(frozen=True)
class Failed:
    """A build did not give an artifact. `error` is the sentence; `diagnostics` as for `Finished`, errors among them."""

    function: str
    error: UserError
    diagnostics: tuple[Diagnostic, ...]
    duration_ms: float
    changed_at: float | None
    cancelled: bool = False


@dataclass(frozen=True)
class Unchanged:
    """A build that files asked for gave what the function's last one gave; `diagnostics` as for `Finished`."""

    function: str
    diagnostics: tuple[Diagnostic, ...]
    duration_ms: float


BuildEvent: TypeAlias = Progress | Finished | Failed | Unchanged
