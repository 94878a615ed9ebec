"""What watched names mean now: the files below them, and every directory in which a name on the way is looked up.

A name may lead through links: `src/lib.rs` to `../shared/a.rs`, that file's directory to yet another place. The file
then changes when it is written, when any link on the way is pointed elsewhere, and when any directory on the way is
moved. So each link is watched, and each directory from the root of the file system on.
"""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePath

from workbench.build import contents

MOST_LINKED = 1000
"""Of a watched directory, at most so many directories are entered by links in it."""

_MOST_LINKS = 40  # on the way to one file, as in Linux


class Survey:
    """A look at `roots`: directories with all in them, and single files, there or not. Takes about 20 µs a file."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self.files: set[Path] = set()
        """Every file that counts, by its name in or as one of the roots. Each is there once, whatever links lead to
        its directory."""
        self.directories: set[Path] = set()
        """The directories to be notified of, without links in their names."""
        self._turns: set[Path] = set()
        self._names: dict[Path, set[Path]] = defaultdict(set)
        self._trees: dict[Path, set[Path]] = defaultdict(set)
        for root in sorted(roots):
            self._add(root)
        self.directories = {each for each in self.directories if _can_be_read(each)}

    def names(self, changed: Path) -> set[Path] | None:
        """The watched names of a file that was notified of; None when a new survey is needed to tell."""
        if changed in self._turns or changed.name == contents.TAG:
            return None
        found = set(self._names.get(changed, ()))
        trees = self._trees.get(changed.parent)
        if trees and not contents.ignored(changed):
            found |= {tree / changed.name for tree in trees}
        return None if found and (os.path.islink(changed) or os.path.isdir(changed)) else found

    def _add(self, root: Path) -> None:
        place = self._follow(root)
        if place is None:
            self.files.add(root)  # it may come
        elif os.path.isdir(place):
            self._turns.add(place)
            self._enter(root, place)
        else:
            self.files.add(root)
            self._names[place].add(root)

    def _enter(self, root: Path, place: Path) -> None:
        entered, linked = {place}, 0
        waiting = [(root, place)]
        while waiting:
            name, directory = waiting.pop()
            self.directories.add(directory)
            self._trees[directory].add(name)
            for entry in _entries(directory):
                path, below = directory / entry.name, name / entry.name
                if entry.is_symlink():
                    target = self._follow(path)
                    if target is None or contents.ignored(path):
                        continue
                    if not os.path.isdir(target):
                        self.files.add(below)
                        self._names[target].add(below)
                    elif target not in entered and not directory.is_relative_to(target) and linked < MOST_LINKED:
                        linked += 1
                        entered.add(target)
                        waiting.append((below, target))
                elif not entry.is_dir(follow_symlinks=False):
                    if not contents.ignored(path):
                        self.files.add(below)
                elif path not in entered and not contents.ignored(path):
                    self._turns.add(path)
                    entered.add(path)
                    linked += not path.is_relative_to(place)
                    if path.is_relative_to(place) or linked < MOST_LINKED:
                        waiting.append((below, path))

    def _follow(self, path: Path) -> Path | None:
        """Where `path` leads, noting each step; None when nothing is there."""
        place, links = Path(path.anchor), 0
        left = list(reversed(path.parts[1:]))
        while left:
            name = left.pop()
            if name == os.pardir:
                place = place.parent
                continue
            self.directories.add(place)
            step = place / name
            try:
                mode = os.lstat(step).st_mode
                target = PurePath(os.readlink(step)) if stat.S_ISLNK(mode) else None
            except (OSError, ValueError):
                self._turns.add(step)
                return None
            if target is not None:
                self._turns.add(step)
                links += 1
                if links > _MOST_LINKS:
                    return None
                if target.is_absolute():
                    place = Path(target.anchor)
                left += reversed(target.parts[1:] if target.is_absolute() else target.parts)
                continue
            if left:
                self._turns.add(step)
            place = step
        return place


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except OSError:  # it went meanwhile, or this user may not look into it
        return []


def _can_be_read(directory: Path) -> bool:
    try:
        os.scandir(directory).close()
    except OSError:
        return False
    return True
