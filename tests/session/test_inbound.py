"""What is on its way to the engine from other threads is bounded by bytes, and what has no room is told of."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.session.conftest import Stage
from tests.session.playing import DEADLINE_S, plan
from workbench.errors import UserError
from workbench.session.commands import Send
from workbench.session.inbound import Inbound
from workbench.session.inputs import Asked, Came, Input, Remarked, Replied

MOST = 1_000_000


def test_what_comes_from_outside_is_bounded_until_it_is_taken() -> None:
    jobs: list[Callable[[], None]] = []
    taken: list[Input] = []
    refused: list[int] = []
    inbound = Inbound(jobs.append)

    def come(what: Input) -> None:
        inbound.come(what, MOST, taken.append, refused.append)

    def work() -> None:
        while jobs:
            jobs.pop(0)()

    big = b"x" * 400_000
    for _ in range(5):
        come(Came("door", "out", big))
    come(Asked("door", "out", big, 7))
    come(Replied("db", 4, "reply", big))
    work()
    assert [one.payload for one in taken if isinstance(one, Came)] == [big] * 2
    assert refused == [7]
    assert [(one.call, one.outcome, one.payload) for one in taken if isinstance(one, Replied)] == [(4, "err", b"")]
    [remark] = [one for one in taken if isinstance(one, Remarked)]
    assert remark.resource == "door"
    assert "wait to be taken from outside" in remark.message
    taken.clear()
    come(Came("door", "out", big))
    come(Came("door", "out", b"y" * 2 * MOST))
    work()
    come(Came("door", "out", b"y" * 2 * MOST))  # nothing is on its way: even what is larger may come
    work()
    assert [len(one.payload) for one in taken if isinstance(one, Came)] == [400_000, 2 * MOST]


def test_what_is_sent_by_hand_is_refused_while_too_much_is_on_its_way(stage: Stage) -> None:
    play = stage(plan("a"), mailbox_bytes=MOST)
    go_on = threading.Event()

    def stand_still() -> None:
        go_on.wait(DEADLINE_S)

    play.session._engine.post(stand_still)
    big = Send("a", b"log 3 " + b"x" * 400_000)
    futures = [play.session.submit(big) for _ in range(4)]
    for future in futures[2:]:
        with pytest.raises(UserError, match=r"on their way to the engine already \(limits\.mailbox_bytes\)"):
            future.result(DEADLINE_S)
    go_on.set()
    for future in futures[:2]:
        future.result(DEADLINE_S)
    play.settle()
    assert len(play.said("a")) == 2
    play.do(big)
