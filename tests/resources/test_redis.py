"""`redis` on a real server, and on what is none."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import redis

from tests.resources.conftest import RedisServer
from tests.resources.ports import WORKFLOW_ID, RecordingPort, call, cast, part
from tests.resources.servers import saying, unused_port
from workbench.errors import UserError
from workbench.records import ReplyOutcome
from workbench.resources import faults, redis_connection, redis_errors
from workbench.resources.model import Permits, Running
from workbench.resources.redis import KIND
from workbench.resources.sandbox import leaves


class Stores:
    """Starts redis resources, and asks the last one."""

    def __init__(self) -> None:
        self.port = RecordingPort()
        self.running: list[Running] = []
        self.asked = 0

    def start(self, **configurations: str) -> Running:
        named = {key.replace("_", "-"): value for key, value in configurations.items()}
        self.running.append(faults.start(KIND, part("redis", named), self.port))
        return self.running[-1]

    def get(self, key: bytes | str) -> tuple[ReplyOutcome, bytes]:
        self.asked += 1
        self.running[-1].take(call(self.asked, key))
        return self.port.reply_to(self.asked)

    def set(self, payload: bytes | str) -> None:
        self.running[-1].take(cast(payload))


@pytest.fixture
def stores() -> Iterator[Stores]:
    stores = Stores()
    yield stores
    for one in stores.running:
        one.close()


@pytest.fixture
def direct(redis_server: RedisServer) -> Iterator[redis.Redis]:
    """The same server, without the resource."""
    client = redis.Redis(port=redis_server.port)
    yield client
    client.close()


@pytest.mark.conformance("redis")
def test_a_cast_sets_the_key_and_a_call_gets_one(
    stores: Stores, redis_server: RedisServer, direct: redis.Redis
) -> None:
    stores.start(url=redis_server.url, key="last")
    stores.set("42 ü")
    assert stores.get("last") == ("reply", "42 ü".encode())
    assert direct.get("last") == "42 ü".encode()
    assert stores.port.health_is("ready") == f"127.0.0.1:{redis_server.port}"
    assert stores.port.notes == []


@pytest.mark.conformance("redis")
def test_what_other_versions_make_of_a_colon_is_remarked(stores: Stores, redis_server: RedisServer) -> None:
    stores.start(url=redis_server.url, key="last")
    stores.set('{"temperature": 20}')
    assert stores.get("last") == ("reply", b'{"temperature": 20}')
    [note] = stores.port.notes
    assert "colon" in note


@pytest.mark.parametrize("value", ["", "false", "true"])
@pytest.mark.conformance("redis")
def test_the_workflow_comes_before_each_key_if_that_is_there_whatever_it_says(
    stores: Stores, redis_server: RedisServer, direct: redis.Redis, value: str
) -> None:
    stores.start(url=redis_server.url, key="last", add_workflow_id=value)
    stores.set("1")
    assert stores.get("last") == ("reply", b"1")
    assert direct.get(f"{WORKFLOW_ID}:last") == b"1"


@pytest.mark.conformance("redis")
def test_a_message_without_a_key_is_lost(stores: Stores, redis_server: RedisServer, direct: redis.Redis) -> None:
    stores.start(url=redis_server.url)
    stores.set("value")
    assert stores.get("x") == ("err", b"")
    assert direct.dbsize() == 0
    assert any("'key'" in note for note in stores.port.notes)


@pytest.mark.conformance("redis")
def test_what_is_no_text_no_value_or_of_another_kind_is_an_error(
    stores: Stores, redis_server: RedisServer, direct: redis.Redis
) -> None:
    direct.set("bytes", b"\xff")
    direct.lpush("list", "1")
    stores.start(url=redis_server.url)
    assert [stores.get(key) for key in ("bytes", "list", "nothing")] == [("err", b"")] * 3
    assert any("a list, a hash" in note for note in stores.port.notes)
    assert any("not UTF-8" in note for note in stores.port.notes)
    stores.port.health_is("ready")


def test_database_and_password_come_from_the_url(
    stores: Stores, redis_server: RedisServer, direct: redis.Redis
) -> None:
    direct.config_set("requirepass", "se cret")
    stores.start(url=f"redis://:se%20cret@127.0.0.1:{redis_server.port}/3", key="k")
    stores.set("3")
    assert stores.get("k") == ("reply", b"3")
    assert "se cret" not in str(stores.port.healths)


@pytest.mark.parametrize(
    ("user", "trouble", "note"),
    [
        ("", "it wants a password: put it into the url", "starts this resource, and answers each call with Err"),
        (":wrong@", "it refuses the user or the password in the url", "would not start this resource"),
        ("nobody:secret@", "it refuses the user or the password in the url", "would not start this resource"),
    ],
)
@pytest.mark.conformance("redis-connection")
def test_a_password_that_is_missing_or_wrong_is_named(
    stores: Stores, redis_server: RedisServer, direct: redis.Redis, user: str, trouble: str, note: str
) -> None:
    direct.config_set("requirepass", "secret")
    stores.start(url=f"redis://{user}127.0.0.1:{redis_server.port}", key="k")
    assert trouble in stores.port.health_is("trouble")
    assert stores.get("k") == ("err", b"")
    stores.set("lost")
    assert stores.get("k") == ("err", b"")
    notes = " ".join(stores.port.notes)
    assert note in notes
    assert "could not be reached" not in notes
    direct.config_set("requirepass", "")


def test_a_password_that_a_server_does_not_have_is_told(stores: Stores, redis_server: RedisServer) -> None:
    stores.start(url=f"redis://:secret@127.0.0.1:{redis_server.port}")
    assert "has no password" in stores.port.health_is("trouble")


def test_a_database_that_is_not_there_is_told(stores: Stores, redis_server: RedisServer) -> None:
    stores.start(url=f"{redis_server.url}/99")
    assert "no database of the number in the url" in stores.port.health_is("trouble")


def test_what_a_server_has_against_a_value_is_told(
    stores: Stores, redis_server: RedisServer, direct: redis.Redis
) -> None:
    stores.start(url=redis_server.url, key="k")
    stores.port.health_is("ready")
    for setting, value, back, words in (
        ("maxmemory", "1", "0", "its memory is full"),
        ("min-replicas-to-write", "1", "0", "too few of its replicas"),
    ):
        direct.config_set(setting, value)
        stores.set("x" * 100)
        stores.get("k")
        assert f"refuses a SET: {words}" in " ".join(stores.port.notes) or words in stores.port.notes[-1]
        direct.config_set(setting, back)
    direct.replicaof("127.0.0.1", str(unused_port()))
    stores.set("y")
    stores.get("k")
    assert any("it is a replica, which takes no values" in note for note in stores.port.notes)
    direct.replicaof("NO", "ONE")
    direct.acl_setuser("default", commands=["-set"])
    stores.set("z")
    stores.get("k")
    assert any("access control" in note for note in stores.port.notes)
    stores.port.health_is("ready")


_ERRORS = {
    b"LOADING Redis is loading the dataset in memory": "still loading its data",
    b"MISCONF Redis is configured to save RDB snapshots, but": "cannot save its data",
    b"MOVED 3999 127.0.0.1:6381": "part of a cluster, where this key is at 127.0.0.1:6381",
    b"MASTERDOWN Link with MASTER is down": "lost its primary server",
    b"CLUSTERDOWN The cluster is down": "its cluster is down",
    b"DENIED Redis is running in protected mode": "protected mode",
    b"ERR max number of clients reached": "as many clients as it takes",
    b"ERR something \x1b[31m new": "it says: something \N{REPLACEMENT CHARACTER}[31m new",
}


@pytest.mark.parametrize("said", _ERRORS)
def test_each_error_of_a_server_is_told_in_its_own_words(stores: Stores, said: bytes) -> None:
    with saying(b"-" + said + b"\r\n") as server:
        stores.start(url=f"redis://127.0.0.1:{server.port}")
        stores.port.until(lambda: any(_ERRORS[said] in words for _, words in stores.port.healths))


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x46", b""])
def test_what_is_no_redis_server_or_one_with_tls_is_told(stores: Stores, said: bytes) -> None:
    with saying(said) as server:
        stores.start(url=f"redis://127.0.0.1:{server.port}")
        stores.port.until(lambda: any("wants TLS" in words for _, words in stores.port.healths))


@pytest.mark.parametrize("said", [b"+" + b"x" * 200_000, b"*9999999\r\n" + b"$-1\r\n" * 1000, b"$4000000000\r\nxx"])
def test_a_reply_without_bounds_is_not_read(stores: Stores, said: bytes) -> None:
    with saying(said) as server:
        stores.start(url=f"redis://127.0.0.1:{server.port}")
        stores.port.health_is("trouble")


@pytest.mark.conformance("sizes")
def test_a_value_that_is_too_large_is_told_and_the_connection_goes_on(
    stores: Stores, redis_server: RedisServer, direct: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_errors, "MOST_REPLY", 1000)
    direct.set("large", "x" * 1001)
    direct.set("just", "x" * 1000)
    stores.start(url=redis_server.url)
    assert stores.get("large") == ("err", b"")
    assert stores.get("just") == ("reply", b"x" * 1000)
    assert any("more than" in note for note in stores.port.notes)
    stores.port.health_is("ready")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("redis://localhost", "localhost"),
        ("redis://127.0.0.1:1?host=example.org&port=2&db=3", "127.0.0.1"),
        ("redis://example.org?host=127.0.0.1", "example.org"),
        ("redis://localhost:6379@example.org", "example.org"),
        ("redis://example.org:x@localhost", "localhost"),
        ("redis://localhost/3?path=/run/redis.sock", "localhost"),
        ("redis://[::1]:7", "::1"),
        ("unix:///run/redis.sock", None),
        ("rediss://localhost", None),
        ("redis://localhost#@example.org", "localhost"),
        ("redis://local%68ost", None),
        ("redis://[::1]example.org", None),
    ],
)
def test_the_host_that_is_judged_is_the_one_that_is_connected_to(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, url: str, host: str | None
) -> None:
    asked: list[str] = []

    def addresses(host: str, port: int | None, permits: Permits) -> tuple[str, ...]:
        asked.append(host)
        raise UserError("not in this test")

    monkeypatch.setattr(redis_connection, "addresses", addresses)
    away = leaves(KIND.servers({"url": url}), ())
    if host in (None, "example.org"):
        assert away or host is None
        with pytest.raises(UserError):
            stores.start(url=url)
    else:
        assert not away
        stores.start(url=url)
        stores.port.until(lambda: bool(asked))
        assert asked[0] == host


@pytest.mark.conformance("redis-connection")
def test_a_server_that_comes_late_is_found(stores: Stores, redis_server: RedisServer) -> None:
    redis_server.end()
    stores.start(url=redis_server.url, key="k")
    assert "refused" in stores.port.health_is("trouble")
    assert stores.get("k") == ("err", b"")
    stores.set("lost")
    assert stores.get("k") == ("err", b"")
    assert [note.split()[0] for note in stores.port.notes] == ["The", "A"]
    redis_server.start()
    stores.port.health_is("ready")
    assert stores.get("k") == ("err", b"")
    stores.set("kept")
    assert stores.get("k") == ("reply", b"kept")


@pytest.mark.conformance("redis-connection")
def test_a_server_that_goes_and_comes_back_is_found_again(
    stores: Stores, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_connection, "WATCH_S", 0.02)
    stores.start(url=redis_server.url, key="k")
    stores.port.health_is("ready")
    redis_server.end()
    stores.port.health_is("trouble")
    assert stores.get("k") == ("err", b"")
    redis_server.start()
    stores.port.health_is("ready")
    assert any("made again" in note for note in stores.port.notes)


def test_a_server_that_is_lost_over_a_call_is_an_error_for_it(
    stores: Stores, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_connection, "WATCH_S", 3600)
    stores.start(url=redis_server.url, key="k")
    stores.port.health_is("ready")
    redis_server.end()
    assert stores.get("k") == ("err", b"")
    stores.port.health_is("trouble")


@pytest.mark.conformance("time-limits")
def test_a_server_that_does_not_answer_is_given_up(
    stores: Stores, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_connection, "TIMEOUT_S", 0.2)
    stores.start(url=redis_server.url, key="k")
    stores.port.health_is("ready")
    redis_server.freeze()
    assert stores.get("k") == ("err", b"")
    assert "does not answer within 0.2 s" in stores.port.health_is("trouble")
    redis_server.thaw()
    stores.port.health_is("ready")


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"",
        b"\0\xff" * 500,
        b"$-7\r\n",
        b"$abc\r\n",
        b"*99999999999999\r\n",
        b":1\r\n" * 50,
        b"+OK\r\n" * 50,
        b"$9\r\nworkbench\r\n",
        b"*1\r\n" * 20_000,
        None,
    ],
)
def test_nonsense_is_trouble_and_no_more(stores: Stores, said: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_connection, "TIMEOUT_S", 0.2)
    with saying(said) as server:
        running = stores.start(url=f"redis://127.0.0.1:{server.port}", key="k")
        stores.port.until(lambda: any(health == "trouble" for health, _ in stores.port.healths))
        assert stores.get("k")[0] == "err"
        running.close()


def test_closing_does_not_wait_for_a_server(stores: Stores) -> None:
    with saying(None) as server:
        running = stores.start(url=f"redis://127.0.0.1:{server.port}")
        running.take(call(900, "k"))
        before = time.monotonic()
        running.close()
        running.close()
        assert time.monotonic() - before < redis_connection.TIMEOUT_S / 2


def test_without_a_url_it_does_not_start(stores: Stores) -> None:
    with pytest.raises(UserError, match=r"^Missing Redis URL$"):
        stores.start()


@pytest.mark.parametrize(
    "url",
    [
        "localhost",
        "http://localhost",
        "rediss://localhost",
        "unix:///run/redis.sock",
        "redis://",
        "redis://localhost:port",
        "redis://localhost/one",
        "redis://example.org",
        "redis://169.254.169.254",
        "redis://localhost@example.org",
    ],
)
def test_a_url_that_is_none_or_not_allowed_is_refused(stores: Stores, url: str) -> None:
    with pytest.raises(UserError):
        stores.start(url=url)


def test_a_missing_client_is_named_with_the_command_that_installs_it() -> None:
    code = (
        "import sys; sys.modules['redis'] = None\n"
        "from tests.resources.ports import RecordingPort, part\n"
        "from workbench.errors import UserError\n"
        "from workbench.resources import faults\n"
        "from workbench.resources.redis import KIND\n"
        "try: faults.start(KIND, part('redis', {'url': 'redis://localhost'}), RecordingPort())\n"
        "except UserError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'edgeless-workbench[redis]'" in run.stdout


def test_it_is_away_when_its_server_is_not_on_this_machine() -> None:
    assert leaves(KIND.servers({"url": "redis://example.org"}), ())
    assert not leaves(KIND.servers({"url": "redis://localhost:1"}), ())
    assert not leaves(KIND.servers({}), ())
    assert KIND.reaches({"url": "redis://:secret@example.org"}) == "example.org:6379"
    assert KIND.reaches({"url": "redis://["}) is None


def test_no_server_at_all_is_trouble(stores: Stores) -> None:
    stores.start(url=f"redis://localhost:{unused_port()}")
    assert "refused" in stores.port.health_is("trouble")
