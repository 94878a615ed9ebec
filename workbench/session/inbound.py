"""What is on its way to the engine from other threads, bounded by bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec.structs import replace

from workbench.session.inputs import Asked, Came, Input, Remarked, Replied, weight_of
from workbench.units import format_size


class Inbound:
    """Counts what has been posted and is not taken yet. Where nothing is on its way, anything may be. Any thread."""

    def __init__(self, post: Callable[[Callable[[], None]], None]) -> None:
        self._post = post
        self._lock = threading.Lock()
        self._bytes = 0
        self._full = False

    def post(self, size: int, most: int, job: Callable[[], None]) -> bool:
        """Have the engine do `job`, which holds `size` bytes; False when there would be more than `most` bytes."""
        with self._lock:
            if self._bytes and self._bytes + size > most:
                return False
            self._bytes += size

        def taken() -> None:
            with self._lock:
                self._bytes -= size
                self._full = self._full and self._bytes > 0
            job()

        self._post(taken)
        return True

    def come(self, what: Input, most: int, take: Callable[[Input], None], refuse: Callable[[int], None]) -> None:
        """Something comes from outside. Where there is no room, a call is answered with an error (`refuse` hears of the
        token of one that the outside made), a cast is dropped, and a remark tells of that once."""
        if self.post(weight_of(what), most, lambda: take(what)) or not isinstance(what, Came | Asked | Replied):
            return
        with self._lock:
            told, self._full = self._full, True
        if not told:
            message = f"{format_size(most)} wait to be taken from outside: more is dropped until there is room"
            self._post(lambda: take(Remarked(what.resource, message)))
        if isinstance(what, Asked):
            token = what.token
            self._post(lambda: refuse(token))
        elif isinstance(what, Replied):
            failed = replace(what, outcome="err", payload=b"")
            self._post(lambda: take(failed))
