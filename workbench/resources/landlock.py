"""Linux's Landlock: a thread gives up the right to change files outside of some directories, whatever paths lead to.

For libraries that open files by their names, which a link can come into between a check and its use. See the kernel's
documentation, "Landlock: unprivileged access control".
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38
_WRITE_FILE, _REMOVE_FILE, _MAKE_FILE, _MAKE_LINK, _TRUNCATE = 1 << 1, 1 << 5, 1 << 8, 1 << 12, 1 << 14
_TRUNCATE_SINCE = 3


def confine(directories: Iterable[Path]) -> bool:
    """From now on this thread, and what it starts, opens files for writing, makes and removes them in `directories`
    only. False where the system has no Landlock; directories that are not there are left out."""
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None, use_errno=True)
    version = library.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    rights = _WRITE_FILE | _REMOVE_FILE | _MAKE_FILE | _MAKE_LINK | (_TRUNCATE if version >= _TRUNCATE_SINCE else 0)
    attributes = struct.pack("=Q", rights)
    rules = library.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        for directory in directories:
            _allow(library, rules, rights, directory)
        library.prctl(_NO_NEW_PRIVILEGES, *(ctypes.c_ulong(number) for number in (1, 0, 0, 0)))
        return bool(library.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(library: ctypes.CDLL, rules: int, rights: int, directory: Path) -> None:
    try:
        beneath = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return
    try:
        library.syscall(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, beneath), 0)
    finally:
        os.close(beneath)
