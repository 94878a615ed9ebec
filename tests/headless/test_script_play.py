"""`workbench run --script`: scripts played by the program on real functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.headless.playing import SAMPLES, VIRTUAL, WORKFLOW, Play, logs
from tests.headless.program import ROOT, workbench
from tests.headless.small import module
from workbench.records import Cast, Change

# ---- the examples


@pytest.mark.parametrize(
    ("function", "name", "options"),
    [("counter", "race", ()), ("risky", "repair", ()), ("ping", "answer", VIRTUAL)],
)
def test_the_examples_that_come_with_it_do_what_they_say(function: str, name: str, options: tuple[str, ...]) -> None:
    example = ROOT / "docs" / "scripts" / f"{name}.txt"
    ended = workbench("run", str(SAMPLES / function), "--no-build", "--script", str(example), *options)
    assert ended.returncode == 0, ended.stderr
    command = " ".join(["workbench run", f"sample_functions/{function}", *options, f"--script docs/scripts/{name}.txt"])
    assert command in example.read_text()


def test_the_first_example_of_the_page_does_what_it_says(play: Play) -> None:
    play.well("average", (ROOT / "docs" / "scripts.md").read_text().split("```")[1])


# ---- what happens when


def test_a_line_is_worked_off_before_the_next_unless_it_is_paused(play: Play) -> None:
    play.well(
        "counter",
        """
        expect status counter idle
        expect running
        cast counter=2
        expect state counter {.count=2}
        pause
        expect paused
        cast counter=3
        expect waits 1 {to:counter 3}
        expect state counter {.count=2}
        run
        expect waits 0
        expect running
        expect state counter {.count=5}
        """,
    )


def test_a_script_that_begins_with_pause_begins_before_the_functions_do(play: Play) -> None:
    play.well("counter", "pause\nexpect 0 {kind:log}\nexpect 1 {kind:start}\nstep\nexpect {starting from zero}")


def test_no_time_passes_but_where_the_script_says_so(play: Play) -> None:
    records = play.trace(
        "ticker",
        """
        cast ticker=early
        expect clock 0s
        advance 3s
        expect 3 {to:tick}
        expect clock 3s
        run until 4.5s
        expect clock 4.5s
        """,
        *VIRTUAL,
    )
    assert [record.t for record in records if isinstance(record, Cast) and record.target == "tick"] == [
        1000,
        2000,
        3000,
        4000,
    ]


def test_a_script_that_is_not_paused_goes_on_to_the_end_of_the_run(play: Play) -> None:
    records = play.trace("ticker", "cast ticker=x", *VIRTUAL, "--until", "2s")
    assert logs(records) == ["not a beat: x", "beat 1", "beat 2", "stopped after 2 beats"]


def test_a_script_that_is_paused_ends_there_and_says_why(play: Play) -> None:
    text = "break {kind:log level:debug}\nadvance next\nexpect paused\nexpect 0 {to:tick}"
    ended = play.well("ticker", text, *VIRTUAL, "--until", "9s")
    assert "workbench: paused at the end: breakpoint 1 " in ended.stderr
    assert "beat 2" not in ended.stdout


def test_a_breakpoint_after_the_last_line_ends_the_run_too(play: Play) -> None:
    ended = play.well("ticker", "break {to:tick} skip 1", *VIRTUAL, "--until", "9s")
    assert "paused at the end: " in ended.stderr
    assert ended.stdout.count("cast to tick") == 2


def test_calls_that_wait_when_it_ends_paused_are_no_failure(play: Play) -> None:
    play.well("ping", "cast ping=ping\nexpect status ping waiting\npause")
    assert play("ping", "cast ping=ping", "--until", "0s").returncode == 1


def test_a_script_can_come_from_standard_input() -> None:
    arguments = ("run", str(SAMPLES / "counter"), "--no-build", "--script", "-")
    ended = workbench(*arguments, typed="cast counter=2\nexpect state counter {.count=3}\n")
    assert ended.returncode == 1
    assert "workbench: standard input:2: expect state" in ended.stderr


# ---- stepping


def test_a_run_until_a_query_pauses_where_it_matches(play: Play) -> None:
    play.well(
        WORKFLOW,
        """
        run until {kind:log level:warn}
        expect paused
        expect 1 {kind:log level:warn}
        run until begins {to:average}
        expect waits 1 {to:average}
        run until begins {to:average}
        """,
        *VIRTUAL,
        "--timeout",
        "20s",
    )


def test_a_run_until_what_never_comes_is_wrong(play: Play) -> None:
    ended = play("counter", "run until {kind:trap}")
    assert ended.returncode == 1
    assert f"workbench: {play.path}:1: nothing is left to do, and kind:trap did not come\n" in ended.stderr


def test_a_step_goes_into_a_call_over_it_and_out_of_it(play: Play) -> None:
    play.well(
        WORKFLOW,
        """
        pause
        run until 0.1s
        cast ping=ping
        step ping
        expect status ping waiting
        expect waits 1 {kind:call to:pong}
        step pong
        step ping
        expect {"Got reply: pong 1"}
        cast ping=ping
        step over ping
        expect {"Got reply: pong 2"}
        """,
        *VIRTUAL,
    )


def test_what_comes_first_at_equal_times_differs_from_seed_to_seed(play: Play) -> None:
    def order(seed: int) -> list[str | None]:
        text = f"shuffle {seed}\nrun until 10s"
        return [record.instance for record in play.trace(WORKFLOW, text, *VIRTUAL) if isinstance(record, Cast)]

    orders = [order(seed) for seed in range(4)]
    assert any(one != orders[0] for one in orders)
    assert all(sorted(map(str, one)) == sorted(map(str, orders[0])) for one in orders)


# ---- messages that wait


def test_what_waits_can_be_edited_doubled_dropped_and_put_first(play: Play) -> None:
    records = play.trace(
        "counter",
        """
        pause
        run until idle
        cast counter=1
        cast counter=2
        cast counter=3
        drop {to:counter 1}
        edit {to:counter 2}=20
        duplicate {to:counter 20}
        move {to:counter 3} first
        expect waits 3
        run
        """,
    )
    assert logs(records) == [
        "starting from zero",
        "count is 3",
        "count is 23",
        "count is 43",
        "stopped at 43",
    ]
    assert [record.action for record in records if isinstance(record, Change)] == [
        "dropped",
        "edited",
        "duplicated",
        "moved",
    ]


def test_what_waits_can_be_held_delayed_and_sent_elsewhere(play: Play) -> None:
    play.well(
        WORKFLOW,
        """
        intercept {from:sensor to:filter}
        run until 0.6s
        expect waits 1 {from:sensor to:filter}
        redirect {from:sensor to:filter} to counter
        release
        expect waits 0 {from:sensor to:filter}
        run until 0.7s
        expect state counter {.count=1}
        unbreak 1
        cast filter=20
        hold {to:filter 20}
        delay {to:filter} by 1s
        release
        run until 1s
        expect 0 {to:average 20}
        run until 3s
        expect {to:average 20}
        """,
        *VIRTUAL,
    )


def test_a_name_for_what_waits_can_be_the_first_the_last_or_a_number(play: Play) -> None:
    play.well(
        "counter",
        """
        pause
        run until idle
        cast counter=10
        cast counter=20
        cast counter=30
        edit last {to:counter}=33
        edit {to:counter}=11
        drop #4
        run
        expect state counter {.count=44}
        expect 1 {kind:cast 33}
        expect 0 {kind:cast 30}
        """,
    )


def test_what_does_not_wait_is_wrong(play: Play) -> None:
    ended = play("counter", "pause\nrun until idle\ndrop {to:counter}")
    assert ended.returncode == 1
    assert f"{play.path}:3: no message or timer that waits matches {{to:counter}}" in ended.stderr


def test_a_call_can_be_answered_by_hand_and_by_rule(play: Play) -> None:
    play.well(
        "ping",
        """
        cast ping=ping
        answer {from:ping}=!noreply
        expect {"Got no reply"}
        reply pong=@@always
        cast ping=ping
        expect {"Got reply: @always"}
        """,
        "--until",
        "0s",
    )


# ---- what is read and expected


def test_what_is_shown_stands_among_the_rest_or_beside_the_trace(play: Play) -> None:
    what = ("state counter", "clock", "instances", "waits", "log 1", "breakpoints", "lines")
    text = "cast counter=2\n" + "\n".join(f"show {one}" for one in what)
    shown = [
        'state of counter: {"count":2}',
        "instances:",
        "  counter idle",
        "waits: none",
        "breakpoints: none",
        "lines:",
    ]
    ended = play.well("counter", text)
    lines = ended.stdout.splitlines()
    assert [line for line in lines if line in shown] == shown
    assert lines.index(shown[0]) == 1 + next(n for n, line in enumerate(lines) if line.endswith("count is 2"))
    beside = play.well("counter", text, "--trace", "-")
    assert [line for line in beside.stderr.splitlines() if line in shown] == shown
    assert all(line.startswith("{") for line in beside.stdout.splitlines())


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        ("{kind:trap}", "0 records match"),
        ("0 {kind:start}", "1 record matches"),
        ("waits 2", "0 wait"),
        ("waits 1 {to:counter}", "0 that match wait"),
        ("state counter {.count=4}", "counter has synced no state"),
        ("status counter trapped", "it is idle"),
        ("clock 9h", "it is "),
        ("paused", "it is running"),
    ],
)
def test_what_is_not_as_expected_is_status_1_with_line_and_reason(play: Play, expected: str, reason: str) -> None:
    ended = play("counter", f"# first\n\nexpect {expected}\nshow clock")
    assert ended.returncode == 1
    assert f"workbench: {play.path}:3: expect {expected} is not so: {reason}" in ended.stderr
    assert "clock:" not in ended.stdout


# ---- what is wrong


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pause\nrunn", '2:1: there is no verb "runn"; did you mean run?'),
        ("cast coutner=1", '1:6: there is no instance "coutner"; did you mean "counter"?'),
        ("reply pnog=1", '1:7: there is no output "pnog"'),
        ("redirect {x} to nobody", '1:17: there is no instance or stand-in "nobody"'),
        ("break {kind:tarp}", '1:13: "tarp" is not a kind; did you mean trap?'),
    ],
)
def test_what_cannot_be_read_is_status_2_before_anything_is_done(play: Play, text: str, words: str) -> None:
    ended = play("counter", f"{text}\n")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"workbench: {play.path}:{words}")
    assert ended.stderr.count("\n") == 1


def test_a_script_that_is_no_text_or_not_there_is_status_2(play: Play) -> None:
    play.path.write_bytes(b"pause\n\xff\n")
    target = str(SAMPLES / "counter")
    assert f"{play.path}:2: this line is not UTF-8" in workbench("run", target, "--script", str(play.path)).stderr
    ended = workbench("run", target, "--script", "nowhere.txt")
    assert ended.returncode == 2
    assert "the script nowhere.txt cannot be read: No such file or directory" in ended.stderr


def test_what_is_sent_by_hand_is_sent_by_the_script(play: Play) -> None:
    ended = play("counter", "pause", "--cast", "counter=1")
    assert ended.returncode == 2
    assert "with --script, what --cast and --call send is sent by lines of the script" in ended.stderr


def test_a_timeout_cuts_a_script_off(play: Play) -> None:
    ended = play("risky", "cast risky=loop", "--timeout", "300ms")
    assert ended.returncode == 1
    assert "cut off after 300 ms with --timeout" in ended.stderr


def test_what_is_built_first_begins_when_it_is_there(play: Play, ping: Path) -> None:
    play.path.write_text("pause\nexpect status ping running\nstep ping\nexpect status ping idle\n")
    ended = workbench("run", str(ping), "--script", str(play.path))
    assert ended.returncode == 0, ended.stderr
    assert "built ping" in ended.stderr


def test_a_clock_that_stands_never_shows_a_later_time(play: Play) -> None:
    ended = play("ticker", "clock frozen\nrun until 3s")
    assert ended.returncode == 1
    assert ":2: the clock is frozen, so that time does not come: advance it" in ended.stderr
    play.well("ticker", "clock frozen", "--until", "3s")


def test_a_full_mailbox_takes_no_more_while_it_is_paused_which_is_told_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "probe.wasm").write_bytes(module())
    (tmp_path / "workbench.toml").write_text("[limits]\nmailbox = 2\n")
    (tmp_path / "s.txt").write_text("pause\ncast probe=1\ncast probe=2\nstep\nstep\ncast probe=3\ncast probe=4\nrun\n")
    ended = workbench("run", "probe.wasm", "--script", "s.txt", "--timeout", "30s", cwd=tmp_path)
    assert ended.returncode == 1
    assert "workbench: s.txt:7: probe takes no more messages while it is paused, its mailbox is full" in ended.stderr
    assert "cut off" not in ended.stderr
