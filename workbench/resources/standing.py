"""How a resource stands with its other side, and what was remarked of it: each told once, not once for each message."""

from __future__ import annotations

import threading

from workbench.resources.model import Health, Port

MOST_REMARKS = 200
"""What is remarked may quote what others made up, of which there is no end."""


class Standing:
    """Passes on to `port` what is new. `ready` and `trouble` take turns as often as they do; a remark is made once.
    Any thread."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._stands: tuple[Health, str] | None = None
        self._hold_up: str | None = None
        self._told: tuple[Health, str] | None = None
        self._remarks: set[str] = set()
        self._lock = threading.Lock()

    def tell(self, health: Health, words: str = "") -> None:
        """How it stands from now on."""
        with self._lock:
            self._stands = (health, words)
            self._pass_on()

    def held_up(self, words: str | None) -> None:
        """It is in trouble as long as something takes long, however it stands otherwise; None: it is over."""
        with self._lock:
            self._hold_up = words
            self._pass_on()

    def remark(self, remark: str) -> None:
        """Something that would hurt on the platform; each `remark` is noted once."""
        with self._lock:
            if len(self._remarks) >= MOST_REMARKS:
                remark = f"There were {MOST_REMARKS} different notes on it; no more are made."
            new = remark not in self._remarks
            self._remarks.add(remark)
        if new:
            self._port.note(remark)

    def _pass_on(self) -> None:
        now: tuple[Health, str] | None = self._stands if self._hold_up is None else ("trouble", self._hold_up)
        if now is not None and now != self._told:
            self._told = now
            self._port.health(*now)
