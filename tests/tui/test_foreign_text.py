"""Text from elsewhere, drawn as it stands: no markup is read in it, and no control character reaches the terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.headless.program import ROOT
from tests.tui.driving import NARROW, WIDE, choose, press, settle
from tests.tui.stub import StubSession, pending
from workbench.errors import UserError
from workbench.project.messages import DIRECTORY, Message, save_message
from workbench.project.model import Project
from workbench.records import Call, Cast, Log, Sync, Trap
from workbench.session.commands import Rebuild, SetBreakpoint
from workbench.session.view import BreakpointView, BuildView, InstanceView
from workbench.tui.app import Workbench
from workbench.tui.keymap import FILE_NAME as KEYMAP
from workbench.tui.layout import PANES
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.queries import save_query
from workbench.tui.stepping.breakpoint_form import BreakpointForm

EVIL = "a[/b][red]\x1b]0;x\x07\x1b[31m\u202e\x9b"
SHOWN = r"a[/b][red]\x1b]0;x\x07\x1b[31m\u202e\x9b"


def seen(app: Workbench) -> list[str]:
    """The rows of the screen; an assertion fails when one holds what a terminal would act on."""
    rows = [strip.text for strip in app.screen._compositor.render_strips(app.size)]
    for row in rows:
        assert not any(character in "\u202e\x9b\x7f" or character < " " for character in row), repr(row)
    return rows


def shows(app: Workbench, text: str) -> bool:
    return any(text in row for row in seen(app))


@pytest.fixture
def hostile(session: StubSession) -> StubSession:
    """A session in which every name and every text is hostile."""
    root = session.picture.project.root
    text = f'{EVIL} {{"a":[true]}}'
    add = session.add
    add(
        Cast(0, 725_000, EVIL, None, EVIL, EVIL, EVIL, text.encode()),
        Call(0, 725_001, EVIL, None, EVIL, EVIL, EVIL, text.encode()),
        Log(0, 725_002, EVIL, None, "error", EVIL, text),
        Sync(0, 725_003, EVIL, None, text),
        Trap(0, 725_004, EVIL, None, "handle_cast", text, text, ()),
    )
    functions = {**session.picture.project.functions}
    functions[EVIL] = replace(functions["ping"], id=EVIL)
    opened = Project(root, (root,), functions, workflows=(root / f"{EVIL.replace('/', '')}.json",))
    evil = InstanceView(
        EVIL, EVIL, "trapped", text, last_sync=session.journal.end - 2, last_trap=session.journal.end - 1
    )
    waits = InstanceView(f"2{EVIL}", EVIL, "waiting", waits_on=EVIL)
    stand_in = InstanceView(f"3{EVIL}", "", "stand-in")
    stepping = replace(
        session.picture.stepping, breakpoints=(BreakpointView(1, EVIL, "written", "", False, True, 0, 0),)
    )
    session.show(
        project=opened,
        instances=(evil, waits, stand_in, *session.picture.instances),
        builds=(BuildView(EVIL, "building", EVIL, 1, 2, 10),),
        pending_calls=(replace(pending(), source=EVIL, target=EVIL, payload=text.encode()),),
        stepping=stepping,
    )
    save_message(Message(EVIL, EVIL, payload=text.encode(), source=EVIL), root / DIRECTORY)
    save_query(root / ".workbench", EVIL, f'"{EVIL}"')
    return session


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_no_name_or_text_can_do_anything_to_the_screen(
    app: Workbench, hostile: StubSession, size: tuple[int, int]
) -> None:
    last = hostile.journal.end
    async with app.run_test(size=size) as pilot:
        await choose(pilot, EVIL)
        for number, pane in enumerate(PANES, 1):
            await press(pilot, str(number))
            assert app.workspace.focused == pane
            seen(app)
        await press(pilot, "6")
        for seq in range(last - 5, last):
            await choose(pilot, EVIL, seq)
            seen(app)
        for window in ("question_mark", "ctrl+p", "ctrl+t", "b", "B", "t", "T", "x"):
            await press(pilot, "1", window)
            seen(app)
            await press(pilot, "escape")
        await press(pilot, "2", "Q")
        assert shows(app, SHOWN)
        await press(pilot, "escape", "a")
        seen(app)
        await press(pilot, "escape", "M")
        seen(app)


async def test_what_is_filtered_by_stands_beside_the_title_as_it_was_typed(
    app: Workbench, session: StubSession
) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        for query in ("/[a-z]+/", '"[/b]"', '"[red]x"'):
            await press(pilot, "2", "slash", *([] if not pane_of(app).query_text else ["ctrl+u"]), *query, "enter")
            assert pane_of(app).subtitle == f"/ {query}"
            assert shows(app, f"/ {query}")


def pane_of(app: Workbench) -> LinePane:
    pane = app.panes["traffic"]
    assert isinstance(pane, LinePane)
    return pane


async def test_a_query_that_looks_like_markup_does_not_end_the_program(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "slash", *"[/b]")
        assert pane_of(app).prompt.value == "[/b]"
        seen(app)


async def test_the_palette_finds_and_shows_names_as_they_are(app: Workbench, hostile: StubSession) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "ctrl+p", *"message a[/")
        await pilot.app.workers.wait_for_complete()
        await settle(pilot)
        assert shows(app, f"message {SHOWN}")
        assert shows(app, '{"a":[true]}')


async def test_a_name_too_wide_beside_a_title_is_cut_by_cells(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        pane_of(app).set_query("名" * 200)
        await settle(pilot)
        title = next(row for row in seen(app) if "名" in row)
        assert "名… " in title
        assert title[-1] in "─╮┐┬╷"


@pytest.mark.parametrize("open_form", ["prompt", "breakpoint", "palette", "save"])
async def test_what_is_typed_into_is_drawn_safely(app: Workbench, session: StubSession, open_form: str) -> None:
    async with app.run_test(size=WIDE) as pilot:
        if open_form == "prompt":
            await press(pilot, "2", "slash")
        elif open_form == "breakpoint":
            app.push_screen(BreakpointForm(SetBreakpoint("x"), lambda *_: None))
        elif open_form == "palette":
            await press(pilot, "ctrl+p")
        else:
            await press(pilot, "s")
            await choose(pilot, "ping")
            await press(pilot, "ctrl+s")
        await settle(pilot)
        field = next(each for each in app.screen.query(Input) if each.has_focus)
        field.value = "x\x1b[2Jy"
        await settle(pilot)
        assert field.value == "x\x1b[2Jy"
        assert shows(app, "x␛[2Jy")


async def test_a_key_that_is_no_key_is_refused(config: Path, session: StubSession) -> None:
    (config / KEYMAP).write_text('help = "\\u001b[31m"\n')
    app = Workbench(session, config)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert '"help" must be a key' in str(app.query_one("Banner").render())
        assert shows(app, "? help")


async def test_what_the_session_says_is_told_as_it_stands(app: Workbench, session: StubSession) -> None:
    session.answers[Rebuild] = UserError(EVIL)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        await press(pilot, "r")
        await pilot.pause()
        seen(app)


def test_every_line_to_type_into_is_a_safe_one() -> None:
    rooms = [path for path in (ROOT / "workbench" / "tui").rglob("*.py") if path.name != "safe_input.py"]
    assert [path.name for path in rooms if re.search(r"(?<!\w)Input\(", path.read_text())] == []
