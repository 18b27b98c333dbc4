"""The entry point: the only place that catches the lab's own errors and turns them into exit codes."""

import os
import signal
import sys
from types import FrameType

WORDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
INTERRUPTED = 130


def main() -> None:
    """Run the command line; a LabError becomes its message on stderr and its exit code."""
    hear_while_loading()

    from lab.cli.app import app  # noqa: PLC0415 - so that an interrupted start is caught too
    from lab.cli.ending import run_to_exit_code  # noqa: PLC0415

    sys.exit(run_to_exit_code(app))


def hear_while_loading() -> None:
    """Let Ctrl-C and its kin end the process until the command line hears them itself."""
    for one in WORDS:
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, _at_once)


def _at_once(number: int, frame: FrameType | None) -> None:
    """End while programs are still being loaded: nothing has begun, so there is nothing to put away.

    Raising here would tear an import apart, and some of them turn that into another error.
    """
    del number, frame
    os.write(2, b"lab: interrupted before anything had begun\n")
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
