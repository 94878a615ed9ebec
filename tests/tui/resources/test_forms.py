"""The composer offers the fields of a resource's message, and they fill the payload."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Select

from tests.tui.driving import SIZES, press, settle, until
from tests.tui.panes.stage import shown
from tests.tui.resources.scenes import orders
from tests.tui.stub import StubSession
from workbench.project.model import StandInPlan
from workbench.session.commands import Answer, Send
from workbench.session.view import InstanceView, PendingCall
from workbench.tui.app import Workbench
from workbench.tui.resources.payload_form import PayloadForm


@pytest.fixture
def session(tmp_path: Path) -> StubSession:
    """The shop, with a sensor, a sidecar and a display."""
    session = orders(tmp_path / "shop")
    plans = (
        StandInPlan("air", "scd30-sensor", links={"data_out": "orders"}),
        StandInPlan("bus", "dda"),
        StandInPlan("screen", "epaper-display"),
    )
    more = tuple(InstanceView(plan.name, "", "stand-in", class_type=plan.class_type) for plan in plans)
    picture = session.picture
    project = replace(picture.project, stand_ins=(*picture.project.stand_ins, *plans))
    session.show(project=project, instances=(*picture.instances, *more))
    return session


def fields(app: Workbench) -> list[Input]:
    return list(app.query_one(PayloadForm).query(Input))


@SIZES
async def test_the_fields_of_a_measurement_become_what_a_sensor_casts(
    app: Workbench, session: StubSession, size: tuple[int, int]
) -> None:
    async with app.run_test(size=size) as pilot:
        await press(pilot, "s")
        app.composer.speak_as("air", "orders")
        await until(pilot, lambda: len(fields(app)) == 3)
        labels = ("a measurement", "ppm CO₂", "% humidity", "°C")
        await until(pilot, lambda: all(label in "\n".join(shown(app)) for label in labels))
        fields(app)[0].focus()
        await press(pilot, "end", "5")
        await until(pilot, lambda: app.composer.draft().typed == "4205.00000;45.00000;20.50000")
        await press(pilot, "x")
        await until(pilot, lambda: 'ppm CO₂: "4205x" is not a number' in "\n".join(shown(app)))
        await press(pilot, "backspace", "ctrl+j")
        assert session.asked == [Send("orders", b"4205.00000;45.00000;20.50000", source="air")]


@SIZES
async def test_an_answer_of_a_sidecar_is_chosen_and_filled_in(
    app: Workbench, session: StubSession, size: tuple[int, int]
) -> None:
    call = PendingCall(3, "orders", "bus", "bus", b'{"ComPublishAction":["move",[49]]}', 9_000)
    session.show(pending_calls=(call,))
    async with app.run_test(size=size) as pilot:
        await press(pilot, "a")
        await until(pilot, lambda: len(fields(app)) == 1)
        chosen = app.query_one(PayloadForm).query_one(Select)
        chosen.value = 1
        await settle(pilot)
        assert app.composer.draft().typed == '{"ComSubscribeQueryResult":[]}'
        fields(app)[0].focus()
        await press(pilot, *"ok")
        await until(pilot, lambda: app.composer.draft().typed == '{"ComSubscribeQueryResult":[111,107]}')
        await press(pilot, "ctrl+j")
        assert session.asked == [Answer(3, "reply", b'{"ComSubscribeQueryResult":[111,107]}')]


async def test_what_was_typed_stays_until_a_field_is(app: Workbench) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "s", *"mine")
        app.composer.speak_as("bus", "orders")
        await until(pilot, lambda: len(fields(app)) == 1)
        assert app.composer.draft().typed == "mine"
        fields(app)[0].focus()
        await press(pilot, "enter")
        await until(pilot, lambda: app.composer.draft().typed == '{"ComSubscribeEvent":[]}')


async def test_there_is_a_form_for_what_a_display_gets_and_none_for_functions(app: Workbench) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "s")
        form = app.query_one(PayloadForm)
        app.composer.aim("screen", anew=True)
        await until(pilot, lambda: form.display and "what is to be shown" in "\n".join(shown(app)))
        app.composer.aim("price", anew=True)
        await until(pilot, lambda: not form.display)
