"""What is wrong with a resource's configuration: said once, for `workbench check` and for the start of the resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from workbench.config.shape import suggestion
from workbench.errors import UserError
from workbench.resources.model import ConfigurationFault, Kind, Part, Permits, Port, Running
from workbench.resources.sandbox import allowed_path, check_url
from workbench.resources.urls import host_of


def faults_of(kind: Kind, configuration: Mapping[str, str]) -> Iterator[ConfigurationFault]:
    """All that is wrong with the values that are there; a required key that is absent is none of them."""
    said = set()
    for setting in kind.settings:
        value = configuration.get(setting.key)
        if value is None:
            continue
        if not value and setting.required:
            said.add(setting.key)
            yield ConfigurationFault(setting.key, f'"{setting.key}" is empty: {setting.words}')
        elif setting.choices and value.lower() not in setting.choices:
            words = f'"{setting.key}" is "{value}"; {suggestion(value, setting.choices)}'
            yield ConfigurationFault(setting.key, words, refused=False)
    for fault in kind.faults(configuration):
        if fault.key in configuration and fault.key not in said:
            yield fault


def no_real_part(kind: Kind) -> str:
    """That it cannot be told to run for real."""
    return f'the class "{kind.class_type}" has no real part here, so that mode = "real" changes nothing'


def refusal(kind: Kind, configuration: Mapping[str, str], permits: Permits) -> str | None:
    """What `start` would say against a configuration without faults that is not allowed, or not possible here. Nothing
    is made, and no name server is asked."""
    try:
        if kind.files and (name := kind.reaches(configuration)):
            allowed_path(name, permits)
        for server in kind.servers(configuration):
            if host_of(server):
                check_url(server, (urlsplit(server).scheme,), permits)
        kind.tries(configuration, permits)
    except UserError as error:
        return str(error)
    return None


def start(kind: Kind, part: Part, port: Port) -> Running:
    """Let a resource of a class that has a real part run. Raises `UserError` with the first fault for which it does
    not start, or with what else is against it, in one sentence."""
    for fault in faults_of(kind, part.configurations):
        if fault.refused:
            raise UserError(fault.words)
    assert kind.start is not None, kind.class_type
    return kind.start(part, port)
