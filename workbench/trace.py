"""Traces: the journal's records as JSON Lines, written while they happen and read back (docs/trace.md)."""

from __future__ import annotations

import base64
import codecs
import json
import os
import re
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from workbench import threads
from workbench.errors import UserError, reason_of
from workbench.records import Record
from workbench.units import format_size

_STREAMS: Mapping[str | int, str] = {1: "standard output", 2: "standard error"}

MAX_WAITING_BYTES = 4 << 20
"""How much of a trace waits for its reader before the writer of the journal waits too."""

MAX_LINE_BYTES = 1 << 30
"""What is read of one line at most."""

BATCH_BYTES = 64 << 10
COLLECT_SECONDS = 0.05
"""Lines are written when this much has gathered, or this long after the first of them."""

PATIENCE_SECONDS = 5.0
UNREAD = "nobody reads it"

_encoder = msgspec.json.Encoder()


_ACTED_ON = re.compile(
    rb"\x7f|\xc2[\x80-\x9f\xad]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf"
)
"""In UTF-8, what a terminal acts on or hides: DEL, C1, line separators, what changes the direction or has no width. In
JSON it stands in texts only. (C0 is escaped anyhow.)"""


def encode(record: Record) -> bytes:
    """`record` as one line that is safe to print. A payload is `payload` where it is UTF-8, else `payload_base64`."""
    line = _encode(record)
    return line if line.isascii() and b"\x7f" not in line else _ACTED_ON.sub(_escape, line)


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(found.group().decode())


def _encode(record: Record) -> bytes:
    fields: Any = record
    payload = getattr(record, "payload", None)
    if payload is not None:
        fields = {"kind": record.kind, **msgspec.structs.asdict(record)}
        try:
            fields["payload"] = payload.decode()
        except UnicodeDecodeError:
            del fields["payload"]
            fields["payload_base64"] = base64.b64encode(payload).decode()
    try:
        return _encoder.encode(fields) + b"\n"
    except UnicodeEncodeError:  # a name that holds bytes of a file system
        return json.dumps(msgspec.to_builtins(fields), ensure_ascii=False).encode(errors="replace") + b"\n"


def decode(line: bytes) -> Record:
    """The record a line holds; fields it does not know are passed over. Raises `UserError` for anything else."""
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
        if "payload_base64" in fields:
            fields["payload"] = base64.b64decode(fields.pop("payload_base64"), validate=True)
        elif isinstance(fields.get("payload"), str):
            fields["payload"] = fields["payload"].encode()
        record: Record = msgspec.convert(fields, type=Record)
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        raise UserError(f"this is not a line of a trace: {error}") from error
    except RecursionError as error:
        raise UserError("this is not a line of a trace: its JSON is nested too deep") from error
    return record


