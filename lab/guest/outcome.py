"""How a child ended, as data: status, phases, and the file that holds them."""

import json
import os
import shutil
import signal

import crashes
import watch

PROTOCOL = 1
TEXT_CAP = 64 << 10


def verdict(child):
    """Status, and what goes with it, from the broken limit, the child's own record and its wait status, in this order."""
    exited = os.WEXITSTATUS(child.status) if os.WIFEXITED(child.status) else None
    killed_by = signal_name(os.WTERMSIG(child.status)) if os.WIFSIGNALED(child.status) else None
    found = {"exit_code": exited, "signal": killed_by, "timeout": None, "reason": "", "exception": None}
    limits, told = child.limits, child.record
    if told:
        found.update(exception=told.get("exception"), reason=told.get("reason", ""))
    if child.stop in ("wall", "silent"):
        reason = {"wall": "took longer than {} s", "silent": "gave no output and used no CPU time for {} s"}[child.stop]
        return dict(found, status="timeout", timeout=child.stop, reason=reason.format(limits[child.stop + "_s"]))
    if child.stop == "memory":
        return dict(found, status="signal", reason="used more than {} bytes of memory".format(limits["memory_bytes"]))
    if child.stop == "output" or watch.folder_size(*child.roots) >= limits["output_bytes"]:
        return dict(found, status="output_limit", reason="wrote {} bytes or more".format(limits["output_bytes"]))
    if told and (told.get("status") != "ok" or exited == 0):
        return dict(found, status=told.get("status"))
    if killed_by:
        return dict(found, status="signal", reason="ended by {}".format(killed_by))
    when = "after its result" if told else "without a result"
    return dict(found, status="exited", reason="exited with code {} {}".format(exited, when))


def signal_name(number):
    """SIGSEGV for 11; the number itself for real-time signals."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return "SIG{}".format(number)


def spent(child, end):
    """(last phase, seconds by phase, CPU seconds by phase); a phase that was not left counts until the end."""
    phase, wall, cpu = "import", {}, {}
    for said in child.events:
        if said.get("event") == "spent":
            wall[said["name"]], cpu[said["name"]] = said["seconds"], said["cpu"]
    entered = [said for said in child.events if said.get("event") == "phase"]
    if entered:
        last = entered[-1]
        phase = last["name"]
        if phase not in wall and phase != "done":
            wall[phase] = end - last["t"]
            cpu[phase] = max(0.0, child.usage.ru_utime + child.usage.ru_stime - last["cpu"])
    return phase, wall, cpu


def record(child, request, end, kills):
    """The whole record of one request, as outcome.json holds it."""
    phase, wall, cpu = spent(child, end)
    facts = [said["facts"] for said in child.events if said.get("event") == "facts"]
    result = {
        "protocol": PROTOCOL,
        "nonce": request.get("record_nonce") or child.nonce,
        "mode": request["mode"],
        "phase": phase,
        "faulthandler": child.fault_text.decode("utf-8", "replace"),
        "oom_kills": kills + (child.stop == "memory"),
        "peak_memory": child.usage.ru_maxrss * 1024,
        "phases": wall,
        "cpu": cpu,
        "facts": facts[-1] if facts else {},
        "measure": (child.record or {}).get("measure"),
        "logs": {name: log.facts() for name, log in child.logs.items()},
        "seconds": end - child.start,
        "stalled": child.clock.stalled,
    }
    result.update(verdict(child))
    ends = [child.logs[name].last for name in ("stdout", "stderr")]
    result["cpp_traceback"] = crashes.cpp_traceback(*ends) if result["status"] == "signal" else ""
    return result


def write(path, result):
    """Put JSON in place at once, whatever the child put there: a reader sees all of it or nothing."""
    for planted in (path, path + ".tmp"):
        if os.path.isdir(planted) and not os.path.islink(planted):
            shutil.rmtree(planted)
        elif os.path.lexists(planted):  # opening a pipe would wait for ever
            os.unlink(planted)
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)
