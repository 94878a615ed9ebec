"""What others made up, and errors, fit for a sentence."""

from __future__ import annotations

from workbench.errors import reason_of as reason

__all__ = ["reason", "shown"]


def shown(text: str) -> str:
    """What somebody else made up, fit for a sentence: printable, and not too long."""
    tidy = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return tidy if len(tidy) <= 200 else tidy[:199] + "…"
