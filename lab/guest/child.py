"""A process that does one request, as the supervisor sees it: its pipes, its logs, its limits, and what it has told so far."""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time

import sockets
import watch

TICK_S = 0.2
RECORD_CAP = 8 << 20
TEXT_CAP = 64 << 10
LARGEST = 1e12  # seconds; also no number that cannot be reckoned with, and none that is not one
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
LIMITS = {"wall_s": 600.0, "silent_s": 120.0, "log_bytes": 5 << 20, "output_bytes": 4 << 30, "memory_bytes": None}
HERE = os.path.dirname(os.path.abspath(__file__))
LIBC = ctypes.CDLL(None)


class Followed:
    """One process that was started for a request, whoever started it; `spared` are other processes that are not its own."""

    def __init__(self, request, scratch, spared=()):
        self.limits = dict(LIMITS, **request.get("limits", {}))
        self.nonce = request["nonce"]
        self.starter = request.get("starter") or os.getppid()
        self.roots = (request["out"], scratch)
        self.events, self.record = [], None
        self.stop, self.status, self.usage, self.pid = None, None, None, 0
        self._line = b""
        cap = int(self.limits["log_bytes"])
        self.logs = {
            name: watch.CappedLog(os.path.join(request["out"], name + ".log"), cap) for name in ("stdout", "stderr")
        }
        self.fault, self.fault_text = open(os.path.join(scratch, "faulthandler.txt"), "w+b"), b""  # noqa: SIM115
        self.tree = watch.Tree(spared)
        self.start = time.monotonic()
        self.clock = watch.Clock()
        self.last_active = 0.0
        self._ticks, self._next_ticks, self._next_size = 0, 0.0, 0.0
        self.pipes = {}

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
        except (ValueError, RecursionError):  # whoever holds the other end may nest it deep
            return
        if not isinstance(said, dict) or said.get("nonce") != self.nonce or not well_formed(said):
            return
        if said.get("event") == "result":
            self.record = said
        else:
            self.events.append(said)

    def ended(self):
        """Whether the child itself has ended; its wait status and its use are kept."""
        if self.status is None:
            try:
                pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            except ChildProcessError:  # reaped among what another one left behind: gone is all that is known
                pid, status, usage = self.pid, signal.SIGKILL, resource.struct_rusage([0] * 16)
            if pid:
                self.status, self.usage = status, usage
                self.reaped()
        return self.status is not None

    def reaped(self):
        """Nobody else waits for it."""

    def close(self):
        """Let go of its pipes, finish its logs, and read what was told of a crash, by the file and not by its name."""
        for fd in self.pipes:
            os.close(fd)
        self.pipes = {}
        with self.fault as file:
            file.seek(0)
            self.fault_text = file.read(TEXT_CAP)
        for log in self.logs.values():
            log.close()

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


class Child(Followed):
    """A phases.py of its own, which imports Paddle itself; `passed` are further descriptors that it is told of and keeps."""

    def __init__(self, request_path, request, scratch, passed=()):
        super().__init__(request, scratch)
        results, result_fd = os.pipe()
        fds = (result_fd, self.fault.fileno(), *passed)
        self.process = subprocess.Popen(
            [
                *request.get("prefix", ()),  # an emulator of another processor, with its words
                sys.executable,
                "-B",
                "-u",
                os.path.join(HERE, "phases.py"),
                request_path,
                *map(str, fds),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(scratch),
            pass_fds=fds,
            start_new_session=True,
            preexec_fn=lambda: in_child(int(self.limits["output_bytes"])),  # noqa: PLW1509 - no threads here
        )
        os.close(result_fd)
        self.pid = self.process.pid
        # Descriptors of our own: Popen would close its own when it is collected.
        streams = {"stdout": self.process.stdout, "stderr": self.process.stderr}
        self.pipes = {os.dup(file.fileno()): name for name, file in streams.items()}
        for file in streams.values():
            file.close()
        self.pipes[results] = "result"

    def reaped(self):
        """Popen does not wait for it again."""
        self.process.returncode = self.status


def well_formed(said):
    """Whether an event has what is read of it: the child knows its nonce, so it may say anything at all."""
    event = said.get("event")
    numbers = {"phase": ("t", "cpu"), "spent": ("seconds", "cpu")}.get(event if isinstance(event, str) else "", ())
    sound = all(isinstance(said.get(one), (int, float)) and abs(said[one]) < LARGEST for one in numbers)
    named = not numbers or isinstance(said.get("name"), str)
    return sound and named and (event != "facts" or isinstance(said.get("facts"), dict))


def environment(scratch):
    """The child's environment: this one, with homes and caches of its own, so that no compiled function is shared."""
    return dict(os.environ, PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1", **private(scratch))


def private(scratch):
    """The variables that say where a process keeps what is nobody else's."""
    return {"HOME": scratch, "TMPDIR": scratch, "XDG_CACHE_HOME": os.path.join(scratch, "cache")}


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
