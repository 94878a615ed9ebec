"""A change builds exactly when plain cargo would: each edit is compared with what cargo says of it, on real crates."""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.build.crates import DEADLINE_S, LIBRARY, crate, helper
from tests.build.test_watcher import repoint
from workbench.build.builder import Builder
from workbench.build.events import BuildEvent, Failed, Finished
from workbench.build.toolchain import TARGET, Toolchain
from workbench.build.watcher import Watcher
from workbench.project.model import Function


class Follower:
    """A watcher and a builder that follow one function, as a session has them do."""

    def __init__(self, function: Function, compiler: Toolchain, scratch: Path) -> None:
        self._function, self._bell = function, scratch / "bell"
        self._bell.mkdir()
        self._rung: queue.Queue[str] = queue.Queue()
        self._rings = itertools.count()
        self.builds = 0
        self.builder = Builder(lambda: compiler, scratch / "workbench/target", self._heard)
        self.watcher = Watcher(self._watched(), self._changed)
        self.builder.request(function, "dev", None)

    def settle(self) -> None:
        """Wait until all that was changed before is dealt with."""
        while self.builder.busy or self._lags():
            pass

    def close(self) -> None:
        self.watcher.close()
        self.builder.close()

    def _lags(self) -> bool:
        """Hear of a change that comes after all others; whether something is to be built then."""
        ring = str(next(self._rings))
        (self._bell / ring).touch()
        while self._rung.get(timeout=DEADLINE_S) != ring:
            pass
        return self.builder.busy

    def _watched(self) -> frozenset[Path]:
        return self.builder.watched([self._function]) | {self._bell}

    def _changed(self, changes: Mapping[Path, float]) -> None:
        demand = self.builder.demands([self._function], changes).get(self._function.id)
        if demand is not None:
            self.builder.request(self._function, "dev", demand.changed_at, demand)
        self.watcher.watch(self._watched())
        for path in changes:
            if path.parent == self._bell:
                self._rung.put(path.name)

    def _heard(self, event: BuildEvent) -> None:
        if isinstance(event, Finished | Failed):
            self.builds += 1
            self.watcher.watch(self._watched())


def cargo_builds(function: Function, compiler: Toolchain, target: Path) -> bool:
    """Whether a plain `cargo build` finds anything to do."""
    command = [str(compiler.cargo), "build", "--lib", "--offline", "--target", TARGET, "--message-format=json"]
    environment = {**os.environ, **compiler.environment, "CARGO_TARGET_DIR": str(target)}
    found = subprocess.run(command, cwd=function.directory, env=environment, capture_output=True, check=False)
    messages = [json.loads(line) for line in found.stdout.splitlines()]
    made = [message for message in messages if message["reason"] == "compiler-artifact"]
    return found.returncode != 0 or not made[-1]["fresh"]


Edit: TypeAlias = Callable[[Path], object]


def write(name: str, text: str) -> Edit:
    def edit(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).with_name("fresh~").write_text(text)
        (root / name).with_name("fresh~").rename(root / name)

    return edit


def add(name: str, text: str) -> Edit:
    return lambda root: (root / name).write_text((root / name).read_text() + text)


def remove(name: str) -> Edit:
    return lambda root: (root / name).unlink()


def rename(name: str, to: str) -> Edit:
    return lambda root: (root / name).rename(root / to)


def plain(root: Path) -> Function:
    source = f'{LIBRARY}mod part;\npub const WORDS: &str = include_str!("../../words.txt");\n'
    function = crate(root / "function", source=source)
    write("function/src/part.rs", "")(root)
    write("words.txt", "words")(root)
    write("function/README.md", "1")(root)
    return function


