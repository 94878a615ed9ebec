"""The guest crate a function depends on: what is wrong with the way to it, and the line that leads to the one that
ships with the workbench."""

from __future__ import annotations

import glob
import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench import assets, places
from workbench.build.cargo_config import cargo_home
from workbench.build.manifests import table
from workbench.errors import UserError, reason_of
from workbench.records import Diagnostic

MANIFEST = "Cargo.toml"
KINDS = ("dependencies", "dev-dependencies", "build-dependencies")

_KEPT = ("optional", "default-features", "features")
_API = re.compile(r"\b(edgeless_function::api\b|could not find `api` in `edgeless_function`)")
_UNDECLARED = re.compile(
    r"(unresolved import|unlinked crate|undeclared crate or module|maybe a missing crate) `edgeless_function`"
)


@dataclass(frozen=True)
class Dependency:
    """How a package's Cargo.toml says where its guest crate is; `manifest` is the workspace's where that says it.

    `key` is its name there, `where` the table, `said` what is said (a version, or a table).
    """

    manifest: Path
    where: tuple[str, ...]
    key: str
    said: str | Mapping[str, object]

    @property
    def directory(self) -> Path | None:
        """Where its path leads; None where it has none."""
        path = self.said.get("path") if isinstance(self.said, Mapping) else None
        if not isinstance(path, str) or "\0" in path:
            return None
        return Path(os.path.normpath(self.manifest.parent / path))


@dataclass(frozen=True)
class Change:
    """What makes a function use the crate that ships: `text` for `manifest`, in which `line` says `new` instead of
    `old` (None: it is a line more), and the crate in `directory`, `copied` there first if it is not there."""

    manifest: Path
    line: int
    old: str | None
    new: str
    text: str
    directory: Path
    copied: bool

    @property
    def words(self) -> str:
        """All of it, for who is asked."""
        instead = "" if self.old is None else f" instead of `{self.old.strip()}`"
        copy = f", and a copy of the crate is put into {self.directory}" if self.copied else ""
        return f"{self.manifest}:{self.line} will say `{self.new.strip()}`{instead}{copy}"


def dependency_of(manifest: Path) -> Dependency | None:
    """The guest crate as the package's Cargo.toml depends on it; None where it does not, or cannot be read."""
    found = _dependency_in(manifest, _read(manifest), ())
    if found is None or not isinstance(found.said, Mapping) or found.said.get("workspace") is not True:
        return found
    for directory in (manifest.parent, *manifest.parent.parents):
        content = _read(directory / MANIFEST)
        if "workspace" in content:
            return _dependency_in(directory / MANIFEST, table(content, "workspace"), ("workspace",))
    return None


def advice(manifest: Path, diagnostics: Iterable[Diagnostic] = ()) -> str | None:
    """The sentence that helps when the way to the guest crate is what is wrong; None when it is not.

    `diagnostics` are those of a failed build; without them, what can be seen before one is told.
    """
    said = "\n".join(each.rendered or each.message for each in diagnostics)
    trouble = _trouble(manifest, dependency_of(manifest), said)
    if trouble is None:
        return None
    try:
        change = change_for(manifest)
    except UserError as error:
        return f"{trouble}. The workbench ships that crate; {error}"
    if change is None:
        return None
    line = f"`{change.new.strip()}`" + ("" if change.manifest == manifest else f" in {change.manifest}")
    there = "puts the crate there and writes the line" if change.copied else "writes it"
    return (
        f"{trouble}. The workbench ships that crate: in {_table_of(change, manifest)} it takes {line}; "
        f"`{_command(manifest)}` {there}"
    )


