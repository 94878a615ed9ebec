"""`workbench check --explain`: what a code means, on the platform and here, and what to do."""

from __future__ import annotations

import textwrap

from workbench.checks.entries import Entry, entries
from workbench.config.shape import nearest
from workbench.errors import UserError

_WIDTH = 100


def run(code: str) -> int:
    """Print what `code` means; all codes when it is empty. Raises `UserError`, with the nearest, when there is none."""
    known = entries()
    if not code:
        for entry in known.values():
            print(f"{entry.code:25} {entry.kind:16} {entry.words}")
        return 0
    if code not in known:
        meant = nearest(code, known)
        hint = f'did you mean "{meant}"?' if meant else "`workbench check --explain` lists all"
        raise UserError(f'there is no code "{code}"; {hint}')
    print(_told(known[code]))
    return 0


def _told(entry: Entry) -> str:
    lines = [f"{entry.code} ({entry.kind}): {entry.words}", ""]
    for title, text in (("Platform", entry.platform), ("Workbench", entry.workbench), ("To do", entry.remedy)):
        lines += textwrap.wrap(f"{title + ':':11}{text}", _WIDTH, subsequent_indent=" " * 11)
    return "\n".join(lines)
