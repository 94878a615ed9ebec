"""What holds for a resource: what its workflow says, and what the project's settings say of it by name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from workbench import places
from workbench.config import OwnResource, Resources
from workbench.project.model import StandInPlan
from workbench.resources import file_pusher, ollama, serverless
from workbench.resources.model import Kind, Permits
from workbench.resources.registry import KINDS
from workbench.resources.sandbox import leaves, real_paths
from workbench.resources.urls import host_of

OURS = "workbench:"
"""How the keys begin that stand in for settings of the platform's nodes: they come from the project's settings, and no
workflow can say them."""

SAID_BY = {file_pusher.DIRECTORY_KEY: "directory", serverless.URL: "url", ollama.URL: "url"}
"""Those keys, with the key of `[resource.NAME]` that says each."""

FILES = Path(places.OWN) / "files"
"""Where files of resources may be, under a project's home, unless its settings say otherwise."""


def kind_of(plan: StandInPlan, settings: Resources) -> Kind | None:
    """The class of a resource, as far as it is known here."""
    return None if plan.class_type is None else kind_called(plan.class_type, plan.name, settings)


def kind_called(class_type: str, name: str, settings: Resources) -> Kind | None:
    """The class `class_type` of a resource called `name`. As on the platform the settings of a node, so here those of
    the project make any name that of a serverless class, by saying the URL of its function."""
    own = settings.own.get(name)
    called = serverless.called(class_type) if own is not None and own.url is not None else None
    return KINDS.get(class_type, called)


def configuration_of(plan: StandInPlan, settings: Resources) -> Mapping[str, str]:
    """What its workflow says, and, for what on the platform a node's settings would say, the project's."""
    kind = kind_of(plan, settings)
    return plan.configurations if kind is None else configured(plan.name, kind, plan.configurations, settings)


def configured(name: str, kind: Kind, given: Mapping[str, str], settings: Resources) -> Mapping[str, str]:
    """As `configuration_of`, of a resource called `name` whose workflow says what is `given`."""
    own = settings.own.get(name, OwnResource())
    said = {"directory": own.directory, "url": own.url}
    ours = {one.key: text for one in kind.settings if (text := said.get(SAID_BY.get(one.key, ""))) is not None}
    return {**{key: value for key, value in given.items() if not key.startswith(OURS)}, **ours}


def is_to_run(name: str, kind: Kind, configuration: Mapping[str, str], settings: Resources) -> bool:
    """Whether it is to run for real, as its class and the settings say: what leaves the machine only where that is
    allowed by name, its own or that of its host."""
    real = settings.own.get(name, OwnResource()).real
    if kind.start is None or real is not None:
        return kind.start is not None and bool(real)
    return not leaves(kind.servers(configuration), settings.hosts)


def permits_of(kind: Kind, configuration: Mapping[str, str], settings: Resources, home: Path, real: bool) -> Permits:
    """What it is allowed in a project with its `.workbench` in `home`; `real`: also to talk to its servers."""
    servers = filter(None, map(host_of, kind.servers(configuration))) if real else ()
    hosts, port, sites = (*settings.hosts, *servers), settings.http_port, settings.http_sites
    if settings.directories:
        return Permits(real_paths(settings.directories), hosts, port, sites, largest_file=settings.largest_file)
    made = real_paths([home / FILES])
    return Permits(made, hosts, port, sites, to_make=made[0], largest_file=settings.largest_file)
