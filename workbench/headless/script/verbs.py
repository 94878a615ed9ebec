"""Every verb of a script: how it is used, what it does, and what it asks of the session. docs/scripts.md teaches them.

In a usage, THING is what waits, RECORD a record of the journal, each by number or query, and QUERY one in braces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from workbench.headless.script.actions import (
    Action,
    ExpectMode,
    ExpectRecords,
    ExpectState,
    ExpectStatus,
    ExpectTime,
    ExpectWaits,
    Order,
    Pick,
    Show,
    ShowLog,
    ShowState,
)
from workbench.headless.script.words import (
    Asked,
    Chosen,
    Count,
    Name,
    Number,
    Numbered,
    Part,
    Path,
    Payload,
    Scale,
    StatusWord,
    Time,
    Word,
)
from workbench.session.commands import (
    Advance,
    Answer,
    Delay,
    Drop,
    DropBreakpoint,
    Duplicate,
    Edit,
    Fault,
    FaultKind,
    Hold,
    Jump,
    Kill,
    Move,
    Pause,
    Redirect,
    Release,
    Rerun,
    Restart,
    Rule,
    Run,
    SelfCheck,
    Send,
    SetBreakpoint,
    SetClock,
    SetResource,
    Shuffle,
    Step,
    StepBack,
    StopInstance,
    SwitchLine,
    Until,
)

T = TypeVar("T")

LOGS_SHOWN = 20
FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)
LATER = -1
"""Stands for a number that is known only when the line's turn comes."""


@dataclass(frozen=True)
class Verb:
    """One verb: what may follow it, written as `grammar.py` says, and what it does."""

    usage: str
    does: str


VERBS: Mapping[str, Verb] = {
    "pause": Verb("", "let nothing happen any more but what the lines ask for"),
    "run": Verb("[until (idle|TIME|[begins] QUERY)]", "go on; with until, pause at what it says"),
    "step": Verb("[into|over|out] [THING|INSTANCE]", "let one event happen"),
    "advance": Verb("next|TIME", "move the clock, and let the timers fire that are due then"),
    "clock": Verb("real|virtual|frozen|SCALE", "let time pass otherwise"),
    "shuffle": Verb("off|NUMBER", "let chance decide what comes first among equals, the same for the same seed"),
    "break": Verb("[begins] QUERY [field PATH] [skip NUMBER]", "pause wherever the query matches"),
    "intercept": Verb("QUERY [skip NUMBER]", "hold back every message that the query matches"),
    "unbreak": Verb("NUMBER", "remove a break or an intercept, by its number"),
    "cast": Verb("INSTANCE = PAYLOAD", "send a cast"),
    "call": Verb("INSTANCE = PAYLOAD", "send a call"),
    "answer": Verb("THING = OUTCOME", "answer a call that waits for you"),
    "reply": Verb("OUTPUT = OUTCOME", "answer every call on an output"),
    "drop": Verb("THING", "let it never come"),
    "edit": Verb("THING = PAYLOAD", "let it say something else"),
    "duplicate": Verb("THING", "let it come twice"),
    "delay": Verb("THING by TIME", "let it come later"),
    "redirect": Verb("THING to ACTOR", "let it go to somebody else"),
    "move": Verb("THING (first|before THING)", "let it come earlier"),
    "hold": Verb("THING", "hold it back"),
    "release": Verb("[THING]", "let it go, or all that is held"),
    "fault": Verb(
        "RESOURCE (off|(error|silence|loss|double|delay TIME) [times NUMBER])",
        "let something go wrong with what a stand-in gets",
    ),
    "real": Verb("RESOURCE", "let a resource run for real"),
    "stand-in": Verb("RESOURCE", "let a resource be played by you"),
    "kill": Verb("INSTANCE", "end an instance at once"),
    "stop": Verb("INSTANCE", "stop an instance in good order"),
    "restart": Verb("INSTANCE", "start an instance anew"),
    "back": Verb("[NUMBER]", "go back before the last event, or so many events"),
    "jump": Verb("present|RECORD", "go to the moment after a record, or to the present"),
    "line": Verb("NUMBER", "return to that line of history, at its end"),
    "rerun": Verb("[RECORD]", "from the beginning, or from after a record, send again what came from outside"),
    "check": Verb("", "run everything again on the side; it must come out the same"),
    "show": Verb("waits|state INSTANCE|log [NUMBER]|clock|instances|breakpoints|lines", "print it"),
    "expect": Verb(
        "paused|running|waits COUNT [QUERY]|state INSTANCE QUERY|status INSTANCE STATUS|clock TIME|[COUNT] QUERY",
        "end the run with status 1 unless it is so",
    ),
}


def action_of(verb: str, parts: tuple[Part, ...]) -> Action:
    """What a line asks for whose parts are as the verb's usage has them."""
    match verb, parts:
        case "show", (Word("state"), Name(name)):
            return ShowState(name)
        case "show", (Word("log"), *_):
            most = _number(parts)
            return ShowLog(LOGS_SHOWN if most is None else most)
        case "show", (Word("waits" | "clock" | "instances" | "breakpoints" | "lines" as what),):
            return Show(what)
        case "expect", (Word("paused" | "running" as mode),):
            return ExpectMode(mode == "paused")
        case "expect", (Word("waits"), Count() as count, *rest):
            return ExpectWaits(count, rest[0].query if rest and isinstance(rest[0], Asked) else None)
        case "expect", (Word("state"), Name(name), Asked(query)):
            return ExpectState(name, query)
        case "expect", (Word("status"), Name(name), StatusWord(status)):
            return ExpectStatus(name, status)
        case "expect", (Word("clock"), Time(ms)):
            return ExpectTime(ms)
        case "expect", (Count() as count, Asked(query)):
            return ExpectRecords(count, query)
        case "expect", (Asked(query),):
            return ExpectRecords(Count(1), query)
    return _order(verb, parts)


