"""What holds for a resource: what its workflow says, and what the project's settings say of it by name."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.config import OwnResource, Resources
from workbench.project.model import StandInPlan
from workbench.resources import file_pusher, ollama, serverless
from workbench.resources.model import Kind
from workbench.resources.registry import KINDS


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
    own = settings.own.get(name)
    if own is None:
        return given
    ours = _ours(own)
    return {**given, **{one.key: text for one in kind.settings if (text := ours.get(one.key)) is not None}}


def _ours(own: OwnResource) -> Mapping[str, str | None]:
    """The keys that stand in for settings of the platform's nodes, with what the project's settings say for them."""
    return {file_pusher.DIRECTORY_KEY: own.directory, serverless.URL: own.url, ollama.URL: own.url}
