"""Diagnostics: what is wrong in the files, how each function's code stands, what the compiler said in its colours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from workbench.project.model import Problem
from workbench.records import Diagnostic
from workbench.session.view import BuildView, View
from workbench.tui.panes.document import DocumentPane, Row
from workbench.tui.panes.explaining import Explanation
from workbench.tui.panes.line import Part, line
from workbench.tui.panes.messages import OpenSource, PaneSource
from workbench.tui.panes.problems import merged, problem_rows, with_errors
from workbench.tui.panes.rows import Rows
from workbench.tui.text import compiler_text, duration_words, visible
from workbench.units import format_duration

_GLYPHS = {
    "error": ("✖", "pane--error"),
    "warning": ("▲", "pane--warning"),
    "note": ("·", "pane--muted"),
    "help": ("·", "pane--muted"),
}


class DiagnosticsPane(DocumentPane):
    """What the checks find, build state per function, its errors and warnings, each leading to its place."""

    NAME = "diagnostics"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+down", "next_problem", "next problem", show=False, id="diagnostics.next-problem"),
        Binding("ctrl+up", "previous_problem", "previous problem", show=False, id="diagnostics.previous-problem"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._seen: tuple[object, ...] = ()
        self.findings: tuple[Problem, ...] = ()
        """What the checks find in the project's files."""
        self._explanation = Explanation()

    def compose(self) -> ComposeResult:
        """What the finding under the cursor means stands below all."""
        yield from super().compose()
        yield self._explanation

    def update_from(self, session: PaneSource) -> None:
        """Write it anew when a build moved."""
        view = session.view()
        seen = (view.builds, view.problems, view.toolchain, _alive(view), self.findings)
        if seen == self._seen:
            return
        self._seen = seen
        problems = merged(view.problems, self.findings)
        self._write_title(view, problems)
        self.show(list(_rows(view, problems)))
        self._explain()

    def on_rows_moved(self, message: Rows.Moved) -> None:
        """Another finding is under the cursor."""
        self._explain()

    def _explain(self) -> None:
        row = self.row_at_cursor()
        self._explanation.explain(None if row is None else row.code)

    def _write_title(self, view: View, problems: Sequence[Problem]) -> None:
        found = [each.level for build in view.builds for each in build.diagnostics]
        errors = found.count("error") + sum(each.severity == "error" for each in problems)
        warnings = found.count("warning") + sum(each.severity == "warning" for each in problems)
        hints = sum(each.severity == "hint" for each in problems)
        parts = [f"✖ {errors}" if errors else "", f"▲ {warnings}" if warnings else "", f"○ {hints}" if hints else ""]
        self.subtitle = "  ".join(part for part in parts if part)
        self.title = f"{self.NAME} {errors}" if errors else self.NAME

    @property
    def place(self) -> OpenSource | None:
        """The place the row is about; from any other row, the first error's."""
        first = next((row.leads_to for row in self._head if isinstance(row.leads_to, OpenSource)), None)
        return super().place or first

    def action_next_problem(self) -> None:
        """Go to the next error or warning."""
        self._step(1)

    def action_previous_problem(self) -> None:
        """Go to the error or warning before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        starts = [
            at
            for at, row in enumerate(self._head)
            if row.leads_to is not None and (at == 0 or self._head[at - 1].leads_to is not row.leads_to)
        ]
        here = self._here()
        ahead = [at for at in starts if (at > here if by > 0 else at < here)]
        if ahead:
            self.rows.go_to(ahead[0] if by > 0 else ahead[-1])


def _rows(view: View, problems: Sequence[Problem]) -> Iterator[Row]:
    if view.toolchain is not None:
        yield Row(line(("▲ ", "pane--warning"), (visible(view.toolchain), "pane--warning")))
        yield Row(line())
    urgent, others = with_errors(problems)
    yield from problem_rows(urgent, view.project.root)
    builds = sorted(view.builds, key=_urgency)
    broken = [build for build in builds if _urgency(build) == 0]
    for build in broken:
        yield from _build(build, view)
    yield from problem_rows(others, view.project.root)
    for build in builds[len(broken) :]:
        yield from _build(build, view)
    if not view.builds and not problems:
        yield Row(line(("No function here has source to build.", "pane--muted")))


def _urgency(build: BuildView) -> int:
    """What has to be mended stands first, so that nobody scrolls for an error past functions that are well."""
    levels = {each.level for each in build.diagnostics}
    return 0 if build.state == "failed" or "error" in levels else 1 if "warning" in levels else 2


def _build(build: BuildView, view: View) -> Iterator[Row]:
    errors = [each for each in build.diagnostics if each.level == "error"]
    warnings = [each for each in build.diagnostics if each.level == "warning"]
    glyph, words, style = _state(build, build.function in _alive(view))
    kinds = ((errors, "error"), (warnings, "warning"))
    counts = ", ".join(_counted(len(found), word) for found, word in kinds if found)
    head: list[Part] = [(f"{glyph} ", style), (visible(build.function), "pane--strong"), (f"  {words}", style)]
    if counts:
        head.append((f"  {counts}", "pane--error" if errors else "pane--warning"))
    yield Row(line(*head, hang=2))
    if build.stages_ms and build.state == "live":  # else they are of the code before
        stages = "  ".join(f"{visible(stage)} {duration_words(ms)}" for stage, ms in build.stages_ms.items())
        yield Row(line((f"  {stages}", "pane--muted"), hang=2))
    function = view.project.functions.get(build.function)
    directory = function.directory if function is not None else view.project.root
    yield from _messages((*errors, *warnings), directory)
    if errors or warnings:
        yield Row(line())


def _alive(view: View) -> frozenset[str]:
    """The functions of which code runs."""
    return frozenset(one.function for one in view.instances if one.status in ("idle", "running", "waiting"))


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _state(build: BuildView, alive: bool) -> tuple[str, str, str]:
    """Glyph, words and style; `alive` when code of an earlier build runs."""
    match build.state:
        case "building":
            crate = f" {visible(build.crate)}" if build.crate else ""
            done = f" {build.done}/{build.total}" if build.total else ""
            return "◐", f"building{crate}{done}  {format_duration(build.elapsed_ms)}", "pane--link"
        case "queued":
            return "◌", "waits for its turn to be built", "pane--muted"
        case "failed":
            return "✖", "failed; the old code stays" if alive else "failed", "pane--error"
        case "built":
            return "◌", "built, and not live", "pane--link"
        case "live":
            since = build.since_change_ms
            return "●", "live" if since is None else f"live in {format_duration(since)}", "pane--success"
        case "prebuilt":
            return "●", "runs the wasm file that was there", "pane--muted"
        case _:
            return "○", "not built yet", "pane--muted"


def _messages(diagnostics: Iterable[Diagnostic], directory: Path) -> Iterator[Row]:
    for each in diagnostics:
        path = None if each.file is None else directory / each.file
        leads_to = None if path is None else OpenSource(path, each.line, each.column)
        rendered = compiler_text(each.rendered)
        if not rendered:
            glyph, style = _GLYPHS[each.level]
            yield Row(line("  ", (f"{glyph} {visible(each.message)}", style), hang=4), leads_to)
        for parts in rendered:
            yield Row(line("  ", *parts, hang=4), leads_to)
