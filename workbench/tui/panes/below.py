"""What a row of the instances says below the name: why it ended; of a resource, what it reaches, trouble, orders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from workbench.session.view import InstanceView, View
from workbench.tui.panes.line import Part, fit
from workbench.tui.resources.words import fault_words, reached, rule_words, standing
from workbench.tui.text import visible

HANG = 2
"""Cells the further rows are indented by."""
MOST_ROWS = 3
"""Rows that one of the things said takes at most; the inspector says all. Trouble is said whole."""


@dataclass(frozen=True)
class Keys:
    """Those that are told: what lets a resource run for real, what restarts an instance."""

    real: str = "ctrl+r"
    restart: str = "t"


def below(instance: InstanceView, view: View, keys: Keys, width: int) -> Iterator[Part]:
    """Further rows, each beginning with a line end."""
    if instance.status == "stand-in":
        yield from _supplied(instance, view, keys.real, width)
    elif instance.status in ("trapped", "failed") and instance.detail:
        yield _row(" ".join(instance.detail.split()), "instance--waiting", width)
        if instance.status == "trapped":  # what failed waits for other code
            yield _row(f"{keys.restart} restarts it", "instance--figure", width)


def _supplied(instance: InstanceView, view: View, key: str, width: int) -> Iterator[Part]:
    """Of a resource, or who plays an output; `key` lets it run for real."""
    if instance.class_type is not None:
        stands = standing(instance, view, key)
        trouble = stands.tone == "trouble"
        leads = stands.why if stands.tone == "real" and stands.why else reached(instance, view.project)
        leads = _near(leads, view)
        both = f"{instance.class_type}{f' → {leads}' if leads else ''}"
        if leads and cell_len(both) > width - HANG:
            yield _row(instance.class_type, "instance--figure", width)
            both = leads
        yield _row(both, "instance--figure", width)
        if stands.why and trouble:
            yield f"\n{visible(_near(stands.why, view))}", "instance--waiting"
        elif stands.why and stands.tone != "real":
            yield _row(_near(stands.why, view), "instance--figure", width)
    if instance.fault is not None:
        yield _row(f"! fault: {fault_words(instance.fault)}", "instance--mailbox", width)
    if instance.rule is not None:
        yield _row(f"⤷ {rule_words(instance.rule)}", "instance--mailbox", width)


def _near(text: str, view: View) -> str:
    """`text` with files of the project named from its root."""
    return text.replace(f"{view.project.root}{os.sep}", "")


def _row(text: str, style: str, width: int) -> Part:
    text, room = visible(text), max(1, width - HANG) * MOST_ROWS - HANG
    return "\n" + fit(text, min(cell_len(text), room)), style