def _order(verb: str, parts: tuple[Part, ...]) -> Order:
    picks = [part for part in parts if isinstance(part, Numbered | Chosen)]
    pick = picks[0] if picks else None
    match verb, parts:
        case "pause", ():
            return Order(Pause())
        case "run", _:
            return Order(Run(_until(parts)))
        case "step", _:
            return _step(parts, pick)
        case "advance", (Time(ms),):
            return Order(Advance(ms))
        case "advance", _:
            return Order(Advance())
        case "clock", (Scale(factor),):
            return Order(SetClock("scaled", factor))
        case "clock", (Word("real" | "virtual" | "frozen" as kind),):
            return Order(SetClock(kind))
        case "shuffle", _:
            return Order(Shuffle(_number(parts)))
        case (("break" | "intercept"), _):
            return _breakpoint(verb, parts)
        case "unbreak", (Number(which),):
            return Order(DropBreakpoint(which))
        case (("cast" | "call"), (Name(name), _, Payload(content))):
            return Order(Send(name, content, call=verb == "call"))
        case "reply", (Name(name), _, Payload(content, _, outcome)):
            return Order(Rule(name, outcome, content))
        case "fault", (Name(name), Word(kind), *_):
            return _fault(name, kind, parts)
        case (("real" | "stand-in"), (Name(name),)):
            return Order(SetResource(name, verb == "real"))
        case "kill", (Name(name),):
            return Order(Kill(name))
        case "stop", (Name(name),):
            return Order(StopInstance(name))
        case "restart", (Name(name),):
            return Order(Restart(name))
        case "back", _:
            number = _number(parts)
            return Order(StepBack(1 if number is None else number))
        case "jump", (Word(),):
            return Order(Jump(None))
        case "line", (Number(which),):
            return Order(SwitchLine(which))
        case "check", ():
            return Order(SelfCheck())
        case "release", ():
            return Order(Release())
        case "rerun", ():
            return Order(Rerun())
    assert pick is not None, (verb, parts)
    if verb == "jump":
        return Order(Jump(LATER), {"seq": pick})
    if verb == "rerun":
        return Order(Rerun(LATER), {"seq": pick})
    return _change(verb, parts, picks)


def _change(verb: str, parts: tuple[Part, ...], picks: list[Pick]) -> Order:
    """What is done to one thing that waits."""
    gaps: dict[str, Pick] = {"event": picks[0]}
    match verb, parts[1:]:
        case "answer", (_, Payload(content, _, outcome)):
            return Order(Answer(LATER, outcome, content), {"call": picks[0]})
        case "drop", _:
            return Order(Drop(LATER), gaps)
        case "edit", (_, Payload(content)):
            return Order(Edit(LATER, content), gaps)
        case "duplicate", _:
            return Order(Duplicate(LATER), gaps)
        case "delay", (_, Time(ms)):
            return Order(Delay(LATER, ms), gaps)
        case "redirect", (_, Name(name)):
            return Order(Redirect(LATER, name), gaps)
        case "move", (Word("first"),):
            return Order(Move(LATER), gaps)
        case "move", _:
            return Order(Move(LATER, LATER), gaps | {"before": picks[1]})
        case "hold", _:
            return Order(Hold(LATER), gaps)
        case "release", _:
            return Order(Release(LATER), gaps)
    raise AssertionError(verb, parts)


def _until(parts: tuple[Part, ...]) -> Until | None:
    match parts[1:]:
        case (Time(ms),):
            return Until(t_ms=ms)
        case (Asked(query),):
            return Until(query)
        case (Word("begins"), Asked(query)):
            return Until(query, "begins")
        case (Word("idle"),):
            return Until(idle=True)
    return None


def _step(parts: tuple[Part, ...], pick: Pick | None) -> Order:
    name = _first(parts, Name)
    instance = None if name is None else name.text
    how: Literal["into", "over", "out"] = "into"
    match parts:
        case (Word("over" | "out" as told), *_):
            how = told
    return Order(Step(how, instance, None if pick is None else LATER), {} if pick is None else {"event": pick})


def _breakpoint(verb: str, parts: tuple[Part, ...]) -> Order:
    asked, path = _first(parts, Asked), _first(parts, Path)
    assert asked is not None
    return Order(
        SetBreakpoint(
            asked.query,
            "begins" if Word("begins") in parts else "written",
            "" if path is None else path.text,
            hold=verb == "intercept",
            skip=_number(parts) or 0,
        )
    )


def _fault(name: str, kind: str, parts: tuple[Part, ...]) -> Order:
    if kind == "off":
        return Order(Fault(name, None))
    known = next(one for one in FAULTS if one == kind)
    later = _first(parts, Time)
    return Order(Fault(name, known, 0 if later is None else later.ms, _number(parts)))


def _number(parts: tuple[Part, ...]) -> int | None:
    number = _first(parts, Number)
    return None if number is None else number.value


def _first(parts: tuple[Part, ...], kind: type[T]) -> T | None:
    return next((part for part in parts if isinstance(part, kind)), None)
