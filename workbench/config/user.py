"""One person's own files: `config.toml` and `keymap.toml` in the platform's config directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import platformdirs

from workbench.config.shape import mistake, shaped
from workbench.config.toml import read_toml

CONFIG_FILE = "config.toml"
KEYMAP_FILE = "keymap.toml"


@dataclass(frozen=True)
class UserSettings:
    """What one person wants everywhere. `theme` names one; `editor` is a command (None: `$VISUAL`, then `$EDITOR`)."""

    theme: str = "dark"
    editor: str | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    theme: str = UserSettings.theme
    editor: str | None = None


def config_directory() -> Path:
    """Where a person's own settings, keymap and themes live; it need not exist."""
    return platformdirs.user_config_path("edgeless-workbench", appauthor=False)


def read_user_settings(directory: Path) -> UserSettings:
    """What `config.toml` in `directory` says; the defaults when there is none. Raises `UserError`."""
    path = directory / CONFIG_FILE
    if not os.path.lexists(path):
        return UserSettings()
    toml = read_toml(path)
    file = shaped(toml.content, _File, path, toml.locate)
    return UserSettings(theme=file.theme, editor=file.editor)


def read_keymap(directory: Path) -> Mapping[str, tuple[str, ...]]:
    """The keys `keymap.toml` in `directory` gives to actions, by action id; empty when there is none.

    An action has `"key"` or `["key", "other"]`; an empty list takes its keys away. Raises `UserError`.
    Whether the ids exist is for those who know the actions; `suggestion` in `workbench.config.shape` words it.
    """
    path = directory / KEYMAP_FILE
    if not os.path.lexists(path):
        return {}
    toml = read_toml(path)
    keymap = shaped(toml.content, dict[str, str | list[str]], path, toml.locate)
    for action, keys in keymap.items():
        if not all(keys if isinstance(keys, list) else (keys,)):
            raise mistake(f'"{action}" has an empty key', path, toml.locate, (action,))
    return {action: tuple(keys) if isinstance(keys, list) else (keys,) for action, keys in keymap.items()}