def unfetched(manifest: Path) -> str | None:
    """What to know before the first build of a package whose guest crate cargo is yet to get from a repository."""
    found = dependency_of(manifest)
    git = found.said.get("git") if found is not None and isinstance(found.said, Mapping) else None
    if not isinstance(git, str):
        return None
    name = git.rstrip("/").rpartition("/")[2].removesuffix(".git")
    if any((cargo_home() / "git" / "checkouts").glob(f"{glob.escape(name)}-*")):
        return None
    return (
        f"the first build gets the guest crate `{assets.GUEST_CRATE}` from {git}; where that is out of reach, "
        f"`{_command(manifest)}` takes the one that ships with the workbench"
    )


def change_for(manifest: Path) -> Change | None:
    """What makes the package of this Cargo.toml use the crate that ships; None when it does. Raises `UserError` when
    it has to be written by hand."""
    found = dependency_of(manifest)
    if found is not None and found.directory is not None and is_shipped(found.directory):
        return None
    directory, copied = _place(manifest)
    target = found.manifest if found is not None else manifest
    path = Path(os.path.relpath(os.path.realpath(directory), os.path.realpath(target.parent))).as_posix()
    said = found.said if found is not None and isinstance(found.said, Mapping) else {}
    kept = {key: said[key] for key in _KEPT if key in said}
    value = ", ".join([f"path = {_toml(path)}", *(f"{key} = {_toml(each)}" for key, each in kept.items())])
    new = f"{found.key if found else assets.GUEST_CRATE} = {{ {value} }}"
    try:
        before = target.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"it cannot be read: {reason_of(error)}", path=target) from None
    line, old, text = _edited(before, found, new)
    if not _says(text, found, path):
        raise UserError(f"write `{new}` by hand, as it stands there in a way of its own", path=target)
    return Change(target, line, old, new, text, directory, copied)


def make(change: Change) -> None:
    """Do what `change` says. Raises `UserError`."""
    try:
        if change.copied:
            copy_to(change.directory)
        fresh = change.manifest.with_name(f"{places.SCRATCH}{change.manifest.name}")
        fresh.write_text(change.text, encoding="utf-8")
        shutil.copymode(change.manifest, fresh)
        fresh.replace(change.manifest)
    except OSError as error:
        raise UserError(f"this cannot be changed: {reason_of(error)}", path=change.manifest) from error


def near(directory: Path) -> Path | None:
    """The guest crate in `directory` or the one above it, be it the platform's."""
    places_near = (directory / assets.GUEST_CRATE, directory.parent / assets.GUEST_CRATE)
    return next((crate for crate in places_near if is_guest_crate(crate)), None)


def is_guest_crate(directory: Path) -> bool:
    """Whether it is a crate of that name."""
    return table(_read(directory / MANIFEST), "package").get("name") == assets.GUEST_CRATE


def is_shipped(directory: Path) -> bool:
    """Whether it is the crate that ships with the workbench, which has both faces; of whatever version."""
    return is_guest_crate(directory) and os.path.isfile(directory / "src" / "api.rs")


def copy_to(directory: Path) -> None:
    """Put the crate that ships there. Raises OSError, and `UserError` when it does not ship."""
    source = assets.guest_crate()
    if not os.path.isdir(source):
        raise UserError("the guest crate that ships with the workbench is missing; install it again", path=source)
    shutil.copytree(source, directory, ignore=shutil.ignore_patterns("target", "Cargo.lock", "tests"))


def _command(manifest: Path) -> str:
    return f"workbench build {shlex.quote(os.path.relpath(manifest.parent))} --guest-crate"


def _trouble(manifest: Path, found: Dependency | None, said: str) -> str | None:
    name = f"the guest crate `{assets.GUEST_CRATE}`"
    if found is None:
        return f"this needs {name}, which its {MANIFEST} does not name" if _UNDECLARED.search(said) else None
    directory = found.directory
    if directory is not None and not os.path.isfile(directory / MANIFEST):
        return f"this needs {name}, and there is none at {directory}"
    if directory is not None and is_guest_crate(directory) and not is_shipped(directory):
        if _API.search(said) or (not said and _uses_api(manifest)):
            return (
                f"this is written for {name} with the documented names (`{assets.GUEST_CRATE}::api`), "
                f"and the one at {directory} has none of them"
            )
        return None
    if directory is None and assets.GUEST_CRATE in said and "error[" not in _plain(said):
        return f"this needs {name}, which cargo cannot get from {_source(found)}"
    if directory is None and _API.search(said):
        return f"this is written for {name} with the documented names, and that of {_source(found)} has none of them"
    return None


