"""The classes there are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workbench.resources.model import Kind
from workbench.resources.registry import KINDS
from workbench.resources.sandbox import leaves


def test_knowing_the_classes_loads_no_client() -> None:
    code = "import sys, workbench.resources.registry\nprint({'aiohttp', 'redis'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_each_class_says_what_it_is_in_words(kind: Kind) -> None:
    assert kind.words
    assert all(setting.words for setting in kind.settings)
    assert len({setting.key for setting in kind.settings}) == len(kind.settings)
    kind.reaches({})
    assert not leaves(kind.servers({}), ())
    for payload in kind.samples.values():
        kind.decode(payload, False)
