"""Flags for rustc that differ from one cargo run to the next, beside those the toolchain needs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from workbench.build.cargo_config import cargo_home, configurations
from workbench.build.manifests import local_packages, table
from workbench.build.toolchain import TARGET

_ENCODED = "CARGO_ENCODED_RUSTFLAGS"


def without_this_machine(manifest: Path) -> list[str]:
    """Flags that cut off, in the places panics name, the folders that are this machine's.

    Those are what is above the package and its path dependencies, and cargo's own for the crates it fetched. Functions
    side by side get the same, however they were opened: cargo would compile what they share for each of them anew.
    """
    above = {package.parent for package in local_packages(manifest)}
    outermost = sorted(each for each in above if not any(other in each.parents for other in above))
    home = cargo_home()
    fetched = [*sorted((home / "registry" / "src").glob("*")), home / "git" / "checkouts"]
    # The last one that fits holds, so what is below another comes behind it.
    return [f"--remap-path-prefix={folder}{os.sep}=" for folder in sorted({*outermost, *fetched})]


def shut_off(directory: Path, environment: Mapping[str, str]) -> list[str]:
    """The flags of `build.rustflags` for a cargo run in `directory`, if the toolchain's keep cargo from heeding them.

    The Cargo book, "build.rustflags": it is the last source, heeded only where nothing is said about the target.
    """
    if _ENCODED in os.environ or "RUSTFLAGS" in os.environ:
        return []
    found = [content for _, content in configurations(directory)]
    if _target_variable() in os.environ or any(map(_about_target, found)):
        return []
    own = [flag for content in found for flag in _flags(table(content, "build"))]
    return own + environment.get("CARGO_BUILD_RUSTFLAGS", "").split()


def added(flags: Iterable[str], environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """Arguments and variables that give cargo the `flags` on top of those in its environment."""
    flags = list(flags)
    if not flags:
        return [], {}
    if _ENCODED in environment:
        return [], {_ENCODED: "\x1f".join([environment[_ENCODED], *flags])}
    return ["--config", f"target.'cfg(all())'.rustflags={json.dumps(flags, ensure_ascii=False)}"], {}


def _target_variable() -> str:
    return f"CARGO_TARGET_{TARGET.upper().replace('-', '_')}_RUSTFLAGS"


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
