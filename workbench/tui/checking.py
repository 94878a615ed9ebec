"""The checks of the project's files and modules, on threads of their own: run again when these, or builds, changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workbench import threads
from workbench.checks.check import check, in_order
from workbench.checks.rules import building
from workbench.checks.rules.modules import Modules
from workbench.project.model import Problem, Project
from workbench.resources.registry import KINDS
from workbench.session.view import View
from workbench.threads import ThreadDied


class Checking:
    """What is wrong, or worth knowing, in workflows, functions and their wasm."""

    def __init__(self) -> None:
        self._modules = Modules()
        self._files = _Look("checks", lambda project: (*check(project, KINDS), *building.found_in(project)))
        self._wasm = _Look("checks of modules", self._modules.look)
        self.found: tuple[Problem, ...] = ()
        """The newest findings, in the order of files and lines."""

    def look(self, view: View) -> None:
        """Take up findings that came; begin anew when something changed. Cheap otherwise."""
        builds = tuple((build.state, build.since_change_ms) for build in view.builds)
        files = self._files.look(view.project, tuple(state for state, _ in builds))
        wasm = not _is_starting(view) and self._wasm.look(view.project, builds)
        if files or wasm:
            self.found = in_order([*self._files.found, *self._wasm.found])

    def close(self) -> None:
        """End it."""
        self._modules.closed = True
        self._files.close()
        self._wasm.close()


class _Look:
    """One kind of look at the project, on a thread of its own."""

    def __init__(self, name: str, how: Callable[[Project], Iterable[Problem]]) -> None:
        self._name, self._how = name, how
        self._project: Project | None = None
        self._seen: object = None
        self._running = self._closed = False
        self._came: list[Problem] | None = None
        """What the running look has found, once it has."""
        self.found: list[Problem] = []

    def look(self, project: Project, seen: object) -> bool:
        """Look anew when `project` or `seen` is not what it was; whether there are other findings now."""
        found = self._came
        if found is not None:
            self.found, self._came, self._running = found, None, False
        if not self._running and not self._closed and (project is not self._project or seen != self._seen):
            self._project, self._seen = project, seen
            self._running = True
            threads.start(self._name, lambda: self._look_at(project), self._end_dead)
        return found is not None

    def close(self) -> None:
        self._closed = True

    def _look_at(self, project: Project) -> None:
        self._came = list(self._how(project))

    def _end_dead(self, death: ThreadDied) -> None:
        self._came = [Problem("error", death)]  # nothing else suffers from it


def _is_starting(view: View) -> bool:
    """Whether modules are being made or loaded, which is not to wait for anybody who looks into them."""
    making = any(build.state in ("queued", "building") for build in view.builds)
    return making or any(instance.status == "loading" for instance in view.instances)
