"""Time and order: how the clock runs, where it is moved to, and the seed that decides among equals."""

from __future__ import annotations

from collections.abc import Callable
from secrets import randbelow
from typing import TYPE_CHECKING

from workbench.errors import UserError
from workbench.session.commands import Advance, ClockKind, SetClock, SetStrict, Shuffle
from workbench.tui.chooser import Choice, Chooser, OneLine
from workbench.tui.drafts import milliseconds
from workbench.tui.stepping.words import TIMES, clock_words

if TYPE_CHECKING:
    from workbench.tui.app import Workbench

SCALES = (0.1, 0.5, 2.0, 10.0, 100.0, 1000.0)
LEAST_SCALE, MOST_SCALE = 0.1, 1000.0
MOST_SEED = 2**31 - 1
_KINDS: tuple[tuple[ClockKind, str], ...] = (
    ("real", "as on the wall"),
    ("virtual", "when nothing is left to do, jump to the next timer"),
    ("frozen", "stand still; only advancing moves it"),
)


def choose_clock(app: Workbench) -> None:
    """Choose how time passes from now on, or move it."""
    view = app.engine.view()
    current = clock_words(view) or "real"
    (real, real_hint), *others = _KINDS
    choices = [
        Choice(real, real, real_hint),
        *(Choice(f"{TIMES}{scale:g}", f"{TIMES}{scale:g}", "slower" if scale < 1 else "faster") for scale in SCALES),
        Choice(f"{TIMES}…", f"{TIMES}…", f"any from {LEAST_SCALE:g} to {MOST_SCALE:g}"),
        *(Choice(kind, kind, hint) for kind, hint in others),
        Choice("next", "to the next timer", app.key_for("next-timer")),
        Choice("advance", "advance by…", app.key_for("advance")),
        Choice("shuffle", "shuffle by a seed…", app.key_for("shuffle")),
    ]
    more: dict[str, Callable[[Workbench], None]] = {
        f"{TIMES}…": _ask_scale, "next": next_timer, "advance": advance, "shuffle": shuffle
    }  # fmt: skip

    def chosen(choice: str | None) -> None:
        if choice is None:
            return
        if choice in more:
            more[choice](app)
        elif choice.startswith(TIMES):
            app.ask(SetClock("scaled", float(choice[1:])))
        else:
            app.ask(SetClock(next(kind for kind, _ in _KINDS if kind == choice)))

    app.push_screen(Chooser("Clock", choices, current), chosen)


def _ask_scale(app: Workbench) -> None:
    def typed(text: str | None) -> None:
        if text is not None:
            app.ask(SetClock("scaled", scale_of(text)))

    app.push_screen(OneLine("How many session seconds a second", "5", checked(scale_of)), typed)


def scale_of(text: str) -> float:
    """A scale as typed: `10`, `0.5`. Raises `UserError`."""
    try:
        scale = float(text.strip().lstrip(f"{TIMES}x"))
    except ValueError:
        scale = 0.0
    if not LEAST_SCALE <= scale <= MOST_SCALE:
        raise UserError(f'"{text}" is not a number from {LEAST_SCALE:g} to {MOST_SCALE:g}')
    return scale


def next_timer(app: Workbench) -> None:
    """Move the clock to the next timer."""
    app.ask(Advance())


def advance(app: Workbench) -> None:
    """Move the clock forward by an amount that is asked for."""

    def typed(text: str | None) -> None:
        if text is not None:
            app.ask(Advance(amount(text)))

    app.push_screen(OneLine("Advance the clock by", "1s", checked(amount)), typed)


def amount(text: str) -> int:
    """A duration in ms, more than none. Raises `UserError`."""
    by = milliseconds("time", text)
    if not by:
        raise UserError("time moves by something such as 500ms, 10s or 2m")
    return by


def shuffle(app: Workbench) -> None:
    """Let a seed decide who comes first among equals or, where one does, let order be as ever."""
    seed = app.engine.view().stepping.shuffle
    if seed is not None:
        app.ask(Shuffle(None), lambda _: app.say("order is that of sending again"))
        return

    def typed(text: str | None) -> None:
        if text is not None:
            chosen = seed_of(text)
            app.ask(
                Shuffle(chosen), lambda _: app.say(f"seed {chosen} decides the order; the same seed, the same order")
            )

    app.push_screen(OneLine("Shuffle by the seed", str(randbelow(10_000)), checked(seed_of)), typed)


def switch_strict(app: Workbench) -> None:
    """Lose what the platform may lose, or no more."""
    on = not app.engine.view().stepping.strict
    what = "what the platform may lose is lost from now on" if on else "nothing is lost by chance"
    app.ask(SetStrict(on), lambda _: app.say(what))


def seed_of(text: str) -> int:
    """A seed as typed. Raises `UserError`."""
    digits = text.strip().replace(",", "")
    if not (digits.isascii() and digits.isdigit()) or int(digits[:12]) > MOST_SEED:
        raise UserError(f'"{text}" is not a whole number from 0 to {MOST_SEED:,}')
    return int(digits)


def checked(read: Callable[[str], object]) -> Callable[[str], str | None]:
    """What tells the sentence that `read` raises about a text, for a prompt."""

    def check(text: str) -> str | None:
        try:
            read(text)
        except UserError as error:
            return str(error)
        return None

    return check
