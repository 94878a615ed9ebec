"""What an action's context means at a moment: what is chosen, where the focus is, what the session does."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.journal import Journal
from workbench.records import Call, Cast, Record
from workbench.session.view import InstanceView, View
from workbench.tui.actions import Action
from workbench.tui.layout import SEND

LINES = ("traffic", "logs")
"""The panes of lines, which can be filtered, searched and followed."""


@dataclass(frozen=True)
class Selection:
    """The one thing chosen on the whole screen: a record, an instance, or both."""

    seq: int | None = None
    instance: str | None = None


@dataclass(frozen=True)
class Situation:
    """One moment. `pane` is where the focus is or last was; `record` and `instance` are what is chosen."""

    view: View
    pane: str = "traffic"
    record: Record | None = None
    instance: InstanceView | None = None

    def applies(self, action: Action) -> bool:
        """Whether `action` makes sense now."""
        match action.context:
            case "lines":
                return self.pane in LINES
            case "instance":
                return self.instance is not None and self.instance.status != "stand-in"
            case "record":
                return self.record is not None
            case "resendable":
                return isinstance(self.record, Cast | Call) and self.record.target is not None
            case "building":
                return any(build.state in ("building", "queued") for build in self.view.builds)
            case "pending":
                return bool(self.view.pending_calls)
            case "composer":
                return self.pane == SEND
            case "always":
                return True


def situation(view: View, journal: Journal, selection: Selection, pane: str) -> Situation:
    """The moment as `view`, `journal` and the screen tell it."""
    record = None if selection.seq is None else journal.get(selection.seq)
    instance = next((one for one in view.instances if one.name == selection.instance), None)
    return Situation(view, pane, record, instance)
