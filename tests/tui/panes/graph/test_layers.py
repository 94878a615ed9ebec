"""Layers: everything leads to the right, circles are cut where they close."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workbench.tui.panes.graph.layers import Stop, layered

NAMES = [f"n{number}" for number in range(8)]
graphs = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), unique=True, max_size=4), max_size=8)


def test_a_pipeline_is_a_layer_each() -> None:
    found = layered(["c", "a", "b"], {"a": ["b"], "b": ["c"]})
    assert found.layer == {"a": 0, "b": 1, "c": 2}
    assert not found.back


def test_the_longest_way_counts_and_a_short_one_passes_what_is_between() -> None:
    found = layered(["a", "b", "c"], {"a": ["b", "c"], "b": ["c"]})
    assert found.layer == {"a": 0, "b": 1, "c": 2}
    assert set(found.stops[1]) == {Stop("b"), Stop("c", passing=True)}


def test_a_circle_is_cut_where_it_closes() -> None:
    found = layered(["ping", "pong"], {"ping": ["pong"], "pong": ["ping"]})
    assert found.layer == {"ping": 0, "pong": 1}
    assert found.back == {("pong", "ping")}


def test_a_circle_that_is_led_into_begins_where_one_comes_in() -> None:
    found = layered(["b", "a", "start"], {"a": ["b"], "b": ["a"], "start": ["a"]})
    assert found.layer == {"start": 0, "a": 1, "b": 2}
    assert found.back == {("b", "a")}


def test_lines_that_would_cross_are_put_in_order() -> None:
    found = layered(["a", "b", "x", "y"], {"a": ["y"], "b": ["x"]})
    assert [stop.name for stop in found.stops[1]] == ["y", "x"]


@given(graphs)
def test_whatever_the_graph_all_edges_but_those_cut_lead_right(edges: dict[str, list[str]]) -> None:
    found = layered(NAMES, edges)
    assert set(found.layer) == set(NAMES)
    assert sorted(stop.name for stops in found.stops for stop in stops if not stop.passing) == sorted(NAMES)
    for name, targets in edges.items():
        for to in targets:
            assert (name, to) in found.back or found.layer[name] < found.layer[to]


def test_a_long_chain_is_no_trouble() -> None:
    names = [f"n{number}" for number in range(3000)]
    found = layered(names, {name: [to] for name, to in pairwise(names)})
    assert found.layer["n2999"] == 2999
