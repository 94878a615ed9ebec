"""What is sent by hand: once or again and again, now or later."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass

from workbench.session.commands import Send

AT_ONCE = 1000
"""How many are sent in one go when there is no pause between them, so that the rest of the world goes on."""


@dataclass(eq=False)
class Sending:
    """A `Send` under way: `left` are still to be sent; `future` is resolved with the first one's `seq`."""

    send: Send
    left: int
    future: Future[object]
