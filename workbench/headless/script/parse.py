"""Reads a script: text → actions, all of it before anything is done, and what is wrong with its line and column."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from workbench.errors import UserError
from workbench.headless.script.actions import Line, Script
from workbench.headless.script.grammar import Either, Literal, Maybe, Sequence, Slot, Usage, usage_of
from workbench.headless.script.reader import SORTS, STATUSES, Fault, Reader
from workbench.headless.script.verbs import VERBS, action_of
from workbench.headless.script.words import Part, Word


def parse(text: str, path: Path, folder: Path) -> Script:
    """The script that `text` is. `path` is what errors name; files of payloads are looked for in `folder`.

    Raises `UserError` for the first line that cannot be read.
    """
    lines: list[Line] = []
    for number, content in enumerate(text.split("\n"), 1):
        content = content.rstrip()
        if not content or content.lstrip().startswith("#"):
            continue
        try:
            lines.append(_line(number, content, folder))
        except Fault as fault:
            raise UserError(fault.sentence, path=path, line=number, column=fault.column) from None
    return Script(path, tuple(lines))


def _line(number: int, text: str, folder: Path) -> Line:
    reader = Reader(text, folder)
    name = reader.word()
    verb = VERBS.get(name)
    if verb is None:
        raise reader.fault(f'there is no verb "{name}"; {_nearest(name, VERBS) or "there are " + ", ".join(VERBS)}')
    reader.take(name)
    matcher = _Matcher(reader)
    if not matcher.read(usage_of(verb.usage)) or not reader.done():
        raise matcher.fault()
    parts = tuple(matcher.parts)
    return Line(number, name, parts, action_of(name, parts))


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word.lower(), list(known), 1)
    return f"did you mean {near[0]}?" if near else ""


class _Matcher:
    """Reads what a usage says, and remembers what else could have stood where it stopped."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._column = 0
        self._expected: list[Literal | Slot] = []
        self.parts: list[Part] = []

    def read(self, usage: Usage) -> bool:
        """Whether it stands here, read into `parts`; False leaves the place as it was.

        Raises `Fault` where it has begun and does not go on.
        """
        match usage:
            case Literal(text):
                return self._took(usage, Word(text) if self._reader.take(text) else None)
            case Slot(sort):
                return self._took(usage, self._reader.read(sort))
            case Maybe(part):
                self.read(part)
                return True
            case Either(options):
                return any(self.read(option) for option in options)
            case Sequence(parts):
                begun = len(self.parts)
                for part in parts:
                    if not self.read(part):
                        if len(self.parts) > begun:
                            raise self.fault()
                        return False
                return True

    def _took(self, wanted: Literal | Slot, part: Part | None) -> bool:
        if part is None:
            if self._reader.column != self._column:
                self._column = self._reader.column
                self._expected.clear()
            self._expected.append(wanted)
            return False
        self.parts.append(part)
        return True

    def fault(self) -> Fault:
        """What is wrong where it stopped."""
        reader = self._reader
        wanted = self._expected if self._column == reader.column else []
        before, word = reader.before, reader.word()
        if not wanted:
            hint = "; a comment stands on a line of its own" if word.startswith("#") else ""
            return reader.fault(f'nothing can stand after "{before}"{hint}')
        said = _either(dict.fromkeys(one.text if isinstance(one, Literal) else SORTS[one.sort] for one in wanted))
        if not word:
            return reader.fault(f'"{before}" is not complete, next comes {said}')
        known = [one.text for one in wanted if isinstance(one, Literal)]
        if Slot("STATUS") in wanted:
            known += STATUSES
        near = _nearest(word, known)
        return reader.fault(f'after "{before}" comes {said}, not "{word}"{near and f"; {near}"}')


def _either(options: Iterable[str]) -> str:
    *first, last = options
    return f"{', '.join(first)} or {last}" if first else last
