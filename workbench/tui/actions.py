"""The one table of what a user can do: it feeds the keys, the footer, the palette and the help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType

from workbench.tui.action import Action
from workbench.tui.resources.actions import RESOURCES
from workbench.tui.stepping.actions import STEPPING

ACTIONS: tuple[Action, ...] = (
    Action(
        "send",
        ("s",),
        "send",
        "Write a message: a cast or a call, to any instance or stand-in.",
        "messages",
        footer=1,
        paused_footer=6,
    ),
    Action(
        "send-now",
        ("ctrl+j", "f5", "ctrl+enter"),
        "send it",
        "Send what the composer holds, or give the answer it holds.",
        "messages",
        "composer",
        footer=1,
        while_typing=True,
    ),
    Action(
        "answer", ("a",), "answer", "Answer a call at a stand-in, or every call there.", "messages", "pending", footer=2
    ),
    Action(
        "resend", ("m",), "resend", "Send the chosen message once more, as it was.", "messages", "resendable", footer=7
    ),
    Action(
        "edit-resend", ("M",), "edit and resend", "Put the chosen message into the composer.", "messages", "resendable"
    ),
    Action(
        "save-message",
        ("ctrl+s",),
        "save message",
        "Keep what the composer holds as a file in .workbench/messages.",
        "messages",
        "composer",
        footer=3,
        while_typing=True,
    ),
    Action(
        "leave-composer",
        ("escape",),
        "back",
        "Leave the composer; what it holds stays.",
        "messages",
        "composer",
        footer=4,
        while_typing=True,
    ),
    *STEPPING,
    Action(
        "restart",
        ("t",),
        "restart",
        "Start the instance anew with fresh state, as on the platform.",
        "instances",
        "instance",
        confirm="Restart {name} with fresh state? What it holds in memory is lost.",
    ),
    Action(
        "restart-with-state",
        ("T",),
        "restart with state",
        "Edit the last synced state and start the instance anew with it.",
        "instances",
        "instance",
    ),
    Action(
        "stop",
        ("x",),
        "stop",
        "Stop the instance in good order: handle_stop runs.",
        "instances",
        "instance",
        confirm="Stop {name}? handle_stop runs, then it handles nothing more until it is restarted.",
    ),
    Action(
        "kill",
        ("X",),
        "kill",
        "End the instance at once, wherever it is.",
        "instances",
        "instance",
        confirm="Kill {name}? It ends at once, wherever it is; its mailbox stays visible.",
    ),
    Action(
        "start-another",
        ("i",),
        "start another",
        "Start one more instance of the chosen one's function.",
        "instances",
        "instance",
    ),
    Action(
        "start-workflow",
        ("ctrl+g",),
        "start workflow",
        "Start the workflow of the chosen one anew: its functions in the file's order, then its resources.",
        "instances",
        "workflow",
        confirm="Start {workflow} anew with fresh state? What its functions hold in memory is lost.",
    ),
    Action(
        "stop-workflow",
        ("ctrl+k",),
        "stop workflow",
        "Stop the workflow of the chosen one in good order.",
        "instances",
        "workflow",
        confirm="Stop {workflow}? handle_stop runs in each of its functions, and its resources end.",
    ),
    *RESOURCES,
    Action("rebuild", ("r",), "rebuild", "Build the chosen instance's function now and reload it.", "builds", footer=4),
    Action("rebuild-all", ("R",), "rebuild all", "Build every function now and reload what runs it.", "builds"),
    Action(
        "cancel-build",
        ("C",),
        "cancel build",
        "End the build that is running; the old code stays.",
        "builds",
        "building",
        footer=3,
    ),
    Action(
        "switch-profile", ("P",), "switch profile", "Build everything with the other profile: dev or release.", "builds"
    ),
    Action(
        "open-source",
        ("e",),
        "editor",
        "Open the source in $EDITOR, at the line of the chosen trap or error where there is one.",
        "builds",
        footer=5,
    ),
    Action("diagnostics", ("d",), "diagnostics", "Go to what the compiler said.", "builds"),
    Action(
        "doctor",
        ("D",),
        "get the compiler",
        "Run `workbench doctor --fix`, which gets what is missing for building.",
        "builds",
    ),
    Action(
        "guest-crate",
        ("ctrl+d",),
        "use our guest crate",
        "Make a function that does not build depend on the guest crate that ships with the workbench.",
        "builds",
        "failed",
    ),
    Action("new-function", ("N",), "new function", "Make a function that builds and runs at once.", "builds"),
    Action("open-samples", ("O",), "open the samples", "Copy the sample functions here and open them.", "builds"),
    Action(
        "filter",
        ("slash",),
        "filter",
        "Show only what fits a query, such as kind:call or instance:ping.",
        "looking",
        "lines",
        footer=3,
    ),
    Action("save-query", ("S",), "save query", "Keep the pane's query by a name.", "looking", "lines"),
    Action("queries", ("Q",), "saved queries", "Filter by a query that was saved.", "looking", "lines"),
    Action("search", ("ctrl+f",), "search", "Find a text without hiding the rest.", "looking", "text"),
    Action("next-match", ("f3",), "next match", "Go to the next place the searched text stands.", "looking", "text"),
    Action("previous-match", ("shift+f3",), "previous match", "Go to the place before.", "looking", "text"),
    Action("follow", ("f",), "follow", "Follow the newest, or hold still.", "looking", "lines", footer=6),
    Action("wrap", ("w",), "wrap", "Wrap long lines, or cut them.", "looking", "text"),
    Action("copy", ("y",), "copy", "Copy what is selected, or the chosen row.", "looking"),
    Action("clear", ("ctrl+l",), "clear", "Clear the pane; the journal keeps everything.", "looking", "lines"),
    Action("next-pane", ("right_square_bracket",), "next pane", "Go to the next pane.", "screen", footer=8),
    Action("previous-pane", ("left_square_bracket",), "previous pane", "Go to the pane before.", "screen"),
    Action("pane-1", ("1",), "instances", "Go to the instances.", "screen"),
    Action("pane-2", ("2",), "traffic", "Go to the traffic.", "screen"),
    Action("pane-3", ("3",), "logs", "Go to the logs.", "screen"),
    Action("pane-4", ("4",), "state", "Go to the state.", "screen"),
    Action("pane-5", ("5",), "build output", "Go to the diagnostics.", "screen"),
    Action("pane-6", ("6",), "inspector", "Go to the inspector.", "screen"),
    Action("pane-7", ("7",), "sequence", "Go to the sequence diagram: messages as arrows in time.", "screen"),
    Action("pane-8", ("8",), "queue", "Go to what waits: messages, timers, what is held, calls.", "screen"),
    Action("pane-9", ("9",), "graph", "Go to the graph: who is connected to whom, and what goes there.", "screen"),
    Action("maximise", ("z",), "maximise", "Give the pane the whole screen, or give it back.", "screen"),
    Action("panes", ("v",), "panes", "Choose which panes show.", "screen"),
    Action("wider", ("greater_than_sign",), "wider", "Make the pane wider.", "screen"),
    Action("narrower", ("less_than_sign",), "narrower", "Make the pane narrower.", "screen"),
    Action("taller", ("plus",), "taller", "Make the pane taller.", "screen"),
    Action("shorter", ("minus",), "shorter", "Make the pane shorter.", "screen"),
    Action("reset-layout", ("equals_sign",), "reset layout", "Put every pane back where it was at first.", "screen"),
    Action("theme", ("ctrl+t",), "theme", "Choose the colours.", "screen", while_typing=True),
    Action("help", ("question_mark", "f1"), "help", "What can be done here, and with which key.", "screen", footer=9),
    Action(
        "palette",
        ("ctrl+p",),
        "palette",
        "Find any action, instance or saved message by name.",
        "screen",
        footer=10,
        while_typing=True,
    ),
    Action("suspend", ("ctrl+z",), "suspend", "Go back to the shell; `fg` there returns to the workbench.", "screen"),
    Action("quit", ("ctrl+q", "ctrl+c"), "quit", "Leave the workbench.", "screen", while_typing=True),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


def bindings(actions: Iterable[Action] = ACTIONS) -> list[BindingType]:
    """The actions as bindings of the app; each does `do('<id>')` and carries its id, so that a keymap can remap it."""
    return [binding(action, action.keys) for action in actions]


def binding(action: Action, keys: Iterable[str]) -> Binding:
    """`action` on `keys`."""
    return Binding(",".join(keys), f"do('{action.id}')", action.words, id=action.id, tooltip=action.help)