PLAIN: dict[str, Edit] = {
    "the source": add("function/src/lib.rs", "// 1\n"),
    "a module": add("function/src/part.rs", "// 1\n"),
    "an included file elsewhere": write("words.txt", "other words"),
    "a file nobody reads": write("function/README.md", "2"),
    "it again": write("function/README.md", "3"),
    "a new file nobody reads": write("function/src/unused.rs", ""),
    "a remark in the manifest": add("function/Cargo.toml", "# 1\n"),
    "a profile": add("function/Cargo.toml", "[profile.dev]\nopt-level = 1\n"),
    "a remark in the lock": add("function/Cargo.lock", "# by hand\n"),
    "an empty configuration": write("function/.cargo/config.toml", ""),
    "a profile in it": write("function/.cargo/config.toml", "[profile.dev]\nopt-level = 2\n"),
    "a configuration above": write(".cargo/config.toml", "[profile.dev]\ndebug-assertions = false\n"),
    "a configuration above, edited": write(".cargo/config.toml", "[profile.dev]\noverflow-checks = false\n"),
    "a configuration above, gone": remove(".cargo/config.toml"),
    "a build script that comes later": write("function/build.rs", "fn main() {}\n"),
    "a file nobody reads, which it might": write("function/README.md", "4"),
    "a build script that goes": remove("function/build.rs"),
    "a module that goes": remove("function/src/part.rs"),
    "a module that comes, elsewhere": write("function/src/part/mod.rs", "mod deep;\n"),
    "another one that it needs": write("function/src/part/deep.rs", ""),
    "a broken source": add("function/src/lib.rs", "fn ("),
    "a mended one": write("function/src/lib.rs", LIBRARY),
    "a broken manifest": add("function/Cargo.toml", "["),
    "the manifest of before": lambda root: write(
        "function/Cargo.toml", (root / "function/Cargo.toml").read_text()[:-1]
    )(root),
    "a renamed source": rename("function/src/lib.rs", "function/src/lib.old"),
    "and back": rename("function/src/lib.old", "function/src/lib.rs"),
    "a workspace above": write("Cargo.toml", '[workspace]\nmembers = ["function"]\n'),
}


def scripted(root: Path) -> Function:
    function = plain(root)
    write("function/build.rs", "fn main() {}\n")(root)
    write("function/table.txt", "1")(root)
    write("function/src/target/mod.rs", "")(root)
    add("function/src/lib.rs", "mod target;\n")(root)
    return function


SCRIPTED: dict[str, Edit] = {
    "any file of the package": write("function/table.txt", "2"),
    "a module in a folder called target": add("function/src/target/mod.rs", "// 1\n"),
    "a new file": write("function/new.txt", "1"),
    "a new file in a new folder": write("function/deep/deeper/new.txt", "1"),
    "a file that goes": remove("function/table.txt"),
    "names that the script gives": write(
        "function/build.rs",
        'fn main() { println!("cargo:rerun-if-changed=tables\\ncargo:rerun-if-changed=../far away.txt"); }\n',
    ),
    "a folder that it names and that comes": write("function/tables/one.txt", "1"),
    "a file in it": write("function/tables/one.txt", "2"),
    "a new file in it": write("function/tables/deep/two.txt", "1"),
    "a file that it names and that comes": write("far away.txt", "1"),
    "that file": write("far away.txt", "2"),
    "a file that it does not name": write("function/new.txt", "2"),
    "a file that it does not name elsewhere": write("near.txt", "2"),
}


def wide(root: Path) -> Function:
    helper(root / "far/deepest")
    helper(root / "far/deeper")
    helper(root / "far/patch")
    add("far/deeper/Cargo.toml", '[dependencies]\ndeepest = { path = "../deepest" }\n')(root)
    function = crate(root / "group/a function")
    write(
        "group/a function/Cargo.toml",
        '[package]\nname = "wide"\nversion = "0.1.0"\nedition = "2024"\nworkspace = "../.."\n'
        '[lib]\ncrate-type = ["cdylib"]\n[dependencies]\ndeeper = { workspace = true }\n',
    )(root)
    write(
        "Cargo.toml",
        '[workspace]\nresolver = "3"\nmembers = ["group/a function"]\n'
        '[workspace.dependencies]\ndeeper = { path = "far/deeper" }\n',
    )(root)
    return function


