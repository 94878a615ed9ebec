"""What waits outside mailboxes, by the `seq` of its record, with the sum of what it weighs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import TypeVar

V = TypeVar("V")


class Weighed(MutableMapping[int, V]):
    """A dict that knows how many `bytes` its values weigh, of which `weigh` tells."""

    def __init__(self, weigh: Callable[[V], int], content: Mapping[int, V] | None = None) -> None:
        self._weigh = weigh
        self._content = dict(content or {})
        self.bytes = sum(map(weigh, self._content.values()))

    def __getitem__(self, seq: int) -> V:
        return self._content[seq]

    def __setitem__(self, seq: int, value: V) -> None:
        if seq in self._content:
            self.bytes -= self._weigh(self._content[seq])
        self.bytes += self._weigh(value)
        self._content[seq] = value

    def __delitem__(self, seq: int) -> None:
        self.bytes -= self._weigh(self._content.pop(seq))

    def __iter__(self) -> Iterator[int]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)
