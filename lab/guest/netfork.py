"""One child of a sweep: a fork that does net after net, what it said of each, and how it died where it did.

A death is told with what is known of it: Python's and Paddle's stacks, the most memory it had, and the kernel's kills for memory.
"""

import faulthandler
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time

import crashes
import failures
import outcome
import template
import watch

TICK_S = 1.0
LOOK_S = 0.05
NEAR = 0.9
"""The share of the memory limit at which a fork goes where nothing but this lab holds the limit: the supervisor would end all."""
CHUNK = 1 << 16


class Fork:
    """One child: the nets it was given, what it said of them, and how it ended."""

    def __init__(self, work, nets, route):
        self.fault = os.path.join(os.environ["TMPDIR"], "fault.txt")
        self._plan, self._first, self._rest = work.plan, nets[0], b""
        self.net, self.phase, self.began = None, "load", time.monotonic()
        self._clock, self._since = watch.Clock(), 0.0
        self._limit = dict(work.request.get("limits") or {}).get("memory_bytes")
        self._killed, self._ticks = watch.oom_kills(), 0
        self._pipe, child = os.pipe()
        # Paddle prints the C++ stack of a crash: what a fork prints is kept apart until it has ended.
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the fork
        sys.stdout.flush()
        sys.stderr.flush()
        self._pid = os.fork()
        if not self._pid:
            os.close(self._pipe)
            os.dup2(self._printed.fileno(), 1)
            live(work, nets, route, child, self.fault)
        os.close(child)

    def records(self):
        """The record of each net, as it comes; the last one may be how the child died."""
        heard, why = 0, ""
        while True:
            ready = select.select([self._pipe], [], [], min(self._tick(), self._plan["net_s"]))[0]
            why = "" if ready else self._broken_limit()
            if why:
                os.kill(self._pid, signal.SIGKILL)
                break
            if not ready:
                continue
            data = os.read(self._pipe, CHUNK)
            if not data:
                break
            for record in self._heard(data):
                heard += 1
                yield record
        os.close(self._pipe)
        _pid, status, usage = os.wait4(self._pid, 0)
        stack = crashes.cpp_traceback(self._told())
        if self.net is None and not heard:
            self.net = self._first  # it died before its first word
        if self.net is not None:
            memory = {"peak_memory": usage.ru_maxrss * 1024, "oom_kills": self._kills(why)}
            yield dict(self._death(status, why, stack), **memory)

    def _tick(self):
        """How long to wait for a word: memory fills faster than time passes."""
        return LOOK_S if self._limit else TICK_S

    def _broken_limit(self):
        """Why the fork has to go: one net takes too long, or, where nothing else holds the limit, too much memory."""
        if self._clock.tick() - self._since >= self._plan["net_s"]:
            return "wall"
        if (self._spent() - self._ticks) / os.sysconf("SC_CLK_TCK") >= self._plan["busy_s"]:
            return "busy"
        if self._limit:
            rows = [watch.stat(pid) for pid in (os.getpid(), self._pid)]
            pages = sum(row[2] for row in rows if row)
            if pages * os.sysconf("SC_PAGE_SIZE") > NEAR * self._limit:
                return "memory"
        return ""

    def _spent(self):
        """What the fork has had of the processor, in clock ticks."""
        row = watch.stat(self._pid)
        return row[1] if row else self._ticks

    def _kills(self, why):
        """How many kills for memory there were in the time of this fork, by the kernel or by this process."""
        return max(0, watch.oom_kills() - self._killed) + (why == "memory")

    def _told(self):
        """Hand on what the fork has printed, as if it had printed it here; the end of it."""
        end = b""
        with self._printed as file:
            file.seek(0)
            for data in iter(lambda: file.read(watch.LAST_BYTES), b""):
                end = (end + data)[-watch.LAST_BYTES :]
                sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return end

    def _heard(self, data):
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            said = json.loads(line.decode("utf-8"))
            self.net, self.phase = said["net"], said["phase"]
            if "status" in said:
                seconds, self.began, self.net = time.monotonic() - self.began, time.monotonic(), None
                self._since, self._ticks = self._clock.now, self._spent()
                yield dict(said, seconds=seconds)

    def _death(self, status, why, stack):
        found = {"net": self.net, "phase": self.phase, "seconds": time.monotonic() - self.began}
        if why == "wall":
            return dict(found, status="timeout", timeout="wall", reason="took over {} s".format(self._plan["net_s"]))
        if why == "busy":
            reason = "took over {:g} s of the processor's time".format(self._plan["busy_s"])
            return dict(found, status="timeout", timeout="wall", reason=reason)
        if os.WIFSIGNALED(status):
            with open(self.fault, encoding="utf-8", errors="replace") as file:
                text = file.read(outcome.TEXT_CAP)
            name = outcome.signal_name(os.WTERMSIG(status))
            return dict(found, status="signal", signal=name, faulthandler=text, cpp_traceback=stack, reason="")
        return dict(found, status="exited", exit_code=os.WEXITSTATUS(status))


def live(work, nets, route, pipe, fault):
    """The whole life of a child."""
    code = 1
    try:
        template.oom_score(template.FIRST_TO_GO)
        with open(fault, "w", encoding="utf-8") as file:
            faulthandler.enable(file=file, all_threads=True)
            for net in nets:
                attempt(work, net, route, pipe)
            code = 0
    finally:
        os._exit(code)  # without the clean-up of a process that it only was a copy of


def attempt(work, net, route, pipe):
    """One net: its phases and its end go to the parent; only a death is left for the parent to see."""
    at = ["load" if work.plan["do"] == "load" else "infer"]

    def tell(phase, **more):
        at[0] = phase
        data = (json.dumps(dict(more, net=net, phase=phase)) + "\n").encode("utf-8")
        while data:
            data = data[os.write(pipe, data) :]

    try:
        (work.load if work.plan["do"] == "load" else work.save)(net, tell, route)
        result = {"status": "ok"}
    except work.ways.Refused as refused:
        result = {"status": refused.status, "reason": str(refused)}
    except BaseException as error:
        result = {"status": "exception", "exception": failures.described(error)}
        result["peak_memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    tell(at[0], **result)