WIDE: dict[str, Edit] = {
    "a dependency of a dependency": add("far/deepest/src/lib.rs", "// 1\n"),
    "an inherited dependency": add("far/deeper/src/lib.rs", "// 1\n"),
    "a file beside it that nobody reads": write("far/deepest/README.md", "1"),
    "a build script of a dependency": write("far/deepest/build.rs", "fn main() {}\n"),
    "any file beside that": write("far/deepest/README.md", "2"),
    "a manifest of a dependency": add("far/deepest/Cargo.toml", "[features]\ndefault = ['x']\nx = []\n"),
    "a profile of the workspace": add("Cargo.toml", "[profile.dev]\nopt-level = 1\n"),
    "a patch": add("Cargo.toml", '[patch.crates-io]\npatch = { path = "far/patch" }\n'),
    "a dependency that the patch is for": add("far/deepest/Cargo.toml", '[dependencies]\npatch = "0.1"\n'),
    "the patch itself": add("far/patch/src/lib.rs", "// 1\n"),
    "the lock of the workspace": add("Cargo.lock", "# by hand\n"),
    "a lock that goes": remove("Cargo.lock"),
}


def linked(root: Path) -> Function:
    function = plain(root)
    for name in ("a", "b"):
        write(f"shared/{name}/lib.rs", f"{LIBRARY}mod parts;\n// {name}\n")(root)
        write(f"shared/{name}/parts/mod.rs", f"// {name}\n")(root)
    remove("function/src/lib.rs")(root)
    (root / "function/src/lib.rs").symlink_to(root / "shared/a/lib.rs")
    (root / "function/src/parts").symlink_to("../../shared/a/parts")
    return function


def repointed(name: str, target: str) -> Edit:
    return lambda root: repoint(root / name, target)


def written_anew(name: str) -> Edit:
    """As `sed -i` does: a link becomes a file."""
    return lambda root: write(name, (root / name).read_text() + "// anew\n")(root)


LINKED: dict[str, Edit] = {
    "what a link leads to": add("shared/a/lib.rs", "// 1\n"),
    "what a linked folder holds": add("shared/a/parts/mod.rs", "// 1\n"),
    "a link that is pointed elsewhere": repointed("function/src/lib.rs", "../../shared/b/lib.rs"),
    "what it leads to now": add("shared/b/lib.rs", "// 1\n"),
    "a linked folder that is pointed elsewhere": repointed("function/src/parts", "../../shared/b/parts"),
    "what it holds now": add("shared/b/parts/mod.rs", "// 1\n"),
    "a link that becomes a file": written_anew("function/src/lib.rs"),
    "that file": add("function/src/lib.rs", "// 2\n"),
}
ANYWAY = {
    # Cargo does not notice: the file behind the link is older than the last build.
    "a link that is pointed elsewhere",
    "a linked folder that is pointed elsewhere",
    # What was made before the error is as good as new, but that there is none any more has to be told.
    "the manifest of before",
    "and back",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("made", "edits"),
    [(plain, PLAIN), (scripted, SCRIPTED), (wide, WIDE), (linked, LINKED)],
    ids=["plain", "with a build script", "of several packages", "with links"],
)
def test_a_change_builds_exactly_when_cargo_would(
    made: Callable[[Path], Function], edits: Mapping[str, Edit], root: Path, tmp_path: Path, compiler: Toolchain
) -> None:
    function, target = made(root), tmp_path / "cargo"
    follower = Follower(function, compiler, tmp_path)
    follower.settle()
    assert cargo_builds(function, compiler, target)
    ours, cargos = {}, {}
    try:
        for name, edit in edits.items():
            follower.settle()
            before = follower.builds
            edit(root)
            follower.settle()
            ours[name] = follower.builds - before
            cargos[name] = int(cargo_builds(function, compiler, target) or name in ANYWAY)
    finally:
        follower.close()
    assert ours == cargos
