"""A bound in bytes over all that is under way at once: what does not fit waits, in the order of asking."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class Claim:
    """A share of a budget, granted or waiting. To be used on the budget's thread."""

    def __init__(self, budget: Budget, size: int, granted: Callable[[], None]) -> None:
        self._budget, self.size, self.granted = budget, size, granted
        self.is_granted = False

    def shrink(self, size: int) -> None:
        """It turned out to need less."""
        if self.is_granted and size < self.size:
            self._budget.give_back(self.size - size)
        self.size = min(self.size, size)

    def release(self) -> None:
        """It is over, or given up; harmless twice."""
        if self.is_granted:
            self.is_granted = False
            self._budget.give_back(self.size)
        else:
            self._budget.forget(self)


class Budget:
    """`most` bytes; to be used on one thread. What is larger than that is granted once nothing else is."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._waiting: deque[Claim] = deque()

    def claim(self, size: int, granted: Callable[[], None]) -> Claim:
        """Ask for `size` bytes; `granted` is called once there are as many, which may be at once."""
        claim = Claim(self, size, granted)
        self._waiting.append(claim)
        self._grant()
        return claim

    @asynccontextmanager
    async def room(self, size: int) -> AsyncIterator[Claim]:
        """Wait for `size` bytes, and give them back at the end."""
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        claim = self.claim(size, lambda: None if granted.done() else granted.set_result(None))
        try:
            await granted
            yield claim
        finally:
            claim.release()

    def give_back(self, size: int) -> None:
        """A claim needs so much less."""
        self._used -= size
        self._grant()

    def forget(self, claim: Claim) -> None:
        """A claim waits no more."""
        if claim in self._waiting:
            self._waiting.remove(claim)
            self._grant()

    def _grant(self) -> None:
        while self._waiting and (not self._used or self._used + self._waiting[0].size <= self._most):
            claim = self._waiting.popleft()
            self._used += claim.size
            claim.is_granted = True
            claim.granted()
