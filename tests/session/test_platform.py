"""What the platform does, and the session does the same or says how it differs (EDGELESS 1.2)."""

from __future__ import annotations

from pathlib import Path

import pytest
from wasmtime import wat2wasm

from tests.host.test_modules import function_text
from tests.session.conftest import PREBUILT, Stage
from tests.session.playing import Play, plan
from tests.session.test_findings import Desk, desk, opened
from workbench.config import Settings
from workbench.project.targets import read
from workbench.records import Cast, Reply, Trap
from workbench.session.commands import Advance, SetClock

__all__ = ["desk", "opened"]


def calling(body: str, data: str = "") -> bytes:
    """A function whose `handle_call` does that."""
    own = f"""{data} (global $top (mut i32) (i32.const 1024))
    (func (export "edgeless_mem_alloc") (param i32) (result i32)
      (global.get $top) (global.set $top (i32.add (global.get $top) (i32.const 64))))
    (func (export "handle_call_asm") (param i32 i32 i32 i32 i32 i32) (result i32) {body})"""
    return bytes(wat2wasm(function_text(own, without=("edgeless_mem_alloc", "handle_call_asm"))))


@pytest.mark.parametrize(("code", "outcome"), [(0, "noreply"), (2, "err"), (3, "err"), (-1, "err")])
@pytest.mark.conformance("1.4-codes")
def test_what_a_call_returns_is_no_reply_a_reply_or_else_an_error(
    tmp_path: Path, opened: list[Play], code: int, outcome: str
) -> None:
    (tmp_path / "it.wasm").write_bytes(calling(f"(i32.const {code})"))
    play = Play(read((tmp_path / "it.wasm",), Settings()), PREBUILT)
    opened.append(play)
    play.call("it", "x")
    assert [(reply.outcome, reply.payload) for reply in play.records(Reply)] == [(outcome, None)]


@pytest.mark.conformance("F7")
def test_a_reply_that_was_freed_and_damaged_is_passed_on_with_a_note(tmp_path: Path, opened: list[Play]) -> None:
    reply = """(global.set $top (i32.const 4096))  ;; where the allocator goes on
    (i32.store (local.get 4) (i32.const 4096)) (i32.store (local.get 5) (i32.const 12)) (i32.const 1)"""
    pointers = r'(data (i32.const 4096) "\18\f4\10\00\18\f4\10\00pong")'
    (tmp_path / "it.wasm").write_bytes(calling(reply, pointers))
    play = Play(read((tmp_path / "it.wasm",), Settings()), PREBUILT)
    opened.append(play)
    play.call("it", "x")
    assert [reply.payload for reply in play.records(Reply)] == [b"\x18\xf4\x10\0\x18\xf4\x10\0pong"]
    assert play.notes() == ["reply-after-free"] * 2  # of the code, and of this reply


@pytest.mark.conformance("F11")
def test_outputs_are_there_in_handle_init(stage: Stage) -> None:
    play = stage(plan("a", "cast out log 3 hello\ncall out reply x\ndelayed 5 out log 3 later", out="b"), plan("b"))
    assert play.said("b") == ["hello", "later"]
    assert play.said("a") == ["reply x"]


@pytest.mark.conformance("1.5-self")
def test_an_output_called_self_is_never_reached(stage: Stage) -> None:
    play = stage(plan("a", self="b"), plan("b"))
    play.cast("a", "cast self log 3 back")
    assert (play.said("a"), play.said("b")) == (["back"], [])


@pytest.mark.conformance("1.2-delayed")
def test_where_a_delayed_cast_goes_is_settled_when_it_is_set(desk: Desk) -> None:
    play = desk.open(plan("a", out="b"), plan("b"), plan("c"))
    play.do(SetClock("frozen"))
    play.cast("a", "delayed 100 out log 3 here")
    desk.link(plan("a", out="c"), plan("b"), plan("c"))
    play.until(lambda: play.instance("a").links == {"out": "c"})
    play.do(Advance(100))
    play.settle()
    assert (play.said("b"), play.said("c")) == (["here"], [])


@pytest.mark.conformance("1.4-ids")
def test_the_source_of_an_event_is_the_address_of_its_sender(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("a", "slf\ncast out src\ncast self src")
    [own, own_again] = play.said("a")
    assert [own, own_again] == [own] * 2
    assert play.said("b") == [own]


@pytest.mark.conformance("F4", "F9")
def test_text_that_is_not_utf8_in_handle_call_traps_and_leaves_the_caller_waiting(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b", out="c"), plan("c"))
    play.cast("a", "call out nonutf8 cast")
    assert [trap.instance for trap in play.records(Trap)] == ["b"]
    assert play.instance("a").status == "waiting"
    assert play.records(Cast, "b") == []
