"""Text that a guest can be given: a terminal's arguments and JSON may hold what no encoding has."""

from __future__ import annotations

from workbench.errors import UserError


def check_text(what: str, text: str | None) -> None:
    """Raises `UserError` when `text`, called `what`, has a lone half of a character in it."""
    try:
        (text or "").encode()
    except UnicodeEncodeError as error:
        raise UserError(f"the {what} is no text: there is half a character at offset {error.start}") from None
