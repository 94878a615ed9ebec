"""Payloads as people write them: as they stand, from a file, or, for an answer, that there is none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from workbench.project.payload_file import read_payload
from workbench.records import ReplyOutcome

OUTCOMES: Mapping[str, ReplyOutcome] = {"!noreply": "noreply", "!err": "err"}


def payload_of(text: str, folder: Path) -> bytes:
    """`text` as it stands; of `@FILE`, looked for in `folder`, what the file holds; `@@` begins one with a single @.

    A pipe is read to its end. Raises `UserError` where the file cannot be read, or is too large.
    """
    if not text.startswith("@"):
        return os.fsencode(text)
    if text.startswith("@@"):
        return os.fsencode(text[1:])
    return read_payload(text[1:], folder, pipes=True)


def outcome_of(text: str, folder: Path) -> tuple[ReplyOutcome, bytes]:
    """How a call is answered, and what it is told: `!noreply`, `!err`, or a payload. Raises `UserError`."""
    outcome = OUTCOMES.get(text)
    return (outcome, b"") if outcome else ("reply", payload_of(text, folder))
