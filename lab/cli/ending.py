"""How a command ends: one sentence on stderr for what the lab could not do, and one exit code per class."""

import errno
import io
import math
import os
import signal
import sys
import time
from types import FrameType

import typer
from typer.exceptions import TyperException

from lab.errors import InfraError, Interrupted, LabError, UsageError
from lab.machine import interruption
from lab.text import clean

PATIENCE_S = 10.0


def run_to_exit_code(app: typer.Typer) -> int:
    """Run the command line and return what the process must end with."""
    _hear_interrupts()
    _speak_anything()
    try:
        code = app(standalone_mode=False, prog_name="lab")
    except typer.Exit as ended:
        code = ended.exit_code
    except typer.Abort:
        code = tell(Interrupted("interrupted", ""))
    except TyperException as error:
        context = getattr(error, "ctx", None)
        code = tell(UsageError(error.format_message(), f"{context.command_path if context else 'lab'} --help"))
    except LabError as error:
        code = tell(error)
    except KeyboardInterrupt:
        code = tell(Interrupted("interrupted; what was finished is kept", "the same command again goes on from there"))
    except BrokenPipeError:
        code = _unheard()
    except SystemExit as ended:
        # Typer ends like this, with 1, when the reader of a pipe has gone.
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        code = _unheard()
    except OSError as error:
        code = tell(_of_this_host(error))
    return code if isinstance(code, int) else 0


def tell(error: LabError) -> int:
    """Print what is wrong and what to do; return the exit code of its class."""
    print(f"lab: {error.what}", file=sys.stderr)
    if error.remedy:
        print(f"  try: {error.remedy}", file=sys.stderr)
    return error.exit_code


def _of_this_host(error: OSError) -> InfraError:
    """Say what the disk or the rights of this host did not allow, and where."""
    where = f"{clean(str(error.filename))}: " if error.filename else ""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        remedy = "mend its rights, or work in a folder of your own: lab init FOLDER, then --workspace FOLDER"
    else:
        remedy = "free disk space or mend that path, then the same command again; --resume last goes on with a run"
    return InfraError(f"this host's disk or files: {where}{error.strerror or error}", remedy)


def _speak_anything() -> None:
    """Write what a terminal's own encoding lacks as escapes: an answer must not fail because it holds Chinese."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _unheard() -> int:
    """End quietly after `| head`, with the code of every program whose reader left: nothing was said to the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return 128 + signal.SIGPIPE


def _hear_interrupts() -> None:
    """Ctrl-C and a polite end request are one thing; a job that was started without Ctrl-C stays without it."""
    interruption.forget()
    heard = _Interrupts()
    signal.signal(signal.SIGTERM, heard)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, heard)


class _Interrupts:
    """The first interrupt stops the work: nothing new is started, containers are removed, what is finished is kept.

    Another within PATIENCE_S is the same impatient wish and must not tear that apart; a later one ends what hangs.
    """

    def __init__(self) -> None:
        self._last = -math.inf

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        now = time.monotonic()
        if now - self._last < PATIENCE_S:
            return
        self._last = now
        interruption.hear()
        raise KeyboardInterrupt
