"""Names in a script that must be known to the project."""

from __future__ import annotations

from workbench.config.shape import suggestion
from workbench.errors import UserError
from workbench.headless.script.actions import Script
from workbench.headless.script.words import Name
from workbench.project.model import Project

SORTS = {
    "INSTANCE": "instance",
    "ACTOR": "instance or stand-in",
    "OUTPUT": "output",
    "RESOURCE": "resource or stand-in",
}


def check_script(script: Script, project: Project) -> None:
    """Raises `UserError` for the first name that is none, with its line, its column and the nearest that is."""
    instances = {plan.name for plan in project.instances}
    stand_ins = {stand_in.name for stand_in in project.stand_ins}
    outputs = set(stand_ins)
    for plan in project.instances:
        outputs.update(project.functions[plan.function].outputs, plan.links)
    known = {"INSTANCE": instances, "ACTOR": instances | stand_ins, "OUTPUT": outputs, "RESOURCE": stand_ins}
    for line in script.lines:
        for part in line.parts:
            if isinstance(part, Name) and part.text not in known[part.what]:
                sentence = f'there is no {SORTS[part.what]} "{part.text}"; {suggestion(part.text, known[part.what])}'
                raise UserError(sentence, path=script.path, line=line.number, column=part.column)
