"""A Python that has numpy in it already, and forks for each guest that the toy engine starts: `warm_python.py SOCKET`.

A supervisor or a child of one that is started anew spends most of its time on what is the same each time: Python's own start, numpy,
the same few modules compiled again. A fork of this process has all that, and is made into what a new process would be: its own
environment, path, signals, descriptors, modules and random numbers. It is a process with an id, a group and a wait status like any
other, so that what the lab sees of a guest is the same. That a guest works in a Python of its own is tested in tests/guest, where
each is started anew, and so is each of those whose lab is a process of its own (toy_lab.py).
"""

import _imp
import array
import atexit
import base64  # noqa: F401 - what guests import
import contextlib
import ctypes  # noqa: F401
import email.parser  # noqa: F401
import faulthandler  # noqa: F401
import gc
import importlib
import importlib.machinery
import importlib.metadata
import importlib.resources
import io
import json
import marshal
import os
import platform  # noqa: F401
import resource  # noqa: F401
import selectors
import shutil  # noqa: F401
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import types
import zipfile  # noqa: F401
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
PACKET = 1 << 18
FRESH = subprocess.Popen
REAL_PARENT = os.getppid
FRESH_PATH = tuple(sys.path[1:])
COMPILED: dict[bytes, bytes] = {}


def source_to_code(loader, data, path, *, _optimization=-1):
    """What Python compiles an import with; a file that was compiled once, wherever it lay, is only given its name."""
    known = COMPILED.get(bytes(data))
    if known is None:
        return compile(data, path, "exec", dont_inherit=True, optimize=_optimization)
    code = marshal.loads(known)  # noqa: S302 - this process wrote it
    _imp._fix_co_filename(code, os.fspath(path))
    return code


def compiled_before() -> None:
    """Compile what every guest imports."""
    for path in (*ROOT.glob("lab/guest/*.py"), *ROOT.glob("tests/fakes/paddle/**/*.py")):
        data = path.read_bytes()
        COMPILED[data] = marshal.dumps(compile(data, str(path), "exec", dont_inherit=True))
    importlib.machinery.SourceFileLoader.source_to_code = source_to_code


def as_if_started(argv: list[str], env: dict[str, str]) -> None:
    """Be a Python that was given this script just now."""
    for word in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(word, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.set_wakeup_fd(-1)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = sys.orig_argv = list(argv)
    places = [one for one in env.get("PYTHONPATH", "").split(os.pathsep) if one]
    sys.path[:] = [str(Path(argv[0]).absolute().parent), *places, *FRESH_PATH]
    sys.path_importer_cache.clear()
    for name in set(sys.modules) - MODULES:
        del sys.modules[name]
    subprocess.Popen, os.getppid = FRESH, REAL_PARENT
    tempfile.tempdir = None
    np.random.seed()  # noqa: NPY002 - what each process has of its own
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    for name, number in (("stdout", 1), ("stderr", 2)):
        errors = "backslashreplace" if number == 2 else "strict"
        raw = io.FileIO(number, "wb", closefd=False)
        stream = io.TextIOWrapper(raw, encoding="utf-8", errors=errors, write_through=True)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def run(path: str) -> None:
    """Run a script to its end, and end as Python does."""
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    code = 0
    try:
        exec(source_to_code(None, Path(path).read_bytes(), path), main.__dict__)  # noqa: S102
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
    except BaseException:  # noqa: BLE001 - as Python does
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(code & 0xFF)


def forked(
    script: list[str], env: dict[str, str], fds: dict[int, int], kept: tuple[int, ...], before, born=None
) -> int:
    """Fork a Python for a script: these descriptors in the place of 0, 1 and 2, and `kept` as they are; its process id.

    It tells its id to `born` by itself, once it leads its group: who knows the id may end the group at once.
    """
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        if born is not None:
            os.write(born, f"{os.getpid()}\n".encode())
        for number, fd in fds.items():
            os.dup2(fd, number)
        last = 2
        for fd in [*sorted(kept), os.sysconf("SC_OPEN_MAX")]:
            os.closerange(last + 1, min(fd, 4096))
            last = fd
        for fd in kept:
            os.set_inheritable(fd, True)
        as_if_started(script, env)
        before()
        run(script[0])
    except BaseException:  # noqa: BLE001 - it must never go on as the one that forks
        traceback.print_exc()
    os._exit(70)


class Child:
    """What the supervisor holds of the child that it has started; it waits for it by itself."""

    def __init__(self, pid: int, stdout: int, stderr: int) -> None:
        self.pid, self.returncode = pid, None
        self.stdout, self.stderr = open(stdout, "rb"), open(stderr, "rb")  # noqa: SIM115


def started(argv, **how):
    """In the place of Popen: a fork where a supervisor starts phases.py; anything else is started as ever."""
    if argv[0] != sys.executable or not argv[3:] or Path(argv[3]).name != "phases.py":
        return FRESH(argv, **how)
    pipes = {"stdout": os.pipe(), "stderr": os.pipe()}
    nothing = os.open(os.devnull, os.O_RDWR)
    fds = {0: nothing, 1: pipes["stdout"][1], 2: pipes["stderr"][1]}
    pid = forked(argv[3:], how["env"], fds, tuple(how["pass_fds"]), how["preexec_fn"])
    for fd in fds.values():
        os.close(fd)
    return Child(pid, pipes["stdout"][0], pipes["stderr"][0])


def supervise(lab: int) -> None:
    """What is done last before a supervisor's script begins: its parent is the lab, which this process stands in for and ends with."""
    here = REAL_PARENT()
    subprocess.Popen = started
    os.getppid = lambda: lab if REAL_PARENT() == here else REAL_PARENT()


def serve(control: socket.socket) -> None:
    """Start what is asked for until nobody asks any more; how each has ended is written into a pipe of its own."""
    told: dict[int, int] = {}
    woken, wake = os.pipe()
    for fd in (woken, wake):
        os.set_blocking(fd, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    nothing = os.open(os.devnull, os.O_RDWR)
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == woken:
                    os.read(woken, PACKET)
                    ended(told)
                elif not begun(control, told, nothing):
                    return


def begun(control: socket.socket, told: dict[int, int], nothing: int) -> bool:
    """Start one guest; False where nobody asks any more."""
    data, rights, _, _ = control.recvmsg(PACKET, socket.CMSG_SPACE(4))
    if not data:
        return False
    asked = json.loads(data)
    (reply,) = array.array("i", rights[0][2])

    def before() -> None:
        os.chdir(asked["cwd"])
        if asked["cpus"]:
            os.sched_setaffinity(0, asked["cpus"])
        supervise(asked["lab"])

    pid = forked(asked["script"], asked["env"], dict.fromkeys((0, 1, 2), nothing), (), before, reply)
    told[pid] = reply
    return True


def ended(told: dict[int, int]) -> None:
    """Tell how those that have ended did."""
    while told:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        reply = told.pop(pid)
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
            os.write(reply, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os.close(reply)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which then let go of this process
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    compiled_before()
    MODULES = set(sys.modules)
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
