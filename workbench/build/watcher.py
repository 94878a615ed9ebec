"""File changes, as they happen: which files got other content, and when."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from workbench import threads
from workbench.build import contents
from workbench.build.contents import Content
from workbench.build.survey import Survey
from workbench.errors import UserError
from workbench.threads import Died, raise_it

STEP_MS = 10
"""How often the notifications are looked at; a change is reported once there was none for so long."""
DEBOUNCE_MS = 50
"""At most so long are changes gathered."""
POLL_S = 0.25
"""How often files are looked at where the system gives no notifications; in large projects less often, see `BUSY`."""
BUSY = 0.05
"""The part of its time that the watcher's thread may be busy with looking at files."""
FLOOD = 1000
"""After so many notifications at once some may have been lost, and all files are looked at."""

_OLDEST_S = 2.0  # a file whose own time is older was there before, and came into sight just now

Report = Callable[[Mapping[Path, float]], None]


class Watcher:
    """Watches on a thread of its own: directories with all that is in them, and single files; all may come and go.

    `report` gets the files whose content changed, appeared or went, each with `time.time()` of when that was, on the
    watcher's thread; `died` hears when nothing is watched any more. Nothing that changes after the constructor or
    `watch` has returned is missed. Names lead where their links lead. With `poll`, files are looked at again and again,
    for file systems that give no notifications.
    """

    def __init__(self, paths: Iterable[Path], report: Report, *, poll: bool = False, died: Died = raise_it) -> None:
        self._report = report
        self.polls = False
        """Whether files are looked at again and again, as somebody asks for."""
        self.problem: UserError | None = None
        """Why the system gives no notifications, None while it does."""
        self._roots: frozenset[Path] = frozenset()
        self._survey = Survey(())
        self._known: dict[Path, Content] = {}
        self._lock = threading.Lock()
        self._renew = threading.Event()
        self._closed = False
        self.watch(paths, poll=poll)
        self._thread = threads.start("watcher of files", self._work, died)

    def watch(self, paths: Iterable[Path], *, poll: bool = False, since: float | None = None) -> None:
        """Watch these from now on, and nothing else. What they hold now is not reported, unless it is of a later
        `time.time()` than `since`."""
        roots, poll = frozenset(path.absolute() for path in paths), poll or _polling_is_forced()
        with self._lock:
            if roots == self._roots and poll == self.polls:
                return
            self.polls = poll
            before, added = self._roots, Survey(roots - self._roots).files
            self._roots, self._survey = roots, Survey(roots)
            kept = {path: content for path, content in self._known.items() if path in self._survey.files}
            new = {path for path in added if path not in before and before.isdisjoint(path.parents)}
            now = time.time()
            self._known = kept | _contents((path for path in new if since is None or _when(path, now) < since), {})
        self._renew.set()

    def close(self) -> None:
        """Ends within about `STEP_MS`, and is not waited for where a file system hangs."""
        self._closed = True
        self._renew.set()
        self._thread.join(threads.END_S)

    def _work(self) -> None:
        while not self._closed:
            self._renew.clear()
            places = self._look_anew()
            if self.polls:
                self.problem = None
                self._go_on_polling()
                continue
            try:
                notify = RustNotify(sorted(map(str, places)), False, False, 0, False, False)
            except (FileNotFoundError, PermissionError):
                self._renew.wait(STEP_MS / 1000)  # a directory went meanwhile, or was closed to this user
                continue
            except (OSError, WatchfilesRustInternalError, UnicodeError) as error:
                self.problem = _why_not(error)
                self._go_on_polling()
                continue
            self.problem = None
            with notify:
                if self._look_anew() == places:  # else a directory came before this was notified of it
                    self._go_on(notify)

    def _go_on(self, notify: RustNotify) -> None:
        """Report what is notified of, until names lead elsewhere or other ones are to be watched."""
        while not self._closed:
            try:
                events = notify.watch(DEBOUNCE_MS, STEP_MS, 0, self._renew)
            except WatchfilesRustInternalError:  # such as a name that is no text
                return
            if isinstance(events, str) or len(events) > FLOOD:
                return
            touched: set[Path] = set()
            for _, path in events:
                names = self._survey.names(Path(path))
                if names is None:
                    return
                touched |= names
            if touched:
                self._compare(touched)

    def _go_on_polling(self) -> None:
        while not self._closed:
            began = time.monotonic()
            self._look_anew()
            if self._renew.wait(max(POLL_S, (time.monotonic() - began) / BUSY)):
                return

    def _look_anew(self) -> set[Path]:
        """Report what got other content among all files; gives the directories to be notified of."""
        with self._lock:
            roots = self._roots
        survey = Survey(roots)
        with self._lock:
            if roots != self._roots:
                return set()
            candidates = survey.files | self._survey.files
            self._survey = survey
        self._compare(candidates, trusting=True)
        return survey.directories

    def _compare(self, candidates: Iterable[Path], *, trusting: bool = False) -> None:
        """Report what got other content; `trusting`: a file whose directory entry is as it was is not read."""
        with self._lock:
            candidates = set(candidates)
            self._survey.files |= candidates
            now = _contents(candidates, self._known if trusting else {})
            changed = {path for path in candidates if _digest(now.get(path)) != _digest(self._known.get(path))}
            for path in candidates:
                self._known.pop(path, None)
            self._known.update(now)
        if changed:
            at = time.time()
            self._report({path: _seen_at(path, at) for path in changed})


def _polling_is_forced() -> bool:
    """As watchfiles' own `watch` reads the environment."""
    return os.environ.get("WATCHFILES_FORCE_POLLING", "false").lower() not in ("", "false", "disable", "disabled")


def _contents(files: Iterable[Path], known: Mapping[Path, Content]) -> dict[Path, Content]:
    return {file: found for file in files if (found := contents.look(file, known.get(file))) is not None}


def _digest(content: Content | None) -> bytes | None:
    return None if content is None else content.digest


def _when(path: Path, now: float) -> float:
    """When the file was changed or came where it is, as the file system says; of one that went, its directory."""
    for place in (path, path.parent):
        try:
            return min(now, max(os.lstat(place).st_ctime, os.stat(place).st_ctime))
        except OSError:
            continue
    return now


def _seen_at(path: Path, now: float) -> float:
    """When a change that is seen `now` was made."""
    then = _when(path, now)
    return then if now - _OLDEST_S < then else now


def _why_not(error: Exception) -> UserError:
    """The sentence for what keeps the system from notifying."""
    instead = f"files are looked at every {POLL_S:g} s instead"
    text = str(error)
    if "file watch limit" in text or f"os error {errno.ENOSPC})" in text:
        return UserError(
            f"this user's inotify watches are used up, so {instead}; "
            "for more: sudo sysctl fs.inotify.max_user_watches=524288"
        )
    if f"os error {errno.EMFILE})" in text:
        return UserError(
            f"this user's inotify instances are used up, so {instead}; "
            "for more: sudo sysctl fs.inotify.max_user_instances=1024"
        )
    return UserError(f"the system does not tell of changed files ({text}), so {instead}")
