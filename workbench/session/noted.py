"""What has been noted of somebody, so that each thing is noted once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from workbench.records import NoteCode

MOST = 1000
"""How much is remembered; what is older is noted again should it happen again."""

LONGEST = 200
"""Characters of a key from which on its hash is remembered in its place."""


class Noted:
    """Remembers the codes and keys of the newest notes."""

    def __init__(self, keys: Iterable[tuple[NoteCode, str]] = ()) -> None:
        self._keys = dict.fromkeys(keys)

    def is_news(self, code: NoteCode, key: str) -> bool:
        """Whether that has not been noted; from now on it has."""
        if len(key) > LONGEST:
            key = hashlib.sha256(key.encode(errors="replace")).hexdigest()
        if (code, key) in self._keys:
            return False
        self._keys[code, key] = None
        if len(self._keys) > MOST:
            del self._keys[next(iter(self._keys))]
        return True

    def has(self, code: NoteCode) -> bool:
        """Whether a note of that code is among the newest."""
        return any(noted == code for noted, _ in self._keys)

    def copy(self) -> Noted:
        """The same, apart from this."""
        return Noted(self._keys)
