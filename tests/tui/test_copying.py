"""What `y` copies is the row, without the blanks that only fill a screen."""

from __future__ import annotations

import pytest

from tests.tui.driving import WIDE, press, told
from tests.tui.stepping.scenes import pause
from tests.tui.stub import StubSession
from workbench.tui.app import Workbench


@pytest.mark.parametrize(
    ("pane", "last"),
    [
        ("1", "◇ sink     stand-in"),
        ("2", "callee-trapped: on the platform the caller would wait for ever"),
        ("8", "ping waits for pong"),
    ],
)
async def test_a_row_is_copied_without_filling(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch, pane: str, last: str
) -> None:
    pause(session)
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, pane, "home", "y", "down", "y", "end", "y")
        assert len(copied) == 3
        assert all(0 < len(text) < 200 and text == text.strip() for text in copied)
        assert copied[-1].endswith(last)
        assert told(pilot)[-1].startswith(f"copied: {copied[-1][:20]}")
