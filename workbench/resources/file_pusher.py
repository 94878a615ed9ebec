"""The class `file-pusher`: casts the files of a real directory to `out`, one after the other, for ever.

EDGELESS 1.2: the files are read once, sorted by path, and cast at a fixed period; what is no UTF-8 becomes an empty
message, and so does each message where there are no files. Its mailbox is never read: who calls it waits for ever.

Three things differ. On the platform the directory belongs to the node and is read when the node starts; here it belongs
to the resource. There the pushers of one node take turns on one clock, so that N of them push N times more slowly; here
each has its own. And there files are of any size; here one that is too large for the memory is passed over.
"""

from __future__ import annotations

import base64
import os
import re
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from workbench import threads
from workbench.errors import UserError
from workbench.resources import alarm
from workbench.resources.alarm import Alarm
from workbench.resources.model import ConfigurationFault, Kind, Message, Part, Permits, Port, Setting
from workbench.resources.sandbox import allowed_path, opened
from workbench.resources.standing import Standing
from workbench.resources.wording import reason, shown
from workbench.units import format_size

DIRECTORY_KEY = "workbench:directory"
"""The reserved configuration key by which the project says where the files are."""
USUAL_DIRECTORY = "pushed"
USUAL_PERIOD_MS = 1000
OUTPUT = "out"
MOST_BYTES = 64 << 20
"""How large a file may be, in bytes."""
MOST_TOGETHER = 256 << 20
"""How large all files of a pusher may be, in bytes: it keeps them."""
MOST_NAMED = 3
"""How many of those that are too large are named."""


