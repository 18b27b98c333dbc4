"""The one door to other programs: argv in, `Completed` out; nothing else in the lab may start a process."""

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.errors import InfraError
from lab.machine import interruption

END_S = 1.0
# States of /proc/PID/stat in which nothing of a process works any more.
DEAD = frozenset({"Z", "X", "x"})
_live: "set[subprocess.Popen[str]]" = set()


@dataclass(frozen=True, kw_only=True)
class Completed:
    """How a program ended, with its text; a negative `returncode` is the signal that ended it."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str

    @property
    def ok(self) -> bool:
        """Whether it ended with 0."""
        return self.returncode == 0

    def tail(self, lines: int = 12) -> str:
        """The last lines of what it said, errors first choice: enough to act on."""
        text = self.stderr.strip() or self.stdout.strip()
        return "\n".join(text.splitlines()[-lines:])


def run(
    argv: Sequence[str],
    *,
    timeout: float | None = None,
    env: Mapping[str, str] | None = None,
    input: str | None = None,  # noqa: A002 - the word subprocess uses
    cwd: Path | None = None,
    takes_back: bool = False,
) -> Completed:
    """Run a program to its end and return what it said; a missing program or a timeout (seconds) is an InfraError.

    One that `takes_back` what the lab has started somewhere else is run though the lab was told to end.
    """
    pipe = subprocess.PIPE
    told = pipe if input is not None else subprocess.DEVNULL
    with _child(argv, env=env, cwd=cwd, stdin=told, stderr=pipe, always=takes_back) as child:
        try:
            out, err = child.communicate(input, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            said = f"{argv[0]} did not end within {timeout:.0f} s"
            raise InfraError(said, "look at the load of this machine") from error
    return Completed(argv=tuple(argv), returncode=child.returncode, stdout=out, stderr=err)


def stream(
    argv: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    seen: Callable[[str], None] | None = None,
) -> Completed:
    """Run a program, write what it says to `log` as it comes, show each line to `seen`, and keep the last 40 lines."""
    last: deque[str] = deque(maxlen=40)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", buffering=1, encoding="utf-8") as sink, started(argv, env=env, cwd=cwd, merged=True) as child:
        for line in child.stdout or ():
            sink.write(line)
            last.append(line)
            if seen is not None:
                seen(line.rstrip())
        code = child.wait()
    return Completed(argv=tuple(argv), returncode=code, stdout="".join(last), stderr="")


@contextmanager
def started(
    argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None, merged: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Start a program in its own process group, and see to it that the whole group is gone at the end."""
    quiet = subprocess.DEVNULL
    out, err = (subprocess.PIPE, subprocess.STDOUT) if merged else (quiet, quiet)
    with _child(argv, env=env, cwd=cwd, stdin=quiet, stdout=out, stderr=err) as child:
        yield child


@dataclass(frozen=True, kw_only=True)
class LeasedProgram:
    """A program that lives as long as its stdin is open: whoever closes that, or dies, asks it to end."""

    child: subprocess.Popen[str]

    def lines(self) -> Iterator[str]:
        """What it says, errors too, until it ends."""
        yield from self.child.stdout or ()

    def code(self) -> int:
        """What it returned, once it has ended; a negative one is the signal that ended it."""
        return self.child.wait()

    def leave(self) -> None:
        """Ask it to end."""
        if self.child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # of a line that it did not live to read
                self.child.stdin.close()

    def kill(self) -> None:
        """End it and all that it started, without a word."""
        _signal([self.child], signal.SIGKILL)


@contextmanager
def leased(argv: Sequence[str], line: str) -> Iterator[LeasedProgram]:
    """Start a program and tell it one line; what is left of it at the block's end is ended."""
    with _child(argv, env=None, cwd=None, stdin=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        program = LeasedProgram(child=child)
        if child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it ended already, and said why
                child.stdin.write(line)
                child.stdin.flush()
        try:
            yield program
        finally:
            program.leave()


@contextmanager
def _child(
    argv: Sequence[str], *, stdin: int, stderr: int, env: Mapping[str, str] | None, cwd: Path | None,
    stdout: int = subprocess.PIPE, always: bool = False,
) -> Iterator[subprocess.Popen[str]]:  # fmt: skip
    if not always:
        interruption.refuse()
    try:
        child = subprocess.Popen(
            list(argv), env=env, cwd=cwd, stdin=stdin, stdout=stdout, stderr=stderr, text=True, errors="replace",
            start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise InfraError(f"the program {argv[0]!r} was not found", "install it, or put it on PATH") from error
    with held(child, always=always):
        yield child


@contextmanager
def held(child: subprocess.Popen[str], *, always: bool = False) -> Iterator[None]:
    """Whatever ends the block, and whoever ends all of the lab's programs, the child's whole group is gone after it."""
    _live.add(child)
    try:
        if not always:
            interruption.refuse()  # it may have come since, after all that lived by then were ended
        yield
    finally:
        end_group(child)
        _live.discard(child)


def end_all() -> None:
    """End every program that still runs for the lab, whichever thread waits for it: asked first, killed after END_S."""
    children = list(_live)
    end = time.monotonic() + END_S
    _signal(children, signal.SIGTERM)
    while any(one.poll() is None for one in children) and time.monotonic() < end:
        time.sleep(0.02)
    _signal(children, signal.SIGKILL)


def kill_all() -> None:
    """End every program that still runs for the lab, without a word and without waiting for it."""
    _signal(list(_live), signal.SIGKILL)


def _signal(children: Sequence["subprocess.Popen[str]"], word: signal.Signals) -> None:
    for child in children:
        if child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, word)


def end_group(child: subprocess.Popen[str], grace: float = 2.0) -> None:
    """End a child's whole process group: asked first, killed after `grace` seconds."""
    if child.poll() is None:
        for word in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(child.pid, word)
            except ProcessLookupError:
                break
            if _gone_within(child, grace):
                break
    for stream in (child.stdin, child.stdout, child.stderr):
        if stream is not None:
            stream.close()
    child.wait()


def _gone_within(child: subprocess.Popen[str], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while child.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    return child.poll() is not None


def alive(pid: int, started: int = 0) -> bool:
    """Whether a process with this id lives here; with `started`, whether it is that very one and no later one.

    `started` is its start in clock ticks since boot, 0 where that is not known. What /proc does not tell counts as alive.
    """
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    state, start = _stat(pid)
    return state not in DEAD and (not started or start in {0, started})


def own_start() -> int:
    """When this process started, in clock ticks since boot; 0 where /proc does not tell."""
    return _read_stat(Path("/proc/self/stat"))[1]


def _stat(pid: int) -> tuple[str, int]:
    """State and start of a process; ("", 0) where /proc hides it, or where that /proc is another namespace's."""
    try:
        ours = Path("/proc/self").readlink() == Path(str(os.getpid()))
    except OSError:
        ours = False
    return _read_stat(Path(f"/proc/{pid}/stat")) if ours else ("", 0)


def _read_stat(path: Path) -> tuple[str, int]:
    """Fields 3 and 22; the second field is a name that may hold blanks and brackets."""
    try:
        fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return fields[0], int(fields[19])
    except (OSError, IndexError, ValueError):
        return "", 0
