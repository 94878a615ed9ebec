"""File changes, as they happen: which files got other content, and when."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from workbench.build import contents

STEP_MS = 10
"""How often the notifications are looked at; a change is reported once there was none for so long."""
DEBOUNCE_MS = 50
"""At most so long are changes gathered."""
POLL_MS = 200
"""How often files are looked at where the system gives no (more) notifications."""

_OLDEST_S = 2.0  # a file whose own time is older was not written just now, but moved here


class Watcher:
    """Watches on a thread of its own: directories with all that is in them, and single files; all may come and go.

    `report` gets the files whose content changed, appeared or went, and `time.time()` of the earliest change, on the
    watcher's thread. Nothing that changes after the constructor or `watch` has returned is missed.
    """

    def __init__(self, paths: Iterable[Path], report: Callable[[frozenset[Path], float], None]) -> None:
        self._report = report
        self._roots: frozenset[Path] = frozenset()
        self._known: dict[Path, bytes] = {}
        self._lock = threading.Lock()
        self._renew = threading.Event()
        self._closed = False
        self.watch(paths)
        self._thread = threading.Thread(target=self._work, name="watcher", daemon=True)
        self._thread.start()

    def watch(self, paths: Iterable[Path]) -> None:
        """Watch these from now on, and nothing else. What they hold now is not reported."""
        roots = frozenset(path.absolute() for path in paths)
        with self._lock:
            if roots == self._roots:
                return
            known = {path: digest for path, digest in self._known.items() if _covered(path, roots)}
            self._known = _digests(roots - self._roots) | known
            self._roots = roots
        self._renew.set()

    def close(self) -> None:
        """Ends within about `STEP_MS`."""
        self._closed = True
        self._renew.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closed:
            self._renew.clear()
            places = self._places()
            try:
                notify = _notify(places)
            except FileNotFoundError:
                continue  # a directory went meanwhile
            with notify:
                if self._places() != places:
                    continue  # a directory came before this was notified of it
                self._compare(None)
                while not self._closed:
                    events = notify.watch(DEBOUNCE_MS, STEP_MS, 0, self._renew)
                    if isinstance(events, str):
                        break
                    touched = [Path(path) for _, path in events]
                    if any(path in places or (os.path.isdir(path) and self._matters(path)) for path in touched):
                        break  # directories came or went: look at everything anew
                    self._compare(touched)

    def _places(self) -> frozenset[Path]:
        """The directories to be notified of; for what is not there, or not to be entered, the nearest above it."""
        with self._lock:
            roots = self._roots
        places: set[Path] = set()
        for root in roots:
            places.update(set(contents.directories(root)) or {next(filter(contents.can_be_entered, root.parents))})
        return frozenset(places)

    def _matters(self, directory: Path) -> bool:
        """Whether watched files may be in a directory that has just come."""
        with self._lock:
            return _covered(directory, self._roots) or any(directory in root.parents for root in self._roots)

    def _compare(self, touched: Iterable[Path] | None) -> None:
        """Report what got other content among the `touched` files, or (None) among all."""
        with self._lock:
            if touched is None:
                digests = _digests(self._roots)
                candidates = digests.keys() | self._known.keys()
            else:
                candidates = {path for path in touched if _covered(path, self._roots)}
                digests = {path: digest for path in candidates if (digest := contents.digest(path)) is not None}
            changed = frozenset(path for path in candidates if digests.get(path) != self._known.get(path))
            for path in changed:
                self._known.pop(path, None)
            self._known.update((path, digests[path]) for path in changed if path in digests)
        if changed:
            now = time.time()
            self._report(changed, min(_written(path, now) for path in changed))


def _notify(places: frozenset[Path]) -> RustNotify:
    """Raises FileNotFoundError when one of them is gone."""
    names = sorted(map(str, places))
    try:
        return RustNotify(names, False, False, POLL_MS, False, True)
    except FileNotFoundError:
        raise
    except (OSError, WatchfilesRustInternalError):  # such as too many watches for this user
        return RustNotify(names, False, True, POLL_MS, False, True)


def _covered(path: Path, roots: frozenset[Path]) -> bool:
    return path in roots or any(root in path.parents and not contents.ignored(path, root) for root in roots)


def _digests(roots: Iterable[Path]) -> dict[Path, bytes]:
    found = (file for root in roots for file in contents.files(root))
    return {file: digest for file in found if (digest := contents.digest(file)) is not None}


def _written(path: Path, now: float) -> float:
    """When the file was written, as its own time says unless that is impossible; for one that went, now."""
    try:
        written = path.stat().st_mtime
    except OSError:
        return now
    return written if now - _OLDEST_S < written <= now else now
