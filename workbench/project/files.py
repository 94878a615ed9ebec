"""The user's files while a project is read: each read once; a broken one keeps what it last said."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec

from workbench.config.shape import Key, is_field, mended, misspelt, mistake
from workbench.errors import UserError
from workbench.project import refusals
from workbench.project.codes import CheckCode, Severity
from workbench.project.formats import FunctionJson, WorkflowJson
from workbench.project.json import Json, read_json
from workbench.project.model import Problem
from workbench.project.refusals import Refusal
from workbench.project.source import Source

Content: TypeAlias = FunctionJson | WorkflowJson
T = TypeVar("T", FunctionJson, WorkflowJson)


class Files:
    """Reads function.json and workflow.json files and collects their problems.

    `last` is what the files said when they were last in order. `sources` are those whose shape is right now, at least
    in parts, also when the platform would refuse what they say.
    """

    def __init__(self, last: Mapping[Path, Content]) -> None:
        self._last = last
        self._read: dict[Path, Source] = {}
        self.contents: dict[Path, Content] = {}
        self.problems: list[Problem] = []

    def function(self, path: Path) -> FunctionJson | None:
        """What the function.json at `path` says; None when it is broken and always was."""
        return self._content(path, FunctionJson, refusals.of_function)

    def workflow(self, path: Path) -> WorkflowJson | None:
        """What the workflow file at `path` says; None when it is broken and always was.

        Outputs that lead nowhere are a mistake in it once it was in order; until then they are the caller's to report.
        """
        refused = refusals.of_changed_workflow if self.knew(path) else refusals.of_workflow
        return self._content(path, WorkflowJson, refused)

    def knew(self, path: Path) -> bool:
        """Whether the file at `path` was in order once; it may be gone now."""
        return path in self._last

    def source(self, path: Path) -> Source:
        """A file that was read, with its places; without them when it is broken now."""
        source = self._read[path]
        return source if source.content is self.contents.get(path) else Source(path, lambda _: None)

    @property
    def sources(self) -> dict[Path, Source]:
        """The files whose shape is right now, at least in parts."""
        return {path: source for path, source in self._read.items() if source.content is not None}

    def report(self, severity: Severity, code: CheckCode, error: UserError) -> None:
        """Add a problem."""
        self.problems.append(Problem(severity, error, code))

    def _content(self, path: Path, kind: type[T], refused: Callable[[T], Iterable[Refusal]]) -> T | None:
        if path not in self._read:
            content = self._fresh(path, kind, refused) or self._last.get(path)
            if content is not None:
                self.contents[path] = content
        found = self.contents.get(path)
        return found if isinstance(found, kind) else None

    def _fresh(self, path: Path, kind: type[T], refused: Callable[[T], Iterable[Refusal]]) -> T | None:
        self._read[path] = Source(path, lambda _: None)
        try:
            file = read_json(path)
        except UserError as error:
            self.report("error", "unreadable", error)
            return None
        if file.marked:
            message = "begins with a byte order mark, which the platform's reader refuses; save it without"
            self.report("warning", "byte-order-mark", UserError(message, path=path, line=1, column=1))
        wrong, whole = mended(file.content, kind, path, file.locate)
        for fault in wrong.values():
            self.report("error", "wrong-shape", fault)
        if whole is None or not all(map(_is_in_a_part, wrong)):
            return None
        content = msgspec.convert(whole, kind)
        source = self._read[path] = Source(path, file.locate, content, frozenset(key[:2] for key in wrong))
        broken = [refusal for refusal in refused(content) if refusal[2][:2] not in source.wrong]
        for code, message, key in broken:
            self.report("error", code, source.mistake(message, key))
        ambiguous = self._report_repeated(file, kind)
        self._warn_of_misspelt(file, kind, wrong)
        return None if wrong or broken or ambiguous else content

    def _report_repeated(self, file: Json, kind: type[Content]) -> bool:
        """Report keys that stand twice. Whether the platform refuses the file for it: of a map it takes the last."""
        refused = False
        for key, (line, column) in file.repeated():
            field = is_field(key, kind)
            refused |= field
            what = "the platform refuses that" if field else "only the last one counts"
            error = UserError(f'"{key[-1]}" stands here once more; {what}', path=file.path, line=line, column=column)
            self.report("error" if field else "warning", "repeated-key", error)
        return refused

    def _warn_of_misspelt(self, file: Json, kind: type[Content], told: Collection[Key]) -> None:
        for key, meant in misspelt(file.content, kind):
            if (*key[:-1], meant) in told:
                continue
            message = f'"{key[-1]}" means nothing to the platform; did you mean "{meant}"?'
            self.report("warning", "unknown-key", mistake(message, file.path, file.locate, key))


def _is_in_a_part(key: Key) -> bool:
    """Whether what is at `key` of a workflow concerns one part of it only, so that the others mean what they say."""
    return key[0] == "annotations" or (len(key) > 1 and key[0] in ("functions", "resources"))
