"""A resource with one task and one mailbox, as the platform's resources are: messages are worked off one by one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from workbench.resources.model import Message

PATIENCE_S = 0.5


class Worker:
    """Calls `work` for each message on a thread of its own. What `work` raises ends the work, as on the platform a
    panic ends the task: `failed` is told, and what comes later is never looked at."""

    def __init__(self, name: str, work: Callable[[Message], None], failed: Callable[[Exception], None]) -> None:
        self._work, self._failed = work, failed
        self._mailbox: deque[Message] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._working = False
        self._thread = threading.Thread(target=self._run, name=f"resource {name}", daemon=True)
        self._thread.start()

    def take(self, message: Message) -> None:
        """A message arrived."""
        with self._changed:
            self._mailbox.append(message)
            self._changed.notify()

    @property
    def busy(self) -> bool:
        """Whether something is being worked on, or waits for it."""
        return self._working or bool(self._mailbox)

    def close(self, patience_s: float = PATIENCE_S) -> None:
        """End once all that was taken is worked off; waits for that, but not longer than `patience_s` seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(patience_s)
        with self._changed:
            self._mailbox.clear()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._mailbox or self._closed)
                if not self._mailbox:
                    return
                message = self._mailbox.popleft()
                self._working = True
            try:
                self._work(message)
            except Exception as error:
                self._failed(error)
                return
            finally:
                self._working = False
