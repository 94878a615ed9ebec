"""What is sent by hand, one after the other: each once nothing follows any more from the one before, but timers.

It listens where records are written, on the engine's thread, so that no virtual time passes between the end of one
message's work and the sending of the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future

from workbench.records import USER, Call, Cast, Handled, Record, Reply, Start, Trap
from workbench.session.commands import Send


class ByHand:
    """Give `listen` to `Journal.follow`. `instances` are the names that are not stand-ins, `ruled` the stand-ins and
    outputs on which calls are answered; `is_real` says whether a resource runs for real, and so will answer."""

    def __init__(
        self,
        sends: Iterable[Send],
        submit: Callable[[Send], Future[object]],
        instances: Collection[str],
        ruled: Collection[str],
        is_real: Callable[[str], bool],
    ) -> None:
        self._left = deque(sends)
        self._submit = submit
        self._instances = instances
        self._ruled, self._is_real = ruled, is_real
        self._sent: list[Future[object]] = []
        self._on_its_way = self._given_up = False
        self._open: dict[int, str] = {}
        """Events not handled yet, and who is to handle them."""
        self._waits: dict[str, tuple[int, str | None]] = {}
        """Who waits in a call: for which, and for whom (None: for a stand-in that will never answer)."""
        self._dead: set[str] = set()

    @property
    def done(self) -> bool:
        """Whether all has been sent. Raises what went wrong with the sending."""
        for future in self._sent:
            if future.done():
                future.result()
        return not self._left and all(future.done() for future in self._sent)

    def give_up(self) -> int:
        """Send no more; how many were not sent."""
        self._given_up = True
        return len(self._left)

    def go_on(self) -> None:
        """Send the next one, if any is left."""
        if self._left and not self._given_up:
            self._on_its_way = True
            self._sent.append(self._submit(self._left.popleft()))

    def listen(self, record: Record) -> None:
        """Take note of `record`, and go on when it was the last of what was to be worked off."""
        if not self._left:
            return
        match record:
            case Cast():
                self._took(record)
                return
            case Call():
                self._took(record)
                self._waiting(record)
            case Start():
                self._open[record.seq] = record.instance or ""
                self._dead.discard(record.instance or "")
                self._waits.pop(record.instance or "", None)
                return
            case Reply():
                self._waits = {who: wait for who, wait in self._waits.items() if wait[0] != record.call}
                return
            case Trap():
                self._dead.add(record.instance or "")
                return
            case Handled():
                self._open.pop(record.event, None)
                if record.outcome == "killed":
                    self._dead.add(record.instance or "")
            case _:
                return
        if not self._on_its_way and not any(map(self._can_go_on, self._open.values())):
            self.go_on()

    def _took(self, record: Cast | Call) -> None:
        if record.source == USER:
            self._on_its_way = False
        if record.target is not None and record.target in self._instances:
            self._open[record.seq] = record.target

    def _waiting(self, call: Call) -> None:
        if call.target in self._instances:
            self._waits[call.source] = (call.seq, call.target)
        elif call.alias not in self._ruled and call.target not in self._ruled and not self._is_real(call.target or ""):
            self._waits[call.source] = (call.seq, None)

    def _can_go_on(self, name: str | None) -> bool:
        """Whether it lives, and does not wait, by however many others, for one that does not, or for itself."""
        passed: set[str] = set()
        while name is not None and name not in passed and name not in self._dead:
            if name not in self._waits:
                return True
            passed.add(name)
            name = self._waits[name][1]
        return False
