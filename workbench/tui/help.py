"""Help about where one is: one sentence of concept, and every action that applies, from the table."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from workbench.tui.action import GROUP_CONCEPTS, GROUP_TITLES, Action, Group
from workbench.tui.actions import ACTIONS
from workbench.tui.dialog import Dialog
from workbench.tui.local_keys import common_keys, own_keys
from workbench.tui.situation import Situation

CONCEPTS: Mapping[str, str] = {
    "instances": "An instance is one running function: it has a name, a mailbox and outputs, and handles one event at"
    " a time. A resource runs for real (◈), with an address or what is wrong below it, or is a stand-in (◇) that you"
    " play: it records what it gets, and its calls wait for you.",
    "traffic": "A cast is a message that expects nothing back; a call waits for its reply. Delayed casts are set"
    " now and sent later. Each row is one of them, with who sent it to whom.",
    "logs": "What the functions log, line by line, and notes: remarks that something here differs from, or would hurt"
    " on, the real platform.",
    "state": "What an instance last handed over with sync: what a reload gives to the new code's handle_init. A restart"
    " starts fresh, as on the platform.",
    "diagnostics": "What the compiler said about the newest build of each function. A failed build keeps the old code"
    " running.",
    "inspector": "The chosen thing, whole: its payload, what caused it, what it led to.",
    "sequence": "Each row is one message: an arrow from the lifeline of who sent it to that of who gets it. ─ is a"
    " cast, ═ a call, ╌ a reply, ┈ a delayed cast being set; ┃ is a lifeline whose instance is handling something. All"
    " but the chosen message's causes and consequences is pale, until Escape; ← and → bring columns in sight.",
    "queue": "What waits to happen, in the order it would: messages in mailboxes, timers, what is held, and calls that"
    " wait for your answer. Any of them can be let go first, changed, sent elsewhere or dropped; below stands who waits"
    " for whom.",
    "graph": "Boxes are who there is, by workflow; edges are their outputs, with the channel, how often it is used now"
    " and what went there last. A double frame is a resource that is real, a broken one a stand-in; ✗ is an output that"
    " leads nowhere, ↩ one that leads back. The arrow keys go from box to box; l lists what is drawn.",
    "send": "The composer sends a cast or a call to anyone, as the user or in another's name. Delay and every are"
    " durations such as 500ms or 2s. When a call waits at a stand-in, the same form is its answer.",
}
FIRST: Mapping[str, Group] = {"queue": "waiting"}
"""Which group comes first in a pane that is about it."""

WIDTH = 110
MARGINS = 8
KEY_WIDTH = 9
INDENT = 29
"""Columns: of the window, of what frames it, of the keys, and of keys and words together."""


class Help(Dialog[None]):
    """The window; any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "dismiss", "close")]

    def __init__(self, now: Situation, key_of: Callable[[Action], str], keys_bound: Callable[[Binding], str]) -> None:
        super().__init__()
        self._now = now
        self._key_of = key_of
        self._keys_bound = keys_bound

    def compose(self) -> ComposeResult:
        """The concept, then the groups of actions."""
        room = max(24, min(WIDTH, self.app.size.width * 9 // 10) - MARGINS - INDENT)
        with Vertical(classes="dialog", id="help"):
            yield Static(Content(self._now.pane), classes="dialog-title")
            with VerticalScroll():
                yield Static(Content(CONCEPTS[self._now.pane]), id="concept")
                if own := own_keys(self._now.pane):
                    yield Static(self._bound("Here", own))
                for group, actions in groups(self._now):
                    yield Static(_table(group, actions, self._now, self._key_of, room))
                if common := common_keys(self._now.pane):
                    yield Static(self._bound("Moving", common))
            yield Static(Content.assemble(("esc", "bold $accent"), " close"))

    def _bound(self, title: str, bound: Iterable[Binding]) -> Content:
        lines = [Content.styled(f"\n{title}", "bold $title")]
        shown = [(self._keys_bound(each), each.description) for each in bound]
        room = max(KEY_WIDTH - 4, *(len(keys) for keys, _ in shown))
        for keys, words in shown:
            lines.append(Content.assemble((f"  {keys:<{room}}  ", "bold $accent"), words))
        return Content("\n").join(lines)


def groups(now: Situation) -> list[tuple[Group, list[Action]]]:
    """The actions that apply now, by group; those only for here come first in theirs."""
    found: list[tuple[Group, list[Action]]] = []
    for group in sorted(GROUP_TITLES, key=lambda group: group != FIRST.get(now.pane)):
        actions = [action for action in ACTIONS if action.group == group and now.applies(action)]
        actions.sort(key=lambda action: action.context == "always")
        if actions:
            found.append((group, actions))
    return found


def _table(group: Group, actions: list[Action], now: Situation, key_of: Callable[[Action], str], room: int) -> Content:
    lines = [Content.styled(f"\n{GROUP_TITLES[group]}", "bold $title")]
    concept = textwrap.wrap(GROUP_CONCEPTS.get(group, ""), room + INDENT - 2)
    lines.extend(Content(f"  {line}") for line in concept)
    for action in actions:
        first, *rest = textwrap.wrap(action.help, room)
        key = (f"  {key_of(action):<{KEY_WIDTH - 2}}", "bold $accent")
        lines.append(Content.assemble(key, f"{now.words_of(action):<{INDENT - KEY_WIDTH}}", (first, "$muted")))
        lines.extend(Content.styled(" " * INDENT + line, "$muted") for line in rest)
    return Content("\n").join(lines)
