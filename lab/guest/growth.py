"""Memory over many loads or calls: what a process has after each of them, so that what is never given back can be seen."""

import os

PLAN = {"of": "infer", "calls": 40, "memory_cap": 0}


def watched(plan, load, infer):
    """Do it again and again, and note the resident bytes after each time.

    A `load` is one with a first call behind it, and its handle is given up; an `infer` is a call of one and the same handle.
    It ends early where the memory would pass the cap, which is what a leak does.
    """
    plan, found = dict(PLAN, **plan), []
    handle = None if plan["of"] == "load" else load()
    for _ in range(plan["calls"]):
        infer(load() if handle is None else handle)
        found.append(resident())
        if plan["memory_cap"] and found[-1] > plan["memory_cap"]:
            break
    return {"of": plan["of"], "rss": found}


def resident():
    """Resident bytes of this process now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
