"""How a resource stands with its other side, and what was remarked of it: each told once, not once for each message."""

from __future__ import annotations

from workbench.resources.model import Health, Port


class Standing:
    """Passes on to `port` what is new. `ready` and `trouble` take turns as often as they do; a remark is made once."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._last: tuple[Health, str] | None = None
        self._remarks: set[str] = set()

    def tell(self, health: Health, words: str = "") -> None:
        """How it stands from now on."""
        if (health, words) != self._last:
            self._last = (health, words)
            self._port.health(health, words)

    def remark(self, remark: str) -> None:
        """Something that would hurt on the platform; `remark` is one of a few fixed sentences."""
        if remark not in self._remarks:
            self._remarks.add(remark)
            self._port.note(remark)