def read(path: Path) -> Iterator[Record]:
    """The records of the trace at `path`, one by one. Raises `UserError` where it cannot be read, or a line is none."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(iter(lambda: lines.readline(MAX_LINE_BYTES + 1), b""), 1):
                try:
                    if len(line) > MAX_LINE_BYTES:
                        raise UserError(f"a line of a trace has at most {format_size(MAX_LINE_BYTES)}")
                    yield decode(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)
                except UserError as error:
                    raise UserError(error.message, path=path, line=number) from error
    except OSError as error:
        raise UserError(f"the trace cannot be read: {reason_of(error)}", path=path) from error


class RecordWriter:
    """Writes records to a file or a standard stream, on a thread of its own; give `write` to `Journal.follow`.

    No record is lost to haste: where the reader is slower than the engine, `write` waits. Where nothing can be written
    any more the run goes on, and `error` says why in one sentence. A file then ends with its last whole line.
    """

    def __init__(self, target: str | int, form: Callable[[Record], bytes] = encode) -> None:
        """`target` is a path or a file descriptor, `form` what a record looks like (`b""`: it is left out).

        Raises `UserError` when the file cannot be opened. A named pipe may get its reader later.
        """
        self._name = str(_STREAMS.get(target, target)) or '""'
        self._target = target
        try:
            self._fd = None if _is_pipe(target) else _opened(target)
        except (OSError, ValueError) as error:
            raise UserError(f"{self._name} cannot be written: {reason_of(error)}") from error
        self._cuttable = isinstance(target, str) and self._fd is not None and stat.S_ISREG(os.fstat(self._fd).st_mode)
        self._form = form
        self._lines: list[bytes] = []
        self._waiting = 0
        self._written = 0
        self._closing = False
        self._patience: float | None = None
        self._changed = threading.Condition()
        self.error: UserError | None = None
        """Why not everything was written, once that is so."""
        self.hung_up = False
        """Whether that is because its reader has had enough, as `head` has."""
        self._thread = threads.start(f"writer of {self._name}", self._run, lambda death: self._fail(death.message))

    def write(self, record: Record) -> None:
        """Take `record`; waits while more than `MAX_WAITING_BYTES` wait to be written."""
        self.put(self._form(record))

    def put(self, line: bytes) -> None:
        """Take what is no record, in its turn among them; waits as `write` does."""
        if not line:
            return
        with self._changed:
            if self.error is not None or self._closing:
                return
            self._lines.append(line)
            self._waiting += len(line)
            if len(self._lines) == 1 or self._waiting >= BATCH_BYTES:
                self._changed.notify_all()
            while self._waiting > MAX_WAITING_BYTES and self.error is None and not self._closing:
                written = self._written
                if not self._changed.wait(self._patience) and written == self._written:
                    self._fail(UNREAD)

    def hasten(self) -> None:
        """The end is near: from now on `write` gives up on a reader that takes nothing for `PATIENCE_SECONDS`."""
        with self._changed:
            self._patience = PATIENCE_SECONDS
            self._changed.notify_all()

    def close(self, patience: float = PATIENCE_SECONDS) -> None:
        """Write what waits and end; gives up on a reader that takes nothing for that many seconds. Harmless twice."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        written = -1
        while self._thread.is_alive() and written != self._written:
            written = self._written
            self._thread.join(patience)
        if self._thread.is_alive():
            self._fail(UNREAD)

    def _run(self) -> None:
        try:
            fd = _opened(self._target) if self._fd is None else self._fd  # of a pipe, waits for its reader
            try:
                while batch := self._next_batch():
                    self._write_out(fd, batch)
            finally:
                os.close(fd)
        except OSError as error:
            self.hung_up = isinstance(error, BrokenPipeError)
            self._fail(reason_of(error))

    def _next_batch(self) -> bytes:
        """What has gathered; empty when the trace is closed and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._closing)
            self._changed.wait_for(lambda: self._waiting >= BATCH_BYTES or self._closing, COLLECT_SECONDS)
            gathered, count = 0, 0
            for line in self._lines:  # what is long goes alone: nothing of it is copied
                if count and gathered + len(line) > MAX_WAITING_BYTES:
                    break
                gathered, count = gathered + len(line), count + 1
            batch = b"".join(self._lines[:count])
            del self._lines[:count]
            self._waiting -= gathered
            self._changed.notify_all()
        return batch

    def _write_out(self, fd: int, batch: bytes) -> None:
        rest = memoryview(batch)
        while rest:
            try:
                count = os.write(fd, rest[:BATCH_BYTES])
            except OSError:
                self._cut(fd, batch, len(batch) - len(rest))
                raise
            self._written += count
            rest = rest[count:]

    def _cut(self, fd: int, batch: bytes, done: int) -> None:
        """Take back the part of a line that was written before the disk was full."""
        if self._cuttable:
            whole = batch.rfind(b"\n", 0, done) + 1
            os.ftruncate(fd, self._written - (done - whole))

    def _fail(self, reason: str) -> None:
        with self._changed:
            self.error = UserError(f"{self._name} did not get everything, it could not be written: {reason}")
            self._lines.clear()
            self._waiting = 0
            self._changed.notify_all()


def _is_pipe(target: str | int) -> bool:
    return isinstance(target, str) and os.path.exists(target) and stat.S_ISFIFO(os.stat(target).st_mode)


def _opened(target: str | int) -> int:
    if isinstance(target, int):
        return os.dup(target)
    return os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
