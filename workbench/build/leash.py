"""A process group that never outlives its holder.

A build is a tree of processes (cargo, rustc, linkers, build scripts). It runs in a session and process group of its
own, without a terminal, beside a shell that reads from a pipe whose other end only this process holds. When that end
closes, because the holder let go or because this process ended in whatever way, the shell kills the whole group.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from workbench import threads
from workbench.threads import ThreadDied

Stream = Literal["stdout", "stderr"]

_CHUNK = 1 << 16
_SCRIPT = """
exec 3<&0 </dev/null
{ read _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
"$@" 3<&-
status=$?
{ kill -KILL $!; wait $!; } >/dev/null 2>&1
exit $status
"""


class Leash:
    """Runs commands, one after the other; `let_go`, from any thread and at any time, kills all of the one that runs.

    What would start after that is killed at once.
    """

    def __init__(self) -> None:
        self._theirs, self._ours = os.pipe()
        self._lock = threading.Lock()
        self._held = True
        self._group: int | None = None
        """Of the command that runs; its leader is not reaped as long as it is set."""
        self.exit_status: int | None = None
        """Of the command, once `run` is exhausted; 128 and more when a signal ended it, negative when that was ours."""

    def run(
        self, command: Sequence[str], directory: Path, environment: Mapping[str, str], beat_s: float | None = None
    ) -> Iterator[tuple[Stream, bytes]]:
        """What the command writes, as it comes, until it has ended. Raises OSError when it cannot be started, and
        `UserError` when no thread can, or when the one that waits for its end died.

        With `beat_s`: an empty piece whenever nothing came for so long, so that the caller can show that time passes.
        """
        process = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "sh", *command],
            cwd=directory,
            env=dict(environment),
            stdin=self._theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with self._lock:
            self._group = process.pid
            if not self._held:
                self._kill()
        ended, ending = os.pipe()
        deaths: list[ThreadDied] = []

        def died(death: ThreadDied) -> None:
            deaths.append(death)
            self.let_go()

        waiter: threading.Thread | None = None
        try:
            waiter = threads.start("end of a build", lambda: _end_with_leader(process.pid, ending), died)
            yield from _read(process, ended, beat_s)
        except BaseException:
            self.let_go()
            raise
        finally:
            if waiter is None:
                os.close(ending)
            else:
                waiter.join()
            with self._lock:
                self._group = None
            self.exit_status = process.wait()
            os.close(ended)
        if deaths:
            raise deaths[0]

    def let_go(self) -> None:
        """Kill the group; harmless twice."""
        with self._lock:
            if self._held:
                self._held = False
                os.close(self._ours)
                self._kill()

    def _kill(self) -> None:
        """The shell that reads from the pipe would do so, too, unless the command has stopped it."""
        if self._group is not None:
            with suppress(ProcessLookupError, PermissionError):  # it has ended
                os.killpg(self._group, signal.SIGKILL)

    def close(self) -> None:
        """Let go, and give the pipe back; harmless twice."""
        self.let_go()
        with self._lock:
            if self._theirs >= 0:
                os.close(self._theirs)
                self._theirs = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _end_with_leader(group: int, ending: int) -> None:
    """Once the command has ended, kill what it left running, and say so by closing `ending`.

    The group's number cannot have been given to another: its leader is not reaped yet.
    """
    try:
        os.waitid(os.P_PID, group, os.WEXITED | os.WNOWAIT)
        os.killpg(group, signal.SIGKILL)
    finally:
        os.close(ending)


def _read(process: subprocess.Popen[bytes], ended: int, beat_s: float | None) -> Iterator[tuple[Stream, bytes]]:
    """What is written until the command has ended; a daemon that left the group may hold the streams open longer."""
    assert process.stdout is not None
    assert process.stderr is not None
    streams: dict[int, Stream] = {process.stdout.fileno(): "stdout", process.stderr.fileno(): "stderr"}
    with process.stdout, process.stderr, selectors.DefaultSelector() as selector:
        selector.register(ended, selectors.EVENT_READ)
        for number in streams:
            os.set_blocking(number, False)
            selector.register(number, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select(beat_s)}
            if not ready:
                yield "stdout", b""
            last = ended in ready
            for number in list(streams) if last else ready:
                while chunk := _available(number):
                    yield streams[number], chunk
                if chunk is not None:
                    selector.unregister(number)
                    del streams[number]
            if last:
                return


def _available(number: int) -> bytes | None:
    """What can be read now: None when there is nothing, empty when there will be nothing any more."""
    try:
        return os.read(number, _CHUNK)
    except BlockingIOError:
        return None
