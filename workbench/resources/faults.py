"""What is wrong with a resource's configuration: said once, for `workbench check` and for the start of the resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.config.shape import suggestion
from workbench.errors import UserError
from workbench.resources.model import ConfigurationFault, Kind, Part, Port, Running


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


def start(kind: Kind, part: Part, port: Port) -> Running:
    """Let a resource of a class that has a real part run. Raises `UserError` with the first fault for which it does
    not start, or with what else is against it, in one sentence."""
    for fault in faults_of(kind, part.configurations):
        if fault.refused:
            raise UserError(fault.words)
    assert kind.start is not None, kind.class_type
    return kind.start(part, port)
