"""What a guest does, as its host sees it: every import and callback, on a real function."""

from __future__ import annotations

import pytest

from tests.host.hosting import OWN, SOURCE, begin, cast, did, said, settle, start
from workbench.host import contract
from workbench.host.engine import Host
from workbench.host.guest import Guest, Progress
from workbench.host.modules import Module


def test_a_cast_names_its_alias_and_payload(guest: Guest) -> None:
    assert cast(guest, "cast out hello") == [(contract.CAST, 0, b"out", b"hello")]


def test_an_unknown_alias_of_a_cast_is_no_fault(guest: Guest) -> None:
    assert cast(guest, "cast nowhere hello") == [(contract.CAST, 0, b"nowhere", b"hello")]
    assert guest.progress is Progress.IDLE


@pytest.mark.conformance("1.2-imports")
def test_a_raw_cast_names_its_target_by_identity(guest: Guest) -> None:
    assert cast(guest, "cast_raw src back") == [(contract.CAST_RAW, 0, SOURCE, b"back")]


@pytest.mark.conformance("1.2-imports")
def test_effects_keep_their_order(guest: Guest) -> None:
    effects = cast(guest, "cast out a\nlog 3 b\nsync c\ndelayed 7 out d")
    assert effects == [
        (contract.CAST, 0, b"out", b"a"),
        (contract.LOG, 3, b"probe", b"b"),
        (contract.SYNC, 0, b"c", b""),
        (contract.DELAYED, 7, b"out", b"d"),
    ]


@pytest.mark.conformance("1.2-imports")
def test_a_delay_has_64_bits(guest: Guest) -> None:
    delay = 2**40
    guest_side = cast(guest, f"delayed {min(delay, 2**31)} out x")
    assert guest_side == [(contract.DELAYED, 2**31, b"out", b"x")]


def test_any_log_level_comes_through(guest: Guest) -> None:
    assert [number for _, number, _, _ in cast(guest, "log 1 a\nlog 5 b\nlog 99 c")] == [1, 5, 99]


@pytest.mark.conformance("1.4-ids")
def test_a_guest_knows_itself_and_its_source(guest: Guest) -> None:
    assert said(cast(guest, "slf\nsrc")) == [
        f"{identity[:16].hex()}/{identity[16:].hex()}" for identity in (OWN, SOURCE)
    ]


def test_init_is_given_payload_and_state(host: Host, probe: Module) -> None:
    guest = start(host, probe, payload="given", state="kept")
    guest.effects()
    assert said(cast(guest, "given")) == ["payload=given state=kept"]
    guest.kill()


@pytest.mark.conformance("1.4-init", "1.7-state")
def test_what_is_absent_or_empty_at_init_looks_absent_to_the_guest(host: Host, probe: Module) -> None:
    for payload, state in ((None, None), ("", "")):
        guest = start(host, probe, payload=payload, state=state)
        guest.effects()
        assert said(cast(guest, "given")) == ["payload=- state=-"]
        guest.kill()


def test_init_takes_payload_and_state_too_large_for_the_inbox(host: Host, probe: Module) -> None:
    payload, state = "info " + "p" * 100_000, "s" * 300_000
    guest = start(host, probe, payload=payload, state=state)
    guest.effects()
    assert said(cast(guest, "given")) == [f"payload={payload} state={state}"]
    guest.kill()


def test_stop_runs_its_handler(host: Host, probe: Module) -> None:
    guest = start(host, probe, payload="stop: info bye")
    guest.effects()
    guest.stop()
    assert settle(guest) is Progress.IDLE
    guest.effects()
    guest.kill()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("reply well", ("reply", b"well")),
        ("reply ", ("reply", b"")),
        ("noreply", ("noreply", b"")),
        ("err", ("err", b"")),
        ("reply_nonutf8", ("reply", b"ok\xff\xfe")),
        ("reply_bytes 1000000", ("reply", b"x" * 1_000_000)),
    ],
)
@pytest.mark.conformance("1.4-codes")
def test_a_call_is_answered(guest: Guest, command: str, answer: tuple[str, bytes]) -> None:
    begin(guest, command.encode(), call=True)
    assert settle(guest) is Progress.IDLE
    assert guest.effects()[-1] == (contract.DONE, contract.REPLY_CODES[answer[0]], b"", answer[1])


