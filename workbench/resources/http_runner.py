"""aiohttp's server without its own pages: what cannot be read as HTTP is answered by whoever runs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeAlias

from aiohttp import web

Unread: TypeAlias = Callable[[web.BaseRequest, BaseException | None], web.StreamResponse]
"""Answers a request of which no more is known than its connection; the error says what is wrong with it."""


class Runner(web.AppRunner):
    """Runs an application as `web.AppRunner` does. Nothing is unpacked; `logger` hears what a client did wrong."""

    __slots__ = ("_logger", "_unread")

    def __init__(self, application: web.Application, logger: logging.Logger, unread: Unread) -> None:
        super().__init__(application, shutdown_timeout=0)
        self._logger, self._unread = logger, unread

    async def _make_server(self) -> web.Server:
        return _Server(await super()._make_server(), self._logger, self._unread)


class _Server(web.Server):
    """As the server that `made` is, but with connections of its own kind."""

    def __init__(self, made: web.Server, logger: logging.Logger, unread: Unread) -> None:
        super().__init__(made.request_handler, request_factory=made.request_factory, handler_cancellation=True)
        self._logger, self.unread = logger, unread

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, self._logger)


class _Connection(web.RequestHandler):
    __slots__ = ("_unread",)

    def __init__(self, server: _Server, logger: logging.Logger) -> None:
        super().__init__(
            server, loop=asyncio.get_running_loop(), logger=logger, access_log=logger, auto_decompress=False
        )
        self._unread = server.unread

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What aiohttp would answer with a page."""
        self.log_exception("Error handling request", exc_info=exc)
        return self._unread(request, exc)
