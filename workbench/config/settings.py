"""`workbench.toml` → `Settings`: how a project wants to be built, limited and kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from workbench.config.shape import Key, faults, mistake, shaped
from workbench.config.toml import Toml, read_toml
from workbench.errors import UserError
from workbench.home import home_of
from workbench.places import OWN
from workbench.records import Profile
from workbench.units import LARGEST, parse_duration, parse_size

FILE_NAME = "workbench.toml"

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What one instance may use: bytes of memory, milliseconds per handler (None: no limit), messages that wait in its
    mailbox, and bytes of them. What waits elsewhere, as delayed casts, is bounded by those bytes, too, all of a kind
    together."""

    memory_bytes: int = 1 << 30
    time_ms: int | None = None
    mailbox: int = 100_000
    mailbox_bytes: int = 256 << 20


@dataclass(frozen=True)
class JournalBounds:
    """How much the journal keeps."""

    records: int = 400_000
    bytes: int = 256 << 20


@dataclass(frozen=True)
class OwnBuild:
    """How to build one function without cargo. `wasm` and `watch` are relative to the function's directory.

    `command` runs there (None: cargo as usual) and leaves its result in `wasm` (None: `<id>.wasm`).
    `watch` are further files and directories that concern the function. `place` is the line and column where the
    settings begin to speak of it.
    """

    command: tuple[str, ...] | None = None
    wasm: str | None = None
    watch: tuple[str, ...] = ()
    place: tuple[int, int] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class OwnResource:
    """How one resource is to run. `real` None: as its class and `Resources` say. `directory` is of a file-pusher,
    `url` of a serverless function or an ollama server. `place` is the line and column where the settings begin to speak
    of it, `places` those of each key."""

    real: bool | None = None
    directory: str | None = None
    url: str | None = None
    place: tuple[int, int] | None = field(default=None, compare=False)
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Resources:
    """What resources may reach. `directories` are where their files may be; relative file names begin at the first.

    `hosts` may be talked to besides this machine; http-ingress listens at `http_port` on loopback (0: any free port),
    and takes requests of web pages of `http_sites` besides those of this machine (`*`: of any).
    `largest_file` is how many bytes a file may have that one writes.
    `own` by the resource's name. `path` is the file that says so, if any.
    """

    directories: tuple[Path, ...] = ()
    hosts: tuple[str, ...] = ()
    http_port: int = 7035
    http_sites: tuple[str, ...] = ()
    largest_file: int = 1 << 30
    own: Mapping[str, OwnResource] = field(default_factory=dict)
    path: Path | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Settings:
    """What `workbench.toml` says; all of it has defaults. `path` is the file, None when there is none.

    `functions` by function id. `ignore` are patterns of file names whose changes mean nothing; `poll`: files are looked
    at again and again, for file systems that do not tell of changes.
    `state_directory` is where state is kept between runs, None when every run starts fresh.
    """

    path: Path | None = None
    profile: Profile = "dev"
    limits: Limits = Limits()
    journal: JournalBounds = JournalBounds()
    functions: Mapping[str, OwnBuild] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    poll: bool = False
    state_directory: Path | None = None
    resources: Resources = Resources()

    def ignores(self, path: Path) -> bool:
        """Whether a change of this file means nothing. That of the settings themselves always means something."""
        return path != self.path and any(fnmatchcase(path.name, pattern) for pattern in self.ignore)


_LONGEST_PATTERN = 255


class _Limits(msgspec.Struct, forbid_unknown_fields=True):
    memory: str = "1GiB"
    time: str = "none"
    mailbox: Annotated[int, msgspec.Meta(ge=1)] = Limits.mailbox
    mailbox_bytes: str = "256MiB"


class _Journal(msgspec.Struct, forbid_unknown_fields=True):
    records: Annotated[int, msgspec.Meta(ge=1)] = JournalBounds.records
    bytes: str = "256MiB"


class _Function(msgspec.Struct, forbid_unknown_fields=True):
    command: list[str] | None = None
    wasm: str | None = None
    watch: list[str] = []


class _Watch(msgspec.Struct, forbid_unknown_fields=True):
    ignore: list[str] = []
    poll: bool = False


class _State(msgspec.Struct, forbid_unknown_fields=True):
    keep: bool = False
    directory: str | None = None


class _Resources(msgspec.Struct, forbid_unknown_fields=True):
    directories: list[str] = []
    hosts: list[str] = []
    http_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = Resources.http_port
    http_sites: list[str] = []
    largest_file: str = "1GiB"


class _Resource(msgspec.Struct, forbid_unknown_fields=True):
    mode: Literal["real", "stand-in"] | None = None
    directory: str | None = None
    url: str | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    profile: Profile = "dev"
    limits: _Limits = msgspec.field(default_factory=_Limits)
    journal: _Journal = msgspec.field(default_factory=_Journal)
    function: dict[str, _Function] = {}
    watch: _Watch = msgspec.field(default_factory=_Watch)
    state: _State = msgspec.field(default_factory=_State)
    resources: _Resources = msgspec.field(default_factory=_Resources)
    resource: dict[str, _Resource] = {}


def settings_for(targets: Sequence[Path]) -> Settings:
    """The settings that hold for `targets`; the defaults when no file is found. Raises `UserError`."""
    path = find_settings(targets)
    return Settings() if path is None else read_settings(path)


