"""A message as the composer holds it, and as it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import UserError, reason_of
from workbench.places import make_directory
from workbench.project.model import Project
from workbench.records import USER, Call, Cast
from workbench.session.commands import Send
from workbench.tui.payload import LARGEST_TYPED, Mode, payload_bytes, typed_payload
from workbench.tui.text import preview, visible
from workbench.units import parse_duration

MOST_REPEATS = 1_000_000
PAYLOADS = "payloads"
"""The directory in a project's own where payloads are that are too large to be typed."""


@dataclass(frozen=True)
class Draft:
    """What stands in the form. `delay` and `every` are durations as typed (`500ms`; a bare number is milliseconds)."""

    target: str = ""
    call: bool = False
    source: str = USER
    mode: Mode = "text"
    typed: str = ""
    delay: str = "0"
    repeat: str = "1"
    every: str = "0"

    @property
    def summary(self) -> str:
        """One line for lists."""
        return f"{'call' if self.call else 'cast'} → {visible(self.target)}  {preview(self.typed, 80)}".rstrip()


def draft_of(record: Cast | Call, project: Project) -> Draft:
    """A message that was sent, to be edited; a payload too large to be typed becomes a file of the project.

    Raises `UserError` when that file cannot be written.
    """
    mode, typed = typed_or_file(record.payload, record.seq, project)
    return Draft(record.target or "", isinstance(record, Call), record.source, mode, typed)


def typed_or_file(payload: bytes, seq: int, project: Project) -> tuple[Mode, str]:
    """How the payload of record `seq` is best typed again; one too large for that becomes a file.

    Raises `UserError` when that file cannot be written.
    """
    if len(payload) <= LARGEST_TYPED:
        return typed_payload(payload)
    path = project.own_directory / PAYLOADS / f"{seq}.bin"
    try:
        make_directory(path.parent)
        path.write_bytes(payload)
    except OSError as error:
        raise UserError(f"the payload cannot be written: {reason_of(error)}", path=path) from None
    return "file", str(path.relative_to(project.root) if path.is_relative_to(project.root) else path)


def command_again(record: Cast | Call) -> Send:
    """The command that sends `record` once more, as it was."""
    return Send(record.target or "", record.payload, isinstance(record, Call), record.source)


def command_of(draft: Draft, root: Path) -> Send:
    """The command a draft means. Raises `UserError` about the first field that is wrong."""
    if not draft.target:
        raise UserError("choose whom to send it to")
    return Send(
        target=draft.target,
        payload=payload_bytes(draft.mode, draft.typed, root),
        call=draft.call,
        source=draft.source,
        delay_ms=milliseconds("delay", draft.delay),
        repeat=_repeat(draft.repeat),
        every_ms=milliseconds("every", draft.every),
    )


def fault_of(field: str, typed: str) -> str | None:
    """What is wrong with what stands in `delay`, `repeat` or `every`; None when nothing is."""
    try:
        _repeat(typed) if field == "repeat" else milliseconds(field, typed)
    except UserError as error:
        return str(error)
    return None


def milliseconds(field: str, typed: str) -> int:
    """A duration as typed in the form; empty is none. Raises `UserError` naming the field."""
    text = typed.strip() or "0"
    try:
        return parse_duration(f"{text}ms" if text.isascii() and text.isdigit() else text)
    except UserError as error:
        raise UserError(f"{field}: {error}") from None


def _repeat(typed: str) -> int:
    text = typed.strip().replace(",", "") or "1"
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:12]) <= MOST_REPEATS:
        raise UserError(f'repeat: "{typed}" is not a number from 1 to {MOST_REPEATS:,}')
    return int(text)