class _FilePusher:
    """Casts on a thread of its own while `out` leads somewhere."""

    def __init__(self, part: Part, port: Port) -> None:
        self._port, self._standing = port, Standing(port)
        self._permits = part.permits
        self._directory = allowed_path(part.configurations.get(DIRECTORY_KEY, USUAL_DIRECTORY), part.permits)
        self._period_s = min(period_ms(part.configurations) / 1000, threading.TIMEOUT_MAX)
        self._base64 = part.configurations.get("encode-base64", "false").lower() == "true"
        self._linked = False
        self._closed = threading.Event()
        self._alarm = Alarm(part.name, self._slow)
        threads.start(f"resource {part.name}", self._run, lambda death: self._standing.tell("trouble", death.message))

    def take(self, message: Message) -> None:
        """It never looks at what it gets."""

    def relink(self, outputs: frozenset[str]) -> None:
        self._linked = OUTPUT in outputs

    @property
    def busy(self) -> bool:
        """See `Running`."""
        return False

    def close(self) -> None:
        self._closed.set()
        self._alarm.close()

    def _run(self) -> None:
        with self._alarm:
            messages = self._messages()
        # The first tick comes before the outputs are known, as good as always on the platform: the first file is
        # passed over once.
        turn = 1
        while not self._closed.wait(self._period_s):
            if self._linked:
                self._port.cast(OUTPUT, messages[turn % len(messages)])
            turn += 1

    def _slow(self, is_slow: bool) -> None:
        words = f"It has been reading {self._directory} for {alarm.SLOW_S:g} s, and casts nothing before it has."
        self._standing.held_up(words if is_slow else None)

    def _messages(self) -> list[bytes]:
        """What is cast, in turn. Whoever closes it does not wait for the file that is read then; it is the last."""
        self._standing.tell("starting", f"reading {self._directory}")
        try:
            paths = [self._directory / name for name in sorted(_names(self._directory, self._permits))]
        except OSError as error:
            self._standing.tell(
                "trouble", f"{self._directory} cannot be read: {reason(error)}. It casts nothing but ''."
            )
            return [b""]
        messages: list[bytes] = []
        passed_over: list[str] = []
        room = MOST_TOGETHER
        for path in paths:
            if self._closed.is_set():
                break
            try:
                content = _read(path, self._permits, min(MOST_BYTES, room))
            except _TooLarge as error:
                name = shown(str(Path(self._directory.name, path.name)))
                passed_over.append(f"{name} ({format_size(error.size)})")
                continue
            if content is not None:
                messages.append(self._message(content))
                room -= len(content)
        self._tell(len(messages), passed_over)
        return messages or [b""]

    def _tell(self, count: int, passed_over: list[str]) -> None:
        files = f"{count or 'no'} {'file' if count == 1 else 'files'}"
        if passed_over:
            more = len(passed_over) - MOST_NAMED
            which = ", ".join(passed_over[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
            sentence = (
                f"It casts {files}, and passes over what is too large: {which}. Here a file may have "
                f"{format_size(MOST_BYTES)} and all together {format_size(MOST_TOGETHER)}; the platform has no limit."
            )
            self._standing.tell("trouble", sentence)
            self._standing.remark(sentence)
        elif count:
            self._standing.tell("ready", f"{files} of {self._directory}")
        else:
            self._standing.tell("trouble", f"{self._directory} has no files. It casts nothing but ''.")

    def _message(self, content: bytes) -> bytes:
        if self._base64:
            return base64.b64encode(content)
        try:
            content.decode()
        except UnicodeDecodeError:
            self._standing.remark("A file that is no UTF-8 is pushed as an empty message: set encode-base64 to true.")
            return b""
        return content


class _TooLarge(Exception):
    """A file is larger than it may be; `size`: how large, in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size


def period_ms(configurations: Mapping[str, str]) -> int:
    """How long it waits between two files, in milliseconds. What is no whole number from 0 on counts for nothing, as on
    the platform; 0 is as short as its clock goes."""
    text = configurations.get("period-ms", "")
    return max(int(text), 1) if _is_period(text) else USUAL_PERIOD_MS


def _is_period(text: str) -> bool:
    return re.fullmatch(r"\+?[0-9]{1,20}", text) is not None and int(text) < 1 << 64


def _faults(configurations: Mapping[str, str]) -> Iterator[ConfigurationFault]:
    text = configurations.get("period-ms", "")
    if not _is_period(text):
        words = f'"period-ms" is "{text}", no whole number of milliseconds: {USUAL_PERIOD_MS} counts instead'
        yield ConfigurationFault("period-ms", words, refused=False)


def _names(directory: Path, permits: Permits) -> list[str]:
    """What stands in a directory. Raises `OSError`."""
    number = opened(directory, permits, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return os.listdir(number)
    finally:
        os.close(number)


def _read(path: Path, permits: Permits, limit: int) -> bytes | None:
    """What the file holds; None for what is none, cannot be read, or lies outside of what is allowed. Raises
    `_TooLarge` for one of more than `limit` bytes."""
    try:
        # Nor is the other end of a pipe waited for, should one have come since the path was checked.
        number = opened(allowed_path(str(path), permits), permits, os.O_RDONLY | os.O_NONBLOCK)
        with open(number, "rb") as file:
            status = os.fstat(number)
            if not stat.S_ISREG(status.st_mode):
                return None
            if status.st_size > limit:
                raise _TooLarge(status.st_size)
            return file.read(status.st_size)
    except (UserError, OSError):
        return None


def _decode(payload: bytes, sent_to: bool) -> str | None:
    if sent_to:
        return None
    return f"a file of {format_size(len(payload))}" if payload else "a file that is empty or no UTF-8, or no files"


KIND = Kind(
    class_type="file-pusher",
    words="casts the files of a directory, one after the other, again and again",
    settings=(
        Setting("period-ms", "how long to wait between two files, in ms: 1000 unless said"),
        Setting("encode-base64", "whether to cast the files as base64: false unless said", choices=("true", "false")),
        Setting(DIRECTORY_KEY, f"where the files are (on the platform, node.toml says): {USUAL_DIRECTORY} unless said"),
    ),
    outputs=(OUTPUT,),
    takes_cast=False,
    takes_call=False,
    start=_FilePusher,
    faults=_faults,
    reaches=lambda configurations: configurations.get(DIRECTORY_KEY, USUAL_DIRECTORY),
    files=True,
    directory=lambda configurations: configurations.get(DIRECTORY_KEY, USUAL_DIRECTORY),
    decode=_decode,
    samples={"a file": b"one\ntwo\n", "a file that is no UTF-8, or no files": b""},
)
