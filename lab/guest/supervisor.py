"""Runs one request in a child process and writes down how it ended: `python supervisor.py REQUEST.json`.

Exit code 0 means that outcome.json was written, whatever Paddle did. 64: the request is wrong. 74: the output folder cannot be
written. 75: the process that started the supervisor is gone. 128+N: told to stop by signal N. In these cases everything started is
killed and there is no outcome, so a stop from outside is never taken for something Paddle did. Standard library only.
"""

import json
import os
import selectors
import signal
import sys
import time

sys.dont_write_bytecode = True  # the guest's folder may be shared and is read-only in a container

import forks  # noqa: E402 - after the line above
import outcome  # noqa: E402
import watch  # noqa: E402
from child import LIBC, PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, TICK_S, Child  # noqa: E402

CHUNK = 1 << 20
MODES = ("save", "load", "measure", "bench", "sweep", "forks")
NONCES = 1 << 16


class Stopped(Exception):  # noqa: N818 - a request from outside, not an error
    """The supervisor itself was told to stop; `code` is what it exits with."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


def follow(child, wake, enough=lambda: False):
    """Read pipes and watch limits until the child has ended; then kill what it left behind and read the rest.

    It is left running, and nothing is killed, once `enough` says so.
    """
    pipes = child.pipes
    with selectors.DefaultSelector() as selector:
        for fd in [*pipes, wake]:
            os.set_blocking(fd, False)
            selector.register(fd, selectors.EVENT_READ)
        while not child.ended():
            if enough():
                return
            listen(child, selector)
            if os.getppid() != child.starter:
                raise Stopped(75, "the process that started the supervisor is gone")
            if child.stop is None:
                child.stop = child.broken_limit()
                if child.stop:
                    os.kill(child.pid, signal.SIGKILL)  # not by Popen, which would reap it
    child.tree.kill()
    for fd, name in pipes.items():
        while read_once(child, fd, name):
            pass


def listen(child, selector):
    """Take what the child says in a short while; a pipe that has come to its end is not looked at any more."""
    for key, _mask in selector.select(min(TICK_S, child.limits["wall_s"] / 10, child.limits["silent_s"] / 10)):
        if not read_once(child, key.fd, child.pipes.get(key.fd)):
            selector.unregister(key.fd)


def read_once(child, fd, name):
    """Take what one pipe holds; False at its end (or, for a pipe without a writer that is ours, when it is empty)."""
    try:
        data = os.read(fd, CHUNK)
    except BlockingIOError:
        return child.status is None
    if name and data:
        child.take(name, data)
    return bool(data)


def wake_on_signals():
    """A descriptor that becomes readable at once when a child ends; SIGTERM and SIGINT raise `Stopped`."""

    def told(number, _frame):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: the clean-up must not be interrupted
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise Stopped(128 + number, "told to stop by {}".format(signal.Signals(number).name))

    end, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    return end


def supervise(request_path, request, scratch, wake):
    """Run the request in a child and return its outcome; whatever happens, nothing of it keeps running."""
    before = watch.oom_kills()
    child = Child(request_path, request, scratch)
    try:
        follow(child, wake)
    finally:
        child.tree.kill()
        child.close()
    return outcome.record(child, request, time.monotonic(), max(0, watch.oom_kills() - before))


def read_request(argv):
    """The request named on the command line; ValueError with one sentence where it is wrong."""
    if len(argv) != 2:  # noqa: PLR2004 - the program and one argument
        raise ValueError("usage: python supervisor.py REQUEST.json")
    with open(argv[1], encoding="utf-8") as file:
        request = json.load(file)
    if not isinstance(request, dict) or request.get("protocol") != outcome.PROTOCOL:
        raise ValueError("{} is not a request of protocol {}".format(argv[1], outcome.PROTOCOL))
    missing = [name for name in ("nonce", "mode", "scenario", "model", "out") if not request.get(name)]
    if missing or request["mode"] not in MODES:
        raise ValueError(
            "{}: missing {}, or mode is none of {}".format(argv[1], missing or "nothing", ", ".join(MODES))
        )
    if request.get("nonce_from"):
        request["record_nonce"] = taken(request["nonce_from"])
    return request


def taken(path):
    """What records must carry, out of a pipe that gives it once: no child has begun, and none will find it there."""
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        nonce = os.read(pipe, NONCES).decode("ascii")
    finally:
        os.close(pipe)
    if not nonce:
        raise ValueError("{} holds nothing".format(path))
    return nonce


def make_scratch():
    """A folder of this run's own for homes, caches and temporary files."""
    path = os.path.join(os.environ.get("TMPDIR") or "/tmp", "guest-{}".format(os.urandom(6).hex()))  # noqa: S108
    os.mkdir(path, 0o700)
    return path


def main(argv):
    """Run one request; the exit codes are in the module's first lines."""
    os.umask(
        0
    )  # the caller on the host may be another user than the one in the container, and must be able to clean up
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    LIBC.prctl(PR_SET_DUMPABLE, 0)  # the child is the same user, and must not read the nonce out of this process
    try:
        request = read_request(argv)
    except (ValueError, OSError) as error:
        print("supervisor: {}".format(error), file=sys.stderr)
        return 64
    scratch = None
    try:
        wake = wake_on_signals()
        scratch = make_scratch()
        os.makedirs(request["out"], exist_ok=True)
        if request["mode"] == "forks":
            forks.serve(os.path.abspath(argv[1]), request, scratch, lambda *args: follow(args[0], wake, *args[1:]))
            return 0
        outcome.write(
            os.path.join(request["out"], "outcome.json"), supervise(os.path.abspath(argv[1]), request, scratch, wake)
        )
    except Stopped as stopped:
        print("supervisor: {}".format(stopped), file=sys.stderr)
        return stopped.code
    except OSError as error:
        print("supervisor: cannot work in {}: {}".format(request["out"], error), file=sys.stderr)
        return 74
    finally:
        if scratch:
            import shutil  # noqa: PLC0415 - slow to import, and needed only now

            shutil.rmtree(scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
