"""A user's own keys: `keymap.toml` in the config directory, taken up softly."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from textual.keys import KEY_NAME_REPLACEMENTS, key_to_character

from workbench.config.shape import mistake, suggestion
from workbench.config.toml import Toml, read_toml
from workbench.errors import UserError
from workbench.tui.action import Action
from workbench.tui.actions import ACTIONS, BY_ID
from workbench.tui.local_keys import LOCAL
from workbench.tui.text import visible

FILE_NAME = "keymap.toml"
_UNICODE_NAMES = {short: name for name, short in KEY_NAME_REPLACEMENTS.items()}


@dataclass(frozen=True)
class Keymap:
    """Keys by id, of actions or of what only panes have; only those the user changed, and what is wrong with the rest
    of the file."""

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[UserError, ...] = ()

    def actions_on(self, key: str) -> list[Action]:
        """The actions that `key` does, each where it makes sense."""
        return [action for action in ACTIONS if key in self.keys_of(action.id)]

    def keys_of(self, name: str) -> tuple[str, ...]:
        """The keys that do the action of that id or, in the pane that has it, what a pane binds by that id."""
        return self.keys[name] if name in self.keys else _usual(name)


def _usual(name: str) -> tuple[str, ...]:
    return BY_ID[name].keys if name in BY_ID else tuple(LOCAL[name].key.split(","))


def read_keymap(path: Path) -> Keymap:
    """What the file at `path` says; an empty keymap when there is none. Never raises: problems are in the result."""
    if not os.path.exists(path):
        return Keymap()
    try:
        toml = read_toml(path)
    except UserError as error:
        return Keymap(problems=(error,))
    keys: dict[str, tuple[str, ...]] = {}
    problems: list[UserError] = []
    for name, value in toml.content.items():
        try:
            keys[_action(toml, name)] = _keys(toml, name, value)
        except UserError as error:
            problems.append(error)
    problems.extend(_clashes(toml, keys))
    return Keymap(keys, tuple(problems))


def reread(path: Path, before: Keymap) -> Keymap:
    """What the file says now; of one that cannot be read at all the keys from before stay."""
    keymap = read_keymap(path)
    return replace(keymap, keys=before.keys) if keymap.problems and not keymap.keys else keymap


def _action(toml: Toml, name: str) -> str:
    if name not in BY_ID and name not in LOCAL:
        nearest = suggestion(name, [*BY_ID, *LOCAL])
        raise mistake(f'"{name}" is not an action; {nearest}', toml.path, toml.locate, (name,))
    return name


def _keys(toml: Toml, name: str, value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    keys = tuple(_named(key) for key in given if isinstance(key, str) and key.strip() and key == visible(key))
    if not keys or len(keys) != len(given):
        sentence = f'"{name}" must be a key such as "ctrl+r", or a list of keys'
        raise mistake(sentence, toml.path, toml.locate, (name,))
    return keys


def _named(key: str) -> str:
    """A key as Textual calls it: `?` is `question_mark`, `ctrl+?` is `ctrl+question_mark`."""
    *modifiers, last = key.strip().replace(" ", "").split("+") if key.strip() != "+" else ["plus"]
    if len(last) == 1 and not last.isalnum():
        name = unicodedata.name(last, last).lower().replace("-", "_").replace(" ", "_")
        last = KEY_NAME_REPLACEMENTS.get(name, name)
    return "+".join([*modifiers, last])


def typed_by(key: str) -> str | None:
    """The character that `key` puts into a text that is being written; None where it puts none."""
    character = key_to_character(_UNICODE_NAMES.get(key, key))
    return character if character is not None and character.isprintable() else None


def _clashes(toml: Toml, keys: Mapping[str, tuple[str, ...]]) -> list[UserError]:
    """A remapped action takes its key from whoever has it by default; two remapped ones cannot both have it."""
    here: dict[tuple[str, str], str] = {}
    clashes = []
    for name in keys:
        for key in keys[name]:
            place = ("" if name in BY_ID else name.partition(".")[0], key)
            if place in here:
                sentence = f'"{name}" and "{here[place]}" are both on "{key}"; the first one has it'
                clashes.append(mistake(sentence, toml.path, toml.locate, (name,)))
            here.setdefault(place, name)
    for action in ACTIONS:
        for key in action.keys:
            other = here.get(("", key))
            if other is not None and other != action.id and action.id not in keys:
                sentence = f'"{other}" takes "{key}" from "{action.id}", which has no other key now'
                if all(("", each) in here for each in action.keys):
                    clashes.append(mistake(sentence, toml.path, toml.locate, (other,)))
    return clashes
