"""What ships with the program besides its code: themes, sample functions and the guest crate."""

from __future__ import annotations

from pathlib import Path

GUEST_CRATE = "edgeless_function"


def themes() -> Path:
    """The directory of the theme files."""
    return _asset("themes")


def samples() -> Path:
    """The directory of the sample functions; the guest crate stands in it as `edgeless_function`."""
    return _asset("sample_functions")


def guest_crate() -> Path:
    """The Rust crate for the guest side of a function."""
    return samples() / GUEST_CRATE


def _asset(name: str) -> Path:
    """In an installed package it stands inside the package, in a checkout beside it."""
    package = Path(__file__).resolve().parent
    installed = package / "assets" / name
    return installed if installed.is_dir() else package.parent / name
