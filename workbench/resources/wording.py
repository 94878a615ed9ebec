"""What others made up, and errors, fit for a sentence."""

from __future__ import annotations


def shown(text: str) -> str:
    """What somebody else made up, fit for a sentence: printable, and not too long."""
    tidy = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return tidy if len(tidy) <= 200 else tidy[:199] + "…"


def reason(error: Exception) -> str:
    """Why it happened, without the number and the name that an `OSError` carries."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
