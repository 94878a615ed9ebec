"""Sessions as benchmarks need them: opened as the program opens them, and waited for."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from workbench import assets
from workbench.config.settings import Limits, Settings
from workbench.project.targets import read
from workbench.records import Record
from workbench.session.session import Options, Session

PATIENCE_S = 300.0
MAILBOX = 10_000_000

AnyRecord = TypeVar("AnyRecord", bound=Record)


@contextmanager
def running(target: Path, options: Options) -> Iterator[Session]:
    """A session on `target`, once everything in it has started."""
    settings = Settings(limits=Limits(mailbox=MAILBOX))
    session = Session(read((target,), settings), settings, options)
    session.open()
    try:
        if not session.wait_idle(PATIENCE_S):
            raise TimeoutError(f"{target} does not come to rest")
        yield session
    finally:
        session.close()


def next_record(
    session: Session, kind: type[AnyRecord], wanted: Callable[[AnyRecord], bool]
) -> Callable[[], AnyRecord]:
    """Begin to look for the next record of a kind; calling the result waits for it."""
    found = threading.Event()
    records: list[AnyRecord] = []

    def look(record: Record) -> None:
        if isinstance(record, kind) and not records and wanted(record):
            records.append(record)
            found.set()

    stop = session.journal.follow(look)

    def wait() -> AnyRecord:
        if not found.wait(PATIENCE_S):
            raise TimeoutError(f"no {kind.__name__} came")
        stop()
        return records[0]

    return wait


def copy_samples(directory: Path, *names: str) -> None:
    """Samples of our own, with the crate they need and without anything built."""
    for name in (assets.GUEST_CRATE, *names):
        unwanted = shutil.ignore_patterns("target", ".workbench", "*.wasm")
        shutil.copytree(assets.samples() / name, directory / name, ignore=unwanted)