def _source(found: Dependency) -> str:
    git = found.said.get("git") if isinstance(found.said, Mapping) else None
    return str(git) if git else "its registry"


def _uses_api(manifest: Path) -> bool:
    """Whether the package's source names the documented face."""
    for source in sorted((manifest.parent / "src").rglob("*.rs")):
        try:
            if _API.search(source.read_text(encoding="utf-8", errors="replace")):
                return True
        except OSError:
            continue
    return False


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _place(manifest: Path) -> tuple[Path, bool]:
    """Where the crate that ships is, or is to be put: beside the package or one directory up."""
    beside = manifest.parent.parent
    for crate in (beside / assets.GUEST_CRATE, beside.parent / assets.GUEST_CRATE):
        if is_shipped(crate):
            return crate, False
    if os.path.lexists(beside / assets.GUEST_CRATE):
        raise UserError(
            "another crate is in its place; move it away, or put the workbench's elsewhere by hand",
            path=beside / assets.GUEST_CRATE,
        )
    return beside / assets.GUEST_CRATE, True


def _dependency_in(manifest: Path, content: Mapping[str, object], above: tuple[str, ...]) -> Dependency | None:
    targets = [("target", name) for name in table(content, "target")]
    for prefix in ((), *targets):
        part = content
        for name in prefix:
            part = table(part, name)
        for key, said in table(part, "dependencies").items():
            package = said.get("package", key) if isinstance(said, dict) else key
            if package == assets.GUEST_CRATE and isinstance(said, str | dict):
                return Dependency(manifest, (*above, *prefix, "dependencies"), key, said)
    return None


def _edited(before: str, found: Dependency | None, new: str) -> tuple[int, str | None, str]:
    """The line's number, what stood there, and the new text. Changes nothing where the line is not found."""
    lines = before.splitlines(keepends=True)
    header: tuple[str, ...] = ()
    where = found.where if found else ("dependencies",)
    for at, line in enumerate(lines):
        if heading := re.match(r"\s*\[([^\[\]]+)\]", line):
            header = _key(heading[1])
            if found is None and header == where:
                return at + 2, None, "".join([*lines[: at + 1], f"{new}\n", *lines[at + 1 :]])
        elif found and header == where and _key(line.partition("=")[0]) == (found.key,):
            return at + 1, line, "".join([*lines[:at], f"{new}\n", *lines[at + 1 :]])
    if found is not None:
        return 0, None, before
    gap = "" if not before or before.endswith("\n") else "\n"
    return before.count("\n") + len(gap) + 3, None, f"{before}{gap}\n[dependencies]\n{new}\n"


def _key(text: str) -> tuple[str, ...]:
    """A key as written, taken apart; an empty one when it is none."""
    try:
        content: object = tomllib.loads(f"{text.strip()} = 0")
    except ValueError:
        return ()
    parts: list[str] = []
    while isinstance(content, dict) and len(content) == 1:
        [(name, content)] = content.items()
        parts.append(name)
    return tuple(parts)


def _says(text: str, found: Dependency | None, path: str) -> bool:
    """Whether the text is sound, and leads to the crate at `path`."""
    try:
        part: object = tomllib.loads(text)
    except ValueError:
        return False
    for name in (*(found.where if found else ("dependencies",)), found.key if found else assets.GUEST_CRATE):
        part = part.get(name) if isinstance(part, dict) else None
    return isinstance(part, dict) and part.get("path") == path


def _table_of(change: Change, manifest: Path) -> str:
    return "[workspace.dependencies]" if change.manifest != manifest else f"[dependencies] of {MANIFEST}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _read(manifest: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
