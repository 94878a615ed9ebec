"""Layers of a graph, left to right: each node is right of all that lead to it, but for edges that would close a circle.

Pure arithmetic on names; longest paths, then the order in each layer by where neighbours stand (barycentres).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SWEEPS = 4


@dataclass(frozen=True)
class Stop:
    """A place in a layer: a node's own, or one that edges to `name` pass on their way to a later layer."""

    name: str
    passing: bool = False


@dataclass(frozen=True)
class Layers:
    """`stops` layer by layer, from above; `layer` of each node; `back` are edges that lead against the order."""

    stops: tuple[tuple[Stop, ...], ...]
    layer: Mapping[str, int]
    back: frozenset[tuple[str, str]]


def layered(names: Sequence[str], edges: Mapping[str, Sequence[str]]) -> Layers:
    """Put `names` in layers; `edges` say whom each leads to, all of them among `names`."""
    back = frozenset(_closing(names, edges))
    ahead = {name: [to for to in edges.get(name, ()) if (name, to) not in back] for name in names}
    layer = _longest(names, ahead)
    count = max(layer.values(), default=-1) + 1
    stops: list[list[Stop]] = [[] for _ in range(count)]
    for name in names:
        stops[layer[name]].append(Stop(name))
    for to, first in _first_layers(ahead, layer).items():
        for at in range(first + 1, layer[to]):
            stops[at].append(Stop(to, passing=True))
    return Layers(_ordered(stops, ahead, layer), layer, back)


def _closing(names: Sequence[str], edges: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The edges that lead back to where one came from, walking from those that nobody leads to."""
    led_to = {to for name in names for to in edges.get(name, ()) if to != name}
    done: set[str] = set()
    for start in sorted(names, key=lambda name: name in led_to):
        if start in done:
            continue
        path = {start: iter(edges.get(start, ()))}
        while path:
            name = next(reversed(path))
            for to in path[name]:
                if to in path:
                    yield name, to
                elif to not in done:
                    path[to] = iter(edges.get(to, ()))
                    break
            else:
                done.add(name)
                del path[name]


def _longest(names: Sequence[str], ahead: Mapping[str, Sequence[str]]) -> dict[str, int]:
    missing = dict.fromkeys(names, 0)
    for name in names:
        for to in ahead[name]:
            missing[to] += 1
    layer = dict.fromkeys(names, 0)
    ready = [name for name in names if not missing[name]]
    for name in ready:
        for to in ahead[name]:
            layer[to] = max(layer[to], layer[name] + 1)
            missing[to] -= 1
            if not missing[to]:
                ready.append(to)
    return layer


def _first_layers(ahead: Mapping[str, Sequence[str]], layer: Mapping[str, int]) -> dict[str, int]:
    first: dict[str, int] = {}
    for name, targets in ahead.items():
        for to in targets:
            first[to] = min(first.get(to, layer[name]), layer[name])
    return first


def next_stop(to: str, at: int, layer: Mapping[str, int]) -> Stop:
    """Where an edge to `to` goes from layer `at`."""
    return Stop(to, passing=at + 1 < layer[to])


def _ordered(
    stops: list[list[Stop]], ahead: Mapping[str, Sequence[str]], layer: Mapping[str, int]
) -> tuple[tuple[Stop, ...], ...]:
    after: list[dict[Stop, list[Stop]]] = []
    for at, those in enumerate(stops[:-1]):
        after.append(
            {
                stop: [next_stop(to, at, layer) for to in ((stop.name,) if stop.passing else ahead[stop.name])]
                for stop in those
            }
        )
    for sweep in range(SWEEPS):
        if sweep % 2 == 0:
            for at in range(1, len(stops)):
                before: dict[Stop, list[int]] = {}
                for place, stop in enumerate(stops[at - 1]):
                    for to in after[at - 1][stop]:
                        before.setdefault(to, []).append(place)
                _sort(stops[at], before)
        else:
            for at in range(len(stops) - 2, -1, -1):
                places = {stop: place for place, stop in enumerate(stops[at + 1])}
                _sort(stops[at], {stop: [places[to] for to in after[at][stop]] for stop in stops[at]})
    return tuple(tuple(those) for those in stops)


def _sort(stops: list[Stop], neighbours: Mapping[Stop, Sequence[int]]) -> None:
    """By where neighbours stand on average; who has none stays about where it is."""
    places = {}
    for place, stop in enumerate(stops):
        those = neighbours.get(stop)
        places[stop] = sum(those) / len(those) if those else float(place)
    stops.sort(key=places.__getitem__)
