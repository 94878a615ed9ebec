"""What has a place in the workspace: it says its title, and the workspace draws it."""

from __future__ import annotations

from textual.widget import Widget


class Titled(Widget):
    """A widget with a title, and what it says beside it: plain safe text, in which nothing is markup."""

    title: str = ""
    subtitle: str = ""
