"""Calls that wait for the answer of a stand-in or of a real resource: oldest first, all together and each one's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from workbench.records import Call
from workbench.session.actors import StandIn
from workbench.weight import MESSAGE_BYTES

_NONE: Mapping[int, Call] = MappingProxyType({})


def weight_of(call: Call) -> int:
    """Roughly the bytes that it takes while it waits."""
    return MESSAGE_BYTES + len(call.payload)


class PendingCalls:
    """The calls by their `seq`, with who is to answer. Nothing here takes longer when more wait."""

    def __init__(self) -> None:
        self._all: dict[int, tuple[Call, StandIn]] = {}
        self._of: dict[StandIn, dict[int, Call]] = {}
        self._changes: dict[StandIn, int] = {}
        self.bytes = 0
        """What they weigh."""

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, seq: int) -> bool:
        return seq in self._all

    def __iter__(self) -> Iterator[tuple[Call, StandIn]]:
        return iter(self._all.values())

    def add(self, call: Call, target: StandIn) -> None:
        """`call` waits for the answer of `target`."""
        self._all[call.seq] = (call, target)
        self.bytes += weight_of(call)
        self._of.setdefault(target, {})[call.seq] = call
        self._changes[target] = self._changes.get(target, 0) + 1

    def get(self, seq: int) -> tuple[Call, StandIn] | None:
        """The call of that number, and who is to answer."""
        return self._all.get(seq)

    def pop(self, seq: int) -> bool:
        """The call of that number waits no more; whether it did."""
        found = self._all.pop(seq, None)
        if found is not None:
            call, target = found
            self.bytes -= weight_of(call)
            del self._of[target][seq]
            self._changes[target] += 1
        return found is not None

    def targets(self) -> Iterable[StandIn]:
        """Those who are to answer something, or were."""
        return self._of.keys()

    def of(self, target: StandIn) -> Mapping[int, Call]:
        """The calls that `target` is to answer."""
        return self._of.get(target, _NONE)

    def forget(self, target: StandIn) -> list[int]:
        """Nobody is there any more who could answer these; their numbers."""
        calls = list(self._of.pop(target, _NONE))
        self._changes.pop(target, None)
        for seq in calls:
            self.bytes -= weight_of(self._all.pop(seq)[0])
        return calls

    def changes(self, target: StandIn) -> int:
        """How often the calls of `target` have changed: as long as that stays, so do they."""
        return self._changes.get(target, 0)
