"""The one background thread on which the HTTP resources of a process work, and each one's share in it.

The thread begins with the first share and ends with the last.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, TypeVar

from workbench import threads
from workbench.errors import UserError
from workbench.resources.mailbox import Mailbox
from workbench.resources.model import Message
from workbench.threads import ThreadDied

PATIENCE_S = 0.5
"""How long an end waits for what was taken to be worked off."""

MOST_ASIDE = 8
"""How many things that block are done at the same time."""

_T = TypeVar("_T")
_ASIDE = "look-up of names"
_aside = threads.Pool(_ASIDE, MOST_ASIDE)


def require_aiohttp(class_type: str) -> None:
    """Raises `UserError` when the HTTP library is not installed."""
    if find_spec("aiohttp") is None:
        raise UserError(f"{class_type} needs an HTTP library: pip install 'edgeless-workbench[http]'.")


class _Thread:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(self._stray)
        self.shares: list[Errands] = []
        self.dead = False
        self.thread = threads.start("thread of HTTP resources", self._run, self._end_dead)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def _stray(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What a callback of the loop's raises is nobody's in particular: all are told, instead of standard error."""
        error = context.get("exception")
        told = error if isinstance(error, Exception) else RuntimeError(context.get("message", "the loop failed"))
        with _lock:
            shares = list(self.shares)
        for share in shares:
            share.fail(told)

    def _end_dead(self, death: ThreadDied) -> None:
        global _running
        with _lock:
            self.dead = True
            if _running is self:
                _running = None
            shares = list(self.shares)
        for share in shares:
            share.end_dead(death)


_lock = threading.Lock()
_running: _Thread | None = None


def _borrow(share: Errands) -> _Thread:
    global _running
    with _lock:
        if _running is None:
            _running = _Thread()
        _running.shares.append(share)
        return _running


def _give_back(share: Errands, thread: _Thread) -> None:
    global _running
    with _lock:
        thread.shares.remove(share)
        if not thread.shares:
            _running = None
            thread.loop.call_soon_threadsafe(thread.loop.stop)


class Errands:
    """What one resource has under way on the shared thread. `failed` is told of what an errand raises, and of the death
    of the thread."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()
        self._beside: set[asyncio.Task[None]] = set()
        self._endings: list[Callable[[], Awaitable[None]]] = []
        self._closing = threading.Lock()
        self._closed = False
        self._ended = False
        self._under_way = 0
        self._thread = _borrow(self)
        self._loop = self._thread.loop

    @property
    def busy(self) -> bool:
        """Whether an errand is under way. Any thread."""
        return self._under_way > 0 and not self._thread.dead

    def start(self, errand: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run an errand beside the others. Any thread; nothing happens after the end."""
        with self._closing:
            self._under_way += 1
        self.soon(lambda: self._begin(errand))

    def beside(self, watch: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run something that has no end of its own: it makes nobody busy, and the end does not wait for it."""

        def begin() -> None:
            if not self._ended:
                task = self._loop.create_task(watch())
                self._beside.add(task)
                task.add_done_callback(self._told)

        self.soon(begin)

    def soon(self, deed: Callable[[], None]) -> None:
        """Do something on the shared thread. Any thread; nothing happens after the end."""
        with suppress(RuntimeError):  # the thread has ended
            self._loop.call_soon_threadsafe(self._do, deed)

    def _do(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        except Exception as error:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Something of it, or of the loop, has failed. On the shared thread."""
        self._failed(error)

    def at_end(self, ending: Callable[[], Awaitable[None]]) -> None:
        """Something to be awaited when everything else has ended. On the shared thread or before any errand."""
        self._endings.append(ending)

    def close(self, patience_s: float = PATIENCE_S) -> None:
        """End; what is under way may go on for `patience_s` seconds. Returns when all is over; harmless twice."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        if self._thread.dead:
            return
        ended = asyncio.run_coroutine_threadsafe(self._end(patience_s), self._loop)
        if threading.current_thread() is not self._thread.thread:
            with suppress(concurrent.futures.TimeoutError):
                ended.result(patience_s + PATIENCE_S)

    def end_dead(self, death: ThreadDied) -> None:
        """The shared thread has died."""
        self._failed(death)

    def _begin(self, errand: Callable[[], Coroutine[None, None, None]]) -> None:
        if self._ended:
            with self._closing:
                self._under_way -= 1
            return
        task = self._loop.create_task(errand())
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        with self._closing:
            self._under_way -= 1
        self._told(task)

    def _told(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            if not isinstance(error, Exception):
                raise error
            self._failed(error)

    async def _end(self, patience_s: float) -> None:
        self._ended = True
        for task in self._beside:
            task.cancel()
        if self._tasks and patience_s:
            await asyncio.wait(self._tasks, timeout=patience_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._beside, return_exceptions=True)
        for ending in self._endings:
            await ending()
        _give_back(self, self._thread)


class Line:
    """A mailbox whose messages are worked off one by one, as one task of the platform does it. `overflowed` is told of
    every message that is dropped because it is full."""

    def __init__(
        self, errands: Errands, work: Callable[[Message], Awaitable[None]], overflowed: Callable[[Message], None]
    ) -> None:
        self._errands, self._work, self._overflowed = errands, work, overflowed
        self._mailbox = Mailbox()
        self._busy = False

    def take(self, message: Message) -> None:
        """A message arrived. Any thread."""
        self._errands.start(lambda: self._arrived(message))

    async def _arrived(self, message: Message) -> None:
        if not self._mailbox.put(message):
            self._overflowed(message)
            return
        if self._busy:
            return
        self._busy = True
        try:
            while self._mailbox:
                await self._work(self._mailbox.get())
        finally:
            self._busy = False


async def aside(work: Callable[[], _T]) -> _T:
    """The result of something that blocks, on one of `MOST_ASIDE` threads. Nothing waits for those at the end: a name
    server that never answers holds up only what comes behind so many questions to it."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[_T] = loop.create_future()

    def settle(value: _T | None, error: Exception | None) -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        if result.cancelled():  # who asked has given up while others were asked
            return
        value: _T | None = None
        failure: Exception | None = None
        try:
            value = work()
        except Exception as error:
            failure = error
        except BaseException as error:
            failure = ThreadDied(_ASIDE, error)
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, value, failure)

    _aside.do(run)
    return await result
