"""Going back after all that a developer may do: stepping, breakpoints, what waits, clocks, chance, new code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.session.playing import Play
from tests.session.test_going_back import Picture, picture
from tests.session.test_properties import Exchange, commands, exchanges, init, names, session, take, words
from tests.session.test_properties import Step as Plain
from workbench.errors import UserError
from workbench.session.commands import (
    Advance,
    Command,
    Delay,
    Drop,
    DropBreakpoint,
    Duplicate,
    Edit,
    Hold,
    Jump,
    Move,
    Pause,
    Redirect,
    Release,
    Run,
    SelfCheck,
    SetBreakpoint,
    SetClock,
    Shuffle,
    Step,
    SwitchLine,
    Until,
)

Doing: TypeAlias = Callable[[int], Command]
Act: TypeAlias = Plain | tuple[Doing, int]

queries = st.sampled_from(("kind:sync", "kind:cast,call", "kind:reply", "kind:timer", "kind:log", "to:b"))
moments = st.sampled_from(("written", "written", "begins"))
hows = st.sampled_from(("into", "over", "out"))
stepping = st.one_of(
    st.just(Pause()),
    st.builds(Run, st.one_of(st.none(), st.builds(Until, queries, moments), st.just(Until(idle=True)))),
    st.builds(Step, hows),
    st.builds(Step, hows, names),
    st.builds(SetBreakpoint, queries, moments, skip=st.sampled_from((0, 0, 2))),
    st.builds(SetBreakpoint, queries, hold=st.just(True), skip=st.sampled_from((0, 0, 2))),
    st.builds(DropBreakpoint, st.integers(1, 3)),
    st.builds(SetClock, st.sampled_from(("virtual", "frozen"))),
    st.just(SetClock("scaled", 1000)),
    st.builds(Advance, st.sampled_from((None, 1, 5, 700))),
    st.builds(Shuffle, st.sampled_from((None, 1, 2))),
)
doings: st.SearchStrategy[Doing] = st.one_of(
    st.sampled_from((Drop, Duplicate, Hold, Release, Move, lambda seq: Step(event=seq))),
    words.map(lambda word: lambda seq: Edit(seq, word.encode())),
    st.sampled_from((1, 500)).map(lambda by_ms: lambda seq: Delay(seq, by_ms)),
    names.map(lambda name: lambda seq: Redirect(seq, name)),
)
acts = st.lists(
    st.one_of(commands, commands, exchanges, stepping, stepping, st.tuples(doings, st.integers(0, 9)), st.none()),
    max_size=16,
)


def act(play: Play, what: Act) -> None:
    """Have it done, and all that comes of it."""
    if isinstance(what, tuple) and callable(what[0]):
        queue = play.session.view().stepping.queue
        if queue:
            with suppress(UserError):
                play.do(what[0](queue[what[1] % len(queue)].seq))
    elif isinstance(what, Exchange):
        take(play, what)
        play.until(lambda: not play.session._code.busy)
    elif what is not None and not isinstance(what, tuple):
        done = play.session.submit(what)
        play.settle()
        assert not done.done() or done.exception() is None or isinstance(done.exception(), UserError)
    play.settle()


def without_time(shown: Picture) -> Picture:
    """A picture without the time, which goes on where nothing comes about."""
    events, traps, notes, _, *rest = shown[""]
    return {**shown, "": (events, traps, notes, *rest)}


@settings(deadline=None, max_examples=25)
@given(st.tuples(init, init, init).map(list), acts, st.randoms(use_true_random=False))
def test_whatever_was_done_a_moment_is_what_it_was(
    init_payloads: list[str | None], acts: list[Act], random: object
) -> None:
    with session(init_payloads, history=True) as play:
        moments: dict[int, Picture] = {play.session.journal.end - 1: without_time(picture(play))}
        for what in acts:
            act(play, what)
            history, end_seq = play.session._travel.present.history, play.session.journal.end
            if history is not None and history.entries[-1].at < end_seq:  # else more came about, and left no record
                moments.setdefault(end_seq - 1, without_time(picture(play)))
        play.do(Pause())
        assert play.do(SelfCheck()) is None
        end, line = without_time(picture(play)), play.session.view().stepping.line
        visits = list(moments)
        random.shuffle(visits)  # type: ignore[attr-defined]
        for seq in visits[:6]:
            play.do(Jump(seq))
            assert seq == play.session.journal.end - 1 or without_time(picture(play)) == moments[seq], seq
        play.do(Jump(None))
        assert without_time(picture(play)) == end
        for seq in visits[:1]:
            play.do(Jump(seq))
            if play.session.view().stepping.past is None:
                continue
            play.do(Run())
            play.settle()
            play.do(Pause())
            assert play.do(SelfCheck()) is None
            play.do(SwitchLine(line))
            assert without_time(picture(play)) == end
            assert play.do(SelfCheck()) is None
