"""Themes are files: all that ship are sound, a user's own are taken up live, a broken one says where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from tests.tui.driving import WIDE, press, settle
from workbench import assets
from workbench.errors import UserError
from workbench.tui.app import Workbench
from workbench.tui.memory import read_theme_choice
from workbench.tui.themes import VARIABLES, read_theme, read_themes, variable_defaults

OWN = '[colors]\nprimary = "#112233"\nbackground = "#000000"\n'


def test_four_themes_ship_and_all_are_sound() -> None:
    found = read_themes([assets.themes()])

    assert {"dark", "light", "high-contrast", "terminal"} <= found.themes.keys()
    assert not found.problems
    assert found.themes["terminal"].ansi
    assert not found.themes["light"].dark


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
@pytest.mark.parametrize("variable", ["muted", "title", "cast", "call", "reply", "timer", "log-debug", "status-live"])
def test_text_stands_out_from_its_background(name: str, variable: str) -> None:
    theme = read_theme(assets.themes() / f"{name}.toml")
    value = {**variable_defaults(theme), **theme.variables}[variable]

    assert contrast(Color.parse(value), Color.parse(theme.background or "")) >= 3.0


def contrast(one: Color, other: Color) -> float:
    def luminance(color: Color) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", BUILTIN_THEMES.values(), ids=lambda theme: theme.name)
def test_every_theme_gets_the_workbenchs_own_variables(theme: object) -> None:
    from textual.theme import Theme

    assert isinstance(theme, Theme)
    for name, value in variable_defaults(theme).items():
        assert Color.parse(value), name
    assert VARIABLES.keys() <= variable_defaults(theme).keys()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[colors]\nprimary = "#12', "mine.toml:2:15: is not TOML"),
        ('[colors]\nprimry = "red"\n', 'mine.toml:2:1: "colors.primry" is not a key here; did you mean "primary"?'),
        ('dark = true\n[colors]\nprimary = "gren"\n', 'mine.toml:3:1: "colors.primary" is "gren", which is no colour'),
        (
            OWN + '[variables]\ncst = "red"\n',
            'mine.toml:5:1: "variables.cst" is not a theme variable; did you mean "cast"',
        ),
        (OWN + '[variables]\ncast = "reddish"\n', 'mine.toml:5:1: "variables.cast" is "reddish", which is no colour'),
        (OWN + '[variables]\nlink-style = "loud"\n', 'mine.toml:5:1: "variables.link-style" must be made of'),
        ("", 'mine.toml:1:1: the key "colors" is missing'),
    ],
)
def test_a_broken_theme_names_file_line_and_key(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)

    with pytest.raises(UserError) as error:
        read_theme(path)
    assert sentence in str(error.value)


async def test_the_chosen_theme_is_remembered(app: Workbench, config: Path) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "ctrl+t", "home", "down", "down", "enter")

        assert app.theme == app.theming.names[2]
        assert read_theme_choice(config) == app.theme
    again = Workbench(app.engine, config)
    async with again.run_test(size=WIDE):
        assert again.theme == app.theme


async def test_leaving_the_list_of_themes_leaves_the_theme(app: Workbench, config: Path) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "ctrl+t", "down")
        assert app.theme != "dark"
        await press(pilot, "escape")

        assert app.theme == "dark"
        assert read_theme_choice(config) is None


async def test_a_users_theme_is_reloaded_live_and_falls_back_when_broken(app: Workbench, config: Path) -> None:
    themes = config / "themes"
    themes.mkdir()
    path = themes / "mine.toml"
    write(path, OWN, 1)
    async with app.run_test(size=WIDE) as pilot:
        app.look_around()
        app.theming.choose("mine")
        await settle(pilot)
        assert app.theme_variables["primary"] == "#112233"

        write(path, OWN.replace("112233", "445566"), 2)
        app.look_around()
        await settle(pilot)
        assert app.theme_variables["primary"] == "#445566"

        write(path, OWN.replace("primary", "prmary"), 3)
        app.look_around()
        await settle(pilot)
        assert app.theme == "dark"
        assert "mine.toml:2:1:" in str(app.query_one("Banner").render())

        write(path, OWN, 4)
        app.look_around()
        await settle(pilot)
        assert app.theme == "mine"
        assert not app.query_one("Banner").display


def write(path: Path, text: str, at: int) -> None:
    """Write a file, changed at second `at`."""
    path.write_text(text)
    os.utime(path, (at, at))


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast", "terminal", "nord", "ansi-light"])
async def test_the_screen_draws_in_every_kind_of_theme(app: Workbench, name: str) -> None:
    async with app.run_test(size=WIDE) as pilot:
        app.theme = name
        await press(pilot, "s", *"[1]", "escape", "question_mark")

        assert app.screen.query_one("#concept").is_on_screen
