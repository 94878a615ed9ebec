"""Messages of resources as fields: every form makes a payload that its class knows."""

from __future__ import annotations

import pytest

from workbench.errors import UserError
from workbench.resources import dda, scd30_sensor
from workbench.resources.forms import Field, Form, filled
from workbench.resources.model import Kind
from workbench.resources.registry import KINDS

FORMS = [(kind, form) for kind in KINDS.values() for form in kind.forms]


@pytest.mark.parametrize(("kind", "form"), FORMS, ids=[f"{kind.class_type}: {form.words}" for kind, form in FORMS])
@pytest.mark.conformance("dda")
def test_what_a_form_makes_is_known_to_its_class(kind: Kind, form: Form) -> None:
    typed = [field.first or "é 1" for field in form.fields]
    told = kind.decode(filled(form, typed), form.role == "gets")
    assert told is not None
    assert kind is not dda.KIND or told.startswith(form.words)


@pytest.mark.parametrize("class_type", ["dda", "kafka-egress", "scd30-sensor", "epaper-display"])
def test_the_classes_that_are_always_played_have_forms(class_type: str) -> None:
    assert KINDS[class_type].start is None
    assert KINDS[class_type].forms


def test_each_message_of_a_dda_has_a_form_once() -> None:
    words = [form.words for form in dda.KIND.forms]
    assert len(set(words)) == len(words) == len(dda._VARIANTS)
    assert {form.words for form in dda.KIND.forms if form.role == "sends"} == {
        "an event came",
        "an action came",
        "a query came",
        "the shared state was set",
        "the shared state was deleted",
        "a member came or went",
    }


def test_a_measurement_is_three_numbers() -> None:
    [form] = scd30_sensor.KIND.forms
    assert filled(form, ["420", " 45.5", "-4"]) == b"420.00000;45.50000;-4.00000"
    for wrong in ("", "warm", "inf", "nan", "1e999"):
        with pytest.raises(UserError, match=f'°C: "{wrong}" is not a number'):
            filled(form, ["420", "45", wrong])


def test_yes_and_no_are_told_apart() -> None:
    form = next(form for form in dda.KIND.forms if form.words == "a member came or went")
    assert form.fields[1] == Field("joined", "yes", "yes or no")
    assert filled(form, ["node-1", "No"]) == b'{"StateSubscribeMembershipChange":["node-1",false]}'
    with pytest.raises(UserError, match='joined: "perhaps" is neither yes nor no'):
        filled(form, ["node-1", "perhaps"])
