"""Messages at hand beside the composer: those sent lately, those saved, and samples of what a resource says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from workbench.errors import UserError
from workbench.project.messages import Message as SavedMessage
from workbench.project.messages import message_files, read_message
from workbench.project.model import Project
from workbench.tui.drafts import Draft
from workbench.tui.payload import typed_payload
from workbench.tui.segments import Segments
from workbench.tui.text import preview, visible

MOST_SENT = 200
SHORT = 16
"""Characters of a sample, which is chosen by its words."""
_EMPTY = {
    "saved": "nothing saved yet",
    "sent": "nothing sent yet",
    "samples": "none: they are for messages in the name of a resource",
}


@dataclass(frozen=True)
class Saved:
    """A saved message and the file it stands in."""

    path: Path
    name: str
    draft: Draft


class SavedMessages:
    """The saved messages of a project; a file is read anew only when it changed."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[tuple[int, int], Saved | UserError]] = {}

    def look(self, project: Project) -> tuple[tuple[Saved, ...], tuple[UserError, ...]]:
        """They by name, and what is wrong with the files of the others."""
        found: dict[Path, tuple[tuple[int, int], Saved | UserError]] = {}
        for path in message_files(project):
            try:
                stat = path.stat()
            except OSError:  # it has just gone
                continue
            stamp = (stat.st_mtime_ns, stat.st_size)
            before = self._read.get(path)
            found[path] = before if before is not None and before[0] == stamp else (stamp, _saved(path))
        self._read = found
        saved = [each for _, each in found.values() if isinstance(each, Saved)]
        problems = tuple(each for _, each in found.values() if isinstance(each, UserError))
        return tuple(sorted(saved, key=lambda one: one.name.lower())), problems


def _saved(path: Path) -> Saved | UserError:
    try:
        message = read_message(path)
        return Saved(path, message.name, draft_of_saved(message))
    except UserError as error:
        return error


def draft_of_saved(message: SavedMessage) -> Draft:
    """A saved message in the form."""
    mode, typed = typed_payload(message.payload)
    return Draft(
        message.target,
        message.kind == "call",
        message.source,
        mode,
        typed,
        str(message.delay_ms),
        str(message.repeat),
        str(message.every_ms),
    )


class Shelf(Vertical):
    """A list of drafts: choose one to put it into the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,backspace", "remove", "delete a saved message", show=False, id="shelf.remove")
    ]

    class Chosen(Message):
        """A draft was chosen."""

        def __init__(self, draft: Draft) -> None:
            super().__init__()
            self.draft = draft

    class Sampled(Message):
        """A sample of a resource's payloads was chosen."""

        def __init__(self, payload: bytes) -> None:
            super().__init__()
            self.payload = payload

    class Unwanted(Message):
        """The user wants a saved message gone."""

        def __init__(self, saved: Saved) -> None:
            super().__init__()
            self.saved = saved

    def __init__(self) -> None:
        super().__init__()
        self._listing = Segments(("saved", "sent", "samples"), id="listed")
        self._rows = OptionList(compact=True)
        self.saved: tuple[Saved, ...] = ()
        self.sent: tuple[Draft, ...] = ()
        """The newest first."""
        self.samples: Mapping[str, bytes] = {}
        """What the resource that one speaks for says, by what it means."""
        self._before = "saved"

    def compose(self) -> ComposeResult:
        """What is listed, and the list."""
        yield self._listing
        yield self._rows

    def show_saved(self, saved: Sequence[Saved]) -> None:
        """List these messages as the saved ones."""
        if tuple(saved) != self.saved:
            self.saved = tuple(saved)
            self._list()

    def add_sent(self, draft: Draft) -> None:
        """Put a draft on top of those sent; it stands there once."""
        self.sent = (draft, *(other for other in self.sent if other != draft))[:MOST_SENT]
        self._list()

    def recall_sent(self, sent: Sequence[Draft]) -> None:
        """List these as sent, the newest first."""
        self.sent = tuple(sent)[:MOST_SENT]
        self._list()

    def show_samples(self, samples: Mapping[str, bytes]) -> None:
        """Offer these while one speaks for a resource; with none, list again what was listed before."""
        if samples == self.samples:
            return
        self.samples = samples
        if samples and self._listed != "samples":
            self._before, self._listing.chosen = self._listed, "samples"
        elif not samples and self._listed == "samples":
            self._listing.chosen = self._before
        self._list()

    def on_mount(self) -> None:
        self._list()

    @property
    def _drafts(self) -> tuple[Draft, ...]:
        return self.sent if self._listed == "sent" else tuple(saved.draft for saved in self.saved)

    @property
    def _listed(self) -> str:
        return self._listing.value

    @on(Segments.Changed)
    def _list(self) -> None:
        rows = self._rows
        at = rows.highlighted
        rows.clear_options()
        if self._listed == "samples":
            rows.add_options(
                Option(Content.assemble(visible(words), (f"  {preview(payload, SHORT)}", "$muted")))
                for words, payload in self.samples.items()
            )
        elif self._listed == "sent":
            rows.add_options(Option(Content(draft.summary)) for draft in self.sent)
        else:
            rows.add_options(
                Option(Content.assemble(visible(saved.name), (f"  {saved.draft.summary}", "$muted")))
                for saved in self.saved
            )
        if not rows.option_count:
            empty = _EMPTY[self._listed]
            rows.add_option(Option(Content.styled(empty, "$muted"), disabled=True))
        elif at is not None:
            rows.highlighted = min(at, rows.option_count - 1)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._listed == "samples":
            if event.option_index < len(self.samples):
                self.post_message(self.Sampled(list(self.samples.values())[event.option_index]))
        elif event.option_index < len(self._drafts):
            self.post_message(self.Chosen(self._drafts[event.option_index]))

    def action_remove(self) -> None:
        """Ask for the saved message under the cursor to be deleted."""
        at = self._rows.highlighted
        if self._listed == "saved" and at is not None and at < len(self.saved):
            self.post_message(self.Unwanted(self.saved[at]))
