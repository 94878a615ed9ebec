"""What every window over the screen has: a place to stand, and a way out of the program."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Answer = TypeVar("Answer")

QUIT = Binding("ctrl+q,ctrl+c", "app.do('quit')", "quit", show=False, id="quit")


class Dialog(ModalScreen[Answer]):
    """A modal window; quitting works in it as everywhere."""

    BINDINGS: ClassVar[list[BindingType]] = [QUIT]
