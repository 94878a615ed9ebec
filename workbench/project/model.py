"""What the files say, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench import places
from workbench.config import Resources
from workbench.errors import UserError
from workbench.project.codes import CheckCode, Severity
from workbench.project.formats import FunctionJson, WorkflowJson
from workbench.project.source import Source


@dataclass(frozen=True)
class Function:
    """A class of instances: a source directory with `function.json`, or a lone `.wasm` file.

    `id` names it; `directory` holds it; `spec` is its function.json (None for a lone `.wasm`); `manifest` its
    Cargo.toml (None when there is none); `command` is the user's own build command, whose result is `wasm`; `wasm` is
    where the platform's file `<id>.wasm` stands or will stand.
    """

    id: str
    directory: Path
    spec: Path | None
    manifest: Path | None
    wasm: Path
    version: str = ""
    outputs: tuple[str, ...] = ()
    command: tuple[str, ...] | None = None
    watch: tuple[Path, ...] = ()
    """Further files and directories that concern it, as the user's settings say."""

    @property
    def buildable(self) -> bool:
        """Whether there is source to build it from."""
        return self.command is not None or self.manifest is not None


@dataclass(frozen=True)
class InstancePlan:
    """One instance to run: its name, its function's id, where its outputs lead (alias to target name).

    `workflow` is the file that it is of, None when it was opened by itself; `outputs` are those declared for it: by the
    workflow, which is what the platform gets, else by its function.json.
    """

    name: str
    function: str
    links: Mapping[str, str] = field(default_factory=dict)
    init_payload: str | None = None
    workflow: Path | None = None
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class StandInPlan:
    """A workflow's resource (`class_type`), or an output that leads nowhere and is played by the developer.

    `links` is where a resource's outputs lead (output to target name), `workflow` the file that it is of.
    """

    name: str
    class_type: str | None = None
    configurations: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    workflow: Path | None = None


@dataclass(frozen=True)
class Problem:
    """Something wrong in the user's files that did not stop the work; `str(problem.error)` is the sentence.

    `code` names its kind (docs/checks.md); None for what no check finds, as state that cannot be kept. `repeats` says
    what it is found of, in the plural, such as `outputs of "a"`: those with the same code and words repeat one cause.
    """

    severity: Severity
    error: UserError
    code: CheckCode | None = None
    repeats: str | None = None


@dataclass(frozen=True)
class Project:
    """Everything the targets name. `functions` by id, in order; `watch` are the directories and files that matter.

    `root` is the directory that was opened, or that the first target is in; `home` the one that `.workbench/` stands in
    where that is not `root`. `files` is what each file said when it was last in order,
    `sources` what those say now, with places, whose shape is right now, at least in parts. `resources` is what the
    settings say of those.
    """

    root: Path
    targets: tuple[Path, ...]
    functions: Mapping[str, Function] = field(default_factory=dict)
    instances: tuple[InstancePlan, ...] = ()
    stand_ins: tuple[StandInPlan, ...] = ()
    workflows: tuple[Path, ...] = ()
    problems: tuple[Problem, ...] = ()
    watch: tuple[Path, ...] = ()
    files: Mapping[Path, FunctionJson | WorkflowJson] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    sources: Mapping[Path, Source] = field(default_factory=dict, compare=False)
    home: Path | None = None

    @property
    def own_directory(self) -> Path:
        """Where the workbench keeps what is of this project: a `.workbench`, see `home.py`."""
        return (self.home or self.root) / places.OWN

    @property
    def empty(self) -> bool:
        """Whether nobody takes part: there are neither functions nor resources."""
        return not self.functions and not self.stand_ins
