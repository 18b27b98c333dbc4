"""How a command ends: one sentence on stderr for what the lab could not do, and one exit code per class."""

import codecs
import contextlib
import io
import itertools
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

import typer
from typer.exceptions import TyperException

from lab.cli import speak
from lab.errors import Interrupted, LabError, UsageError
from lab.machine import interruption, process, refused, signals
from lab.text import readable

# Two signals this near to each other are one wish.
ECHO_S = 0.5
# How long the lab may still put things away after an impatient second one.
LAST_S = 3.5


def run_to_exit_code(app: typer.Typer) -> int:
    """Run the command line and return what the process must end with."""
    interruption.forget()
    with signals.delivered((signal.SIGTERM, signal.SIGHUP, signal.SIGINT), _Interrupts()):
        return _run(app)


def _run(app: typer.Typer) -> int:
    _speak_anything()
    try:
        speak.begin()
        words = _todays(sys.argv[1:], lambda said: speak.err(f"lab: {said}"))
        code = app(words, standalone_mode=False, prog_name="lab")
        if code == Interrupted.exit_code:  # Typer makes this of Ctrl-C where no verb heard it, and says nothing
            code = tell(_interrupted())
    except (typer.Exit, typer.Abort, TyperException) as ended:
        code = _of_the_words(ended)
    except LabError as error:
        code = tell(error)
    except KeyboardInterrupt:
        code = tell(_interrupted())
    except BrokenPipeError:
        code = _unheard()
    except SystemExit as ended:
        # Typer ends like this, with 1, when the reader of a pipe has gone.
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        code = _unheard()
    except Exception as error:  # noqa: BLE001 - every one that is not the interrupt's or this host's is raised again there
        code = _unforeseen(error)
    return code if isinstance(code, int) else 0


def _of_the_words(ended: Exception) -> int:
    """The code of what Typer itself ends with."""
    match ended:
        case typer.Exit(exit_code=code):
            return int(code)
        case TyperException():
            return _misspelt(ended)
        case _:
            return tell(Interrupted("interrupted", ""))


def _unforeseen(error: Exception) -> int:
    """What this host did not allow, or whatever an interrupt tore apart on its way; anything else is a bug, and is raised."""
    if interruption.heard():
        return tell(_interrupted())
    if not isinstance(error, OSError):
        raise error
    return tell(refused.by_host(error))


def _interrupted() -> Interrupted:
    return Interrupted("interrupted; what was finished is kept", "the same command again goes on from there")


def tell(error: LabError, code: int | None = None) -> int:
    """Print what is wrong and what to do, as JSON too where that was asked; return the exit code: `code`, or its class's."""
    code = error.exit_code if code is None else code
    speak.failure(error)
    if _json_wanted(sys.argv[1:]):
        from lab.cli import answer  # noqa: PLC0415 - what did not fail needs none of it

        speak.document(answer.failure(_verb(sys.argv[1:]), error, code).rstrip("\n"))
    return code


def _todays(words: Sequence[str], say: Callable[[str], None]) -> list[str]:
    """The words in today's spelling; `lab --help` has none that could be old."""
    if not words or words[0].startswith("-"):
        return list(words)
    from lab.cli import renamed  # noqa: PLC0415 - the help of the lab needs the table of verbs only

    return renamed.current(words, say)


def _json_wanted(words: Sequence[str]) -> bool:
    """Whether a program reads stdout; asked of the words themselves, for they may be what is wrong."""
    after = itertools.pairwise(words)
    return bool({"--json", "--format=json", "-fjson"} & set(words)) or any(
        pair in {("--format", "json"), ("-f", "json")} for pair in after
    )


def _verb(words: Sequence[str]) -> str:
    """The verb that was typed, in today's spelling; two words where the first one names a group."""
    from lab.cli.app import VERBS  # noqa: PLC0415 - only where a failure is told to a program

    with contextlib.suppress(UsageError):  # where the words themselves are wrong, the first one is right all the same
        words = _todays(words, lambda _: None)
    group = any(one.group and one.name in words[:1] for one in VERBS)
    return " ".join(one for one in words[: 2 if group else 1] if not one.startswith("-"))


def _misspelt(error: TyperException) -> int:
    """Say in the lab's own words what cannot be understood, and where the help of that very verb is."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        speak.err(error.format_message())
        return UsageError.exit_code
    from lab.cli import usage  # noqa: PLC0415 - only where something cannot be understood

    return tell(UsageError(usage.sentence(error), f"{context.command_path if context else _typed()} --help"))


def _typed() -> str:
    """The verb as it was typed, where the parser does not say in which one it stumbled; the lab itself where there is no such verb."""
    from lab.cli.app import VERBS  # noqa: PLC0415 - only where something cannot be understood

    verb = _verb(sys.argv[1:])
    return f"lab {verb}" if verb.partition(" ")[0] in {one.name for one in VERBS} else "lab"


def _speak_anything() -> None:
    """Write what a terminal's own encoding lacks as escapes: an answer must not fail because it holds Chinese, or GBK."""
    codecs.register_error("readable", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="readable")


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeEncodeError):
        plain = readable(error.object[error.start : error.end])
        return plain.encode("ascii", "backslashreplace").decode(), error.end
    raise error


def _unheard() -> int:
    """End quietly after `| head`, with the code of every program whose reader left: nothing was said to the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return 128 + signal.SIGPIPE


class _Interrupts:
    """Ctrl-C, a polite end request and a closed terminal are one thing.

    The first interrupt stops the work: nothing new is started, containers are removed, what is finished is kept.

    Another within ECHO_S is the same wish, passed on by a shell or by make, and must not tear that apart. A later one
    is impatience: what is not put away LAST_S after it is left, and the process ends, whatever hangs.
    """

    def __init__(self, end: Callable[[], None] | None = None) -> None:
        self._first = math.inf
        self._end = end or _give_up
        self._last_call: threading.Timer | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del frame
        now = time.monotonic()
        if number == signal.SIGHUP:
            _nobody_reads()
        if math.isinf(self._first):
            self._first = now
            interruption.hear()
            raise KeyboardInterrupt
        if now - self._first >= ECHO_S and self._last_call is None:
            self._last_call = threading.Timer(LAST_S, self._end)
            self._last_call.daemon = True
            self._last_call.start()


def _nobody_reads() -> None:
    """Say the rest to nobody where the terminal is gone: writing to it would fail, and hide what is to be put away."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (1, 2):
        if os.isatty(number):
            os.dup2(nowhere, number)


def _give_up() -> None:
    """End at once, also where the engine holds every thread; the labels of what is left say whose it was."""
    with contextlib.suppress(OSError):
        os.write(2, b"\nlab: ended at once; what still runs in a container is removed by the next lab\n")
    process.kill_all()
    os._exit(Interrupted.exit_code)
