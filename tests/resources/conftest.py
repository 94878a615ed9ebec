"""What the outside does to resources: a server that is real, a disk that is full, a user who may not."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Callable, Iterator

import pytest


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
