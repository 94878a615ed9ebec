"""What the user's settings files say."""

from __future__ import annotations

from workbench.config.settings import (
    FILE_NAME,
    JournalBounds,
    Limits,
    OwnBuild,
    OwnResource,
    Resources,
    Settings,
    faults_in,
    find_settings,
    read_settings,
    settings_for,
)

__all__ = [
    "FILE_NAME",
    "JournalBounds",
    "Limits",
    "OwnBuild",
    "OwnResource",
    "Resources",
    "Settings",
    "faults_in",
    "find_settings",
    "read_settings",
    "settings_for",
]
