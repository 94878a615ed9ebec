"""Whether a server takes connections: looked at now and then, and soon again, then less and less often, while not."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from workbench.errors import UserError
from workbench.resources.http_loop import aside
from workbench.resources.http_target import CONNECT_S, SCHEMES, unreachable
from workbench.resources.model import Health, Permits
from workbench.resources.sandbox import addresses
from workbench.resources.standing import Standing
from workbench.resources.urls import origin_of, parse_url, port_of

WATCH_S = 10.0
"""How often a server without trouble is looked after."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 10.0


class Contact:
    """Tells `standing` what is known of the server at `url`: by looking, and by exchanges that others make. To be used
    on the loop. That it takes connections says nothing against what an exchange has found wrong with it."""

    def __init__(self, url: str, permits: Permits, standing: Standing) -> None:
        parts = parse_url(url, SCHEMES)
        self._host, self._port = parts.hostname or "", port_of(parts)
        self._origin, self._permits, self._standing = origin_of(url), permits, standing
        self._is_out_of_reach = True
        self._look = asyncio.Event()
        standing.tell("starting", self._origin)

    def tell(self, health: Health, words: str) -> None:
        """An exchange came to something, or takes long."""
        self._is_out_of_reach = False
        self._standing.tell(health, words)

    def lost(self, words: str) -> None:
        """An exchange did not reach it."""
        self._is_out_of_reach = True
        self._standing.tell("trouble", words)
        self._look.set()

    async def watch(self) -> None:
        """Look, again and again."""
        pause_s = FIRST_PAUSE_S
        while True:
            self._look.clear()
            try:
                await self._reach()
            except (UserError, OSError) as error:
                self._is_out_of_reach = True
                self._standing.tell("trouble", self._why(error))
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                pause_s = FIRST_PAUSE_S
                if self._is_out_of_reach:
                    self.tell("ready", self._origin)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._look.wait(), WATCH_S)

    async def _reach(self) -> None:
        """Raises `OSError` when no connection can be made, and `UserError` when none may."""
        failure: OSError | None = None
        for address in await aside(lambda: addresses(self._host, self._port, self._permits)):
            try:
                async with asyncio.timeout(CONNECT_S):
                    _, writer = await asyncio.open_connection(address, self._port)
            except OSError as error:
                failure = error
            else:
                writer.close()
                return
        if failure is not None:
            raise failure

    def _why(self, error: UserError | OSError) -> str:
        return str(error if isinstance(error, UserError) else unreachable(self._origin, error))
