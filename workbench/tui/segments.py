"""A choice of a few words in one row: `cast  call`."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar, cast

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

Word = TypeVar("Word", bound=str)


class Segments(Widget, Generic[Word], can_focus=True):
    """Arrow keys, Space and the mouse choose; the chosen word stands out by more than its colour."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"segments--chosen", "segments--other", "segments--focus"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "step(1)", "next choice", show=False, id="choice.next"),
        Binding("left", "step(-1)", "previous choice", show=False, id="choice.previous"),
    ]

    chosen: reactive[str] = reactive("", init=False)

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, segments: Segments[str], value: str) -> None:
            super().__init__()
            self.segments = segments
            self.value = value

        @property
        def control(self) -> Segments[str]:
            """Whose it is."""
            return self.segments

    def __init__(self, words: tuple[Word, ...], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._words = words
        self.chosen = words[0]

    @property
    def value(self) -> Word:
        """The chosen word."""
        return cast(Word, self.chosen)

    def get_content_width(self, container: object, viewport: object) -> int:
        """As wide as its words."""
        return sum(len(word) + 2 for word in self._words)

    def watch_chosen(self, value: str) -> None:
        """Tell."""
        self.post_message(self.Changed(cast("Segments[str]", self), value))

    def action_step(self, by: int) -> None:
        """Choose the next word, or the one before."""
        self.chosen = self._words[(self._words.index(self.value) + by) % len(self._words)]

    def on_key(self, event: events.Key) -> None:
        # Who types here by mistake means a field beside it, and no command of the app.
        if event.is_printable and event.key != "space":
            event.stop()

    def on_click(self, event: events.Click) -> None:
        x = 0
        for word in self._words:
            if x <= event.x < x + len(word) + 2:
                self.chosen = word
            x += len(word) + 2

    def render_line(self, y: int) -> Strip:
        """The words."""
        base = self.rich_style
        segments = []
        for word in self._words:
            chosen = word == self.chosen
            kind = (
                "segments--focus" if chosen and self.has_focus else "segments--chosen" if chosen else "segments--other"
            )
            style = base + self.get_component_rich_style(kind, partial=True)
            segments.append(Segment(f"[{word}]" if chosen else f" {word} ", style))
        return Strip(segments).adjust_cell_length(self.size.width, base)
