"""Whatever is done to a session, in whatever order, its journal and its picture keep the laws."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import TypeAlias

import pytest
import wasmtime
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.guests.build import wasm
from tests.session.laws import Laws
from tests.session.playing import Play, plan
from tests.session.test_reload import TRAPS_IN_INIT
from workbench.errors import UserError
from workbench.project.model import Function, Project, StandInPlan
from workbench.records import Handled, Record, Reload
from workbench.session.commands import Answer, Command, Kill, Rebuild, Restart, Rule, Send, Spawn, StopInstance
from workbench.session.options import Options

NAMES = ("a", "b", "c")
DESK = "desk"
MAILBOX = 40

# ---- what the probes are told to do

aliases = st.sampled_from(("out", "back", "desk", "self"))
words = st.sampled_from(("", "x", "ja und nein", "ü"))
harmless = st.one_of(
    st.builds("log 3 {}".format, words),
    st.builds("sync {}".format, words),
    st.builds("reply {}".format, words),
    st.sampled_from(("err", "count", "slf", "src", "given", "big log 70000")),
)
fatal = st.sampled_from(("panic oh", "unreachable", "call nowhere x", "delayed 5 nowhere x", "nonutf8 cast"))
lost = st.sampled_from(("cast nowhere x", "cast_raw nobody x", "call_raw nobody x"))
leaf = st.one_of(harmless, harmless, harmless, lost, fatal)


def sent(line: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A line that sends another."""
    return st.one_of(
        st.builds("cast {} {}".format, aliases, line),
        st.builds("call {} {}".format, aliases, line),
        st.builds("cast_raw {} {}".format, st.sampled_from(("src", "self")), line),
        st.builds("call_raw src {}".format, line),
        st.builds("delayed {} {} {}".format, st.sampled_from((0, 1, 2, 5, 5, 1000)), aliases, line),
    )


lines = st.recursive(leaf, sent, max_leaves=4)


def one_call_at_most(script: list[str]) -> str:
    """A script whose handler is held up once at most: what waits for its end then need not wait long."""
    calls = [line for line in script if line.startswith("call")]
    return "\n".join(line for line in script if line not in calls[1:])


scripts = st.lists(lines, max_size=4).map(one_call_at_most)
payloads = scripts.map(str.encode)
at_stop = st.one_of(harmless, st.sampled_from(("cast out log 3 bye", "panic stopping")))
init = st.one_of(st.none(), scripts, st.builds("stop: {}".format, at_stop))

# ---- what the developer does

names = st.sampled_from(NAMES)
outcomes = st.sampled_from(("reply", "noreply", "err"))
commands = st.one_of(
    st.builds(Send, names, payloads, st.booleans(), source=st.sampled_from(("user", DESK, *NAMES))),
    st.builds(
        Send, st.sampled_from((*NAMES, DESK)), payloads, st.booleans(), delay_ms=st.sampled_from((0, 1, 5)),
        repeat=st.sampled_from((1, 2, 30)), every_ms=st.sampled_from((0, 1, 500)),
    ),
    st.builds(Rule, st.just(DESK), st.one_of(st.none(), outcomes), words.map(str.encode)),
    st.builds(Restart, names, st.one_of(st.none(), words), init),
    st.builds(StopInstance, names),
    st.builds(Kill, names),
    st.builds(Spawn, st.just("probe"), state=st.one_of(st.none(), words), init_payload=init),
)  # fmt: skip


class Exchange(Enum):
    """What takes the place of the code and is loaded."""

    AS_BEFORE = "the same"
    TRAPS = "code that traps in its handle_init"
    REFUSED = "code that the host refuses"


Step: TypeAlias = Command | Exchange | tuple[str, str, bytes] | None
"""A command, new code, an answer to the oldest call that waits, or a rest until nothing is left to do."""

