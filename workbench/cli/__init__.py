"""The program itself, from its first moment to its last."""

from __future__ import annotations

import signal
import sys

from workbench.cli.streams import open_streams


def main() -> None:
    """What the `workbench` program does: never shows a traceback, exits with the status the command line promises.

    Until there is something to put away, Ctrl-C ends it on the spot: in the middle of the imports Python would show a
    traceback, and compiled modules crash. Once everything is put away, it has nothing to end any more.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    open_streams()
    from workbench.cli.commands import perform

    status = perform(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(status)
