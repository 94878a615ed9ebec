"""The command line: what was typed → one front opened, and every ending in a plain sentence and an exit status."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import workbench
from workbench import places
from workbench.cli.streams import OutputLost
from workbench.errors import UserError, reason_of
from workbench.headless.payloads import outcome_of, payload_of
from workbench.headless.terminal import complain
from workbench.home import home_of
from workbench.session.commands import Rule, Send
from workbench.signals import heard, interrupt
from workbench.threads import ThreadDied
from workbench.units import parse_duration, parse_size

WRONG = 2
INTERRUPTED = 130
CRASHED = 1
INCOMPLETE = 1

TARGETS = "a function's directory, a directory of such, a workflow*.json, or a .wasm file"

STRICT = "lose what the platform may lose, such as what handle_init sends"

PAYLOADS = "A PAYLOAD is taken as it stands; @FILE reads it from a file, @@ at its beginning is a single @."
AMOUNTS = "A DURATION is 500ms, 10s, 2m or 1h, a SIZE 64KiB, 256MiB or 1GB."

T = TypeVar("T")


def perform(arguments: Sequence[str]) -> int:
    """Do what `arguments` (all but the program's name) say; the exit status that the command line promises.

    Never raises, and never shows a traceback.
    """
    threading.excepthook = _fault_in_thread
    status = 0
    try:
        with contextlib.suppress(SystemExit):  # behind --help and --version, with 0
            status = call(arguments)
        sys.stdout.flush()
    except ThreadDied as death:
        _fault(death.__cause__ or death)
        status = CRASHED
    except UserError as error:
        complain(str(error))
        status = WRONG
    except KeyboardInterrupt as interrupt:
        complain("interrupted")
        status = 128 + interrupt.args[0] if interrupt.args else INTERRUPTED
    except OutputLost as lost:
        complain(
            f"standard output did not get everything, it could not be written: {reason_of(lost.__cause__ or lost)}"
        )
        status = INCOMPLETE
    except Exception as error:
        if isinstance(error, UnicodeEncodeError) and sys.getfilesystemencoding() != "utf-8":
            complain(f"file names cannot be spelled in this system's encoding, {error.encoding}; set LC_ALL=C.UTF-8")
            return WRONG
        _fault(error)
        status = CRASHED
    return status


def call(arguments: Sequence[str]) -> int:
    """Do what `arguments` (all but the program's name) say; the exit status. Raises `UserError` if they are wrong."""
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        return _open(arguments)
    return command(arguments[1:])


def _open(arguments: Sequence[str]) -> int:
    parser = _Parser(
        "workbench",
        "Opens functions in the terminal: watches, builds and runs them, and shows every message.",
        epilog="Commands: " + ", ".join(COMMANDS) + ". Each has a --help of its own. "
        "A target that is named like a command, or like an option: ./run, ./-x",
    )
    parser.add_argument("--version", action="version", version=f"workbench {workbench.__version__}")
    parser.add_argument("targets", metavar="TARGET", nargs="*", type=Path, help=f"{TARGETS}; default: here")
    parser.add_argument("--strict", action="store_true", help=STRICT)
    options = parser.read(arguments)
    _check_command(options.targets[:1])
    _check_terminal()
    from workbench.tui.app import run

    with heard(interrupt, [signal.SIGINT]):
        return run(tuple(options.targets) or (Path(),), strict=options.strict)


def _check_command(first: Sequence[Path]) -> None:
    """Raises `UserError` when the first target is nothing that is there, but nearly a command."""
    for target in first:
        near = difflib.get_close_matches(str(target), COMMANDS, 1)
        if near and not os.path.lexists(target):
            raise UserError(f'there is no command and no file "{target}"; did you mean workbench {near[0]}?')


def _check_terminal() -> None:
    """Raises `UserError` where there is no terminal to type into and to draw on, which is done on standard error."""
    for stream, name in ((sys.stdin, "input"), (sys.stderr, "error")):
        if stream is None or not stream.isatty():
            raise UserError(
                f"there is no terminal to open on: standard {name} is none; workbench run TARGET does without one"
            )


def _run(arguments: Sequence[str]) -> int:
    parser = _Parser("workbench run", "Runs functions without a screen.", epilog=f"{PAYLOADS} {AMOUNTS}")
    _add_targets(parser)
    add = parser.add_argument
    again: dict[str, Any] = {"action": "append", "default": []}
    add("--cast", **again, dest="sends", type=_cast, metavar="NAME=PAYLOAD", help="send a cast; in the order given")
    add("--call", **again, dest="sends", type=_call, metavar="NAME=PAYLOAD", help="send a call; in the order given")
    add("--init", **again, type=_init, metavar="NAME=PAYLOAD", help="init payload, instead of the workflow's")
    add("--state", **again, type=_state, metavar="NAME=TEXT", help="the serialized state it starts with")
    add(
        "--reply", **again, type=_rule, metavar="ALIAS=PAYLOAD", help="answer every call on an output; =!noreply, =!err"
    )
    add("--stand-ins", action="store_true", help="play all resources by stand-ins: nothing leaves the run")
    add("--port", type=_port, metavar="NUMBER", help="where http-ingress listens, on this machine only (7035)")
    add("--strict", action="store_true", help=STRICT)
    add("--clock", choices=("real", "virtual"), default="real", help="virtual: time jumps to the next timer (real)")
    add("--until", type=_until, metavar="idle|DURATION", help="when it is over, in the clock's own time (idle)")
    add("--timeout", type=parse_duration, metavar="DURATION", help="of real time, for it all (60s; none with --watch)")
    add("--watch", action="store_true", help="keep running; rebuild and reload on change")
    add("--profile", choices=("dev", "release"), help="how to build (dev, or workbench.toml's)")
    add("--no-build", dest="build", action="store_false", help="run the .wasm that is there")
    add("--state-dir", type=Path, metavar="DIR", help="keep state there from run to run")
    add("--limit-memory", type=_limit(parse_size), metavar="SIZE", help="of one instance")
    add("--limit-time", type=_limit(parse_duration), metavar="DURATION", help="of one handler")
    add("--script", metavar="FILE|-", help="pause, step, go back, expect, ... as its lines say; - is standard input")
    add("--trace", metavar="FILE|-", help="write down everything that happens; - is standard output")
    options = parser.read(arguments)
    from workbench.headless.run import Request, run

    given = vars(options) | {
        "targets": tuple(options.targets),
        "sends": tuple(options.sends),
        "init": dict(options.init),
        "state": dict(options.state),
        "reply": tuple(options.reply),
    }
    with heard(interrupt):
        return run(Request(**given))


def _build(arguments: Sequence[str]) -> int:
    parser = _Parser("workbench build", "Builds functions once and writes <id>.wasm beside function.json.")
    _add_targets(parser)
    parser.add_argument("--profile", choices=("dev", "release"), default="release", help="how to build (release)")
    parser.add_argument(
        "--guest-crate", action="store_true",
        help="have them depend on the guest crate that ships with the workbench, putting a copy beside them",
    )  # fmt: skip
    options = parser.read(arguments)
    from workbench.headless.build import run

    with heard(interrupt):
        return run(tuple(options.targets), options.profile, put_guest_crate=options.guest_crate)


def _check(arguments: Sequence[str]) -> int:
    parser = _Parser(
        "workbench check", "Says what is wrong, or worth knowing, in workflows and functions.", epilog=PAYLOADS
    )
    parser.add_argument("targets", metavar="TARGET", nargs="*", type=Path, help=TARGETS)
    parser.add_argument(
        "--explain", metavar="CODE", nargs="?", const="", help="what a code means; without one: all codes there are"
    )
    parser.add_argument(
        "--compare-profiles", dest="compare", action="store_true",
        help="send messages (the saved ones, unless some are given) to the dev and the release build: what differs?",
    )  # fmt: skip
    for option, into, read, words in (
        ("--cast", "sends", _cast, "a cast to send"),
        ("--call", "sends", _call, "a call to send"),
        ("--reply", "rules", _rule, "answer every call on an output; =!noreply, =!err"),
        ("--init", "init", _init, "init payload, instead of the workflow's"),
    ):
        name = "ALIAS" if into == "rules" else "NAME"
        parser.add_argument(
            option, action="append", default=[], dest=into, type=read, metavar=f"{name}=PAYLOAD",
            help=f"with --compare-profiles: {words}",
        )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="errors and warnings only")
    parser.add_argument("--all", action="store_true", help="a line for each hint, also where one cause repeats")
    options = parser.read(arguments)
    if (options.sends or options.rules or options.init) and not options.compare:
        raise UserError("--cast, --call, --reply and --init are for --compare-profiles; it is missing")
    if options.explain is not None:
        if options.targets:
            raise UserError("--explain takes a code and no targets")
        from workbench.headless.explain import run as explain

        return explain(options.explain)
    if not options.targets:
        raise UserError("there is nothing to check; name a TARGET, as in workbench check workflow.json")
    if options.compare:
        from workbench.headless.compare import Comparison, compare

        with heard(interrupt):
            targets, sends, rules = tuple(options.targets), tuple(options.sends), tuple(options.rules)
            return compare(Comparison(targets, sends, rules, dict(options.init)))
    from workbench.headless.check import run

    with heard(interrupt):
        return run(tuple(options.targets), quiet=options.quiet, every=options.all)


def _doctor(arguments: Sequence[str]) -> int:
    parser = _Parser("workbench doctor", "Says what this machine lacks for building functions.")
    parser.add_argument("--fix", action="store_true", help="mend it; asks before it uses root")
    parser.add_argument("--yes", action="store_true", help="with --fix: do not ask")
    options = parser.read(arguments)
    from workbench.headless.doctor import run

    with heard(interrupt):
        return run(fix=options.fix, yes=options.yes)


def _new(arguments: Sequence[str]) -> int:
    parser = _Parser("workbench new", "Makes a function that builds and runs at once.")
    parser.add_argument("name", metavar="NAME", help="of the function, and of its directory")
    options = parser.read(arguments)
    from workbench.headless.new import run

    with heard(interrupt, [signal.SIGINT]):
        return run(options.name, Path(), COMMANDS)


def _clean(arguments: Sequence[str]) -> int:
    parser = _Parser("workbench clean", "Removes all build output of the workbench, of whatever project.")
    parser.read(arguments)
    from workbench.headless.clean import run

    with heard(interrupt, [signal.SIGINT]):
        return run()


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": _run,
    "build": _build,
    "check": _check,
    "doctor": _doctor,
    "new": _new,
    "clean": _clean,
}