PROBE = wasm("probe", "release").read_bytes()
CODE = {
    Exchange.AS_BEFORE: PROBE,
    Exchange.TRAPS: bytes(wasmtime.wat2wasm(TRAPS_IN_INIT)),
    Exchange.REFUSED: b"(module)",
}
exchanges = st.sampled_from((Exchange.AS_BEFORE, *Exchange))
answers = st.tuples(st.just("answer"), outcomes, words.map(str.encode))
steps = st.lists(st.one_of(commands, commands, commands, exchanges, answers, st.none()), max_size=12)


@contextmanager
def session(
    init_payloads: list[str | None], history: bool = False, mailbox: int = MAILBOX, mailbox_bytes: int | None = None
) -> Iterator[Play]:
    """A session of three probes that know each other and a stand-in."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "probe.wasm").write_bytes(PROBE)
        links = dict(zip(NAMES, ("b", "c", "a"), strict=True))
        back = dict(zip(NAMES, ("c", "a", "b"), strict=True))
        plans = tuple(
            plan(name, script, out=links[name], back=back[name], desk=DESK)
            for name, script in zip(NAMES, init_payloads, strict=True)
        )
        functions = {"probe": Function("probe", root, None, None, root / "probe.wasm")}
        project = Project(root, (root,), functions, plans, (StandInPlan(DESK),))
        options = Options(
            clock="virtual", watch=False, build=False, mailbox=mailbox, mailbox_bytes=mailbox_bytes, history=history
        )
        play = Play(project, options)
        try:
            play.settle()
            yield play
        finally:
            play.session.close()


def take(play: Play, step: Step) -> None:
    """Have it done; that something cannot be done is an answer, too."""
    if step is None:
        play.settle()
    elif isinstance(step, Exchange):
        wasm = play.session.view().project.functions["probe"].wasm
        fresh = wasm.with_suffix(".new")
        fresh.write_bytes(CODE[step])
        fresh.replace(wasm)
        play.do(Rebuild())
    elif isinstance(step, tuple):
        play.settle()
        for call in play.session.view().pending_calls[:1]:
            play.do(Answer(call.seq, step[1], step[2]))  # type: ignore[arg-type]
    else:
        with suppress(UserError):
            play.do(step)


def whole(play: Play) -> list[Record]:
    assert play.session.journal.first == 0
    return play.session.journal.read(0)


@settings(deadline=None, max_examples=45)
@given(st.tuples(init, init, init).map(list), steps)
def test_the_laws_hold_whatever_is_done(init_payloads: list[str | None], steps: list[Step]) -> None:
    with session(init_payloads) as play:
        for step in steps:
            take(play, step)
        play.settle()
        laws, view = Laws(whole(play)), play.session.view()
        laws.keep_all()
        laws.agree_with(view, frozenset({DESK}), MAILBOX)
    closed = Laws(whole(play))
    closed.keep_all()
    closed.have_ended()


def told(records: list[Record]) -> list[Record]:
    """What a journal tells, without how long anything took."""
    return [
        replace(one, duration_us=0.0) if isinstance(one, Handled)
        else replace(one, duration_ms=0.0, since_change_ms=None) if isinstance(one, Reload)
        else one
        for one in records
    ]  # fmt: skip


@settings(deadline=None, max_examples=20)
@given(st.tuples(init, init, init).map(list), steps)
@pytest.mark.conformance("1.5-order")
def test_the_same_deeds_make_the_same_journal_in_virtual_time(
    init_payloads: list[str | None], steps: list[Step]
) -> None:
    journals = []
    for _ in range(2):
        with session(init_payloads) as play:
            for step in steps:
                play.settle()
                take(play, step)
            play.settle()
            journals.append(told(whole(play)))
    assert journals[0] == journals[1]


@settings(deadline=None, max_examples=12)
@given(steps)
def test_closing_in_the_middle_leaves_nothing_behind(steps: list[Step]) -> None:
    before = set(threading.enumerate())
    with session([None, None, None]) as play:
        for step in steps:
            if step is not None:
                take(play, step)
    assert set(threading.enumerate()) <= before
    closed = Laws(whole(play))
    closed.keep_all()
    closed.have_ended()
