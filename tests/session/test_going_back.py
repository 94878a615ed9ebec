"""Going back: a moment that is visited is what it was, whatever was done before, and the present is as it was left."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.session.playing import Play
from tests.session.test_properties import DESK, Step, init, session, steps, take
from workbench.host.guest import Progress
from workbench.session.commands import Jump, SelfCheck

Picture = dict[str, tuple[object, ...]]


def picture(play: Play) -> Picture:
    """Everything that is to be the same again: who stands how, what waits, what is in the memory of guests."""
    world = play.session._travel.shown.world
    digests = {
        one.name: one.guest.digest()
        for one in world.instances()
        if one.guest is not None and one.guest.progress is Progress.IDLE
    }
    view = play.session.view()
    shown: Picture = {
        one.name: (
            one.status, one.detail, one.mailbox, one.next_events, one.waits_on, one.handled, one.last_sync,
            one.last_trap, one.links, one.init_payload, one.rule, one.memory_bytes, digests.get(one.name),
        )
        for one in view.instances
    }  # fmt: skip
    calls = tuple(call.seq for call in view.pending_calls)
    shown[""] = (view.events, view.traps, view.notes, view.t_ms, view.timers, view.stepping.queue, calls)
    return shown


@settings(deadline=None, max_examples=30)
@given(st.tuples(init, init, init).map(list), steps)
def test_the_journal_comes_out_the_same_again(init_payloads: list[str | None], steps: list[Step]) -> None:
    with session(init_payloads, history=True) as play:
        for step in steps:
            take(play, step)
        play.settle()
        assert play.do(SelfCheck()) is None


@settings(deadline=None, max_examples=25)
@given(st.tuples(init, init, init).map(list), steps, st.randoms(use_true_random=False))
def test_a_moment_visited_is_what_it_was(init_payloads: list[str | None], steps: list[Step], random: object) -> None:
    with session(init_payloads, history=True) as play:
        moments = {play.session.journal.end - 1: picture(play)}
        for step in steps:
            take(play, step)
            play.settle()  # what leaves no record comes after the moment of that number
            moments.setdefault(play.session.journal.end - 1, picture(play))
        play.cast(DESK, "the end")
        visits = [*moments, *moments]
        random.shuffle(visits)  # type: ignore[attr-defined]
        for seq in visits:
            play.do(Jump(seq))
            assert picture(play) == moments[seq], seq
        present = play.session.journal.end - 1
        play.do(Jump(None))
        assert picture(play) == moments.get(present, picture(play))
