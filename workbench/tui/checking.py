"""The checks of the project's files and modules, on threads of their own: run again when these, or builds, changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from workbench.checks.check import check, in_order
from workbench.checks.rules.modules import Modules
from workbench.errors import UserError
from workbench.project.model import Problem, Project
from workbench.resources.registry import KINDS
from workbench.session.view import View


class Checking:
    """What is wrong, or worth knowing, in workflows, functions and their wasm."""

    def __init__(self) -> None:
        self._modules = Modules()
        self._files = _Look("checks", lambda project: check(project, KINDS))
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
        self._thread = ThreadPoolExecutor(1, name)
        self._how = how
        self._project: Project | None = None
        self._seen: object = None
        self._running: Future[list[Problem]] | None = None
        self.found: list[Problem] = []

    def look(self, project: Project, seen: object) -> bool:
        """Look anew when `project` or `seen` is not what it was; whether there are other findings now."""
        came = self._running is not None and self._running.done()
        if self._running is not None and came:
            self.found, self._running = _result(self._running), None
        if self._running is None and (project is not self._project or seen != self._seen):
            self._project, self._seen = project, seen
            self._running = self._thread.submit(lambda: list(self._how(project)))
        return came

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _is_starting(view: View) -> bool:
    """Whether modules are being made or loaded, which is not to wait for anybody who looks into them."""
    making = any(build.state in ("queued", "building") for build in view.builds)
    return making or any(instance.status == "loading" for instance in view.instances)


def _result(future: Future[list[Problem]]) -> list[Problem]:
    try:
        return future.result()
    except Exception as error:  # a fault of a check is told, and nothing else suffers from it
        return [Problem("error", UserError(f"the checks failed, {type(error).__name__}: {error}"))]
