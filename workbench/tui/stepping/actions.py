"""The part of the table of actions that is about order and time."""

from __future__ import annotations

from workbench.tui.action import Action

STEPPING: tuple[Action, ...] = (
    Action(
        "pause-run",
        ("space",),
        "pause",
        "Stop the world after the event that is being handled, or let it go on.",
        "stepping",
        footer=2,
        paused_words="run",
        paused_footer=1,
    ),
    Action(
        "step",
        ("n",),
        "step",
        "Let one event happen, the next in order; it ends where a handler calls another. In the past: one forward.",
        "stepping",
        footer=6,
        paused_footer=2,
    ),
    Action("step-over", ("o",), "step over", "Step, but go on until the event is handled, calls and all.", "stepping"),
    Action("step-out", ("u",), "step out", "Go on until the call is answered in whose handler one stands.", "stepping"),
    Action(
        "step-instance",
        ("I",),
        "step instance",
        "Let the next event of the chosen instance happen, and nothing else.",
        "stepping",
        "instance",
    ),
    Action(
        "run-until",
        ("p",),
        "run until…",
        "Go on until something happens: a message, a log, a sync, a trap, a time.",
        "stepping",
        paused_footer=11,
    ),
    Action("breakpoints", ("B",), "breakpoints", "See, add and change the breakpoints.", "stepping"),
    Action(
        "break-here",
        ("f9",),
        "break on this",
        "Make a breakpoint of the pane's query or, without one, of what is chosen.",
        "stepping",
    ),
    Action(
        "step-event",
        ("full_stop",),
        "step this",
        "Let the chosen waiting event happen now, before all others; a timer fires, a held message goes.",
        "waiting",
        "waiting",
        paused_footer=3,
    ),
    Action(
        "edit-event", ("E",), "edit", "Change what the waiting message says.", "waiting", "waiting", paused_footer=3
    ),
    Action(
        "drop-event",
        ("delete", "backspace"),
        "drop",
        "Let the waiting message never come.",
        "waiting",
        "waiting",
        paused_footer=12,
        confirm="Drop {name}? It will never come{left}.",
    ),
    Action("duplicate-event", ("Y",), "duplicate", "Let the waiting message come twice.", "waiting", "waiting"),
    Action("delay-event", ("W",), "delay", "Let the waiting message come later.", "waiting", "waiting"),
    Action("redirect-event", ("at",), "redirect", "Let the waiting message go to another.", "waiting", "waiting"),
    Action(
        "move-up", ("shift+up",), "earlier", "Let it come before the one above, for the same.", "waiting", "waiting"
    ),
    Action(
        "move-down", ("shift+down",), "later", "Let it come after the one below, for the same.", "waiting", "waiting"
    ),
    Action("hold-event", ("H",), "hold", "Hold the waiting message back while all else runs.", "waiting", "waiting"),
    Action("release-event", ("U",), "release", "Let the held message go on.", "waiting", "held", footer=3),
    Action(
        "release-all", ("ctrl+u",), "release all", "Let all held messages go, in their order.", "waiting", "any-held"
    ),
    Action("clock", ("c",), "clock", "Choose how time passes: real, scaled, virtual or frozen.", "time"),
    Action("next-timer", ("comma",), "to next timer", "Move the clock to the next timer, which fires.", "time"),
    Action("advance", ("semicolon",), "advance clock", "Move the clock forward by an amount.", "time"),
    Action(
        "shuffle",
        ("asterisk",),
        "shuffle",
        "Let a seed decide the order of what has none on the platform, or no more.",
        "time",
    ),
    Action(
        "strict",
        ("exclamation_mark",),
        "strict",
        "Lose what the platform may lose, such as what handle_init sends (on/off).",
        "time",
    ),
    Action(
        "step-back",
        ("b",),
        "back",
        "Show the moment before the last event that was handled.",
        "past",
        paused_footer=3,
    ),
    Action(
        "jump",
        ("J",),
        "jump here",
        "Show the moment after the chosen record; Ctrl+click does it, too.",
        "past",
        "record",
    ),
    Action("present", ("0",), "present", "Leave the past: show the newest moment.", "past", "past", paused_footer=3),
    Action("lines", ("L",), "lines", "Return to another line of history, at its end.", "past"),
    Action("rerun", ("A",), "run again", "Send again what came from outside, through the newest code.", "past"),
    Action(
        "self-check",
        ("V",),
        "self-check",
        "Run the journal again beside the session, and tell the first difference, should there be one.",
        "past",
    ),
)
