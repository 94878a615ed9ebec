"""However a workflow is rewritten while it runs, in the end those live that it plans, linked as it says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.guests.build import wasm
from tests.session.laws import Laws
from tests.session.playing import Play, plan
from tests.session.workflows import write_workflow
from workbench.config import Settings
from workbench.errors import UserError
from workbench.project.model import InstancePlan, Project
from workbench.project.targets import read
from workbench.records import Start
from workbench.session.commands import Command, Kill, Restart, Send
from workbench.session.options import Options

NAMES = ("a", "b", "c", "d")
FUNCTIONS = ("probe", "other")

Workflow: TypeAlias = tuple[InstancePlan, ...]

names = st.sampled_from(NAMES)
payloads = st.sampled_from((None, "log 3 hello", "delayed 5 self log 3 later", "stop: log 3 bye", "panic at once"))


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    taking_part = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    outs = st.one_of(st.none(), st.sampled_from(taking_part))  # the platform takes no workflow that names others
    return tuple(
        plan(name, draw(payloads), draw(st.sampled_from(FUNCTIONS)), **({"out": out} if out is not None else {}))
        for name, out in [(name, draw(outs)) for name in taking_part]
    )


scripts = st.sampled_from(("cast out log 3 x", "call out reply y", "delayed 3 out cast out z", "sync x", "panic oh"))
commands = st.one_of(
    st.builds(Send, names, scripts.map(str.encode), st.booleans()),
    st.builds(Kill, names),
    st.builds(Restart, names),
)
rounds = st.lists(st.tuples(st.lists(commands, max_size=4), workflows()), min_size=1, max_size=4)


def write(root: Path, workflow: Workflow) -> None:
    write_workflow(root / "workflow.json", workflow, code="{function}.wasm")


@contextmanager
def session(workflow: Workflow) -> Iterator[tuple[Play, Path]]:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for function in FUNCTIONS:
            (root / f"{function}.wasm").write_bytes(wasm("probe", "release").read_bytes())
        write(root, workflow)
        play = Play(read((root / "workflow.json",), Settings()), Options(clock="virtual", build=False))
        try:
            play.settle()
            yield play, root
        finally:
            play.session.close()


def planned(plans: Sequence[InstancePlan]) -> list[tuple[object, ...]]:
    return sorted((one.name, one.function, one.init_payload or "", sorted(one.links.items())) for one in plans)


def in_force(play: Play, workflow: Workflow) -> bool:
    """Whether the session has read `workflow`, and those live that it plans, with the payloads it plans."""
    view = play.session.view()
    shown = {one.name: one.function for one in view.instances if one.status not in ("loading", "stand-in")}
    if planned(workflow) != planned(view.project.instances) or shown != {one.name: one.function for one in workflow}:
        return False
    began = {start.instance: start.init_payload for start in play.records(Start)}
    return all(began[plan.name] == plan.init_payload for plan in workflow)


def links(project: Project, one: InstancePlan) -> dict[str, str | None]:
    there = {plan.name for plan in project.instances} | {plan.name for plan in project.stand_ins}
    return {alias: name if name in there else None for alias, name in one.links.items()}


@settings(deadline=None, max_examples=12, phases=set(Phase) - {Phase.shrink})  # shrinking takes minutes
@given(workflows(), rounds)
def test_in_the_end_those_live_that_are_planned(first: Workflow, rounds: list[tuple[list[Command], Workflow]]) -> None:
    with session(first) as (play, root):
        for commands, workflow in rounds:
            for command in commands:
                with suppress(UserError):
                    play.do(command)
            write(root, workflow)
            play.until(partial(in_force, play, workflow))
        play.settle()
        laws = Laws(play.session.journal.read(0))
        laws.keep_all()
        view = play.session.view()
        for one in view.project.instances:
            instance = play.instance(one.name)
            assert instance.init_payload == one.init_payload
            assert instance.links == links(view.project, one)
            assert instance.status in ("idle", "waiting", "trapped", "killed"), instance
            [*_, newest] = play.records(Start, one.name)
            assert (newest.function, newest.init_payload) == (one.function, one.init_payload)
    closed = Laws(play.session.journal.read(0))
    closed.keep_all()
    closed.have_ended()
