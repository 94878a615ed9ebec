"""One host for all tests of a run, and the probe compiled once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.guests.build import wasm
from tests.host.hosting import start
from workbench.host.engine import Host
from workbench.host.guest import Guest
from workbench.host.modules import Module


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.close()


@pytest.fixture(scope="session")
def probe(host: Host) -> Module:
    return host.load(wasm("probe").read_bytes(), "probe.wasm")


@pytest.fixture
def guest(host: Host, probe: Module) -> Iterator[Guest]:
    guest = start(host, probe)
    guest.effects()
    yield guest
    guest.kill()
