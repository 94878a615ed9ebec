"""`workbench clean`: gives back the room that build output takes."""

from __future__ import annotations

from workbench import places
from workbench.build.cleaning import remove_all
from workbench.errors import UserError, reason_of


def run() -> int:
    """Always 0. Raises `UserError` while a workbench builds, or where something cannot be removed."""
    build = places.build_directory().parent
    try:
        removed = remove_all(build)
    except OSError as error:
        raise UserError(f"the build output cannot be removed: {reason_of(error)}", path=build) from None
    if removed is None:
        raise UserError("a workbench is building just now; try again once it is done", path=build)
    print(f"Removed {removed / 1e6:,.0f} MB of build output from {build}.")
    return 0
