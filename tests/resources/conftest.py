"""What the outside does to resources: a server that is real, a disk that is full, a user who may not."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.resources.servers import unused_port


class RedisServer:
    """A real server on loopback, with its data in a directory of its own; it can be ended and started again."""

    def __init__(self, executable: str, directory: Path) -> None:
        self._executable, self._directory = executable, directory
        self._process: subprocess.Popen[str] | None = None
        self.port = unused_port()
        self.url = f"redis://127.0.0.1:{self.port}"

    def start(self, *options: str) -> None:
        """Start it, and wait until it takes connections."""
        usual = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._directory), "--save", ""]
        self._process = subprocess.Popen(
            [self._executable, *usual, *options], stdout=subprocess.PIPE, text=True, errors="replace"
        )
        assert self._process.stdout
        said = []
        for line in self._process.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                return
        raise AssertionError("redis-server did not start: " + "".join(said))

    def freeze(self) -> None:
        """From now on it accepts connections, and answers nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on after `freeze`."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End it; harmless twice."""
        if self._process is not None:
            self.thaw()
            self._process.terminate()
            self._process.communicate()
            self._process = None


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A real Redis server at work."""
    executable = shutil.which("redis-server")
    if executable is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no redis-server is installed: make redis-server")
    directory = tmp_path / "redis"
    directory.mkdir()
    server = RedisServer(executable, directory)
    try:
        server.start()
        yield server
    finally:
        server.end()


@pytest.fixture
def file_size_limit() -> Iterator[Callable[[int], None]]:
    """Sets how long files may become, in bytes, for this process."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    signal.signal(signal.SIGXFSZ, before)


@pytest.fixture
def nobody() -> Iterator[int]:
    """This thread, and those it starts, touch files as a user without privileges does; that user's number."""
    user = 65534 if os.geteuid() == 0 else os.geteuid()
    library = ctypes.CDLL(None)
    library.setfsuid(user)
    yield user
    library.setfsuid(os.geteuid())
