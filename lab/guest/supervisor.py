"""Runs one request in a child process and writes down how it ended: `python supervisor.py REQUEST.json`.

Exit code 0 means that outcome.json was written, whatever Paddle did. 64: the request is wrong. 74: the output folder cannot be
written. 75: the process that started the supervisor is gone. 128+N: told to stop by signal N. In these cases everything started is
killed and there is no outcome, so a stop from outside is never taken for something Paddle did. Standard library only.
"""

import ctypes
import json
import os
import resource
import selectors
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the guest's folder may be shared and is read-only in a container

import outcome  # noqa: E402 - after the line above
import sockets  # noqa: E402
import watch  # noqa: E402

TICK_S = 0.2
CHUNK = 1 << 20
RECORD_CAP = 8 << 20
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
LIMITS = {"wall_s": 600.0, "silent_s": 120.0, "log_bytes": 5 << 20, "output_bytes": 4 << 30, "memory_bytes": None}
MODES = ("save", "load", "measure", "bench", "sweep")
LIBC = ctypes.CDLL(None)


class Stopped(Exception):  # noqa: N818 - a request from outside, not an error
    """The supervisor itself was told to stop; `code` is what it exits with."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class Child:
    """One running phases.py: its pipes, its logs and what it has told so far."""

    def __init__(self, request_path, request, scratch):
        self.limits = dict(LIMITS, **request.get("limits", {}))
        self.nonce = request["nonce"]
        self.roots = (request["out"], scratch)
        self.events, self.record = [], None
        self.stop, self.status, self.usage = None, None, None
        self._line = b""
        cap = int(self.limits["log_bytes"])
        self.logs = {
            name: watch.CappedLog(os.path.join(request["out"], name + ".log"), cap) for name in ("stdout", "stderr")
        }
        self.fault = os.path.join(scratch, "faulthandler.txt")
        self.tree = watch.Tree()
        self.start = time.monotonic()
        self.clock = watch.Clock()
        self.last_active = 0.0
        self._ticks, self._next_ticks, self._next_size = 0, 0.0, 0.0
        self.results, result_fd = os.pipe()
        with open(self.fault, "wb") as fault:
            self.process = subprocess.Popen(
                [
                    *request.get("prefix", ()),  # an emulator of another processor, with its words
                    sys.executable,
                    "-B",
                    "-u",
                    os.path.join(HERE, "phases.py"),
                    request_path,
                    str(result_fd),
                    str(fault.fileno()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(scratch),
                pass_fds=(result_fd, fault.fileno()),
                start_new_session=True,
                preexec_fn=lambda: in_child(int(self.limits["output_bytes"])),  # noqa: PLW1509 - no threads here
            )
        os.close(result_fd)

    def take(self, name, data):
        """Sort bytes of one pipe: output to its log, lines of the result pipe to events."""
        self.last_active = self.clock.now
        if name != "result":
            self.logs[name].write(data)
            return
        *lines, self._line = (self._line + data).split(b"\n")
        self._line = self._line[:RECORD_CAP]
        for line in lines:
            self._hear(line)

    def _hear(self, line):
        try:
            said = json.loads(line.decode("utf-8"))
        except ValueError:
            return
        if not isinstance(said, dict) or said.get("nonce") != self.nonce:
            return
        if said.get("event") == "result":
            self.record = said
        else:
            self.events.append(said)

    def ended(self):
        """Whether the child itself has ended; its wait status and its use are kept."""
        if self.status is None:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                self.status, self.usage = status, usage
                self.process.returncode = status  # so that Popen does not wait for it again
        return self.status is not None

    def broken_limit(self):
        """The name of a limit that the child has broken by now, or None."""
        now = self.clock.tick()
        if now >= self.limits["wall_s"]:
            return "wall"
        if now >= self._next_size:
            self._next_size = now + TICK_S
            if watch.folder_size(*self.roots) >= self.limits["output_bytes"]:
                return "output"
            if self.limits["memory_bytes"] and self.tree.memory() > self.limits["memory_bytes"]:
                return "memory"
        return "silent" if self._silent(now) else None

    def _silent(self, now):
        """Neither output nor CPU time for too long; CPU is looked at rarely, because looking costs some itself."""
        if now >= self._next_ticks:
            self._next_ticks = now + min(5.0, self.limits["silent_s"] / 10)
            ticks = self.tree.cpu_ticks()
            if ticks != self._ticks:
                self._ticks, self.last_active = ticks, now
        return now - self.last_active >= self.limits["silent_s"]


HERE = os.path.dirname(os.path.abspath(__file__))


def environment(scratch):
    """The child's environment: this one, with homes and caches of its own, so that no compiled function is shared."""
    private = {"HOME": scratch, "TMPDIR": scratch, "XDG_CACHE_HOME": os.path.join(scratch, "cache")}
    return dict(os.environ, PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1", **private)


def in_child(output_bytes):
    """Between fork and exec: no file beyond the limit, no way out, first to go when memory ends, never without a supervisor."""
    sockets.close()
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes, output_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    LIBC.prctl(PR_SET_DUMPABLE, 1)  # as every program has it: its own files in /proc are its own
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass  # not allowed here: then the kernel chooses by size, which is the child as well


def follow(child, wake):
    """Read pipes and watch limits until the child has ended; then kill what it left behind and read the rest."""
    parent = os.getppid()
    pipes = {child.process.stdout.fileno(): "stdout", child.process.stderr.fileno(): "stderr", child.results: "result"}
    with selectors.DefaultSelector() as selector:
        for fd in [*pipes, wake]:
            os.set_blocking(fd, False)
            selector.register(fd, selectors.EVENT_READ)
        while not child.ended():
            for key, _mask in selector.select(min(TICK_S, child.limits["wall_s"] / 10, child.limits["silent_s"] / 10)):
                if not read_once(child, key.fd, pipes.get(key.fd)):
                    selector.unregister(key.fd)
            if os.getppid() != parent:
                raise Stopped(75, "the process that started the supervisor is gone")
            if child.stop is None:
                child.stop = child.broken_limit()
                if child.stop:
                    os.kill(child.process.pid, signal.SIGKILL)  # not by Popen, which would reap it
    child.tree.kill()
    for fd, name in pipes.items():
        while read_once(child, fd, name):
            pass


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
        for log in child.logs.values():
            log.close()
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
    """What the record must carry, out of a pipe that gives it once: no child has begun, and none will find it there."""
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        nonce = os.read(pipe, 64).decode("ascii")
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
