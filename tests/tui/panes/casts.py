"""A play with twenty parts, for panes that show who sends what to whom."""

from __future__ import annotations

from dataclasses import replace

from tests.tui.panes.stage import Stage
from workbench.records import Call, Cast, Handled, Reply
from workbench.session.view import InstanceView

NAMES = tuple(f"worker-{number}" for number in range(19))


def handled(stage: Stage, event: int, by: str) -> None:
    stage.write(Handled, by, event, event=event, callback="handle_cast", duration_us=9.0, outcome="ok")


def twenty() -> Stage:
    """Nineteen instances and a stand-in, each sending to the next and asking the one after."""
    stage = Stage()
    stand_in = InstanceView("archive", "", "stand-in")
    stage.picture = replace(stage.picture, instances=(*(InstanceView(n, n, "idle") for n in NAMES), stand_in))
    everyone = (*NAMES, "archive")
    for number, name in enumerate(NAMES):
        got = stage.write(Cast, None, source="user", target=name, alias=None, payload=b'{"add": %d}' % number)
        after = everyone[number + 1]
        stage.write(Cast, name, got.seq, source=name, target=after, alias="next", payload=b"%d.5" % number)
        other = NAMES[(number + 7) % 19]
        call = stage.write(Call, name, got.seq, source=name, target=other, alias="ask", payload=b"PING-%d" % number)
        stage.write(Reply, other, call.seq, call=call.seq, outcome="reply", payload=b"PONG-%d" % number)
        handled(stage, call.seq, other)
        handled(stage, got.seq, name)
    return stage
