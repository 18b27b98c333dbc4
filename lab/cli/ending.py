"""How a command ends: one sentence on stderr for what the lab could not do, and one exit code per class."""

import signal
import sys
from types import FrameType

import typer
from typer.exceptions import TyperException

from lab.errors import InfraError, Interrupted, LabError, UsageError


def run_to_exit_code(app: typer.Typer) -> int:
    """Run the command line and return what the process must end with."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        code = app(standalone_mode=False, prog_name="lab")
    except typer.Exit as ended:
        code = ended.exit_code
    except typer.Abort:
        code = tell(Interrupted("interrupted", ""))
    except TyperException as error:
        code = tell(UsageError(error.format_message(), "lab --help, or lab COMMAND --help"))
    except LabError as error:
        code = tell(error)
    except KeyboardInterrupt:
        code = tell(Interrupted("interrupted; what was finished is kept", "the same command with --resume goes on"))
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    except OSError as error:
        code = tell(
            InfraError(f"this host's disk or files: {error}", "free disk space or mend the rights, then --resume last")
        )
    return code if isinstance(code, int) else 0


def tell(error: LabError) -> int:
    """Print what is wrong and what to do; return the exit code of its class."""
    print(f"lab: {error.what}", file=sys.stderr)
    if error.remedy:
        print(f"  try: {error.remedy}", file=sys.stderr)
    return error.exit_code


def _as_interrupt(number: int, frame: FrameType | None) -> None:
    """A polite end request is handled as Ctrl-C: containers are stopped, what is finished is kept."""
    del number, frame
    raise KeyboardInterrupt
