"""Which target directory a function's build may share with the others.

Cargo tells path packages apart by name, version and their place in their own workspace. Two functions, each its own
workspace, whose packages (or whose helper crates) have the same name are one to it, and it would hand out the wasm of
one for the other. So each name belongs to one directory; a function that comes second gets a target directory apart,
which it shares with the functions beside it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from workbench.build.manifests import local_packages
from workbench.records import Profile

APART = "apart"


def artifact_path(shared: Path, function: str, directory: Path, profile: Profile) -> Path:
    """Where the wasm of the newest cargo build of the function in `directory` is kept: a target directory's own has
    no name of its own."""
    return shared.parent / "artifacts" / f"{quote(function, safe='')}-{_digest(directory)}" / f"{profile}.wasm"


def put_artifact(path: Path, content: bytes) -> None:
    """Write it so that a reader finds the old or the new, never a part, also while another workbench does the same.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as scratch:
        part = Path(scratch) / path.name
        part.write_bytes(content)
        part.replace(path)


def choose(shared: Path, manifest: Path) -> Path:
    """The directory to build `manifest` in: `shared`, or one below it. Takes about 1 ms. Raises OSError."""
    packages = local_packages(manifest)
    beside = shared / APART / _digest(manifest.parent.parent)
    alone = beside / APART / _digest(manifest)
    return next((each for each in (shared, beside, alone) if _claim(each, packages)), alone)


def _claim(target_dir: Path, packages: Mapping[Path, frozenset[str]]) -> bool:
    """Whether the names of all these packages belong to them there, or do from now on."""
    claims = target_dir / "claims"
    claims.mkdir(parents=True, exist_ok=True)
    wanted = {claims / quote(name, safe=""): directory for directory, names in packages.items() for name in names}
    with locked(claims / ".lock"):
        owners = {claim: _owner(claim) for claim in wanted}
        foreign = {claim for claim, owner in owners.items() if owner not in (None, wanted[claim])}
        if any(os.path.exists(Path(owners[claim] or "", "Cargo.toml")) for claim in foreign):
            return False
        for claim in foreign:  # of a package that is gone; what was built of it is none of the new one's
            forget(target_dir, claim.name)
        for claim, directory in wanted.items():
            claim.write_bytes(os.fsencode(directory))  # each time, so that its age says when it was built last
    return True


@contextmanager
def locked(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of that file against other workbenches. Whether it is held, which with `wait` it always is."""
    kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    with path.open("ab") as file:
        try:
            fcntl.flock(file, kind)
        except BlockingIOError:
            yield False
        else:
            yield True


def forget_all(target_dir: Path, manifest: Path) -> None:
    """Make cargo compile a function and its path dependencies there again."""
    for names in local_packages(manifest).values():
        for name in names:
            forget(target_dir, name)


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


def _digest(path: Path) -> str:
    return hashlib.blake2b(os.path.realpath(os.fsencode(path)), digest_size=8).hexdigest()
