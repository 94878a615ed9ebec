"""The list of breakpoints, and making one of what one looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from workbench.query.nodes import And, Node, Term
from workbench.records import Call, Cast, Log, Note, Record, Reply, Sync, Timer
from workbench.session.commands import SetBreakpoint
from workbench.session.view import BreakpointView
from workbench.tui.confirm import Confirm
from workbench.tui.dialog import Dialog
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.stepping.breakpoint_form import BreakpointForm
from workbench.tui.stepping.breakpoints import Breakpoints
from workbench.tui.text import visible

if TYPE_CHECKING:
    from workbench.tui.app import Workbench

LOOKS_PER_SECOND = 5

Read = Callable[[], tuple[BreakpointView, ...]]


def show_breakpoints(app: Workbench) -> None:
    """Open the list."""
    app.push_screen(
        BreakpointList(lambda: app.engine.view().stepping.breakpoints, app.breakpoints, suggested_query(app), app.say)
    )


def break_here(app: Workbench) -> None:
    """Open the form for a new breakpoint on what one looks at."""
    app.push_screen(BreakpointForm(SetBreakpoint(suggested_query(app)), _keeping(app.breakpoints, app.say)))


def _keeping(breakpoints: Breakpoints, say: Callable[[str], None]) -> Callable[..., None]:
    def submit(wanted: SetBreakpoint, done: Callable[[object], None], refused: Callable[[str], None]) -> None:
        def was_set(number: object) -> None:
            done(number)
            say(f"breakpoint {number} is {'set' if wanted.number is None else 'changed'}")

        breakpoints.set(wanted, was_set, refused)

    return submit


def suggested_query(app: Workbench) -> str:
    """The query of the pane one is in; without one, a query that the chosen record fits, or the chosen instance."""
    pane = app.workspace.panes[app.workspace.current]
    if isinstance(pane, LinePane) and pane.query_text:
        return pane.query_text
    now = app.now()
    if now.record is not None and now.pane != "instances":
        return like(now.record)
    return "" if app.selection.instance is None else str(Term("instance", ":", app.selection.instance))


def like(record: Record) -> str:
    """A query that this record fits, and others like it."""
    terms: list[Node] = [Term("kind", ":", record.kind)]
    if isinstance(record, Cast | Call | Timer):
        terms.append(Term("from", ":", record.source))
        if record.target is not None:
            terms.append(Term("to", ":", record.target))
    elif record.instance is not None:
        terms.append(Term("instance", ":", record.instance))
    match record:
        case Log():
            terms[0] = Term("level", ":", f"{record.level}+")
        case Note():
            terms.append(Term("note", ":", record.code))
        case Reply():
            terms.append(Term("outcome", ":", record.outcome))
        case Sync() | _:
            pass
    return str(And(tuple(terms)))


class BreakpointList(Dialog[None]):
    """All breakpoints with their hits; keys and the mouse change them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "leave"),
        Binding("n", "add", "new"),
        Binding("space", "switch", "on or off"),
        Binding("delete,backspace,x", "remove", "remove"),
    ]
    KEYS = (("n", "new"), ("enter", "change"), ("space", "on/off"), ("x", "remove"), ("esc", "leave"))

    def __init__(self, read: Read, breakpoints: Breakpoints, suggestion: str, say: Callable[[str], None]) -> None:
        super().__init__()
        self._read = read
        self._breakpoints = breakpoints
        self._suggestion = suggestion
        self._submit = _keeping(breakpoints, say)
        self._shown: tuple[BreakpointView, ...] | None = None
        self._rows = OptionList()

    def compose(self) -> ComposeResult:
        """The rows, and the keys."""
        with Vertical(classes="dialog", id="breakpoint-list"):
            yield Static(Content("Breakpoints"), classes="dialog-title")
            yield self._rows
            keys = [part for key, words in self.KEYS for part in ((key, "bold $accent"), f" {words}   ")]
            yield Static(Content.assemble(*keys))

    def on_mount(self) -> None:
        self._look()
        self.set_interval(1 / LOOKS_PER_SECOND, self._look)

    def _look(self) -> None:
        shown = self._read()
        if shown == self._shown:
            return
        self._shown = shown
        at = self._rows.highlighted
        self._rows.clear_options()
        self._rows.add_options(Option(_row(each), str(each.number)) for each in shown)
        if shown:
            self._rows.highlighted = min(at or 0, len(shown) - 1)
        else:
            words = "none yet: n makes one, of the pane's query or what is chosen"
            self._rows.add_option(Option(Content.styled(words, "$muted"), disabled=True))

    def _chosen(self) -> BreakpointView | None:
        at = self._rows.highlighted
        return self._shown[at] if self._shown and at is not None and at < len(self._shown) else None

    def action_add(self) -> None:
        """Fill in a new one."""
        self.app.push_screen(BreakpointForm(SetBreakpoint(self._suggestion), self._submit))

    @on(OptionList.OptionSelected)
    def _change(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.app.push_screen(BreakpointForm(command_of(chosen), self._submit))

    def action_switch(self) -> None:
        """Turn the chosen one off, or on again."""
        chosen = self._chosen()
        if chosen is not None:
            self._breakpoints.set(command_of(chosen, on=not chosen.on), lambda _: None, None)

    def action_remove(self) -> None:
        """Remove the chosen one, after asking."""
        chosen = self._chosen()
        if chosen is None:
            return
        question = f"Remove breakpoint {chosen.number}, {chosen.query or chosen.field}?"
        self.app.push_screen(
            Confirm(question, "x", "remove", ("x",)),
            lambda yes: self._breakpoints.drop(chosen.number) if yes else None,
        )


def command_of(one: BreakpointView, *, on: bool | None = None) -> SetBreakpoint:
    """The command that leaves `one` as it is, but for being `on`."""
    return SetBreakpoint(
        one.query,
        one.at,
        one.field,
        one.hold,
        one.on if on is None else on,
        one.skip,
        one.number,
    )


def _row(one: BreakpointView) -> Content:
    does = "hold" if one.hold else "pause"
    begins = ", as an instance begins with it" if one.at == "begins" else ""
    changed = f", {visible(one.field)} changed" if one.field else ""
    skip = f", after {one.skip:,}" if one.skip else ""
    hits = f"{one.hits:,} hit{'' if one.hits == 1 else 's'}"
    words = visible(one.query) or "any record"
    return Content.assemble(
        ("● " if one.on else "○ ", "$error" if one.on else "$muted"),
        (f"{one.number} ", "$muted"),
        (words, "bold" if one.on else "$muted"),
        (f"  {'' if one.on else 'off, '}{does}{begins}{changed}{skip}  {hits}", "$muted"),
    )
