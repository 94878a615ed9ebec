"""What the screen remembers between runs: the arrangement per project, the chosen theme per user."""

from __future__ import annotations

from pathlib import Path

import msgspec

from workbench.config.toml import read_toml
from workbench.errors import UserError
from workbench.tui.layout import PANES, SEND, Arrangement

ARRANGEMENT_FILE = "screen.json"
CHOICES_FILE = "screen.toml"


class _File(msgspec.Struct):
    shares: dict[str, float] = {}
    hidden: list[str] = []


def read_arrangement(directory: Path) -> Arrangement:
    """The arrangement remembered in a project's `.workbench`; the usual one when there is none to read."""
    try:
        file = msgspec.json.decode((directory / ARRANGEMENT_FILE).read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError):
        return Arrangement()  # written by the workbench itself, worth no question to the user
    shares = {key: share for key, share in file.shares.items() if 0 < share < 1}
    return Arrangement(shares, frozenset(file.hidden) & {*PANES, SEND})


def write_arrangement(directory: Path, arrangement: Arrangement) -> None:
    """Remember `arrangement`. Raises `UserError` when the file cannot be written."""
    file = _File(dict(arrangement.shares), sorted(arrangement.hidden))
    _write(directory / ARRANGEMENT_FILE, msgspec.json.format(msgspec.json.encode(file)).decode() + "\n")


def read_theme_choice(directory: Path) -> str | None:
    """The theme a user chose last, None when they never did. Raises `UserError` when the file is broken."""
    path = directory / CHOICES_FILE
    if not path.exists():
        return None
    theme = read_toml(path).content.get("theme")
    return theme if isinstance(theme, str) else None


def write_theme_choice(directory: Path, theme: str) -> None:
    """Remember the chosen theme. Raises `UserError` when the file cannot be written."""
    _write(directory / CHOICES_FILE, f"theme = {msgspec.json.encode(theme).decode()}\n")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", path=path) from None
