"""What is pasted arrives as a whole, and the cursor stands behind it, whatever characters it is made of."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Input

from workbench.tui.json_area import JsonArea
from workbench.tui.safe_input import SafeInput
from workbench.tui.text import hidden, unhidden

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
ODD = f"a{FAMILY}b\N{THUMBS UP SIGN}\U0001f3fdc\U0001f1e9\U0001f1ea\x1b[31m\u202e\ufe0f\x85\u2028z"
DRAWN = "a\N{MAN}�\N{WOMAN}�\N{GIRL}b\N{THUMBS UP SIGN}�c��␛[31m����z"
WIDTH = len(DRAWN) + 4
"""Its cells: four of its characters take two."""


class Fields(App[None]):
    """One line to type into, and many."""

    def compose(self) -> ComposeResult:
        yield SafeInput(id="line")
        yield JsonArea(id="lines")


def drawn(app: App[None], row: int) -> str:
    return app.screen._compositor.render_strips(app.size)[row].text


async def paste(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()


async def test_several_lines_pasted_into_a_line_are_joined() -> None:
    app = Fields()
    async with app.run_test(size=(80, 10)) as pilot:
        line = app.query_one("#line", SafeInput)
        line.focus()
        await pilot.press("x", "y", "left")
        await paste(pilot, "kind:call \r\n  instance:ping\nfrom:user\n")
        assert line.value == "xkind:call instance:ping from:usery"
        line.select_all()
        await paste(pilot, "one\ntwo")
        assert line.value == "one two"


@pytest.mark.parametrize("field", ["line", "lines"])
async def test_the_cursor_stands_behind_what_was_pasted(field: str) -> None:
    app = Fields()
    async with app.run_test(size=(80, 10)) as pilot:
        widget = app.query_one(f"#{field}")
        widget.focus()
        await pilot.pause()
        start = app.cursor_position
        await paste(pilot, ODD)
        assert DRAWN in drawn(app, start.y)
        held = widget.value if isinstance(widget, Input) else app.query_one(JsonArea).text
        assert held == ODD
        assert app.cursor_position == start + Offset(WIDTH, 0)
        await pilot.press("left", "backspace", "end")
        assert app.cursor_position == start + Offset(WIDTH - 1, 0)


async def test_a_payload_is_held_to_the_letter_and_carriage_returns_of_a_paste_end_lines() -> None:
    app = Fields()
    async with app.run_test(size=(80, 10)) as pilot:
        area = app.query_one(JsonArea)
        area.focus()
        area.text = "a\r\nb\rc\x0bd\x1ce\n"
        assert area.text == "a\r\nb\rc\x0bd\x1ce\n"
        area.text = ""
        await paste(pilot, "a\rb\r\nc\x1c")
        assert area.text == "a\nb\nc\x1c"
        area.select_all()
        assert area.selected_text == area.text
        await pilot.press("ctrl+z")
        assert area.text == ""


def test_what_is_hidden_is_given_back_to_the_letter() -> None:
    text = "".join(chr(code) for code in (*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0100)))
    assert unhidden(hidden(text)) == text
