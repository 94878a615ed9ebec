"""Swatches: the styles that panes draw in, by name, on one widget for all of them.

Textual works out each component class of each widget again whenever it applies styles: ten panes with classes of their
own took 150 ms of the start (measured).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.style import Style
from textual.widget import Widget

STYLES: Mapping[str, str] = {
    "pane--muted": "color: $muted;",
    "pane--strong": "text-style: bold;",
    "pane--pale": "color: $muted 80%;",
    "pane--cause": "color: $accent;",
    "pane--self": "color: $primary; text-style: bold;",
    "pane--effect": "color: $accent;",
    "pane--error": "color: $error;",
    "pane--warning": "color: $warning;",
    "pane--success": "color: $success;",
    "pane--link": "color: $accent;",
    "pane--title": "color: $title; text-style: bold;",
    "pane--tab": "color: $muted;",
    "pane--tab-active": "color: $primary; text-style: bold reverse;",
    "instance--live": "color: $status-live;",
    "instance--busy": "color: $status-busy;",
    "instance--waiting": "color: $status-waiting;",
    "instance--stopped": "color: $status-stopped; text-style: bold;",
    "instance--ended": "color: $muted;",
    "instance--stand-in": "color: $stand-in;",
    "instance--real": "color: $success;",
    "json--key": "color: $primary;",
    "json--string": "color: $success;",
    "json--number": "color: $warning;",
    "json--constant": "color: $secondary; text-style: italic;",
    "tone--cast": "color: $cast;",
    "tone--call": "color: $call;",
    "tone--reply": "color: $reply;",
    "tone--timer": "color: $timer;",
    "tone--sync": "color: $muted;",
    "tone--life": "color: $muted;",
    "tone--good": "color: $success;",
    "tone--note": "color: $warning;",
    "tone--trap": "color: $error; text-style: bold;",
    "traffic--seq": "color: $muted 70%;",
    "traffic--time": "color: $muted;",
    "traffic--name": "color: $foreground;",
    "traffic--payload": "color: $foreground;",
    "traffic--duration": "color: $muted;",
    "log--time": "color: $muted;",
    "log--name": "color: $foreground;",
    "log--target": "color: $muted 80%;",
    "log--error": "color: $log-error; text-style: bold;",
    "log--warn": "color: $log-warn;",
    "log--info": "color: $log-info;",
    "log--debug": "color: $log-debug;",
    "log--trace": "color: $log-trace;",
    "log--message": "color: $foreground;",
    "state--changed": "color: $warning; text-style: bold;",
    "state--added": "color: $success;",
    "state--removed": "color: $error; text-style: strike;",
    "state--before": "color: $muted; text-style: strike;",
    "instance--name": "color: $foreground;",
    "instance--figure": "color: $muted;",
    "instance--mailbox": "color: $warning;",
    "queue--place": "color: $muted 70%;",
    "queue--event": "color: $cast;",
    "queue--timer": "color: $timer;",
    "queue--held": "color: $warning; text-style: bold;",
    "queue--call": "color: $call;",
    "queue--name": "color: $foreground;",
    "queue--payload": "color: $foreground;",
    "queue--why": "color: $muted;",
    "queue--dead": "color: $error; text-style: bold;",
    "sequence--time": "color: $muted;",
    "sequence--line": "color: $muted 55%;",
    "sequence--busy": "color: $muted;",
    "sequence--name": "color: $foreground; text-style: bold;",
    "sequence--user": "color: $title; text-style: bold;",
    "sequence--chosen": "color: $primary; text-style: bold underline;",
    "sequence--more": "color: $warning;",
    "sequence--words": "color: $foreground;",
    "graph--function": "color: $muted;",
    "graph--real": "color: $success;",
    "graph--stand-in": "color: $stand-in;",
    "graph--name": "color: $foreground; text-style: bold;",
    "graph--chosen": "color: $primary; text-style: bold;",
    "graph--chosen-edge": "color: $primary; text-style: bold;",
    "graph--edge": "color: $muted;",
    "graph--live": "color: $accent; text-style: bold;",
    "graph--channel": "color: $foreground;",
    "graph--payload": "color: $muted;",
    "graph--elsewhere": "color: $accent;",
    "graph--warning": "color: $warning;",
    "graph--title": "color: $title; text-style: bold;",
}
"""What each looks like, in the words of style sheets."""


class Swatches(Widget):
    """Is never seen; knows what each name of `STYLES` looks like in the theme of now."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)
    DEFAULT_CSS = (
        "Swatches { display: none; background: $background; "
        + " ".join(f"& > .{name} {{ {style} }}" for name, style in STYLES.items())
        + " }"
    )

    def style(self, name: str) -> Style:
        """The foreground, made full where it lets something through, and the text style."""
        return Style(color=self.get_component_rich_style(name).color) + self.get_component_rich_style(
            name, partial=True
        )
