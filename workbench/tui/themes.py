"""Themes as files: the shipped ones and a user's own, checked before they colour anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from textual.color import Color, ColorParseError
from textual.theme import Theme

from workbench.config.shape import mistake, shaped, suggestion
from workbench.config.toml import Toml, read_toml
from workbench.errors import UserError

DEFAULT = "dark"

VARIABLES: Mapping[str, str] = {
    "line": "$foreground 25%",
    "title": "$foreground 65%",
    "muted": "$foreground 60%",
    "cast": "$primary",
    "call": "$secondary",
    "reply": "$accent",
    "timer": "$warning",
    "log-error": "$error",
    "log-warn": "$warning",
    "log-info": "$foreground",
    "log-debug": "$foreground 60%",
    "log-trace": "$foreground 45%",
    "status-live": "$success",
    "status-busy": "$accent",
    "status-waiting": "$warning",
    "status-stopped": "$error",
    "stand-in": "$secondary",
    "row-cursor": "$primary 28%",
    "row-cursor-blurred": "$foreground 9%",
}
"""The workbench's own theme variables, and what they are in terms of the base colours where a theme is silent."""

_WANTED_BY_WIDGETS = {"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"}
"""What Textual's widgets ask of a theme of terminal colours, and its colour system does not supply."""

_STYLES = frozenset({"bold", "dim", "italic", "underline", "strike", "reverse", "none", "not", "b", "i", "u", "d", "r"})
_TINTED = re.compile(r"(?P<color>\S+)(?:\s+\d{1,3}%)?")
_BASE = ("primary", "secondary", "accent", "foreground", "success", "warning", "error")


class _Colors(msgspec.Struct, forbid_unknown_fields=True):
    primary: str
    secondary: str | None = None
    accent: str | None = None
    foreground: str | None = None
    background: str | None = None
    surface: str | None = None
    panel: str | None = None
    success: str | None = None
    warning: str | None = None
    error: str | None = None
    boost: str | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    colors: _Colors
    dark: bool = True
    ansi: bool = False
    variables: dict[str, str] = msgspec.field(default_factory=dict)


@dataclass(frozen=True)
class Themes:
    """What the theme directories hold: themes by name (the file's stem), and what is wrong with the others."""

    themes: Mapping[str, Theme] = field(default_factory=dict)
    problems: Mapping[str, UserError] = field(default_factory=dict)


def variable_defaults(theme: Theme) -> dict[str, str]:
    """The workbench's own variables for a theme that does not set them, in its base colours."""
    base = {name: getattr(theme, name) or theme.primary for name in _BASE}
    ink, paper = ("#e0e0e0", "#121212") if theme.dark else ("#202020", "#efefef")
    base["foreground"] = theme.foreground or ink
    own = {name: _resolved(value, base, theme.background or paper, theme.ansi) for name, value in VARIABLES.items()}
    return {**own, **_WANTED_BY_WIDGETS}


def _resolved(value: str, base: Mapping[str, str], paper: str, ansi: bool) -> str:
    """A default in a theme's colours; a percentage is mixed with the background, so that it can be tinted again."""
    name, _, share = value.removeprefix("$").partition(" ")
    if not share:
        return base[name]
    if ansi:
        return "ansi_bright_black"
    return Color.parse(paper).blend(Color.parse(base[name]), int(share.rstrip("%")) / 100).hex6


def read_themes(directories: Iterable[Path]) -> Themes:
    """Every `*.toml` in `directories`; a later directory's theme replaces an earlier one's of the same name."""
    themes: dict[str, Theme] = {}
    problems: dict[str, UserError] = {}
    for directory in directories:
        for path in theme_files(directory):
            try:
                themes[path.stem] = read_theme(path)
                problems.pop(path.stem, None)
            except UserError as error:
                problems[path.stem] = error
    return Themes(themes, problems)


def theme_files(directory: Path) -> list[Path]:
    """The files of themes there; none where one may not look."""
    try:
        return sorted(directory.glob("*.toml"))
    except OSError:
        return []


def read_theme(path: Path) -> Theme:
    """One theme. Raises `UserError` naming file, line and key, with the nearest known key."""
    toml = read_toml(path)
    file = shaped(toml.content, _File, path, toml.locate)
    colors = {name: value for name, value in msgspec.structs.asdict(file.colors).items() if value is not None}
    for name, value in colors.items():
        _check_color(toml, ("colors", name), value)
    theme = Theme(path.stem, **colors, dark=file.dark, ansi=file.ansi)
    known = {*theme.to_color_system().generate(), *VARIABLES, *_WANTED_BY_WIDGETS}
    for name, value in file.variables.items():
        if name not in known:
            sentence = f'"variables.{name}" is not a theme variable; {suggestion(name, known)}'
            raise mistake(sentence, path, toml.locate, ("variables", name))
        _check_variable(toml, name, value)
    return Theme(path.stem, **colors, dark=file.dark, ansi=file.ansi, variables=file.variables)


def _check_color(toml: Toml, key: tuple[str, str], value: str) -> None:
    try:
        Color.parse(value)
    except ColorParseError:
        sentence = f'"{".".join(key)}" is "{value}", which is no colour; write it as "#7aa2f7", "red" or "ansi_red"'
        raise mistake(sentence, toml.path, toml.locate, key) from None


def _check_variable(toml: Toml, name: str, value: str) -> None:
    key = ("variables", name)
    if name.endswith("-style"):
        if not value.split() or not _STYLES.issuperset(value.split()):
            sentence = f'"variables.{name}" must be made of {", ".join(sorted(_STYLES))}, not "{value}"'
            raise mistake(sentence, toml.path, toml.locate, key)
        return
    tinted = _TINTED.fullmatch(value.strip())
    if tinted is None or tinted["color"] != "auto":
        _check_color(toml, key, tinted["color"] if tinted else value)
