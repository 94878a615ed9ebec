"""A file of the user's that was read, with the place of everything in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.config.shape import Key, Locate, mistake
from workbench.errors import UserError
from workbench.project.formats import FunctionJson, WorkflowJson


@dataclass(frozen=True)
class Source:
    """What the file at `path` says and where its keys stand: nowhere, while it is broken and its last meaning holds.

    `wrong` are the parts of a workflow, such as `("functions", 1)`, whose shape is not right: what `content` has there
    is made up, so that the others can be looked at.
    """

    path: Path
    locate: Locate
    content: FunctionJson | WorkflowJson | None = None
    wrong: frozenset[Key] = frozenset()

    def mistake(self, message: str, key: Key) -> UserError:
        """A `UserError` about the value at `key`."""
        return mistake(message, self.path, self.locate, key)
