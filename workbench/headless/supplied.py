"""What a run tells people of its resources: where they listen, what is wrong with them, and who is a stand-in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.config import OwnResource
from workbench.headless.terminal import visible
from workbench.project.model import Project
from workbench.resources import http_ingress
from workbench.resources.configuration import configuration_of, is_to_run, kind_of, permits_of
from workbench.resources.faults import no_real_part, refusal
from workbench.resources.model import Health
from workbench.session.view import View


class Supplied:
    """Tells each change once. `played`: that all are played by stand-ins is what was asked for."""

    def __init__(self, project: Project, played: bool) -> None:
        self._told: dict[str, tuple[Health, str]] = {}
        self._away = {} if played else _away(project)
        self._listening = {plan.name for plan in project.stand_ins if plan.class_type == http_ingress.KIND.class_type}

    def news(self, view: View) -> Iterator[str]:
        """Sentences that have not been told yet."""
        for one in view.instances:
            if one.real and one.health in ("ready", "trouble"):
                before, now = self._told.get(one.name), (one.health, one.health_words)
                self._told[one.name] = now
                if now == before:
                    continue
                if one.health == "trouble":
                    yield f"{visible(one.name)}: {visible(one.health_words)}"
                elif one.name in self._listening:
                    yield f"{visible(one.name)} listens at {visible(one.health_words)}"
                elif before is not None and before[0] == "trouble":
                    yield f"{visible(one.name)} is all right again"
            elif not one.real and one.name in self._away:
                yield self._away.pop(one.name)


def troubles(view: View) -> Mapping[str, str]:
    """What is wrong with real resources, by name."""
    return {one.name: one.health_words for one in view.instances if one.real and one.health == "trouble"}


def refusals(view: View) -> Iterator[str]:
    """Why resources do not run that were to, a sentence each."""
    for one in view.instances:
        if not one.real and one.health == "trouble":
            yield f"{visible(one.name)} does not run: {visible(one.health_words)}"


def would_answer(view: View) -> frozenset[str]:
    """Those for whom a rule would answer: that are played, have none yet, and have no fault that was ordered."""
    played = [one for one in view.instances if one.status == "stand-in" and not one.real]
    return frozenset(one.name for one in played if one.rule is None and one.fault is None)


def rests(view: View) -> bool:
    """Whether nothing is left to do but what real resources may yet bring about."""
    return not any(
        one.status in ("running", "loading") or (one.status == "idle" and one.mailbox) for one in view.instances
    )


def _away(project: Project) -> dict[str, str]:
    """For those that would leave the machine and are not asked to, and those that cannot though they are, a sentence
    that says so."""
    sentences = {}
    for plan in project.stand_ins:
        settings, kind = project.resources, kind_of(plan, project.resources)
        real = settings.own.get(plan.name, OwnResource()).real
        if kind is None:
            continue
        played = f"{visible(plan.name)} is played by a stand-in"
        if kind.start is None and real:
            sentences[plan.name] = f"{played}: {no_real_part(kind)}"
        if kind.start is None or real is not None:
            continue
        configuration = configuration_of(plan, settings)
        if not is_to_run(plan.name, kind, configuration, settings):
            reached = kind.reaches(configuration)
            to = f"talk to {visible(reached)}" if reached else "leave this machine"
            against = refusal(
                kind, configuration, permits_of(kind, configuration, settings, project.own_directory.parent, real=True)
            )
            allow = f'[resource.{visible(plan.name)}] mode = "real" in workbench.toml allows it'
            sentences[plan.name] = f"{played}, for it would {to}; {visible(against.rstrip('.')) if against else allow}"
    return sentences
