"""Text that is safe to print: what a terminal would act on, or hide, becomes an escape that can be read."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import TextIO

PREVIEW = 2000
"""How many characters of one text are printed; the trace has all of it."""

_COLOUR = re.compile(r"(\x1b\[[0-9;]*m)")


def visible(text: str) -> str:
    """`text` on one line (`\\n`, `\\x1b[2J`), at most `PREVIEW` characters of it."""
    shown = text[:PREVIEW]
    if not shown.isprintable():
        shown = "".join(map(_visible, shown))
    return shown if len(text) <= PREVIEW else f"{shown}… ({len(text)} characters)"


def payload(content: bytes) -> str:
    """A payload on one line; what is not UTF-8 shows as `\\xff`."""
    if len(content) <= 4 * PREVIEW:
        return visible(content.decode(errors="backslashreplace"))
    return f"{visible(content[:PREVIEW].decode(errors='backslashreplace'))}… ({len(content)} bytes)"


def rendered(text: str, colours: bool) -> str:
    """Lines of a compiler, of whose control sequences only colours stay, and only if wanted."""
    parts = _COLOUR.split(text.replace("\t", "    "))
    return "".join(
        ("\n".join(map(_printable, part.split("\n"))) if index % 2 == 0 else part if colours else "")
        for index, part in enumerate(parts)
    )


def wants_colours(stream: TextIO) -> bool:
    """Whether colours may be printed there: a terminal, whose user has not set NO_COLOR."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def is_terminal(stream: TextIO) -> bool:
    """Whether a line there can be drawn over."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def complain(sentence: str) -> None:
    """Say on standard error, in one line, what is wrong. Where nobody listens any more that is lost."""
    tell(f"workbench: {_printable(sentence)}")


def tell(line: str) -> None:
    """Say on standard error. Where nobody listens any more that is lost."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape", "surrogatepass").decode()
