"""The checks of the project's files, on a thread of their own: run again when the files, or what was built, changed."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from workbench.checks.check import check
from workbench.errors import UserError
from workbench.project.model import Problem, Project
from workbench.resources.registry import KINDS
from workbench.session.view import View


class Checking:
    """What is wrong, or worth knowing, in workflows and functions."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "checks")
        self._seen: tuple[object, ...] = ()
        self._running: Future[tuple[Problem, ...]] | None = None
        self.found: tuple[Problem, ...] = ()
        """The newest findings, in the order of files and lines."""

    def look(self, view: View) -> None:
        """Take up findings that came; begin anew when something changed. Cheap otherwise."""
        if self._running is not None:
            if not self._running.done():
                return
            self.found, self._running = _result(self._running), None
        seen = (id(view.project), *(build.state for build in view.builds))  # whether code is built is checked, too
        if seen != self._seen:
            self._seen = seen
            self._running = self._thread.submit(_check, view.project)

    def close(self) -> None:
        """End it."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _check(project: Project) -> tuple[Problem, ...]:
    return check(project, KINDS)


def _result(future: Future[tuple[Problem, ...]]) -> tuple[Problem, ...]:
    try:
        return future.result()
    except Exception as error:  # a fault of a check is told, and nothing else suffers from it
        return (Problem("error", UserError(f"the checks failed, {type(error).__name__}: {error}")),)
