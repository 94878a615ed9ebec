"""What an action's context means at a moment: what is chosen, where the focus is, what the session does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.journal import Journal
from workbench.records import Call, Cast, Record
from workbench.session.view import InstanceView, Queued, View
from workbench.tui.action import NEEDS, Action
from workbench.tui.layout import SEND
from workbench.tui.resources.words import can_run, waiting_for_you

LINES = ("traffic", "logs", "sequence")
"""The panes of lines, which can be filtered and followed."""
TEXTS = (*LINES, "state", "diagnostics", "inspector")
"""The panes of long texts, which can be searched, and wrapped."""


@dataclass(frozen=True)
class Selection:
    """The one thing chosen on the whole screen: a record, an instance, or both."""

    seq: int | None = None
    instance: str | None = None


@dataclass(frozen=True)
class Situation:
    """One moment. `pane` is where the focus is or last was; `record` and `instance` are what is chosen.

    `waiting` is the chosen record as one that waits, where it does.
    """

    view: View
    pane: str = "traffic"
    record: Record | None = None
    instance: InstanceView | None = None
    waiting: Queued | None = None

    def applies(self, action: Action) -> bool:
        """Whether `action` makes sense now."""
        match action.context:
            case "lines":
                return self.pane in LINES
            case "text":
                return self.pane in TEXTS
            case "instance":
                return self.instance is not None and self.instance.status != "stand-in"
            case "record":
                return self.record is not None
            case "resendable":
                return isinstance(self.record, Cast | Call) and self.record.target is not None
            case "building":
                return any(build.state in ("building", "queued") for build in self.view.builds)
            case "failed":
                return any(build.state == "failed" for build in self.view.builds)
            case "pending":
                return bool(waiting_for_you(self.view))
            case "composer":
                return self.pane == SEND
            case "waiting":
                return self.waiting is not None
            case "held":
                return self.waiting is not None and self.waiting.kind == "held"
            case "any-held":
                return any(event.kind == "held" for event in self.view.stepping.queue)
            case "past":
                return self.view.stepping.past is not None
            case "stand-in":
                return self._stand_in is not None and not self._stand_in.real
            case "resource":
                return self._stand_in is not None
            case "runnable":
                return self._stand_in is not None and can_run(self._stand_in, self.view.project)
            case "real":
                return self._stand_in is not None and self._stand_in.real
            case "ordered":
                one = self._stand_in
                return one is not None and (one.fault is not None or one.rule is not None)
            case "workflow":
                return self.instance is not None and self.instance.workflow is not None
            case "always":
                return True

    def unmet(self, actions: Iterable[Action]) -> str | None:
        """What the first of these needs to make sense, as a sentence; None where one of them does already."""
        needed = None
        for action in actions:
            if self.applies(action):
                return None
            if needed is None and action.context in NEEDS:
                needed = f"{action.words}: {NEEDS[action.context]}"
        return needed

    @property
    def _stand_in(self) -> InstanceView | None:
        """The chosen one, if it is a resource or plays an output."""
        return self.instance if self.instance is not None and self.instance.status == "stand-in" else None

    @property
    def paused(self) -> bool:
        """Whether nothing runs, and a step is what is wanted."""
        return self.view.stepping.mode == "paused"

    def words_of(self, action: Action) -> str:
        """What `action` is called now."""
        return action.paused_words if self.paused and action.paused_words else action.words

    def place_of(self, action: Action) -> int:
        """Where `action` stands in the footer now, 0 for nowhere."""
        paused = self.paused and action.paused_footer is not None
        return (action.paused_footer or 0) if paused else action.footer


def situation(view: View, journal: Journal, selection: Selection, pane: str) -> Situation:
    """The moment as `view`, `journal` and the screen tell it."""
    record = None if selection.seq is None else journal.get(selection.seq)
    instance = None if selection.instance is None else view.named.get(selection.instance)
    waiting = None if selection.seq is None else waiting_event(view, selection.seq)
    return Situation(view, pane, record, instance, waiting)


def waiting_event(view: View, seq: int) -> Queued | None:
    """What waits under the number `seq`, if it still does."""
    return next((event for event in view.stepping.queue if event.seq == seq), None)