@pytest.mark.parametrize(
    ("outcome", "payload", "heard"),
    [
        ("reply", b"pong", "reply pong"),
        ("reply", b"", "reply "),
        ("reply", b"y" * 200_000, "reply " + "y" * 200_000),
        ("noreply", b"", "noreply"),
        ("err", b"", "err"),
    ],
)
@pytest.mark.conformance("1.2-answer")
def test_a_guest_waits_in_its_call_until_it_is_answered(guest: Guest, outcome: str, payload: bytes, heard: str) -> None:
    assert cast(guest, "call out ping") == [(contract.CALL, 0, b"out", b"ping")]
    assert guest.run() is Progress.WAITING
    guest.resume(outcome, payload)  # type: ignore[arg-type]
    assert settle(guest) is Progress.IDLE
    assert said(guest.effects()) == [heard]


def test_two_calls_in_one_handler_wait_one_after_the_other(guest: Guest) -> None:
    cast(guest, "call out one\ncall_raw src two")
    guest.resume("reply", b"1")
    assert settle(guest) is Progress.WAITING
    assert did(guest) == [(contract.LOG, 3, b"probe", b"reply 1"), (contract.CALL_RAW, 0, SOURCE, b"two")]
    guest.resume("err")
    assert settle(guest) is Progress.IDLE
    assert said(guest.effects()) == ["err"]


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 131_072, 131_073, 50_000_000])
def test_payloads_of_any_size_come_in_whole(host: Host, probe: Module, size: int) -> None:
    guest = start(host, probe, memory_limit=1 << 30)
    text = "info " + "z" * max(0, size - 5) if size else ""
    effects = cast(guest, text)
    if size:
        assert effects[-1][3] == b"z" * max(0, size - 5)
    assert guest.progress is Progress.IDLE
    guest.kill()


@pytest.mark.parametrize("size", [65_536, 65_537, 50_000_000])
def test_payloads_of_any_size_go_out_whole(guest: Guest, size: int) -> None:
    ((kind, _, alias, payload),) = cast(guest, f"big cast {size}")
    assert (kind, alias, len(payload)) == (contract.CAST, b"out", size)


def test_more_effects_than_the_ring_holds_all_arrive_in_order(guest: Guest) -> None:
    effects = cast(guest, "burst 50000")
    assert [int(payload) for _, _, _, payload in effects] == list(range(50_000))


def test_effects_of_a_running_handler_are_visible_before_it_ends(guest: Guest) -> None:
    begin(guest, b"log 3 before\nloop")
    seen: list[str] = []
    while not seen:
        assert guest.run() is Progress.RUNNING
        seen = said(guest.effects())
    assert seen == ["before"]


@pytest.mark.conformance("1.1-statics")
def test_state_lives_from_event_to_event(guest: Guest) -> None:
    assert said(cast(guest, "count") + cast(guest, "count")) == ["1", "2"]


def test_memory_that_grows_while_the_ring_is_read_does_no_harm(guest: Guest) -> None:
    before = guest.memory_bytes
    effects = cast(guest, "burst 20000\nalloc 40\nburst 20000\nslf")
    assert len(effects) == 40_001
    assert guest.memory_bytes >= before + (40 << 20)


def test_effects_read_between_slices_come_once_and_in_order(host: Host, probe: Module) -> None:
    for _ in range(10):
        guest = start(host, probe)
        guest.effects()
        begin(guest, b"burst 20000")
        seen: list[bytes] = []
        while guest.run() is Progress.RUNNING:
            seen += [payload for _, _, _, payload in did(guest)]
        seen += [payload for _, _, _, payload in did(guest)]
        assert seen == [str(number).encode() for number in range(20_000)]
        guest.kill()
