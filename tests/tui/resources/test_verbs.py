"""What one does with resources: let them run, play them, order faults, speak for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from tests.tui.driving import WIDE, choose, press, settle, told
from tests.tui.panes.stage import shown
from tests.tui.resources.test_standing import changed, inspected
from tests.tui.stepping.scenes import pause
from tests.tui.stub import StubSession
from workbench.config import OwnResource, Resources
from workbench.errors import UserError
from workbench.project.model import StandInPlan
from workbench.session.commands import Answer, Fault, Send, SetResource, StartWorkflow, StopWorkflow
from workbench.session.view import PendingCall
from workbench.tui.actions import BY_ID
from workbench.tui.app import Workbench
from workbench.tui.confirm import Confirm
from workbench.tui.help import groups
from workbench.tui.palette import entries
from workbench.tui.resources.fault_form import FaultForm
from workbench.tui.segments import Segments
from workbench.tui.shelf import Shelf


async def test_a_real_resource_is_played_by_hand_from_now_on(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "store")
        await press(pilot, "ctrl+y")
        assert session.asked == [SetResource("store", False)]
        assert "store is a stand-in now: its calls wait for you" in told(pilot)


async def test_wherever_one_chooses_among_all_a_real_resource_is_called_real(
    app: Workbench, session: StubSession
) -> None:
    pause(session)
    hints = {entry.words: entry.hint for entry in entries(app)}
    assert hints["instance api"] == "real"
    assert hints["instance topic"] == "stand-in"
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4711)
        await press(pilot, "at")
        rows = app.screen.query_one(OptionList)
        offered = {str(rows.get_option_at_index(at).prompt) for at in range(rows.option_count)}
        assert {"api  real", "store  real, trouble", "topic  stand-in", "orders  orders"} <= offered


async def test_what_stays_on_this_machine_runs_for_real_unasked(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "store", real=False, health=None))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "store")
        await press(pilot, "ctrl+r")
        assert session.asked == [SetResource("store", True)]


async def test_what_leaves_this_machine_is_asked_about_once_by_its_host(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "mail")
        await press(pilot, "ctrl+r")
        assert isinstance(app.screen, Confirm)
        assert any("mail reaches https://mail.example.org, which leaves this machine" in row for row in shown(app))
        await press(pilot, "escape")
        assert session.asked == []

        await press(pilot, "ctrl+r", "ctrl+r")
        assert session.asked == [SetResource("mail", True)]


async def test_why_it_cannot_run_is_said(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "store", real=False, health=None))
    session.answers[SetResource] = UserError("outside of what the project allows")
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "store")
        await press(pilot, "ctrl+r")
        assert "outside of what the project allows" in told(pilot)


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("api", {"play", "send-from"}),
        ("mail", {"run-real", "answer-always", "fault", "end-orders", "send-from"}),
        ("topic", {"answer-always", "fault", "send-from"}),
        ("alarm", {"answer-always", "fault", "send-from"}),
        ("orders", set()),
    ],
)
async def test_only_what_makes_sense_is_offered(app: Workbench, name: str, offered: set[str]) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, name)
        found = {action.id for group, actions in groups(app.now()) if group == "resources" for action in actions}
        assert found == offered
        words = {entry.words for entry in entries(app)}
        assert all(any(BY_ID[each].words in entry for entry in words) for each in offered)


async def order(pilot: Pilot[object], kind: str, **fields: str) -> None:
    form = pilot.app.screen
    assert isinstance(form, FaultForm)
    form.query_one("#kind", Segments).chosen = kind
    for name, value in fields.items():
        form.query_one(f"#{name}", Input).value = value
    await press(pilot, "enter")


@pytest.mark.parametrize(
    ("kind", "fields", "fault"),
    [
        ("error", {}, Fault("topic", "error")),
        ("silence", {"times": "3"}, Fault("topic", "silence", 0, 3)),
        ("delay", {"delay": "1.5s", "times": "1"}, Fault("topic", "delay", 1500, 1)),
        ("loss", {"times": "1,000"}, Fault("topic", "loss", 0, 1000)),
        ("double", {}, Fault("topic", "double")),
    ],
)
async def test_a_fault_of_each_kind_is_ordered(
    app: Workbench, session: StubSession, kind: str, fields: dict[str, str], fault: Fault
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "topic")
        await press(pilot, "F")
        await order(pilot, kind, **fields)
        assert session.asked == [fault]
        assert not isinstance(app.screen, FaultForm)


@pytest.mark.parametrize("fields", [{"times": "0"}, {"times": "often"}, {"delay": "soon"}])
async def test_a_wrong_field_is_said_and_stays(app: Workbench, session: StubSession, fields: dict[str, str]) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "topic")
        await press(pilot, "F")
        await order(pilot, "delay", **fields)
        assert session.asked == []
        assert isinstance(app.screen, FaultForm)
        assert any("✖ times: how often" in row or '✖ "soon" is not a duration' in row for row in shown(app))


@pytest.mark.parametrize(
    ("name", "offered"), [("topic", "error silence delay loss double"), ("mail", "delay loss double")]
)
async def test_only_faults_that_can_come_about_are_offered(app: Workbench, name: str, offered: str) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, name)
        await press(pilot, "F")
        # The chosen one stands in brackets.
        assert any(f"what {offered}" in " ".join(row.translate({91: " ", 93: " "}).split()) for row in shown(app))


async def test_nothing_goes_wrong_at_what_gets_nothing(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "api", real=False, health=None))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "api")
        await press(pilot, "F")
        assert "api gets no messages, so that nothing can go wrong with what it gets" in told(pilot)
        assert not isinstance(app.screen, FaultForm)


@pytest.mark.parametrize("ms", [1, 1234, 90_000, 5_400_000])
async def test_a_delay_in_force_stays_what_it_is(app: Workbench, session: StubSession, ms: int) -> None:
    first = Fault("mail", "delay", ms, None)
    async with app.run_test(size=WIDE) as pilot:
        app.push_screen(
            FaultForm(first, ("delay",), ordered=True, submit=lambda fault, *_: session.asked.append(fault))
        )
        await press(pilot, "enter")
        assert session.asked == [first]


async def test_the_form_begins_with_the_fault_in_force_and_a_key_ends_it(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "mail")
        await press(pilot, "F", "enter")
        await choose(pilot, "mail")
        await press(pilot, "K")
        assert session.asked == [Fault("mail", "delay", 500, 3), Fault("mail", None)]


def shelf(app: Workbench) -> list[str]:
    rows = app.composer.query_one(Shelf).query_one(OptionList)
    return [str(rows.get_option_at_index(at).prompt) for at in range(rows.option_count)]


async def test_speaking_for_a_resource_offers_its_samples(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "api")
        await press(pilot, "ctrl+o")
        assert app.composer.draft().source == "api"
        assert app.composer.draft().target == "orders"
        assert any(row.startswith("a GET") for row in shelf(app))

        app.composer.query_one(Shelf).query_one(OptionList).focus()
        await press(pilot, "down", "enter")
        await press(pilot, "ctrl+j")
        sent = session.asked[0]
        assert isinstance(sent, Send)
        assert sent.source == "api"
        assert sent.target == "orders"
        assert b'"method"' in sent.payload
        assert sent.call


@pytest.mark.parametrize(("configurations", "call"), [({}, True), ({"async": "true"}, False)])
async def test_who_is_spoken_for_begins_with_what_it_sends(
    app: Workbench, session: StubSession, configurations: dict[str, str], call: bool
) -> None:
    plans = (StandInPlan("api", "http-ingress", configurations, {"new_request": "orders"}),)
    session.show(project=replace(session.picture.project, stand_ins=plans))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "api")
        await press(pilot, "ctrl+o")
        assert app.composer.draft().call is call


async def test_answering_for_a_resource_offers_its_samples(app: Workbench, session: StubSession) -> None:
    session.show(
        instances=changed(session, "store", real=False, health=None),
        pending_calls=(PendingCall(4, "book", "store", "store", b"SELECT 1", 9_000.0),),
    )
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "store")
        await press(pilot, "a")
        await settle(pilot)
        assert any(row.startswith("no row") for row in shelf(app))
        app.composer.query_one(Shelf).query_one(OptionList).focus()
        await press(pilot, "down", "enter", "ctrl+j")
        answer = session.asked[0]
        assert isinstance(answer, Answer)
        assert answer.payload.startswith(b'{"id":')


async def test_without_a_resource_what_was_listed_before_is_listed_again(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "api")
        await press(pilot, "ctrl+o")
        app.composer.speak_as("user", None)
        await settle(pilot)
        assert shelf(app) == ["nothing saved yet"]


@pytest.mark.parametrize(("key", "command"), [("ctrl+g", StartWorkflow), ("ctrl+k", StopWorkflow)])
async def test_the_workflow_of_the_chosen_one_is_started_anew_and_stopped_after_asking(
    app: Workbench, session: StubSession, key: str, command: type[StartWorkflow | StopWorkflow]
) -> None:
    path = session.picture.project.workflows[0]
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "store")
        await press(pilot, key)
        assert isinstance(app.screen, Confirm)
        assert any("workflow.json" in row for row in shown(app))
        assert session.asked == []
        await press(pilot, key)
        assert session.asked == [command(str(path))]


async def test_what_is_of_no_workflow_offers_none_to_stop(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "alarm")
        await press(pilot, "ctrl+k")
        assert not isinstance(app.screen, Confirm)
        assert session.asked == []


async def test_a_url_in_the_settings_that_leads_elsewhere_is_asked_about(app: Workbench, session: StubSession) -> None:
    project = session.picture.project
    plan = StandInPlan("mail", "serverless")
    settings = Resources(own={"mail": OwnResource(url="https://faas.example.org/run")})
    session.show(
        project=replace(project, stand_ins=(plan, *project.stand_ins), resources=settings),
        instances=changed(session, "mail", class_type="serverless"),
    )
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "mail")
        assert "reaches https://faas.example.org not on this machine" in inspected(app)
        assert "workbench:function_url https://faas.example.org/run" in inspected(app)
        await press(pilot, "ctrl+r")
        assert isinstance(app.screen, Confirm)
        assert any("mail reaches https://faas.example.org" in row for row in shown(app))
        assert session.asked == []
