"""HTTP in and out of a whole session: a real request, a function, a real server, and the response back."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.resources.asking import Asking, ask
from tests.resources.servers import Answered, Asked, serving
from tests.session.playing import Play
from tests.session.test_outside import opened
from workbench.config import OwnResource, Resources, Settings
from workbench.errors import UserError
from workbench.records import Call, Cast, Reply
from workbench.resources.http_message import Request, Response, decode_request, encode_request, encode_response
from workbench.session.commands import Answer, SelfCheck, SetResource
from workbench.session.engine import CHORES_S
from workbench.session.picture import Actors

SETTINGS = Settings(resources=Resources(http_port=0))
DESK: dict[str, object] = {"name": "desk", "class_type": "portal", "output_mapping": {}, "configurations": {}}
EGRESS: dict[str, object] = {"name": "egress", "class_type": "http-egress", "output_mapping": {}, "configurations": {}}


def ingress(target: str, **configuration: str) -> dict[str, object]:
    return {
        "name": "in",
        "class_type": "http-ingress",
        "output_mapping": {"new_request": target},
        "configurations": configuration,
    }


def address(play: Play) -> str:
    """Where http-ingress listens."""
    play.until(lambda: play.instance("in").health == "ready")
    return play.instance("in").health_words.removeprefix("http://")


def hello(asked: Asked) -> Answered:
    return 200, {}, b"hello " + asked.body


def test_a_request_makes_a_function_ask_a_server(tmp_path: Path) -> None:
    with (
        serving(hello) as server,
        opened(tmp_path, ingress("a", **{"async": "true"}), EGRESS, settings=SETTINGS) as play,
    ):
        request = encode_request(Request("Post", server.host, "/", "HTTP", {}, b"you"))
        assert ask(address(play), "POST", body=b"call egress " + request).status == 200
        play.until(lambda: bool(play.said("a")))
        assert play.said("a")[0].startswith('reply {"body":[104,101,108,108,111,32,121,111,117],"status":200')
        [cast] = [cast for cast in play.records(Cast) if cast.target == "a"]
        assert cast.source == "in"
        assert [reply.instance for reply in play.records(Reply)] == ["egress"]
        assert play.do(SelfCheck()) is None
    assert [asked.body for asked in server.asked] == [b"you"]


def test_a_request_is_answered_by_hand(tmp_path: Path) -> None:
    with opened(tmp_path, ingress("desk"), DESK, settings=SETTINGS) as play:
        where = address(play)
        asking = Asking(lambda: ask(where, path="/x?y=z"))
        play.until(lambda: bool(play.session.view().pending_calls))
        [call] = [call for call in play.records(Call) if call.target == "desk"]
        assert decode_request(call.payload).path == "/x?y=z"
        play.do(Answer(call.seq, "reply", encode_response(Response(418, {}, b"short and stout"))))
        got = asking.got()
        assert (got.status, got.body) == (418, b"short and stout")


def test_a_server_is_played_by_hand(tmp_path: Path) -> None:
    with opened(tmp_path, EGRESS, settings=SETTINGS) as play:
        play.do(SetResource("egress", False))
        play.cast("a", "call egress anything")
        [call] = play.session.view().pending_calls
        play.do(Answer(call.seq, "reply", encode_response(Response(200, {}, b""))))
        play.settle()
        assert play.said("a") == ['reply {"body":[],"status":200,"headers":{}}']


def test_what_leaves_the_machine_is_a_stand_in_until_it_is_allowed(tmp_path: Path) -> None:
    poster: dict[str, object] = {
        "name": "poster",
        "class_type": "http-poster",
        "output_mapping": {},
        "configurations": {"url": "http://192.0.2.1/"},
    }
    with opened(tmp_path, poster, settings=SETTINGS) as play:
        assert not play.instance("poster").real
    allowed = Settings(resources=Resources(http_port=0, own={"poster": OwnResource(real=True)}))
    with opened(tmp_path, poster, settings=allowed) as play:
        assert play.instance("poster").real


DOUBLE: dict[str, object] = {
    "name": "twice",
    "class_type": "double",
    "output_mapping": {"out": "a"},
    "configurations": {},
}


@pytest.mark.conformance("serverless-name")
def test_any_name_is_that_of_a_serverless_class_when_the_settings_say_its_url(tmp_path: Path) -> None:
    with serving(lambda asked: (200, {}, b"say " + asked.body * 2)) as server:
        named = Settings(resources=Resources(own={"twice": OwnResource(url=server.url)}))
        with opened(tmp_path, DOUBLE, settings=named) as play:
            play.until(lambda: play.instance("twice").health == "ready")
            play.cast("a", "cast twice so")
            play.until(lambda: [cast.payload for cast in play.records(Cast) if cast.source == "twice"] == [b"say soso"])
    with opened(tmp_path, DOUBLE) as play:
        assert not play.instance("twice").real
        with pytest.raises(UserError, match='no real part for the class "double"'):
            play.do(SetResource("twice", True))


def test_requests_one_after_another_have_no_picture_taken_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = 0
    take = Actors.take

    def counted(*given: Any) -> object:
        nonlocal taken
        taken += 1
        return take(*given)

    monkeypatch.setattr(Actors, "take", counted)
    with opened(tmp_path, ingress("a", **{"async": "true"}), settings=SETTINGS) as play:
        where = address(play)
        play.settle()
        before, began = taken, monotonic()
        with closing(HTTPConnection(where)) as connection:
            for _ in range(200):
                connection.request("POST", "/", b"count")
                assert connection.getresponse().read() == b"OK"
        took_s = monotonic() - began
        assert taken - before < 10 + took_s / CHORES_S
        play.settle()
        assert play.said("a")[-1] == "200"
        assert play.session.view().idle


@pytest.mark.conformance("http-ingress-source")
def test_the_source_of_a_request_is_the_resource_it_came_by(tmp_path: Path) -> None:
    posts = {**ingress("a", **{"async": "true", "method": "POST"}), "name": "posts"}
    with opened(tmp_path, ingress("a", **{"async": "true", "method": "GET"}), posts, settings=SETTINGS) as play:
        where = address(play)
        for method in ("GET", "POST"):
            assert ask(where, method, body=b"src").status == 200
        play.until(lambda: len(play.said("a")) == 2)
        ids = [play.instance(name).instance_id.replace("-", "") for name in ("in", "posts")]
        assert [said[-32:] for said in play.said("a")] == ids
        assert ids[0] != ids[1]
