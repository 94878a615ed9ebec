"""`workbench check --compare-profiles`: the same messages through the dev and the release build, and where they differ.

A dev build checks arithmetic and keeps its names, a release build does not; with undefined behaviour, or where code
asks how it was built, they do different things. Time is virtual and resources are stand-ins, so nothing else differs.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from workbench.config.settings import settings_for
from workbench.errors import UserError
from workbench.headless.names import check_names
from workbench.headless.record import told
from workbench.headless.terminal import complain, visible
from workbench.project.messages import Message, message_files, read_message
from workbench.project.model import Project
from workbench.project.targets import read, sound
from workbench.records import Build, Handled, Profile, Record, Trap
from workbench.session.commands import Rule, Send
from workbench.session.options import Options
from workbench.session.session import Session
from workbench.session.view import PendingCall, View

PATIENCE_S = 300.0
SIMULATED_MS = 10_000
"""How long, on the session clock, functions go on by themselves after the last message."""
PROFILES: tuple[Profile, Profile] = ("dev", "release")


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What is sent to both builds. Without `sends` it is the saved messages. `rules` answer for stand-ins, `init` are
    payloads by instance name."""

    targets: tuple[Path, ...]
    sends: tuple[Send, ...] = ()
    rules: tuple[Rule, ...] = ()
    init: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class _Played:
    """What one build did, and the calls that wait for an answer at the end, oldest first."""

    records: Sequence[Record]
    waiting: Sequence[PendingCall]


def compare(asked: Comparison) -> int:
    """0 when both builds did the same, else 1 and what differed, or what could not be compared.

    Raises `UserError` for targets that cannot be read, and for names that are none.
    """
    project = sound(read(asked.targets, settings_for(asked.targets)))
    check_names(project, asked.sends, asked.init, (), asked.rules)
    if not asked.sends:
        asked = dataclasses.replace(asked, sends=tuple(_send(read_message(path)) for path in message_files(project)))
    dev, release = (_play(project, profile, asked) for profile in PROFILES)
    differences = list(_differences(dev.records, release.records))
    for line in differences:
        print(line)
    number = len(asked.sends)
    messages = "1 message" if number == 1 else f"{number or 'no'} messages"
    if differences:
        complain(f"the dev and the release build do different things with {messages}")
        return 1
    same = f"{len(dev.records):,} records of {messages} came out the same in both builds"
    if dev.waiting:
        complain(f"{same}, but they are {_cut_short(dev.waiting)}")
        return 1
    print(f"no difference: {same}", file=sys.stderr)
    return 0


def _cut_short(waiting: Sequence[PendingCall]) -> str:
    first = waiting[0]
    more = f", and {len(waiting) - 1} more calls wait" if len(waiting) > 1 else ""
    told = f"not compared beyond #{first.seq}: {first.source} waits for an answer of {first.target}{more}"
    return visible(f"{told}; --reply {first.target}=PAYLOAD gives one")


def _send(message: Message) -> Send:
    call = message.kind == "call"
    return Send(
        message.target, message.payload, call, message.source, message.delay_ms, message.repeat, message.every_ms
    )  # fmt: skip


def _play(project: Project, profile: Profile, asked: Comparison) -> _Played:
    """What happens when the messages are sent one after the other to what `profile` builds."""
    with TemporaryDirectory(prefix="workbench-compare-") as fresh:
        options = Options(
            clock="virtual",
            until_ms=SIMULATED_MS,
            profile=profile,
            watch=False,
            state_directory=Path(fresh),
            init_payloads=asked.init,
            rules=asked.rules,
        )
        session = Session(project, settings_for(project.targets), options)
        session.open()
        try:
            _settle(session, profile)
            _refuse_unbuilt(session.view(), profile)
            for send in asked.sends:
                session.submit(send).result(PATIENCE_S)
                _settle(session, profile)
            records = [_lasting(record) for record in session.journal.iterate() if not isinstance(record, Build)]
            return _Played(records, session.view().pending_calls)
        finally:
            session.close()


def _settle(session: Session, profile: Profile) -> None:
    if not session.wait_idle(PATIENCE_S):
        raise UserError(f"the {profile} build does not come to rest within {PATIENCE_S:.0f} s; nothing was compared")


def _refuse_unbuilt(view: View, profile: Profile) -> None:
    for one in view.instances:
        if one.status in ("loading", "failed"):
            raise UserError(f"{one.name} has no {profile} build to compare: {one.detail or 'it could not be built'}")


def _lasting(record: Record) -> Record:
    """What both builds are to have in common: not how long it took, nor the places in a trap."""
    if isinstance(record, Handled):
        return replace(record, duration_us=0.0)
    if isinstance(record, Trap):
        return replace(record, frames=())
    return record


def _differences(dev: Sequence[Record], release: Sequence[Record]) -> Iterator[str]:
    """The first difference: what comes behind it follows from it."""
    for one, other in zip_longest(dev, release):
        if one != other:
            place, lines = f"#{(one or other).seq}", (_words(one), _words(other))
            yield f"{place} dev:     {lines[0]}"
            yield f"{place} release: {lines[1]}"
            if lines[0] == lines[1]:
                yield f"{place} differs in what is not shown of it"
            return


def _words(record: Record | None) -> str:
    return "nothing more happens" if record is None else told(record)
