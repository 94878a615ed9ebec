"""What is said on an edge: the channel, where it leads if that is not drawn, how often, what was last."""

from __future__ import annotations

from workbench.tui.panes.graph.flow import Flow
from workbench.tui.panes.graph.nodes import Output
from workbench.tui.panes.line import Part
from workbench.tui.text import preview, rate_words, visible

LONGEST_PAYLOAD = 80
PAYLOAD = "graph--payload"
"""The style of what was last."""


def label(source: str, output: Output, flow: Flow, now: float, *, to: str | None, unconnected: bool) -> list[Part]:
    """The parts, the most wanted first. `to` is where it leads, when no line shows it; `unconnected` when who plays it
    does so for nobody."""
    rate, stream = flow.over(source, output.channel, output.target, now)
    often = rate_words(rate)
    parts: list[Part] = []
    if not output.declared:
        parts.append(("? ", "graph--warning"))
    elif output.target is None or unconnected:
        parts.append(("✗ ", "graph--warning"))
    name = visible(output.channel) if output.channel else f"and {flow.others(source)} more"
    parts.append((name, "graph--live" if often else "graph--channel"))
    if output.target is None:
        parts.append((" nowhere" if output.declared else " undeclared", "graph--warning"))
    elif to is not None:
        parts.append((f" {to}", "graph--elsewhere"))
    if often:
        parts.append((f" {often}", "graph--live"))
    if stream is not None:
        parts.append((f" {preview(stream.payload, LONGEST_PAYLOAD)}", PAYLOAD))
    return parts
