"""What the screen remembers between runs: arrangement and composer per project, the chosen theme per user."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import msgspec

from workbench.config.toml import read_toml
from workbench.errors import UserError, reason_of
from workbench.places import make_directory
from workbench.tui.drafts import Draft
from workbench.tui.layout import PANES, SEND, Arrangement

ARRANGEMENT_FILE = "screen.json"
COMPOSER_FILE = "composer.json"
CHOICES_FILE = "screen.toml"
MOST_TYPED = 1 << 20
"""Characters of sent messages that are remembered, the newest first; and of the one that is being written."""


@dataclass(frozen=True)
class Written:
    """What the composer holds: the message being written, and those sent, the newest first."""

    draft: Draft = field(default_factory=Draft)
    sent: tuple[Draft, ...] = ()


class _File(msgspec.Struct):
    shares: dict[str, float] = {}
    hidden: list[str] = []


def read_arrangement(directory: Path) -> Arrangement:
    """The arrangement remembered in a project's `.workbench`; the usual one when there is none to read."""
    try:
        file = msgspec.json.decode((directory / ARRANGEMENT_FILE).read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return Arrangement()  # written by the workbench itself, worth no question to the user
    shares = {key: share for key, share in file.shares.items() if 0 < share < 1}
    return Arrangement(shares, frozenset(file.hidden) & {*PANES, SEND})


def write_arrangement(directory: Path, arrangement: Arrangement) -> None:
    """Remember `arrangement`. Raises `UserError` when the file cannot be written."""
    file = _File(dict(arrangement.shares), sorted(arrangement.hidden))
    write_whole(directory / ARRANGEMENT_FILE, msgspec.json.format(msgspec.json.encode(file)).decode() + "\n")


def read_composer(directory: Path) -> Written:
    """What the composer held, from a project's `.workbench`; nothing at first. Raises `UserError` for a broken file."""
    path = directory / COMPOSER_FILE
    try:
        return msgspec.convert(json.loads(path.read_bytes()), Written)
    except FileNotFoundError:
        return Written()
    except OSError as error:
        raise UserError(f"cannot be read: {reason_of(error)}", path=path) from None
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        reason = (
            f"is broken ({error}): the messages you sent and wrote before are not at hand; the next one begins it anew"
        )
        raise UserError(reason, path=path) from None


def write_composer(directory: Path, written: Written) -> None:
    """Remember what the composer holds, within `MOST_TYPED`. Raises `UserError` when the file cannot be written."""
    draft = written.draft if len(written.draft.typed) <= MOST_TYPED else Draft()
    kept = Written(draft, tuple(_newest(written.sent)))
    write_whole(directory / COMPOSER_FILE, json.dumps(msgspec.to_builtins(kept), indent=2) + "\n")


def _newest(sent: tuple[Draft, ...]) -> Iterable[Draft]:
    totals = accumulate(len(draft.typed) for draft in sent)
    return (draft for draft, total in zip(sent, totals, strict=True) if total <= MOST_TYPED)


def read_theme_choice(directory: Path) -> str | None:
    """The theme a user chose last, None when they never did. Raises `UserError` when the file is broken."""
    path = directory / CHOICES_FILE
    if not os.path.exists(path):
        return None
    theme = read_toml(path).content.get("theme")
    return theme if isinstance(theme, str) else None


def write_theme_choice(directory: Path, theme: str) -> None:
    """Remember the chosen theme. Raises `UserError` when the file cannot be written."""
    write_whole(directory / CHOICES_FILE, f"theme = {msgspec.json.encode(theme).decode()}\n")


def write_whole(path: Path, text: str) -> None:
    """Write all of it or nothing. Raises `UserError`."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        make_directory(path.parent)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise UserError(f"cannot be written: {reason_of(error)}", path=path) from None
