"""Times load, first infer and steady infer in one fresh process, and keeps the raw values as pyperf JSON."""

import importlib.util
import json
import math
import os
import platform
import resource
import time

FORM = "1.0"
"""The form of pyperf's files, which every version since 1.0 reads."""
PLAN = {"values": 10, "warmups": 3, "value_s": 0.05, "max_calls": 100, "loops": None, "timer": "lab"}


def has_pyperf():
    """Whether this environment has pyperf: one that somebody handed over need not."""
    return importlib.util.find_spec("pyperf") is not None


class Timed:
    """One process worth of values, in seconds.

    The scenario reads its outputs to numpy inside `infer`, so that waiting for the device is part of the time. The number of calls is
    capped, because 3.0.0 leaks with each one.
    """

    def __init__(self, opened, run):
        self._opened, self._run = opened, run
        self._handle = None
        self.calls, self.loops = 0, 1
        self.timer = "lab"
        self.load_s = self.first_s = 0.0
        self.warmups, self.values = [], []

    def load(self):
        """Open the model once."""
        start = time.perf_counter()
        self._handle = self._opened()
        self.load_s = time.perf_counter() - start

    def first(self):
        """The first call, which builds what later calls reuse; its outputs are handed back."""
        self.calls += 1
        start = time.perf_counter()
        outputs = self._run(self._handle)
        self.first_s = time.perf_counter() - start
        return outputs

    def steady(self, plan):
        """Single warm-up calls, then values of `loops` calls each; loops are calibrated unless the plan gives them."""
        room = plan["max_calls"] - self.calls
        warmups = max(0 if plan["loops"] else 1, min(plan["warmups"], room - plan["values"]))
        self.warmups = [self._value(1) for _ in range(warmups)]
        room = plan["max_calls"] - self.calls
        wanted = plan["loops"] or math.ceil(plan["value_s"] / max(self.warmups[-1], 1e-9))
        self.loops = max(1, min(wanted, room // plan["values"]))
        count = max(1, min(plan["values"], room))
        if plan.get("timer") == "pyperf":
            self.values = self._by_pyperf(count)
        else:
            self.values = [self._value(self.loops) for _ in range(count)]

    def _by_pyperf(self, count):
        """The values by a worker of pyperf's own Runner, with the same loops and no warm-up of its own: that is behind."""
        import pyperf  # noqa: PLC0415 - only where it was asked for

        run, handle = self._run, self._handle
        runner = pyperf.Runner(values=count, warmups=0, loops=self.loops, processes=1)
        runner.parse_args(["--worker", "--quiet"])
        self.calls += count * self.loops
        self.timer = "pyperf " + pyperf.__version__
        return list(runner.bench_func("infer", run, handle).get_values())

    def _value(self, loops):
        run, handle = self._run, self._handle
        self.calls += loops
        start = time.perf_counter()
        for _ in range(loops):
            run(handle)
        return (time.perf_counter() - start) / loops

    def summary(self):
        """What a later process needs to do equal work."""
        return {"loops": self.loops, "values": len(self.values), "warmups": len(self.warmups), "calls": self.calls}


def write(path, timed, paddle):
    """Keep the values as pyperf itself writes them: three benchmarks, load, first and infer.

    Without pyperf: an image that somebody hands over need not have it, and all places write alike.
    """

    def one(name, loops, values, warmups=()):
        run = {"values": values}
        if warmups:
            run["warmups"] = [[1, value] for value in warmups]
        return {"metadata": {"name": name, "loops": loops}, "runs": [run]}

    suite = {
        "version": FORM,
        "metadata": dict(metadata(paddle), timed_by=timed.timer),
        "benchmarks": [
            one("load", 1, [timed.load_s]),
            one("first", 1, [timed.first_s]),
            one("infer", timed.loops, timed.values, timed.warmups),
        ],
    }
    with open(path, "w", encoding="utf-8") as target:
        json.dump(suite, target)


def metadata(paddle):
    """What pyperf would collect, as far as it is cheap and names no machine."""
    return {
        "unit": "second",
        "paddle_version": str(paddle.__version__),
        "python_version": platform.python_version(),
        "load_avg_1min": os.getloadavg()[0],
        "mem_max_rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "date": time.strftime("%Y-%m-%d %H:%M:%S"),
        **processor(),
    }


def processor():
    """What else decides times, under pyperf's names, as far as Linux says it: the model, its governor, and random addresses."""
    found = {
        "cpu_model_name": _said("/proc/cpuinfo", "model name"),
        "cpu_config": _said("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "aslr": {"0": "No randomization", "1": "Conservative randomization", "2": "Full randomization"}.get(
            _said("/proc/sys/kernel/randomize_va_space"), ""
        ),
    }
    return {name: value for name, value in found.items() if value}


def _said(path, name=""):
    """What a file of the kernel says, or its first line that begins with a name; nothing where it is not there."""
    try:
        with open(path, encoding="utf-8", errors="replace") as source:
            lines = source.read(1 << 16).splitlines()
    except OSError:
        return ""
    if not name:
        return lines[0].strip() if lines else ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
