"""`workbench check --compare-profiles`: what the dev build does that the release build does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.headless.program import workbench
from workbench import assets
from workbench.headless.record import told
from workbench.records import Call, Cast, Handled, Note, Record, Reply, Sync, Timer, Trap

CALLS = """use edgeless_function::*;

struct Buyer;

impl EdgeFunction for Buyer {
    fn handle_cast(_src: InstanceId, _message: &[u8]) {
        init_logger();
        if let CallRet::Reply(price) = call("till", b"apples") {
            let price: u8 = core::str::from_utf8(&price).unwrap().parse().unwrap();
            log::info!("paid {}", std::hint::black_box(price).wrapping_add(1));
            if cfg!(debug_assertions) { log::info!("only in dev"); }
        }
    }
    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet { CallRet::NoReply }
    fn handle_init(init: Option<&[u8]>, state: Option<&[u8]>) {
        if state.is_some() { panic!("the state of another run"); }
        sync(init.unwrap_or(b"none"));
    }
    fn handle_stop() {}
}

export!(Buyer);
"""


@pytest.fixture
def pong(tmp_path: Path) -> Path:
    """The sample `pong`, to be changed."""
    for name in (assets.GUEST_CRATE, "pong"):
        shutil.copytree(assets.samples() / name, tmp_path / name, ignore=shutil.ignore_patterns("*.wasm", "target"))
    return tmp_path / "pong"


def test_builds_that_do_the_same_are_said_to(pong: Path) -> None:
    ended = workbench("check", str(pong), "--compare-profiles", "--call", "pong=hello")
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert "no difference" in ended.stderr
    assert "1 message" in ended.stderr


def test_the_first_difference_is_shown_from_both_sides(pong: Path) -> None:
    source = pong / "src" / "lib.rs"
    check = 'init_logger();\n        if cfg!(debug_assertions) { log::info!("only in dev"); }'
    source.write_text(source.read_text().replace("init_logger();", check))
    ended = workbench("check", str(pong), "--compare-profiles", "--call", "pong=hello")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    lines = [line.split(":", 1) for line in ended.stdout.splitlines()]
    assert [line[0].split()[1] for line in lines] == ["dev", "release"]
    assert lines[0][1].endswith(" ms  pong  info  pong: only in dev (from #1)")
    assert lines[1][1].endswith(" ms  pong  handle_init of #1: done")
    assert "Traceback" not in ended.stderr


def test_messages_without_a_comparison_are_a_mistake(pong: Path) -> None:
    ended = workbench("check", str(pong), "--call", "pong=hello")
    assert ended.returncode == 2
    assert "--compare-profiles" in ended.stderr


@pytest.fixture
def buyer(pong: Path) -> Path:
    """One that calls its output `till`, and where state is kept."""
    (pong / "src" / "lib.rs").write_text(CALLS)
    spec = json.loads((pong / "function.json").read_text())
    (pong / "function.json").write_text(json.dumps({**spec, "outputs": ["till"]}))
    (pong / "workbench.toml").write_text("[state]\nkeep = true\n")
    return pong


def test_behind_a_call_that_nobody_answers_nothing_is_said_to_be_the_same(buyer: Path) -> None:
    ended = workbench("check", str(buyer), "--compare-profiles", "--cast", "pong=hello")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "no difference" not in ended.stderr
    assert "not compared beyond #5: pong waits for an answer of till; --reply till=PAYLOAD gives one" in ended.stderr


def test_what_follows_an_answer_is_compared(buyer: Path) -> None:
    ended = workbench("check", str(buyer), "--compare-profiles", "--cast", "pong=hello", "--reply", "till=3")
    assert ended.returncode == 1, ended.stderr
    assert "only in dev" in ended.stdout


def test_init_payloads_reach_both_builds_and_kept_state_is_neither_read_nor_written(buyer: Path) -> None:
    kept = buyer / ".workbench" / "state"
    arguments = ("--compare-profiles", "--init", "pong=x", "--reply", "till=!err", "--cast", "pong=hello")
    ended = workbench("check", str(buyer), *arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not kept.exists()


def test_names_that_are_none_are_told(buyer: Path) -> None:
    ended = workbench("check", str(buyer), "--compare-profiles", "--cast", "pnog=1")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert '--cast names no instance "pnog"' in ended.stderr


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Call(4, 1.5, "a", 3, "a", "b", "out", b"\x1b[2J\xff"), "1.5 ms  a  call from a to b by out: \\x1b[2J\\xff"),
        (Cast(4, 0.0, "a", 3, "a", None, "out", b"x"), "cast from a to nobody by out: x (from #3)"),
        (Timer(4, 0.0, "a", 3, "a", "a", "self", 1500, b"x"), "timer from a to a by self in 1.50 s: x (from #3)"),
        (Reply(5, 0.0, "b", 4, 4, "reply", b"ok"), "#4 replied ok"),
        (Reply(5, 0.0, "b", 4, 4, "err", None), "#4 answered with an error"),
        (Handled(6, 0.0, "b", 4, 4, "handle_call", 0.0, "killed", "limit"), "handle_call of #4: ended: limit"),
        (Sync(7, 0.0, "b", 4, "n=1\n"), "state: n=1\\n (from #4)"),
        (Trap(8, 0.0, "b", 4, "handle_cast", "unreachable", None, ()), "trapped in handle_cast: unreachable"),
        (Note(9, 0.0, "b", None, "runaway", "it runs"), "note runaway: it runs"),
    ],
)
def test_a_record_is_told_in_words(record: Record, words: str) -> None:
    assert words in told(record)
