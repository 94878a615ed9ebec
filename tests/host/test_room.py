"""Where the machine has no room for another instance, a sentence says which limit it is, and the others live on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.guests.build import SAMPLES
from workbench.host import room

LIMITED = """
import resource, sys
from workbench.errors import UserError
from workbench.host.engine import Host
from workbench.host.guest import Guest
host = Host()
module = host.load(open(sys.argv[1], "rb").read(), "pong.wasm")
with open("/proc/self/statm") as sizes:
    used = int(sizes.read().split()[0]) * resource.getpagesize()
_, hard = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (used + (30 << 30), hard))
guests = []
try:
    while len(guests) < 30:
        guests.append(Guest(host, module, bytes(32), lambda alias: True))
except UserError as error:
    print(len(guests), type(error).__name__, error)
guests.pop().kill()
guests.append(Guest(host, module, bytes(32), lambda alias: True))
for guest in guests:
    guest.init(None, None)
    while guest.run() is guest.progress.RUNNING:
        pass
    assert guest.trap is None
    guest.kill()
host.close()
"""


def test_an_instance_for_which_there_is_no_address_space_is_refused_and_all_others_run() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, SAMPLES / "pong" / "pong.wasm"], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    number, kind, *words = ran.stdout.split()
    assert (int(number) in range(2, 5), kind) == (True, "UserError")
    assert " ".join(words).startswith("no instance of pong.wasm can be made: this process may use 3")
    assert "raise it with `ulimit -v unlimited`, or run fewer instances" in ran.stdout


def test_the_kernels_limit_of_memory_maps_is_told_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maps, most = tmp_path / "maps", tmp_path / "max_map_count"
    maps.write_text("one\n" * 990)
    most.write_text("1000\n")
    monkeypatch.setattr(room, "_MAPS", maps)
    monkeypatch.setattr(room, "_MOST_MAPS", most)
    assert room.shortage() == (
        "the kernel allows a process 1,000 memory maps, and an instance takes about 7:"
        " run fewer instances, or raise it with `sysctl -w vm.max_map_count=4000`"
    )
    most.write_text("100000\n")
    assert room.shortage() == "the machine has no memory left: run fewer instances, or end other programs"


@pytest.mark.parametrize("mib", [60, 300])
def test_too_little_memory_for_the_program_itself_is_told_in_a_sentence(tmp_path: Path, mib: int) -> None:
    begin = f"import resource as r; r.setrlimit(r.RLIMIT_AS, ({mib} << 20, r.getrlimit(r.RLIMIT_AS)[1]))\n"
    begin += "from workbench.cli import main; import sys; sys.argv = ['workbench', *sys.argv[1:]]; main()"
    target = SAMPLES / "pong" / "pong.wasm"
    command = [sys.executable, "-c", begin, "run", str(target), "--no-build", "--until", "idle"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 1
    assert "raise it with `ulimit -v unlimited`" in ran.stderr
    assert "fault" not in ran.stderr
    assert not list(tmp_path.iterdir())