def find_settings(targets: Sequence[Path]) -> Path | None:
    """The first `workbench.toml` beside or above the first target, up to a repository's root or the home directory."""
    start = Path(os.path.abspath(targets[0] if targets else Path()))
    for directory in (start, *start.parents):
        if os.path.lexists(directory / FILE_NAME):
            return directory / FILE_NAME
        if directory == Path.home() or os.path.lexists(directory / ".git"):
            return None
    return None


def read_settings(path: Path) -> Settings:
    """What the file at `path` says. Raises `UserError` with line, key and the nearest known key."""
    toml = read_toml(path)
    file = shaped(toml.content, _File, path, toml.locate)
    return Settings(
        path=path,
        profile=file.profile,
        limits=Limits(
            memory_bytes=_parsed(toml, ("limits", "memory"), parse_size, file.limits.memory),
            time_ms=_parsed(toml, ("limits", "time"), _duration_or_none, file.limits.time),
            mailbox=_bounded(toml, ("limits", "mailbox"), file.limits.mailbox),
            mailbox_bytes=_parsed(toml, ("limits", "mailbox_bytes"), parse_size, file.limits.mailbox_bytes),
        ),
        journal=JournalBounds(
            records=_bounded(toml, ("journal", "records"), file.journal.records),
            bytes=_parsed(toml, ("journal", "bytes"), parse_size, file.journal.bytes),
        ),
        functions={name: _own_build(toml, name, function) for name, function in file.function.items()},
        ignore=tuple(_parsed(toml, ("watch", "ignore"), _pattern, pattern) for pattern in file.watch.ignore),
        poll=file.watch.poll,
        state_directory=_state_directory(path, file.state) if file.state.keep else None,
        resources=Resources(
            directories=tuple(path.parent / directory for directory in file.resources.directories),
            hosts=tuple(_parsed(toml, ("resources", "hosts"), _host, host) for host in file.resources.hosts),
            http_port=file.resources.http_port,
            http_sites=tuple(
                _parsed(toml, ("resources", "http_sites"), _site, site) for site in file.resources.http_sites
            ),
            largest_file=_parsed(toml, ("resources", "largest_file"), parse_size, file.resources.largest_file),
            own={name: _own_resource(toml, name, resource) for name, resource in file.resource.items()},
            path=path,
        ),
    )


def _state_directory(path: Path, state: _State) -> Path:
    return home_of(path.parent) / OWN / "state" if state.directory is None else path.parent / state.directory


def _own_resource(toml: Toml, name: str, resource: _Resource) -> OwnResource:
    real = None if resource.mode is None else resource.mode == "real"
    found = {key: toml.locate(("resource", name, key)) for key in ("mode", "directory", "url")}
    places = {key: place for key, place in found.items() if place is not None}
    return OwnResource(real, resource.directory, resource.url, toml.locate(("resource", name)), places)


def faults_in(path: Path) -> list[UserError]:
    """All that is wrong with the file at `path`, as `read_settings` would tell the first of it."""
    try:
        toml = read_toml(path)
        found = faults(toml.content, _File, path, toml.locate)
        if not found:
            read_settings(path)
    except UserError as error:
        return [error]
    return found


def _own_build(toml: Toml, name: str, function: _Function) -> OwnBuild:
    if function.command is not None and not any(function.command):
        key = ("function", name, "command")
        raise mistake(
            f'"function.{name}.command" is empty; give the program and its arguments', toml.path, toml.locate, key
        )
    if any("\0" in path for path in (function.wasm or "", *function.watch)):
        key = ("function", name, "wasm" if "\0" in (function.wasm or "") else "watch")
        raise mistake(f'"{".".join(key)}" cannot be the name of a file', toml.path, toml.locate, key)
    command = None if function.command is None else tuple(function.command)
    place = toml.locate(("function", name)) or toml.locate(("function",))
    return OwnBuild(command, function.wasm, tuple(function.watch), place)


def _parsed(toml: Toml, key: Key, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except UserError as error:
        named = ".".join(map(str, key))
        raise mistake(f'"{named}": {error.message}', toml.path, toml.locate, key) from None


def _bounded(toml: Toml, key: Key, number: int) -> int:
    if number > LARGEST:
        raise mistake(f'"{".".join(map(str, key))}" is too large', toml.path, toml.locate, key)
    return number


def _pattern(text: str) -> str:
    """A pattern of file names. Raises `UserError` for one whose reading would take long."""
    if len(text) > _LONGEST_PATTERN:
        raise UserError(f"a pattern of file names has at most {_LONGEST_PATTERN} characters")
    return text


def _site(text: str) -> str:
    """An entry of `http_sites`. Raises `UserError` for one that means none."""
    return text if text == "*" else _host(text)


def _host(text: str) -> str:
    """An entry of `hosts`. Raises `UserError` for one that means no host."""
    name = text.removeprefix("*.")
    try:
        parts = urlsplit(f"//{name}" if name.count(":") < 2 or "[" in name else f"//[{name}]")
        sound = parts.port != 0 and parts.netloc.strip("[]") == name.strip("[]") and "@" not in name
        sound &= bool(parts.hostname) and not any(letter == "*" or letter.isspace() for letter in name)
    except ValueError:
        sound = False
    if not sound:
        raise UserError(f'"{text}" means no host; write "example.org", "*.example.org" or "example.org:8080"')
    return text


def _duration_or_none(text: str) -> int | None:
    return None if text == "none" else parse_duration(text)
