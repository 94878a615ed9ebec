"""Compiler messages as records: cargo's JSON, and what cargo says in plain text when it cannot even start."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from workbench.records import Diagnostic

Level = Literal["error", "warning", "note", "help"]

_LEVELS: dict[str, Level] = {"warning": "warning", "note": "note", "help": "help", "failure-note": "note"}
_PLACE = re.compile(r"^[ \t]*--> (?P<file>.+?):(?P<line>\d+):(?P<column>\d+)$", re.MULTILINE)
_SUMMARY = re.compile(r"aborting due to|\d+ warnings? emitted|For more information about|Some errors have detailed")


def from_message(message: dict[str, Any], manifest: Path, directory: Path) -> Diagnostic | None:
    """The diagnostic in a `compiler-message` of the package at `manifest`; None for remarks about them all.

    `file` is relative to `directory`, the function's, when it lies there, else absolute.
    Format: the rustc book, "JSON Output".
    """
    text = str(message.get("message", ""))
    spans = message.get("spans") or []
    if not spans and _SUMMARY.match(text):
        return None
    level = str(message.get("level", "error"))
    rendered = str(message.get("rendered") or text)
    place = _place(spans, manifest)
    if place is None:
        return Diagnostic(_LEVELS.get(level, "error"), text, rendered=rendered)
    path, line, column = place
    return Diagnostic(_LEVELS.get(level, "error"), text, relative(path, directory), line, column, rendered)


def from_text(text: str, directory: Path) -> Diagnostic:
    """One diagnostic from what a command printed: cargo's own errors, a user's build command."""
    begin = re.search(r"^error\b.*", text, re.MULTILINE)
    rendered = text[begin.start() :].strip() if begin else text.strip()
    found = _PLACE.search(rendered)
    if found is None:
        return Diagnostic("error", _gist(rendered), rendered=rendered)
    path = Path(os.path.normpath(directory / found["file"]))
    return Diagnostic(
        "error", _gist(rendered), relative(path, directory), int(found["line"]), int(found["column"]), rendered
    )


def relative(path: Path, directory: Path) -> str:
    """How a place in `directory` is named from there; one elsewhere keeps its whole path."""
    return str(path.relative_to(directory)) if path.is_relative_to(directory) else str(path)


def _gist(rendered: str) -> str:
    """cargo's error and, as the last of its "Caused by:", the reason."""
    head, *causes = re.split(r"\n[ \t]*Caused by:\n", rendered)
    lines = [_first_line(part) for part in (head, *causes[-1:])]
    return ": ".join(re.sub(r"^error(\[\w+\])?: ", "", line) for line in lines if line)


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _place(spans: Iterable[dict[str, Any]], manifest: Path) -> tuple[Path, int, int] | None:
    """The primary span's place; for one inside a macro from elsewhere (`/rustc/...`), the place that called it."""
    span = next((span for span in spans if span.get("is_primary")), None)
    while span is not None:
        path = _locate(str(span["file_name"]), manifest)
        if path is not None:
            return path, int(span["line_start"]), int(span["column_start"])
        span = (span.get("expansion") or {}).get("span")
    return None


def _locate(name: str, manifest: Path) -> Path | None:
    """rustc names a file relative to the workspace's directory, which is the package's or one above it."""
    for directory in manifest.parents:
        path = directory / name
        if os.path.isfile(path):
            return path
    return None
