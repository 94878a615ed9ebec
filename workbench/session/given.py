"""What a real resource is given to run with, by its workflow and the project's settings: what is equal runs alike."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.config import OwnResource, Resources
from workbench.errors import UserError, reason_of
from workbench.places import make_directory
from workbench.project.model import StandInPlan
from workbench.resources.configuration import FILES, configuration_of, kind_of
from workbench.resources.model import Kind, Part, Permits
from workbench.resources.sandbox import real_paths
from workbench.resources.urls import host_of
from workbench.session.identity import address


@dataclass(frozen=True)
class Given:
    """`own` is what the settings say of it by name. Of what is allowed to all, only what its class makes use of."""

    kind: Kind | None
    configuration: Mapping[str, str]
    own: OwnResource
    directories: tuple[Path, ...]
    hosts: tuple[str, ...]
    http_port: int
    http_sites: tuple[str, ...]
    largest_file: int


def given(plan: StandInPlan, settings: Resources, http_port: int | None) -> Given:
    """What the settings give it now; `http_port` is stronger than theirs."""
    kind = kind_of(plan, settings)
    files = kind is not None and kind.files
    return Given(
        kind=kind,
        configuration=configuration_of(plan, settings),
        own=settings.own.get(plan.name, OwnResource()),
        directories=settings.directories if files else (),
        hosts=() if files else settings.hosts,
        http_port=settings.http_port if http_port is None else http_port,
        http_sites=settings.http_sites,
        largest_file=settings.largest_file if files else 0,
    )


def part_of(plan: StandInPlan, given: Given, root: Path, home: Path, allowed: bool, start: int) -> Part:
    """As its class starts it, in its workflow's start of that number. `allowed`: whatever it talks to.

    Raises `UserError` where its files cannot be.
    """
    kind = given.kind
    assert kind is not None
    hosts = given.hosts
    if allowed or given.own.real:
        hosts = (*hosts, *filter(None, map(host_of, kind.servers(given.configuration))))
    directories = real_paths(given.directories or (_own_directory(home),)) if kind.files else ()
    permits = Permits(directories, hosts, given.http_port, given.http_sites, largest_file=given.largest_file)
    return Part(
        plan.name,
        kind.class_type,
        workflow_id(plan.workflow or root / plan.name, root, start),
        given.configuration,
        permits,
    )


def workflow_id(workflow: Path, root: Path, start: int) -> str:
    """The UUID of a workflow's start of that number: the platform draws one at each start, here it is foretold."""
    return address(f"{os.path.relpath(workflow, root)} start {start}").function_id


def _own_directory(home: Path) -> Path:
    """Where files may be in a project that says nothing of it: in the project, whatever links it has."""
    directory = Path(os.path.realpath(home / FILES))
    if not directory.is_relative_to(os.path.realpath(home)):
        raise UserError(
            f"{FILES} leads out of the project, to {directory}; if its files are to be there, "
            f'say so in workbench.toml: [resources] directories = ["{directory}"]'
        )
    try:
        make_directory(directory)
    except OSError as error:
        raise UserError(f"its directory cannot be made: {reason_of(error)}", path=home / FILES) from error
    return home / FILES
