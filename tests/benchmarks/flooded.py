"""The program on a function that is flooded with messages; run by `screen.py` in a terminal of its own.

    python -m tests.benchmarks.flooded RATE PROGRESS

RATE is events a second, in thousands. PROGRESS is a file that tells, now and then, how many were handled.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from pathlib import Path

from workbench import assets
from workbench.config.settings import Settings
from workbench.project.targets import read
from workbench.session.commands import Send
from workbench.session.session import Options, Session
from workbench.tui.app import Workbench

LINKS = {"risky": {"out": "pong"}, "pong": {}}
WITHOUT_END = 1_000_000_000
TELL_SECONDS = 0.1


def main(thousands: int, progress: Path) -> None:
    settings = Settings()
    with tempfile.TemporaryDirectory() as home:
        session = Session(read((_flooding(Path(home)),), settings), settings, Options(watch=False, build=False))
        session.open()
        session.wait_idle(30)
        if thousands:
            session.submit(Send("risky", b"flood", repeat=WITHOUT_END, every_ms=1000 // thousands))
        ended = threading.Event()
        teller = threading.Thread(target=_tell, args=(session, progress, ended))
        teller.start()
        try:
            Workbench(session, Path(home) / "config").run()
        finally:
            ended.set()
            teller.join()
            session.close()


def _flooding(home: Path) -> Path:
    """A workflow in which each `flood` to `risky` is a thousand casts to `pong`, which logs a line for each."""
    functions = [
        {
            "name": name,
            "class_specification": {
                "id": name,
                "function_type": "RUST_WASM",
                "version": "0.1",
                "code": str(assets.samples() / name / f"{name}.wasm"),
                "outputs": list(links),
            },
            "output_mapping": links,
            "annotations": {},
        }
        for name, links in LINKS.items()
    ]
    workflow = home / "workflow.json"
    workflow.write_text(json.dumps({"functions": functions, "resources": [], "annotations": {}}))
    return workflow


def _tell(session: Session, progress: Path, ended: threading.Event) -> None:
    fresh = progress.with_suffix(".new")
    while not ended.wait(TELL_SECONDS):
        fresh.write_text(str(session.view().events))
        fresh.replace(progress)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
