"""A machine with nothing on it but what a test puts there: programs on its PATH, rustup's folder, a cache."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

_NEEDED_BY_SCRIPTS = ("sh", "sleep", "cat", "env")


class BareMachine:
    """Real programs are linked in; a script stands in for what no test may do to the machine it runs on."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin = folder / "bin"
        self.rustup_home = folder / "rustup"
        self.cache = folder / "cache"
        self.bin.mkdir(parents=True)
        for program in _NEEDED_BY_SCRIPTS:
            self.link(program, shutil.which(program) or pytest.fail(f"{program} is not on the PATH"))
        for name in ("RUSTC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTUP_TOOLCHAIN", "WORKBENCH_CACHE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.setenv("HOME", str(folder / "home"))
        monkeypatch.setenv("RUSTUP_HOME", str(self.rustup_home))
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.cache))

    def link(self, name: str, program: str | Path) -> Path:
        path = self.bin / name
        path.symlink_to(program)
        return path

    def script(self, name: str, text: str, folder: Path | None = None) -> Path:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    def compiler(self, version: str = "1.96.0", *, cargo: str = "exit 1", source: bool = False) -> Path:
        """A rustc that only tells its version, with a cargo of the test's making; returns its sysroot."""
        sysroot = self.bin.parent / "rust"
        (sysroot / "lib/rustlib").mkdir(parents=True)
        self.link("rustc", self.script("rustc", f"echo 'rustc {version} (0123abcd 2026-01-01)'", sysroot / "bin"))
        self.script("cargo", cargo)
        self.script("wasm-ld", "exit 1")
        if source:
            library = sysroot / "lib/rustlib/src/rust/library"
            library.mkdir(parents=True)
            (library / "Cargo.toml").write_text("[workspace]\n")
        return sysroot

    def apt(self, **versions: str) -> None:
        """apt-get and apt-cache of a system with these packages; in their names `_` stands for `-`."""
        packages = {name.replace("_", "-"): version for name, version in versions.items()}
        listing = self.bin.parent / "packages.txt"
        listing.write_text("".join(f"{name} {version}\n" for name, version in packages.items()))
        (self.bin / "apt-cache").write_text(
            f"#!{sys.executable}\n"
            "import sys\n"
            f"known = dict(line.split() for line in open({str(listing)!r}))\n"
            "if sys.argv[1] == 'pkgnames':\n"
            "    print('\\n'.join(name for name in known if name.startswith(sys.argv[2])))\n"
            "for name in sys.argv[2:] if sys.argv[1] == 'policy' else ():\n"
            "    print(f'{name}:\\n  Installed: (none)\\n  Candidate: {known[name]}\\n  Version table:')\n"
            "    print(f'     {known[name]} 500\\n        500 http://a.mirror stable/main amd64 Packages')\n"
        )
        (self.bin / "apt-cache").chmod(0o755)
        self.script("apt-get", "exit 0")
        self.script("dpkg-query", "exit 1")
