"""The yardstick for HTTP requests: a bare aiohttp server whose handler says what the sample's shop says.

python -m tests.benchmarks.bare
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web


async def _handle(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(status=404, text="there are only /orders\n")


async def _serve() -> None:
    runner = web.ServerRunner(web.Server(_handle))  # type: ignore[arg-type]  # it takes any request
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", file=sys.stderr, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
