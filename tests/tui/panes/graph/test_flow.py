"""What goes over each output: how often in the last second, and what was last."""

from __future__ import annotations

from workbench.journal import Journal
from workbench.records import Cast
from workbench.tui.panes.graph.flow import MOST_STRAYS, REACH, Flow


def cast(journal: Journal, t: float, payload: bytes, alias: str | None = "out", target: str | None = "b") -> None:
    journal.append(Cast(journal.end, t, "a", None, "a", target, alias, payload))


def test_the_rate_is_of_the_last_second() -> None:
    journal, flow = Journal(), Flow()
    for number in range(20):
        cast(journal, number * 100.0, b"%d" % number)
    flow.look(journal, None)

    rate, stream = flow.over("a", "out", "b", 2000.0)
    assert rate == 9
    assert stream is not None
    assert stream.payload == b"19"
    assert flow.over("a", "out", "b", 9000.0)[0] == 0


def test_the_rate_of_what_is_rare_stands_still_and_ends() -> None:
    journal, flow = Journal(), Flow()
    for number in range(6):
        cast(journal, number * 5000.0, b"%d" % number)
    flow.look(journal, None)

    assert {flow.over("a", "out", "b", now)[0] for now in (25_000.0, 25_900.0, 29_999.0, 33_000.0)} == {0.2}
    assert flow.over("a", "out", "b", 41_000.0)[0] == 0


def test_what_is_sent_by_hand_in_its_name_counts() -> None:
    journal, flow = Journal(), Flow()
    cast(journal, 1.0, b"old")
    cast(journal, 2.0, b"by hand", alias=None)
    flow.look(journal, None)

    rate, stream = flow.over("a", "out", "b", 100.0)
    assert rate == 2
    assert stream is not None
    assert stream.payload == b"by hand"


def test_outputs_that_led_nowhere_are_told() -> None:
    journal, flow = Journal(), Flow()
    cast(journal, 1.0, b"x", alias="typo", target=None)
    flow.look(journal, None)
    assert flow.stray() == (("a", "typo"),)


def test_a_function_may_make_up_as_many_outputs_as_it_likes() -> None:
    journal, flow = Journal(), Flow()
    for number in range(100):
        cast(journal, number * 10.0, b"%d" % number, alias=f"x{number}", target=None)
    cast(journal, 1000.0, b"again", alias="x3", target=None)
    flow.look(journal, None)

    assert flow.stray() == (*(("a", f"x{number}") for number in range(MOST_STRAYS)), ("a", ""))
    assert flow.others("a") == "80"
    rest = flow.over("a", "", None, 1000.0)[1]
    assert rest is not None
    assert (rest.payload, rest.count) == (b"99", 80)
    told = flow.over("a", "x3", None, 1000.0)[1]
    assert told is not None
    assert told.payload == b"again"

    for number in range(10_000):
        cast(journal, 2000.0, b"", alias=f"y{number}", target=None)
    flow.look(journal, None)
    flow.look(journal, None)
    assert len(flow.streams) == MOST_STRAYS + 1
    assert flow.others("a") == "over 1,000"


def test_a_moment_of_the_past_shows_what_was_last_then() -> None:
    journal, flow = Journal(), Flow()
    for number in range(10):
        cast(journal, number * 10.0, b"%d" % number)
    flow.look(journal, None)
    flow.look(journal, 4)
    found = flow.over("a", "out", "b", 40.0)[1]
    assert found is not None
    assert found.payload == b"3"

    flow.look(journal, None)
    found = flow.over("a", "out", "b", 100.0)[1]
    assert found is not None
    assert found.payload == b"9"


def test_another_line_of_history_begins_anew() -> None:
    one, other, flow = Journal(), Journal(), Flow()
    cast(one, 1.0, b"one")
    flow.look(one, None)
    flow.look(other, None)
    assert flow.over("a", "out", "b", 2.0) == (0, None)


def test_who_has_fallen_far_behind_skips_what_nobody_will_see() -> None:
    journal, flow = Journal(), Flow()
    for number in range(REACH * 2):
        cast(journal, float(number), b"%d" % number)
    for _ in range(12):
        flow.look(journal, None)
    found = flow.over("a", "out", "b", REACH * 2.0)[1]
    assert found is not None
    assert found.payload == b"%d" % (REACH * 2 - 1)
    assert found.count == REACH
