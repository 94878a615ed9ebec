"""A machine without room for all instances: those it has room for work, the others say why they do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CROWDED = """
import resource, sys
from pathlib import Path
from tests.session.conftest import PREBUILT
from tests.session.playing import Play, plan, project

with open("/proc/self/statm") as sizes:
    used = int(sizes.read().split()[0]) * resource.getpagesize()
_, hard = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (used + (40 << 30), hard))
play = Play(project(Path(sys.argv[1]), *(plan(f"a{number}") for number in range(30))), PREBUILT)
play.settle()
views = [play.instance(f"a{number}") for number in range(30)]
working = [view.name for view in views if view.status == "idle"]
for name in working:
    play.cast(name, "log 3 here")
play.session.close()
print(len(working), sum(play.said(name) == ["here"] for name in working))
print(*{view.detail for view in views if view.status == "failed"}, sep="\\n")
"""


def test_where_there_is_no_room_for_an_instance_it_says_so_and_the_others_work(tmp_path: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", CROWDED, tmp_path], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    numbers, *details = ran.stdout.splitlines()
    working, handled = map(int, numbers.split())
    assert 2 <= working < 30
    assert handled == working
    [detail] = details
    assert detail.startswith("no instance of probe.wasm can be made: ")
