"""The class `file-log`: each message becomes a line at the end of a real file.

EDGELESS 1.2: the file is opened, and made where there is none, when the resource starts; a call is answered with an
empty reply, whether the line could be written or not.
"""

from __future__ import annotations

import io
import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from workbench.errors import UserError
from workbench.resources.model import Kind, Message, Part, Permits, Port, Running, Setting
from workbench.resources.sandbox import allowed_path, opened
from workbench.resources.standing import Standing
from workbench.resources.wording import reason
from workbench.resources.worker import Answer, Worker
from workbench.units import format_size


class _Full(Exception):
    """The file may not grow any more; in words."""


class _FileLog:
    """An open file, and what is written to it."""

    def __init__(self, part: Part, port: Port, standing: Standing) -> None:
        self._port, self._standing = port, standing
        self._path = allowed_path(part.configurations["filename"], part.permits)
        self._add_timestamp = "add-timestamp" in part.configurations
        self._add_source_id = "add-source-id" in part.configurations
        self._file = _opened(self._path, part.permits)
        self._most = part.permits.largest_file
        self._lost = 0
        self._torn = False
        """Whether the end of the last line is missing in the file."""
        self._standing.tell("ready", str(self._path))

    def write(self, message: Message) -> Answer:
        """Append a line."""
        line = b"\n" * self._torn + self._line(message)
        rest = memoryview(line)
        try:
            if os.fstat(self._file.fileno()).st_size + len(line) > self._most:
                raise _Full(
                    f"it has its {format_size(self._most)}: move it away and start the resource anew, or set "
                    "largest_file under [resources] in workbench.toml"
                )
            while rest:
                rest = rest[self._file.write(rest) :]
        except (OSError, ValueError, _Full) as error:  # ValueError: closed, because this took too long
            self._lose(message, error)
        else:
            self._standing.tell("ready", str(self._path))
        self._torn = 0 < len(rest) < len(line) or (self._torn and len(rest) == len(line))
        return "reply", b""

    def _lose(self, message: Message, error: Exception) -> None:
        self._lost += 1
        lines = "a line was" if self._lost == 1 else f"{self._lost:,} lines were"
        self._standing.tell("trouble", f"{self._path} cannot be written to: {reason(error)}; {lines} lost.")
        self._port.drop(message, "unwritten")

    def close(self) -> None:
        """Nothing more is written."""
        self._file.close()

    def _line(self, message: Message) -> bytes:
        before = f"{rfc3339(time.time_ns())} " if self._add_timestamp else ""
        if self._add_source_id:
            before += f"{_instance_id(message.sender)} "
        return before.encode() + message.payload + b"\n"


def rfc3339(nanoseconds: int) -> str:
    """A moment since 1970 as the platform writes it: UTC, with as many groups of three digits as it takes."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    digits = f"{rest:09}"
    while digits.endswith("000"):
        digits = digits[:-3]
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}{'.' if digits else ''}{digits}+00:00"


def _instance_id(sender: bytes) -> str:
    return f"InstanceId(node_id: {UUID(bytes=sender[:16])}, function_id: {UUID(bytes=sender[16:32])})"


def _try(configurations: Mapping[str, str], permits: Permits) -> None:
    """Open what is there. What is not is made, where its directory is there or will be."""
    path = allowed_path(configurations["filename"], permits)
    will_be = permits.to_make is not None and path.parent == Path(os.path.realpath(permits.to_make))
    if os.path.lexists(path) or not (will_be or os.path.isdir(path.parent)):
        _opened(path, permits, make=0).close()


def _opened(path: Path, permits: Permits, make: int = os.O_CREAT) -> io.FileIO:
    try:
        # Nor is the other end of a pipe waited for, should one have come since the path was checked.
        number = opened(path, permits, os.O_WRONLY | os.O_APPEND | make | os.O_NONBLOCK)
    except OSError as error:
        raise UserError(f"{path} cannot be opened: {reason(error)}.") from error
    file = io.FileIO(number, "a")
    if not stat.S_ISREG(os.fstat(number).st_mode):
        file.close()
        raise UserError(f"{path} is no regular file.")
    return file


def _start(part: Part, port: Port) -> Running:
    if "filename" not in part.configurations:
        raise UserError("Field 'filename' missing")
    standing = Standing(port)
    log = _FileLog(part, port, standing)
    return Worker(part, port, standing, log.write, log.close)


def _decode(payload: bytes, sent_to: bool) -> str | None:
    if sent_to:
        return f"becomes a line of {format_size(len(payload))}"
    return None if payload else "taken; whether it was written is not said"


KIND = Kind(
    class_type="file-log",
    words="appends what it gets to a file, a line for each message",
    settings=(
        Setting("filename", "the file, made where there is none", required=True),
        Setting("add-timestamp", "begins each line with the time, in UTC; any value, even 'false', switches it on"),
        Setting("add-source-id", "begins each line with the sender's address; any value, even 'false', switches it on"),
    ),
    start=_start,
    tries=_try,
    reaches=lambda configurations: configurations.get("filename"),
    files=True,
    decode=_decode,
    samples={"written": b""},
)
