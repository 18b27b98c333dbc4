"""The process that is forked: it has imported Paddle and runs nothing. A fork of it does one request and ends.

A fork is made twice over: the one in between ends at once, so that the supervisor adopts the one that works and sees how it ends,
as it does with a child of its own. The template cannot be read or written to by its forks, which are the same user.
"""

import atexit
import ctypes
import faulthandler
import gc
import json
import os
import signal
import socket
import sys
import tempfile
import time

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
BUFFER = 1 << 16
DESCRIPTORS = 4
LIBC = ctypes.CDLL(None)
WITH_PYTHON = ctypes.PyDLL(None)
FIRST_TO_GO, LATER = "1000", "500"


def serve(line, control_fd, answer):
    """Say that this process is ready, then fork for each order; `answer(line, request)` is what a fork does."""
    supervisor = os.getppid()
    control = socket.socket(fileno=control_fd)
    os.set_inheritable(control_fd, False)
    gc.collect()
    gc.freeze()  # what is here stays: a fork's collections need not touch, and so copy, all of it
    oom_score(LATER)
    LIBC.prctl(PR_SET_DUMPABLE, 0)
    line.tell("ready")
    while True:
        data, fds = received(control)
        if not data:
            return
        pid = forked_twice(live, line, control, json.loads(data.decode("utf-8")), fds, supervisor, answer)
        for fd in fds:
            os.close(fd)
        control.send(str(pid).encode("ascii"))


def received(control):
    """The next order and its descriptors; nothing at the end."""
    data, rights, _flags, _address = control.recvmsg(BUFFER, socket.CMSG_SPACE(4 * DESCRIPTORS))
    numbers = b"".join(part for _level, kind, part in rights if kind == socket.SCM_RIGHTS)
    return data, [int.from_bytes(numbers[at : at + 4], sys.byteorder) for at in range(0, len(numbers), 4)]


def forked_twice(work, *args):
    """Let a process that is nobody's child do the work; its id, as soon as the one in between is gone."""
    reader, writer = os.pipe()
    between = os.fork()
    if not between:
        pid = os.fork()
        if not pid:
            os.close(reader)
            os.close(writer)
            work(*args)
        os.write(writer, str(pid).encode("ascii"))
        os._exit(0)
    os.close(writer)
    pid = int(os.read(reader, 32))
    os.close(reader)
    os.waitpid(between, 0)
    return pid


def live(line, control, order, fds, supervisor, answer):
    """The whole life of a fork."""
    try:
        result, stdout, stderr, fault = fds
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        control.close()
        adopted(supervisor)
        faulthandler.enable(file=fault, all_threads=True)
        apart(order["scratch"])
        answer(line.instead(result, order["request"]["nonce"]), order["request"])
    except BaseException as error:
        sys.stderr.write("fork: {}: {}\n".format(type(error).__name__, error))
        os._exit(1)
    if order["request"].get("mode") == "sweep":
        # It ran no net itself: each was a fork of it. Taking down libraries that it only has a copy of, whose threads are
        # not here, was seen to wait for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    end()


def adopted(supervisor):
    """Wait until the supervisor is the parent, and end with it; be as every program is, and the first to go without memory."""
    os.setsid()
    while os.getppid() != supervisor:
        time.sleep(0.0005)
    LIBC.prctl(PR_SET_DUMPABLE, 1)
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    oom_score(FIRST_TO_GO)


def apart(scratch):
    """A home, caches and a working folder that no other fork sees."""
    os.environ.update(HOME=scratch, TMPDIR=scratch, XDG_CACHE_HOME=os.path.join(scratch, "cache"))
    tempfile.tempdir = None
    os.chdir(scratch)


def end():
    """End as a program does: what was left for the end is called, and the libraries take themselves down.

    Only the interpreter does not take itself apart object by object: that copies every page that it shares with the template.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to them but through the whole end
    sys.stdout.flush()
    sys.stderr.flush()
    WITH_PYTHON.exit(0)


def oom_score(value):
    """How soon the kernel ends this process when memory is used up; where it may not be said, size decides."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write(value)
    except OSError:
        pass
