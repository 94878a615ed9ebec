"""What an entry of the table of actions is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Context = Literal[
    "always",
    "lines",
    "text",
    "instance",
    "record",
    "resendable",
    "building",
    "failed",
    "pending",
    "composer",
    "waiting",
    "held",
    "any-held",
    "past",
    "stand-in",
    "resource",
    "runnable",
    "real",
    "ordered",
    "workflow",
]
"""When an action makes sense: in a pane of lines (traffic, logs), in one with a long text, with an instance or a record
chosen, with something chosen that waits, with a resource that could run for real (`runnable`) or does, and so on."""

NEEDS: Mapping[Context, str] = {
    "lines": "for traffic, logs and the sequence",
    "text": "for panes of lines or of text",
    "instance": "choose an instance first",
    "record": "choose a record first",
    "resendable": "choose a cast or a call first",
    "building": "nothing is being built",
    "failed": "every function builds",
    "pending": "no call waits for you",
    "waiting": "choose something that waits first, in the queue",
    "held": "choose a held message first, in the queue",
    "any-held": "nothing is held",
    "past": "this is the present",
    "stand-in": "choose a stand-in first",
    "resource": "choose a resource first",
    "runnable": "choose a resource first that could run for real, and does not",
    "real": "choose a resource first that runs for real",
    "ordered": "choose a stand-in first where one holds",
    "workflow": "choose an instance of a workflow first",
}
"""What is told when the key of an action that makes no sense now is pressed."""

Group = Literal[
    "messages", "stepping", "waiting", "time", "past", "instances", "resources", "builds", "looking", "screen"
]

GROUP_TITLES: Mapping[Group, str] = {
    "messages": "Messages",
    "stepping": "Stepping",
    "waiting": "What waits",
    "time": "Time and order",
    "past": "Going back",
    "instances": "Instances",
    "resources": "Resources",
    "builds": "Builds and source",
    "looking": "Looking",
    "screen": "Screen",
}

GROUP_CONCEPTS: Mapping[Group, str] = {
    "stepping": "A breakpoint is a query: where a record fits it, the world stops, or the message is held.",
    "waiting": "A held message is kept back from its target, while all else runs on, until it is released.",
    "time": "The clock is the session's own: it stands still while the world is paused.",
    "past": "The past is any moment one has gone back to; looking around in it changes nothing. Going on from there"
    " begins a line of history of its own, and the line before is kept.",
    "resources": "What a workflow has besides functions: a file, a web server, a database. A resource runs for real, or"
    " is a stand-in that you play. What would leave this machine is a stand-in until you allow it.",
}
"""What one has to know, in a sentence, to understand a group."""


@dataclass(frozen=True)
class Action:
    """One thing to do. `id` names it in a keymap, `keys` are the default ones, `help` is a sentence."""

    id: str
    keys: tuple[str, ...]
    words: str
    help: str
    group: Group
    context: Context = "always"
    footer: int = 0
    """Its place in the footer, 0 for none; narrow terminals show the lowest few that apply."""
    confirm: str = ""
    """What is asked before it is done, `{name}` being what it is done to, `{workflow}` the file of its
    workflow; empty when nothing is lost by it."""
    while_typing: bool = False
    """Whether its keys work while a text is being typed."""
    paused_words: str = ""
    """Its words while nothing runs, where they are others."""
    paused_footer: int | None = None
    """Its place in the footer while nothing runs, where that is another."""
