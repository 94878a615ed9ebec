"""The clock and the seed."""

from __future__ import annotations

import pytest

from tests.tui.driving import WIDE, press, told
from tests.tui.stepping.scenes import pause
from tests.tui.stub import StubSession
from workbench.errors import UserError
from workbench.session.commands import Advance, Command, SetClock, SetStrict, Shuffle
from workbench.session.view import SteppingView
from workbench.tui.app import Workbench
from workbench.tui.stepping.times import scale_of, seed_of
from workbench.tui.stepping.until import moment


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["c", "enter"], SetClock("real")),
        (["c", "down", "enter"], SetClock("scaled", 0.1)),
        (["c", *["down"] * 4, "enter"], SetClock("scaled", 10.0)),
        (["c", *["down"] * 7, "enter", "ctrl+u", *"25", "enter"], SetClock("scaled", 25.0)),
        (["c", *["down"] * 8, "enter"], SetClock("virtual")),
        (["c", *["down"] * 9, "enter"], SetClock("frozen")),
        (["c", *["down"] * 10, "enter"], Advance()),
        (["comma"], Advance()),
        (["semicolon", "ctrl+u", *"2.5s", "enter"], Advance(2500)),
        (["asterisk", "ctrl+u", *"42", "enter"], Shuffle(42)),
    ],
)
async def test_a_key_sets_the_clock_or_the_seed(
    app: Workbench, session: StubSession, keys: list[str], command: Command
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, *keys)

        assert session.asked == [command]


async def test_a_seed_in_force_is_taken_back_with_the_same_key(app: Workbench, session: StubSession) -> None:
    pause(session, shuffle=42)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "asterisk")

        assert session.asked == [Shuffle(None)]
        assert told(pilot) == ["order is that of sending again"]


@pytest.mark.parametrize("text", ["", "fast", "0.05", "2000", "-1"])
def test_a_scale_out_of_bounds_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"from 0\.1 to 1000"):
        scale_of(text)


@pytest.mark.parametrize("text", ["", "x", "-1", "99999999999"])
def test_a_seed_is_a_whole_number(text: str) -> None:
    with pytest.raises(UserError, match="not a whole number"):
        seed_of(text)


@pytest.mark.parametrize(
    ("text", "ms"), [("+5s", 15_000), ("+250", 10_250), ("12s", 12_000), ("1:02:04.5", 3_724_500), ("0:07", 7_000)]
)
def test_a_time_is_on_the_clock_or_from_now(text: str, ms: float) -> None:
    assert moment(text, 10_000) == ms


@pytest.mark.parametrize("text", ["noon", "1:xx", "1:2:3:4", "+", "-1:00"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(UserError, match=r"is not|time moves by"):
        moment(text, 0)


@pytest.mark.parametrize("strict", [False, True])
async def test_a_key_lets_the_race_of_the_start_be_lost_and_won_again(
    app: Workbench, session: StubSession, strict: bool
) -> None:
    session.show(stepping=SteppingView(strict=strict))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "!")
        assert session.asked == [SetStrict(not strict)]
