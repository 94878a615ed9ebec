"""What a user can do about resources; a part of the one table."""

from __future__ import annotations

from workbench.tui.action import Action

RESOURCES: tuple[Action, ...] = (
    Action(
        "run-real",
        ("ctrl+r",),
        "run for real",
        "Let the resource run for real, or begin anew in trouble; where that leaves this machine you are asked.",
        "resources",
        "runnable",
        footer=2,
    ),
    Action(
        "play",
        ("ctrl+y",),
        "play it",
        "Make the resource a stand-in that you play: nothing it gets leaves the workbench.",
        "resources",
        "real",
        footer=2,
    ),
    Action(
        "fault",
        ("F",),
        "order a fault",
        "Let something go wrong at the stand-in: errors, silence, delays, lost or doubled messages.",
        "resources",
        "stand-in",
        footer=5,
    ),
    Action(
        "answer-always",
        ("ctrl+a",),
        "answer by rule",
        "Say how every call at the stand-in is answered from now on, those that wait there included.",
        "resources",
        "stand-in",
    ),
    Action(
        "end-orders",
        ("K",),
        "end fault or rule",
        "Let nothing go wrong there any more, and calls wait for you again.",
        "resources",
        "ordered",
        footer=3,
    ),
    Action(
        "send-from",
        ("ctrl+o",),
        "send as it",
        "Write a message in the name of the chosen one, to where its output leads; the shelf has samples.",
        "resources",
        "resource",
    ),
)