class _Parser(argparse.ArgumentParser):
    """argparse, but what is wrong is one sentence, and a mistyped option meets its nearest."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(prog, description=description, epilog=epilog, allow_abbrev=False)

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        options, unknown = self.parse_known_intermixed_args(arguments)
        if unknown:
            what = "option " if unknown[0].startswith("-") else "place for "
            raise self._wrong(f"there is no {what}{unknown[0]}{self._nearest(unknown[0])}")
        try:
            os.getcwd()
        except OSError as error:
            raise UserError(
                f"the working directory is not there any more ({reason_of(error)}); go to another"
            ) from None
        return options

    def error(self, message: str) -> NoReturn:
        raise self._wrong(message)

    def _wrong(self, message: str) -> UserError:
        return UserError(f"{message}; {self.prog} --help says more")

    def _nearest(self, option: str) -> str:
        near = difflib.get_close_matches(option.partition("=")[0], self._option_string_actions, 1)
        return f", did you mean {near[0]}?" if near else ""


def _add_targets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("targets", metavar="TARGET", nargs="+", type=Path, help=TARGETS)


def _cast(text: str) -> Send:
    return Send(*_named_payload("--cast", text))


def _call(text: str) -> Send:
    return Send(*_named_payload("--call", text), call=True)


def _rule(text: str) -> Rule:
    alias, written = _named("--reply", text)
    return Rule(alias, *_read("--reply", alias, outcome_of, written))


def _init(text: str) -> tuple[str, str]:
    name, payload = _named_payload("--init", text)
    return name, _utf8("--init", payload)


def _state(text: str) -> tuple[str, str]:
    name, state = _named("--state", text)
    return name, _utf8("--state", os.fsencode(state))


def _until(text: str) -> int | None:
    """The time in ms, None for `idle`."""
    return None if text == "idle" else parse_duration(text)


def _limit(parse: Callable[[str], int]) -> Callable[[str], int]:
    """What `parse` makes of a text, as long as it leaves room for anything."""

    def read(text: str) -> int:
        amount = parse(text)
        if amount == 0:
            raise UserError(f"a limit of {text} would let nothing run")
        return amount

    return read


def _port(text: str) -> int:
    """A number that a port can have, 0 for any free one."""
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65535 and len(text) <= 5):
        raise UserError(f'--port wants a number from 0 to 65535 (0: any free port), not "{text}"')
    return int(text)


def _named_payload(option: str, text: str) -> tuple[str, bytes]:
    """NAME=PAYLOAD."""
    name, written = _named(option, text)
    return name, _read(option, name, payload_of, written)


def _read(option: str, name: str, how: Callable[[str, Path], T], written: str) -> T:
    try:
        return how(written, Path())
    except UserError as error:
        raise UserError(f"{option} {name}: {error}") from error


def _named(option: str, text: str) -> tuple[str, str]:
    name, equals, rest = text.partition("=")
    if not name or not equals:
        lacks = "no name" if equals else 'no "="'
        raise UserError(f'{option} wants NAME=..., and "{text}" has {lacks}')
    return name, rest


def _utf8(option: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UserError(f"{option}: byte {error.start} is not UTF-8, and the platform takes only UTF-8 here") from error


def _fault_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _fault(arguments.exc_value)


def _fault(error: BaseException) -> None:
    """Say that the workbench itself went wrong, and leave the traceback where the user can find it. Where no memory was
    left, say why."""
    from workbench.host import room

    if room.ran_out(error):
        complain(f"the memory does not suffice: {room.shortage()}")
        return
    path = Path(places.OWN) / f"crash-{time.strftime('%Y%m%d-%H%M%S')}.txt"
    told = "".join(traceback.format_exception(error))
    try:
        path = home_of(Path.cwd()) / path
        places.make_directory(path.parent)
        report = f"workbench {workbench.__version__}, Python {sys.version}\n\n{told}"
        path.write_text(report, encoding="utf-8", errors="backslashreplace")
    except OSError as problem:
        where = f"its report could not be written to {path}: {reason_of(problem)}"
    else:
        where = f"its report is in {path}"
    complain(f"the workbench has a fault, {error!r}; {where}")
