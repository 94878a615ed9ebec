"""Which target directory a function's build may share with the others.

Cargo tells path packages apart by name, version and their place in their own workspace. Two functions, each its own
workspace, whose packages (or whose helper crates) have the same name are one to it, and it would hand out the wasm of
one for the other. So each name belongs to one directory; a function that comes second gets a target directory apart.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from urllib.parse import quote

from workbench.build.manifests import local_packages
from workbench.records import Profile


def artifact_path(shared: Path, function: str, profile: Profile) -> Path:
    """Where the wasm of a function's newest cargo build is kept: a target directory's own has no name of its own."""
    return shared.parent / "artifacts" / quote(function, safe="") / f"{profile}.wasm"


def choose(shared: Path, manifest: Path) -> Path:
    """The directory to build `manifest` in: `shared`, or one below it. Takes about 1 ms. Raises OSError."""
    claims = shared / "claims"
    claims.mkdir(parents=True, exist_ok=True)
    wanted = {
        claims / quote(name, safe=""): directory
        for directory, names in local_packages(manifest).items()
        for name in names
    }
    foreign = {claim: owner for claim, directory in wanted.items() if (owner := _owner(claim)) not in (None, directory)}
    if any(owner is not None and os.path.exists(owner / "Cargo.toml") for owner in foreign.values()):
        return shared / "apart" / hashlib.blake2b(os.path.realpath(os.fsencode(manifest)), digest_size=8).hexdigest()
    for claim in foreign:  # of a package that is gone; what was built of it is none of the new one's
        forget(shared, claim.name)
    for claim, directory in wanted.items():
        if claim in foreign or not claim.exists():
            claim.write_bytes(os.fsencode(directory))
    return shared


def forget_all(shared: Path, manifest: Path) -> None:
    """Make cargo compile a function and its path dependencies again. Raises OSError."""
    directory = choose(shared, manifest)
    for names in local_packages(manifest).values():
        for name in names:
            forget(directory, name)


def forget(target_dir: Path, package: str) -> None:
    """Make cargo compile a package again whatever it believes."""
    for fingerprint in target_dir.glob("*/*/.fingerprint/*"):
        if fingerprint.name.replace("-", "_").startswith(f"{package}_"):
            shutil.rmtree(fingerprint, ignore_errors=True)


def _owner(claim: Path) -> Path | None:
    try:
        return Path(os.fsdecode(claim.read_bytes()))
    except FileNotFoundError:
        return None
