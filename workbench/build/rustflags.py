"""Flags for rustc that differ from one cargo run to the next, beside those the toolchain needs."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from workbench.build.manifests import local_packages, table
from workbench.build.toolchain import TARGET

_ENCODED = "CARGO_ENCODED_RUSTFLAGS"


def without_this_machine(manifest: Path, root: Path) -> list[str]:
    """Flags that cut off, in the places panics name, the folders that are this machine's.

    Those are `root`, what is above path dependencies elsewhere, and cargo's own for the crates it fetched. They do not
    differ between functions that share their dependencies, or cargo would compile those for each function anew.
    """
    root = Path(os.path.realpath(root))
    own = Path(os.path.realpath(manifest.parent))
    elsewhere = {package.parent for package in local_packages(manifest) if package != own}
    home = cargo_home()
    fetched = [*sorted((home / "registry" / "src").glob("*")), home / "git" / "checkouts"]
    # The last one that fits holds, so what is below another comes behind it.
    folders = sorted({folder for folder in elsewhere if not folder.is_relative_to(root)} | {root, *fetched})
    return [f"--remap-path-prefix={folder}{os.sep}=" for folder in folders]


def shut_off(directory: Path, environment: Mapping[str, str]) -> list[str]:
    """The flags of `build.rustflags` for a cargo run in `directory`, if the toolchain's keep cargo from heeding them.

    The Cargo book, "build.rustflags": it is the last source, heeded only where nothing is said about the target.
    """
    if _ENCODED in os.environ or "RUSTFLAGS" in os.environ:
        return []
    configurations = list(_configurations(directory))
    if _target_variable() in os.environ or any(map(_about_target, configurations)):
        return []
    own = [flag for configuration in configurations for flag in _flags(table(configuration, "build"))]
    return own + environment.get("CARGO_BUILD_RUSTFLAGS", "").split()


def added(flags: Iterable[str], environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Arguments and variables that give cargo the `flags` on top of those in its environment."""
    flags = list(flags)
    if not flags:
        return [], {}
    if _ENCODED in environment:
        return [], {_ENCODED: "\x1f".join([environment[_ENCODED], *flags])}
    return ["--config", f"target.'cfg(all())'.rustflags={json.dumps(flags, ensure_ascii=False)}"], {}


def cargo_home() -> Path:
    """Where cargo keeps its own files, the crates it fetched and its configuration among them."""
    return Path(os.path.realpath(os.environ.get("CARGO_HOME") or Path.home() / ".cargo"))


def _target_variable() -> str:
    return f"CARGO_TARGET_{TARGET.upper().replace('-', '_')}_RUSTFLAGS"


def _configurations(directory: Path) -> Iterator[Mapping[str, object]]:
    """The configuration files cargo reads there, those that count more behind; what is broken cargo will say."""
    here = Path(os.path.realpath(directory))
    above = [folder / ".cargo" for folder in (here, *here.parents)]
    for folder in dict.fromkeys([cargo_home(), *reversed(above)]):
        paths = (folder / name for name in ("config", "config.toml"))
        path = next((path for path in paths if os.path.isfile(path)), None)
        if path is not None:
            try:
                yield tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue


def _about_target(configuration: Mapping[str, object]) -> bool:
    """Whether flags for wasm are in it; of conditions, those that speak of wasm or of everything."""
    targets = table(configuration, "target")
    return any(
        (name == TARGET or "wasm" in name or "cfg(all())" in name) and _flags(table(targets, name)) for name in targets
    )


def _flags(content: Mapping[str, object]) -> list[str]:
    flags = content.get("rustflags")
    if isinstance(flags, str):
        return flags.split()
    return [flag for flag in flags if isinstance(flag, str)] if isinstance(flags, list) else []
