"""Which resource is real and which is a stand-in is seen at a glance, and said in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.driving import WIDE, choose, press, settle
from tests.tui.panes.stage import shown, text_of
from tests.tui.stub import StubSession
from workbench.records import Call, Reply
from workbench.session.view import InstanceView, PendingCall
from workbench.tui.app import Workbench
from workbench.tui.header import Header


def line_of(app: Workbench, name: str) -> str:
    """What the instances pane says of one, on one line."""
    pane = app.panes["instances"]
    for index in range(pane.count()):
        text = pane.line_at(index, 100, True).plain
        if f" {name} " in text.split("\n")[0] + " ":
            return " ".join(text.split())
    raise AssertionError(f"no {name}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("api", "◈ api real http-ingress → http://127.0.0.1:7035"),
        ("store", "▲ store real, trouble sqlx → orders.db orders.db: attempt to write a readonly database"),
        ("audit", "◐ audit real, starts file-log → audit.log"),
        (
            "mail",
            "◇ mail stand-in http-poster → https://mail.example.org leaves this machine: ^r allows it"
            " ! fault: delay of 500 ms, 3 more times",
        ),
        ("topic", "◇ topic stand-in kafka-egress → topic ? at 127.0.0.1:9092 there is no real part for it here"),
        ("alarm", "◇ alarm stand-in"),
    ],
)
async def test_each_resource_says_how_it_stands(app: Workbench, name: str, said: str) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert line_of(app, name) == said


def changed(session: StubSession, name: str, **fields: object) -> tuple[InstanceView, ...]:
    return tuple(
        replace(one, **fields) if one.name == name else one  # type: ignore[arg-type]
        for one in session.picture.instances
    )


async def test_what_stays_here_and_is_played_says_which_key_runs_it(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "store", real=False, health=None, health_words=""))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert line_of(app, "store").endswith("you play it: ^r runs it for real")


async def test_what_is_stopped_with_its_workflow_says_so(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "store", real=False, health=None, health_words="", stopped=True))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert line_of(app, "store") == "□ store stopped sqlx → orders.db its workflow is stopped"


async def test_what_was_refused_says_why(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "store", real=False, health="trouble", health_words="pip install it"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert line_of(app, "store") == "▲ store stand-in sqlx → orders.db pip install it"


async def test_what_waits_for_functions_says_so(app: Workbench, session: StubSession) -> None:
    words = "after the functions of its workflow"
    session.show(instances=changed(session, "store", real=False, health="starting", health_words=words))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert line_of(app, "store") == f"◐ store starts sqlx → orders.db {words}"


async def test_a_class_nobody_knows_says_so(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "topic", class_type="teleporter"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert 'the class "teleporter" is not known here' in line_of(app, "topic")


async def test_what_a_resource_says_of_itself_is_made_visible(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "store", health_words="\x1b[31mred\n[bold]"))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "store")
        assert "\\x1b[31mred\\n[bold]" in line_of(app, "store")
        assert not any("\x1b" in row for row in shown(app))


async def test_the_header_tells_trouble_by_glyph_and_name(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert "▲ store in trouble" in app.query_one(Header).render_line(0).text

        session.show(instances=changed(session, "api", health="trouble", health_words="port 7035 is taken"))
        await settle(pilot)
        assert "▲ 2 resources in trouble" in app.query_one(Header).render_line(0).text

        session.show(instances=changed(session, "api", health="ready"))
        session.show(instances=changed(session, "store", health="ready"))
        await settle(pilot)
        assert "trouble" not in app.query_one(Header).render_line(0).text


async def test_a_call_that_a_real_resource_is_about_to_answer_does_not_ask_for_one(
    app: Workbench, session: StubSession
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        session.show(pending_calls=(PendingCall(4, "book", "store", "store", b"SELECT 1", 9_000.0),))
        await settle(pilot)
        assert not app.query_one("Banner").display

        session.show(instances=changed(session, "store", real=False, health=None))
        await settle(pilot)
        assert "1 call waits for your answer: book → store" in str(app.query_one("Banner").render())


def inspected(app: Workbench) -> str:
    return "\n".join(" ".join(row.split()) for row in text_of(app.panes["inspector"]).split("\n"))


async def test_the_inspector_tells_health_links_and_configuration(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "api")
        told = inspected(app)
    assert "it is ◈ real" in told
    assert "health http://127.0.0.1:7035" in told
    assert "class http-ingress passes HTTP requests from outside on to a function" in told
    assert "outputs new_request → orders" in told
    assert "method POST\nthe methods that are taken" in told
    assert "host not set" in told


@pytest.mark.parametrize("name", ["api", "orders"])
async def test_the_inspector_tells_the_workflows_id_from_ones_own_and_both_are_copied(
    app: Workbench, session: StubSession, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)
    session.show(instances=changed(session, name, workflow_id="0a-1b", instance_id="2c-3d"))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, name)
        told = inspected(app)
        assert "workflow workflow.json\nwf_id 0a-1b\nown id 2c-3d" in told
        await press(pilot, "6", "home", *["down"] * told.split("\n").index("wf_id 0a-1b"), "y")
        assert [text.split() for text in copied] == [["wf_id", "0a-1b"]]


async def test_the_inspector_tells_why_it_is_a_stand_in_and_what_goes_wrong(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "mail")
        told = inspected(app)
    assert "because leaves this machine: ^r allows it" in told
    assert "reaches https://mail.example.org not on this machine" in told
    assert "fault ! delay of 500 ms, 3 more times: what it gets comes later" in told
    assert "gets from price by mail" in told


async def test_the_inspector_marks_settings_that_nobody_reads(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "topic")
        assert "color red\n▲ no setting of this class; the platform reads past it" in inspected(app)


async def test_traffic_of_resources_is_told_decoded_beside_the_bytes(app: Workbench, session: StubSession) -> None:
    request = next(record for record in session.journal.iterate() if isinstance(record, Call))
    insert = next(
        record for record in session.journal.iterate() if isinstance(record, Call) and record.target == "store"
    )
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=request.seq)
        told = inspected(app)
        assert "payload decoded text json hex" in told
        assert "/orders" in told
        assert '"method"' not in told

        await choose(pilot, seq=insert.seq)
        told = inspected(app)
        assert "means changes rows" in told
        assert "payload decoded text json hex" in told
        assert told.endswith("INSERT INTO orders VALUES (1)")

        answer = next(record for record in session.journal.iterate() if isinstance(record, Reply))
        await choose(pilot, seq=answer.seq)
        told = inspected(app)
        assert "means a row" in told
        assert "payload decoded text json hex" in told.replace("json text", "text json")
        assert told.endswith('id: 7\nmetadata:\n{\n"count": 1\n}')


async def test_traffic_among_functions_has_nothing_to_decode(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=1)
        assert "payload text json hex" in inspected(app)
