"""What once went wrong in the session, each in the smallest way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.guests.build import wasm
from tests.session.conftest import PREBUILT, Stage
from tests.session.playing import Play, plan
from tests.session.workflows import write_workflow
from workbench.config import Settings
from workbench.errors import UserError
from workbench.project.model import Function, InstancePlan, Project
from workbench.project.targets import read
from workbench.records import Call, Entry, Handled, Reload, Start, Stop
from workbench.session.commands import Answer, Kill, Restart, Rule, Send, Spawn, StopInstance
from workbench.session.session import Options

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture
def opened() -> Iterator[list[Play]]:
    """The sessions of a test, closed at its end; a broken engine is the test's to show, not the closing's."""
    plays: list[Play] = []
    yield plays
    for play in plays:
        with suppress(Exception):
            play.session.close()


def variant(number: int) -> bytes:
    """The probe, with a custom section that makes it another file."""
    return wasm("probe", "release").read_bytes() + bytes((0, 3, 1, ord("v"), number))


class Desk:
    """A watched directory with a workflow of probes, `probe.wasm` and `other.wasm`, and a session on it."""

    def __init__(self, root: Path, opened: list[Play]) -> None:
        self.root, self._opened = root, opened
        self._number = 0
        for name in ("probe", "other"):
            (root / f"{name}.wasm").write_bytes(variant(0))

    def link(self, *plans: InstancePlan, resources: tuple[str, ...] = ()) -> None:
        write_workflow(self.root / "workflow.json", plans, resources, code="{function}.wasm")

    def open(
        self, *plans: InstancePlan, resources: tuple[str, ...] = (), settle: bool = True, **options: object
    ) -> Play:
        self.link(*plans, resources=resources)
        given = Options(**{"build": False, **options})  # type: ignore[arg-type]
        play = Play(read((self.root / "workflow.json",), Settings()), given)
        self._opened.append(play)
        if settle:
            play.settle()
        return play

    def exchange(self, name: str = "probe") -> None:
        self._number += 1
        fresh = self.root / "fresh"
        fresh.write_bytes(variant(self._number))
        fresh.replace(self.root / f"{name}.wasm")


@pytest.fixture
def desk(tmp_path: Path, opened: list[Play]) -> Desk:
    return Desk(tmp_path, opened)


def unfinished(play: Play) -> list[Entry]:
    """The starts and stops whose handling never ended."""
    ended = {handled.event for handled in play.records(Handled)}
    begun: list[Entry] = [*play.records(Start), *play.records(Stop)]
    return [one for one in begun if one.seq not in ended]


def adopted(play: Play, instances: int) -> bool:
    """Whether the project that plans so many instances is in force."""
    return len(play.session.view().project.instances) == instances


def test_a_command_whose_future_was_cancelled_does_not_break_the_session(stage: Stage) -> None:
    play = stage(plan("a"))
    play.post("a", "loop")
    play.session.submit(Kill("a")).cancel()
    play.do(Kill("a"))
    play.settle()


def test_text_that_cannot_be_encoded_is_refused_and_breaks_nothing(stage: Stage) -> None:
    play = stage(plan("a"))
    with pytest.raises(UserError, match="the state is no text"):
        play.do(Restart("a", state="\udcff"))
    play.cast("a", "log 3 alive")
    assert play.said("a") == ["alive"]


def test_an_init_payload_that_is_no_text_fails_in_words(stage: Stage) -> None:
    play = stage(plan("a", "\ud800"), plan("b", None, "probe", **{"\ud800": "a"}))
    assert play.instance("a").status == "failed"
    assert "half a character" in play.instance("a").detail
    play.cast("b", "log 3 alive")
    assert play.said("b") == ["alive"]


def test_nothing_starts_once_the_session_closes(stage: Stage) -> None:
    play = stage(plan("a", "stop: loop"))
    play.do(Restart("a"))
    play.do(Restart("a"))
    play.session.close()
    assert unfinished(play) == []


def test_a_removal_that_is_repeated_while_it_waits_is_done_once(desk: Desk) -> None:
    play = desk.open(plan("a"), plan("b", out="desk"), resources=("desk",))
    play.post("b", "call out x\ncall out x")
    play.until(lambda: play.instance("b").status == "waiting")
    planned = [plan("a"), plan("b", out="desk")]
    for count in (1, 2, 1):
        desk.link(*planned[:count], resources=("desk",))
        play.until(partial(adopted, play, count))
    play.until(lambda: all(one.name != "b" for one in play.session.view().instances))
    play.settle()
    play.cast("a", "log 3 well")
    assert play.said("a") == ["well"]


def test_an_instance_that_becomes_another_function_with_another_payload_starts_once(desk: Desk) -> None:
    play = desk.open(plan("a", "log 3 old"), plan("o", function="other"))
    desk.link(plan("a", "log 3 new", function="other"), plan("o", function="other"))
    play.until(lambda: len(play.records(Start, "a")) >= 2)
    play.settle()
    play.settle()
    assert [start.function for start in play.records(Start, "a")] == ["probe", "other"]


def test_an_instance_spawned_while_others_load_starts_once(tmp_path: Path, opened: list[Play]) -> None:
    fifo = tmp_path / "slow.wasm"
    os.mkfifo(fifo)
    functions = {
        "probe": Function("probe", tmp_path, None, None, wasm("probe", "release")),
        "slow": Function("slow", tmp_path, None, None, fifo),
    }
    plans = (plan("a"), plan("b", function="slow"))
    play = Play(Project(tmp_path, (tmp_path,), functions, plans), PREBUILT)
    opened.append(play)

    def restarted() -> bool:
        return play.session.submit(Restart("a")).exception(5) is None

    try:
        play.until(restarted)
        play.until(lambda: len(play.records(Handled, "a")) == 1)
    finally:
        fifo.write_bytes(wasm("probe", "release").read_bytes())
    play.settle()
    assert len(play.records(Start, "a")) == 1


def test_an_instance_stopped_before_new_code_takes_over_stays_stopped(desk: Desk) -> None:
    play = desk.open(plan("a", out="desk"), plan("b"), resources=("desk",))
    play.post("a", "call out x\ncall out x")
    play.until(lambda: play.instance("a").status == "waiting")
    play.do(StopInstance("a"))
    play.until(lambda: len(play.records(Call)) == 2)
    desk.exchange()
    play.until(lambda: len(play.records(Reload, "b")) == 1)
    play.do(Answer(play.records(Call)[-1].seq, "noreply"))
    play.settle()
    assert play.instance("a").status == "stopped"


def test_a_rule_for_an_undeclared_output_outlasts_a_change_of_the_project(desk: Desk) -> None:
    play = desk.open(plan("a"), plan("b"))
    play.do(Rule("oracle", "reply", b"42"))
    desk.link(plan("a"))
    play.until(lambda: len(play.session.view().project.instances) == 1)
    play.cast("a", "call oracle x")
    assert play.said("a") == ["reply 42"]


def test_a_rule_for_an_undeclared_output_holds_for_who_comes_later(stage: Stage) -> None:
    play = stage(plan("a"))
    play.do(Rule("oracle", "reply", b"42"))
    name = play.do(Spawn("probe"))
    play.cast(str(name), "call oracle x")
    assert play.said(str(name)) == ["reply 42"]


def test_taking_away_a_rule_that_never_was_changes_nothing(stage: Stage) -> None:
    play = stage(plan("a"))
    before = play.session.view().instances
    play.session.submit(Rule("oracle", None)).exception(5)
    play.settle()
    assert len(play.session.view().instances) == len(before)


def test_an_init_payload_given_by_hand_outlasts_a_reload(desk: Desk) -> None:
    play = desk.open(plan("a", "log 3 planned"))
    play.do(Restart("a", init_payload="log 3 by hand"))
    play.settle()
    desk.exchange()
    play.until(lambda: len(play.records(Reload)) >= 1)
    play.settle()
    assert play.said("a") == ["planned", "by hand", "by hand"]


def test_a_long_sending_lets_the_rest_of_the_world_go_on(stage: Stage) -> None:
    play = stage(plan("a"), mailbox=2000)
    play.do(Send("a", b"", repeat=10_000))
    play.settle()
    assert play.instance("a").dropped == 0


def test_who_is_spawned_of_a_function_that_cannot_be_loaded_says_so(tmp_path: Path, opened: list[Play]) -> None:
    bad = tmp_path / "bad.wasm"
    bad.write_bytes(b"(module)")
    functions = {"bad": Function("bad", tmp_path, None, None, bad)}
    play = Play(Project(tmp_path, (tmp_path,), functions, (plan("a", function="bad"),)), PREBUILT)
    opened.append(play)
    play.settle()
    assert play.instance("a").status == "failed"
    name = play.do(Spawn("bad"))
    play.settle()
    assert play.instance(str(name)).status == "failed"


def test_closing_resolves_what_was_still_to_be_sent(stage: Stage) -> None:
    play = stage(plan("a"), until_ms=10)
    sending = play.session.submit(Send("a", b"", delay_ms=1000))
    play.settle()
    play.session.close()
    assert sending.done()


def test_how_long_a_handler_computes_does_not_decide_the_order_in_virtual_time(stage: Stage) -> None:
    work = "reply_bytes 30000000"  # several slices long
    starter = plan("s", one="a", two="b", three="d")
    play = stage(starter, plan("a", out="c"), plan("b"), plan("d", out="c"), plan("c"))
    play.cast("a", "noreply")
    delayed, at_once = "cast one delayed 0 out log 3 delayed", "cast three cast out log 3 at once"
    play.cast("s", "\n".join((delayed, f"cast two {work}", at_once)))
    assert play.said("c") == ["at once", "delayed"]


def test_the_timers_of_code_that_was_not_taken_do_not_fire(desk: Desk) -> None:
    play = desk.open(plan("a", "delayed 60000 self noreply"), settle=False)
    play.until(lambda: play.instance("a").status == "idle")
    desk.link(plan("a", "delayed 60000 self noreply\npanic no"))
    play.until(lambda: [one.outcome for one in play.records(Reload)] == ["kept-old"])
    play.do(StopInstance("a"))
    play.until(lambda: play.instance("a").status == "stopped")
    assert play.session.view().timers == 1


def test_the_last_state_of_an_instance_that_leaves_is_kept(desk: Desk, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    play = desk.open(plan("a"), plan("b", "stop: sync last words"), state_directory=kept)
    desk.link(plan("a"))
    play.until(lambda: len(play.session.view().instances) == 1)
    play.session.close()
    assert [path.read_text() for path in kept.iterdir()] == ["last words"]


def test_a_restart_that_waits_for_a_handler_is_still_to_be_done(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out x\ncall out x")
    play.do(Restart("a"))
    play.settle()
    assert len(play.records(Start)) == 2


def test_a_plan_with_the_name_of_a_spawned_instance_takes_its_place(desk: Desk) -> None:
    play = desk.open(plan("a"), plan("o", function="other"))
    play.do(Spawn("probe", name="x"))
    desk.link(plan("a"), plan("o", function="other"), plan("x", function="other"))
    play.until(lambda: adopted(play, 3))
    play.settle()
    assert play.instance("x").function == "other"


def test_nobody_is_asked_to_answer_for_a_stand_in_that_is_gone(desk: Desk) -> None:
    play = desk.open(plan("a", out="desk"), resources=("desk",))
    play.cast("a", "call out x")
    desk.link(plan("a"))
    play.until(lambda: len(play.session.view().instances) == 1)
    assert play.session.view().pending_calls == ()


def test_a_call_that_a_full_mailbox_refused_is_not_said_to_wait(stage: Stage) -> None:
    play = stage(plan("a"), plan("b", out="a"), mailbox=1)
    play.do(Kill("a"))
    play.cast("a", "")
    play.cast("b", "call out x")
    assert play.said("b") == ["err"]
    assert "call-unanswered" not in play.notes()


def test_no_stand_in_is_called_as_the_developer_is(stage: Stage) -> None:
    play = stage(plan("a"))
    play.session.submit(Rule("user", "reply", b"1")).exception(5)
    play.settle()
    assert "user" not in {one.name for one in play.session.view().instances}
