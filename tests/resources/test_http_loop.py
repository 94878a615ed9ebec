"""The thread that HTTP resources share."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from tests.resources.ports import PATIENCE_S, RecordingPort, part
from workbench.errors import UserError
from workbench.resources import faults, http_egress, http_ingress, http_poster, ollama, serverless
from workbench.resources.http_loop import Errands, aside
from workbench.resources.model import Kind

KINDS = [module.KIND for module in (http_egress, http_ingress, http_poster, ollama, serverless)]
CONFIGURATION = {"url": "http://127.0.0.1:1", "model": "m", serverless.URL: "http://127.0.0.1:1"}


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "thread of HTTP resources"]


def wait_for_the_end(ended: list[threading.Thread]) -> None:
    for thread in ended:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _nothing_is_left_of_other_tests() -> None:
    wait_for_the_end(threads())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.extra], ids=lambda kind: kind.class_type)
def test_without_the_library_a_start_says_how_to_install_it(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(UserError, match=r"pip install 'edgeless-workbench\[http\]'"):
        faults.start(kind, part(kind.class_type, CONFIGURATION), RecordingPort())
    wait_for_the_end(threads())


def test_a_server_needs_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    port = RecordingPort()
    running = faults.start(http_ingress.KIND, part("http-ingress", {}), port)
    try:
        port.health_is("ready")
    finally:
        running.close()


def test_the_classes_are_known_without_the_library() -> None:
    modules = ", ".join(module.__name__ for module in (http_egress, http_ingress, http_poster, ollama, serverless))
    run = subprocess.run(
        [sys.executable, "-c", f"import {modules}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "aiohttp" not in run.stdout.split()


def test_all_share_one_thread_which_ends_with_the_last() -> None:
    running = [
        faults.start(kind, part(kind.class_type, CONFIGURATION), RecordingPort()) for kind in KINDS if kind.start
    ]
    (thread,) = threads()
    for one in running[1:]:
        one.close()
        one.close()
    assert thread.is_alive()
    running[0].close()
    wait_for_the_end([thread])
    again = Errands(lambda error: None)
    (thread,) = threads()
    again.close()
    wait_for_the_end([thread])


def test_what_an_errand_raises_is_told_and_the_others_go_on() -> None:
    failures: list[Exception] = []
    done = threading.Event()
    errands = Errands(failures.append)

    async def fail() -> None:
        raise RuntimeError("oh")

    async def succeed() -> None:
        done.set()

    errands.start(fail)
    errands.start(succeed)
    assert done.wait(PATIENCE_S)
    errands.close()
    assert [str(error) for error in failures] == ["oh"]


def test_what_a_callback_raises_is_told_and_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    failures: list[tuple[str, str]] = []
    told = threading.Semaphore(0)

    def hear(who: str) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            failures.append((who, str(error)))
            told.release()

        return failed

    def fail(words: str) -> None:
        raise RuntimeError(words)

    def later() -> None:
        asyncio.get_running_loop().call_soon(fail, "the loop's")

    errands, others = Errands(hear("it")), Errands(hear("other"))
    errands.soon(lambda: fail("its own"))
    assert told.acquire(timeout=PATIENCE_S)
    errands.soon(later)
    assert told.acquire(timeout=PATIENCE_S)
    assert told.acquire(timeout=PATIENCE_S)
    errands.close()
    others.close()
    assert failures == [("it", "its own"), ("it", "the loop's"), ("other", "the loop's")]
    assert capfd.readouterr().err == ""


def test_the_end_lets_what_is_under_way_end_but_not_for_long() -> None:
    order: list[str] = []
    begun = threading.Event()
    errands = Errands(lambda error: None)

    async def finish() -> None:
        await asyncio.sleep(0)
        order.append("finished")

    async def hang() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            order.append("cancelled")

    async def last() -> None:
        order.append("ended")

    errands.at_end(last)
    errands.start(hang)
    errands.start(finish)
    assert begun.wait(PATIENCE_S)
    errands.close(0.01)
    assert order == ["finished", "cancelled", "ended"]
    errands.start(finish)
    assert order == ["finished", "cancelled", "ended"]


def test_an_end_on_the_thread_itself_does_not_wait_for_itself() -> None:
    errands = Errands(lambda error: None)
    (thread,) = threads()
    errands.soon(errands.close)
    wait_for_the_end([thread])


def test_what_blocks_is_done_aside() -> None:
    assert asyncio.run(aside(lambda: 7)) == 7
    with pytest.raises(ValueError, match="seven"):
        asyncio.run(aside(lambda: int("seven")))
