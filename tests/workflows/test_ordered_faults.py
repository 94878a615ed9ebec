"""What can be ordered to go wrong at a resource that is played by a stand-in, for each class there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.workflow import Workflow, said
from workbench import trace
from workbench.records import Call, Cast, Note
from workbench.resources.registry import KINDS

NEEDED = {
    "dda": {"dda_url": "u", "dda_com_subscription_mapping": "[]", "dda_com_publication_mapping": "[]"},
    "file-log": {"filename": "out.log"},
    "http-poster": {"url": "http://127.0.0.1:9/"},
    "kafka-egress": {"brokers": "127.0.0.1:9092", "topic": "t"},
    "ollama": {"model": "small"},
    "redis": {"url": "redis://127.0.0.1:9/"},
    "serverless": {},
    "sqlx": {"url": "sqlite://state.db"},
}

FAULTS = """
reply r=fine

fault r error times 1
cast a=call r one
expect 1 {kind:log instance:a err}
cast a=call r two
expect 1 {kind:log instance:a "reply fine"}

fault r delay 250ms times 1
cast a=call r three
expect status a waiting
expect 1 {kind:log instance:a "reply fine"}
advance 250ms
expect 2 {kind:log instance:a "reply fine"}

fault r double times 1
cast a=cast r four
expect 2 {kind:cast to:r four}
cast a=cast r five
expect 1 {kind:cast to:r five}
fault r double times 1
cast a=call r six
expect 2 {kind:call to:r six}
expect 3 {kind:log instance:a "reply fine"}

fault r silence times 1
cast a=call r seven
expect status a waiting
restart a
cast a=call r eight
expect 4 {kind:log instance:a "reply fine"}

fault r loss times 1
cast a=call r nine
expect status a waiting
restart a
fault r loss
fault r off
cast a=call r ten
expect 5 {kind:log instance:a "reply fine"}
expect status a idle
"""


@pytest.mark.parametrize("class_type", KINDS)
def test_each_fault_can_be_ordered(workflow: Workflow, class_type: str) -> None:
    workflow.resource("r", class_type, **NEEDED.get(class_type, {}))
    printed = workflow.well("--stand-ins", "--clock", "virtual", script=FAULTS)
    fine = "reply fine"
    # Who is stopped while it waits for an answer is told Err, as on the platform.
    assert said(printed) == ["err", fine, fine, fine, "err", fine, "err", fine]
    assert not workflow.files.exists()


NOTED = """
fault r loss times 2
cast a=call r lost
expect 1 {note:fault instance:r "the call" "never comes, by order"}
restart a
cast a=cast r lost
expect 2 {note:fault "from a never comes"}
cast a=cast r well
expect 2 {note:fault}

fault r double times 1
cast a=cast r two
expect 1 {note:fault "comes twice"}

fault r delay 250ms times 1
cast a=cast r later
expect 1 {note:fault "comes 250 ms later"}

fault r error times 1
cast a=cast r well
expect 4 {note:fault}
cast a=call r wrong
expect 1 {note:fault "is answered with an error"}

fault r silence times 1
cast a=call r unheard
expect 1 {note:fault "is never answered"}
restart a
"""


def test_each_message_that_goes_wrong_is_noted_with_what_went_wrong(workflow: Workflow, tmp_path: Path) -> None:
    workflow.resource("r", "redis", url="redis://127.0.0.1:9/")
    path = tmp_path / "trace.jsonl"
    workflow.well("--stand-ins", "--clock", "virtual", "--trace", str(path), script=NOTED)
    records = {record.seq: record for record in trace.read(path)}
    notes = [record for record in records.values() if isinstance(record, Note) and record.code == "fault"]
    gone_wrong = [records[note.parent or -1] for note in notes]
    assert all(isinstance(record, Cast | Call) and record.target == "r" for record in gone_wrong)
    assert [getattr(record, "payload", b"") for record in gone_wrong] == [
        *(b"lost", b"lost", b"two", b"later", b"wrong", b"unheard")
    ]


def test_a_silent_resource_leaves_the_call_unanswered(workflow: Workflow) -> None:
    workflow.resource("r", "redis", url="redis://127.0.0.1:9/")
    ended = workflow.run("--stand-ins", script="reply r=fine\nfault r silence\ncast a=call r one")
    assert ended.returncode == 1
    assert "the call of a to r was left unanswered" in ended.stderr
    assert "--reply" not in ended.stderr


def test_no_rule_is_advised_where_one_was_given_already(workflow: Workflow) -> None:
    workflow.resource("r", "redis", url="redis://127.0.0.1:9/")
    script = "stand-in r\nfault r silence times 1\ncast a=call r one\n"
    ended = workflow.run("--reply", "r=fine", script=script)
    assert "the call of a to r was left unanswered" in ended.stderr
    assert "--reply" not in ended.stderr


def test_what_is_ordered_of_a_real_resource_holds_once_it_is_a_stand_in(workflow: Workflow) -> None:
    workflow.resource("r", "file-log", filename="out.log")
    script = "fault r error\ncast a=call r one\nstand-in r\ncast a=call r two\nfault r off\nreal r\ncast a=call r three"
    assert said(workflow.well(script=script)) == ["reply ", "err", "reply "]
    assert (workflow.files / "out.log").read_text() == "one\nthree\n"


def test_orders_that_mean_nothing_are_told(workflow: Workflow) -> None:
    workflow.resource("r", "portal")
    ended = workflow.run(script="fault a error")
    assert (ended.returncode, "there is no resource or stand-in" in ended.stderr) == (2, True)
    ended = workflow.run(script="real r")
    assert (ended.returncode, "can only be played by hand" in ended.stderr) == (1, True)
