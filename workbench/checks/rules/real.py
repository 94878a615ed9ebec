"""Resources that are to run for real: may they, as the project allows, and can they at all?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from workbench.checks.known import Known, known
from workbench.checks.subject import Workflow
from workbench.project.model import Problem
from workbench.resources.configuration import is_to_run, permits_of
from workbench.resources.faults import faults_of, no_real_part, refusal
from workbench.resources.model import Permits
from workbench.resources.sandbox import allowed_path
from workbench.resources.wording import shown


def not_allowed(workflow: Workflow) -> Iterator[Problem]:
    """What the project does not allow, or what is not possible on this machine: `run` would refuse to begin."""
    for one, permits in _to_run(workflow):
        against = refusal(one.kind, one.configuration, permits)
        if against is not None:
            yield one.problem(_reaching(one), "error", "not-allowed", against)


def no_directory(workflow: Workflow) -> Iterator[Problem]:
    """Directories that are not there, so that a resource starts and does nothing."""
    for one, permits in _to_run(workflow):
        name = one.kind.directory(one.configuration)
        if name is None or refusal(one.kind, one.configuration, permits) is not None:
            continue
        directory = allowed_path(name, permits)
        will_be = permits.to_make is not None and directory == Path(os.path.realpath(permits.to_make))
        if not will_be and not directory.is_dir():
            message = (
                f'{shown(str(directory))} is no directory: "{one.name}" starts, and does nothing before it is there'
            )
            yield one.problem(_reaching(one), "warning", "no-directory", message)


def _to_run(workflow: Workflow) -> Iterator[tuple[Known, Permits]]:
    """The resources that are to run for real and that nothing else keeps from it, with what they are allowed."""
    root = workflow.project.own_directory.parent
    for one in known(workflow):
        if _is_whole(one) and is_to_run(one.name, one.kind, one.configuration, one.settings):
            yield one, permits_of(one.kind, one.configuration, one.settings, root, bool(one.own.real))


def no_part(workflow: Workflow) -> Iterator[Problem]:
    """What is always played by a stand-in, whatever the settings say."""
    for one in known(workflow):
        if one.own.real and one.kind.start is None:
            yield one.in_settings("mode", "warning", "no-real-part", no_real_part(one.kind))


def _is_whole(one: Known) -> bool:
    """Whether nothing else keeps it from starting, which others tell."""
    absent = [setting.key for setting in one.kind.settings if setting.required and setting.key not in one.configuration]
    return not absent and not any(fault.refused for fault in faults_of(one.kind, one.configuration))


def _reaching(one: Known) -> str:
    """The key that says what it reaches; an empty one where none does."""
    reached = one.kind.reaches(one.configuration)
    for key in one.configuration:
        if one.kind.reaches({other: text for other, text in one.configuration.items() if other != key}) != reached:
            return key
    return ""
