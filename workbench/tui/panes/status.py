"""How an instance or a resource is, at a glance: a glyph, a word, and the style of both; the same in all panes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.session.view import BuildView, InstanceView, View
from workbench.tui.resources.words import counts_for_you, standing
from workbench.tui.text import duration_words, visible

LONG_MS = 250
"""From here on a handler is said to be busy; shorter ones would only flicker."""

ENDED = frozenset({"trapped", "failed", "killed", "stopped"})
"""The statuses of what handles nothing any more."""

_STANDINGS: Mapping[str, str] = {
    "real": "instance--real",
    "starting": "instance--busy",
    "trouble": "instance--waiting",
    "stand-in": "instance--stand-in",
}


@dataclass(frozen=True)
class Status:
    """`word` is what is out of the ordinary, empty for nothing; `more` goes on from there, where there is room for it.

    `tone` is one of the `instance--` styles that every pane has. `lives` is False for what handles nothing any more.
    """

    glyph: str
    word: str
    tone: str
    more: str = ""
    lives: bool = True


class Statuses(Mapping[str, Status]):
    """How everyone is, by name; worked out when it is asked for, as most are out of sight."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._builds = {each.function: each for each in view.builds}
        self._asked = counts_for_you(view)

    def __getitem__(self, name: str) -> Status:
        return self.of(self._view.named[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._view.named)

    def __len__(self) -> int:
        return len(self._view.named)

    def of(self, one: InstanceView) -> Status:
        """How `one` of the view is."""
        if one.status == "stand-in":
            return _resource(one, self._view, self._asked[one.name])
        return _instance(one, self._builds.get(one.function))


def _resource(resource: InstanceView, view: View, asked: int) -> Status:
    if asked:
        return Status("◆", "stand-in", "instance--waiting", f", answer {asked:,}")
    stands = standing(resource, view, "")
    return Status(stands.glyph, stands.word, _STANDINGS[stands.tone])


def _instance(instance: InstanceView, build: BuildView | None) -> Status:
    match instance.status:
        case "trapped":
            word = "panicked" if "panic" in instance.detail else "trapped"
            return Status("✖", word, "instance--stopped", lives=False)
        case "failed":
            return Status("✖", "failed", "instance--stopped", lives=False)
        case "killed":
            return Status("■", "killed", "instance--ended", lives=False)
        case "stopped":
            return Status("□", "stopped", "instance--ended", lives=False)
    if build is not None and build.state == "building":
        return Status("◐", "building", "instance--busy", f" {build.done}/{build.total}" if build.total else "…")
    if build is not None and build.state == "queued":
        return Status("◐", "queued", "instance--busy")
    if instance.status == "loading":
        return Status("◐", "loading", "instance--busy")
    begins = instance.callback == "handle_init"
    if build is not None and (build.state == "failed" or (build.state == "built" and not begins)):
        return Status("▲", "old code", "instance--waiting")
    if instance.status == "waiting":
        return Status("◌", "waits", "instance--waiting", f" {visible(instance.waits_on)}" if instance.waits_on else "")
    if instance.status == "running" and instance.busy_ms >= LONG_MS:
        return Status("◉", "busy", "instance--busy", f" {duration_words(instance.busy_ms)}")
    return Status("●", "", "instance--live")
