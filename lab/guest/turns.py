"""One side of a benchmark block: after its warm-up it sleeps, and measures one value whenever it is handed a token.

Tokens come as JSON lines through a named pipe in the inbox, so that a waiting side uses no CPU time at all; answers go to done-N.json
in the output folder. The pipe's end, a stop token, or too long a silence ends the side.
"""

import json
import os
import resource
import select
import signal
import time

PLAN = {"warmups": 4, "metrics": ["infer"], "memory_cap": 0, "patience_s": 300.0}
LONGEST_LINE = 4096


class TurnWorker:
    """What can be asked of this process: {metric: one call of it}; every answer says what it cost and what memory is used now."""

    def __init__(self, works, memory_cap):
        self._works, self._cap = works, memory_cap
        self.calls = dict.fromkeys(works, 0)
        self._per_call = 0.0

    def warm_up(self, times):
        """Seconds of a single call of each metric, the smallest of a few: what the host calibrates loops with."""
        found = {}
        for metric in self._works:
            found[metric] = min(self.value(metric, 1)["wall"] for _ in range(max(1, times)))
        return found

    def value(self, metric, loops):
        """One value: `loops` calls, as seconds per call; refused where memory would pass the cap, which a leak reaches."""
        before = memory()
        if self._cap and before + self._per_call * loops > self._cap:
            return {"refused": "memory", "rss": before, "calls": self.calls[metric]}
        work = self._works[metric]
        switched = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(loops):
            work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.calls[metric] += loops
        after = memory()
        self._per_call = max(0.0, (after - before) / loops)
        return {
            "wall": wall / loops,
            "cpu": cpu / loops,
            "rss": after,
            "calls": self.calls[metric],
            "threads": len(os.listdir("/proc/self/task")),
            "switched": resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - switched,
        }


def serve(out, plan, worker, cold):
    """Say that this side is ready and what its cold start took, then answer tokens until there are no more."""
    ready = {"calls": worker.warm_up(plan["warmups"]), "cold": cold, "rss": memory(), "load": os.getloadavg()[0]}
    put(os.path.join(out, "ready.json"), ready)
    answered = 0
    for token in tokens(plan["tokens"], plan["patience_s"]):
        if token.get("stop"):
            break
        signal.setitimer(signal.ITIMER_REAL, float(token.get("within_s", 0)))  # a hang in native code ends by SIGALRM
        answer = worker.value(token["metric"], int(token["loops"]))
        signal.setitimer(signal.ITIMER_REAL, 0)
        put(os.path.join(out, "done-{:06d}.json".format(int(token["number"]))), dict(answer, number=token["number"]))
        answered += 1
    return {"answered": answered, "calls": worker.calls, "peak": peak()}


def tokens(path, patience_s):
    """The tokens as they come; ends with the pipe, or when nobody asked for `patience_s` seconds."""
    pipe = os.open(path, os.O_RDONLY)
    rest = b""
    try:
        while len(rest) < LONGEST_LINE and select.select([pipe], [], [], patience_s)[0]:
            data = os.read(pipe, LONGEST_LINE)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield json.loads(line.decode("utf-8"))
    finally:
        os.close(pipe)


def put(path, value):
    """Write JSON so that the host sees all of it or nothing."""
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        json.dump(value, file)
    os.replace(path + ".tmp", path)


def memory():
    """Resident bytes of this process now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak():
    """The most resident bytes this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
