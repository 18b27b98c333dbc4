"""Many requests in one start: a template imports Paddle once and runs nothing, and each request is answered by a fork of it.

Orders come as order-N.json in the inbox, which no process of the container can write to; each names a request of its own, with a
folder of its own, and is given out after everything of the one before is dead. The forks are adopted by the supervisor: their
wait status, their limits, their logs and their records are those of a child of its own. A record is announced by a file whose
name only the supervisor and the lab know beforehand, so that no fork can say that it is done.
"""

import json
import os
import shutil
import socket
import sys
import time

import outcome
import watch
from child import Followed

LOOK_S = 0.01
ANSWER_S = 30.0
PLAN = {"orders": "", "patience_s": 300.0}
END = "end"
BUFFER = 1 << 16


class AdoptedFork(Followed):
    """One fork of the template, which this process adopted; `template` is spared when what it left behind is killed."""

    def __init__(self, request, scratch, template, control):
        super().__init__(request, scratch, (template.pid,))
        self.events = [said for said in template.events if said.get("event") in ("facts", "spent")]
        named = {"result": os.pipe(), "stdout": os.pipe(), "stderr": os.pipe()}
        self.pipes = {reader: name for name, (reader, _writer) in named.items()}
        fds = [writer for _reader, writer in named.values()]
        try:
            self.pid = ordered(control, {"request": request, "scratch": scratch}, [*fds, self.fault.fileno()])
        finally:
            for fd in fds:
                os.close(fd)


class TemplateGoneError(Exception):
    """There is no process any more that could be forked."""


def ordered(control, order, fds):
    """Hand an order and its descriptors to the template; the process id of the fork that does it."""
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, b"".join(fd.to_bytes(4, sys.byteorder) for fd in fds))
    try:
        control.sendmsg([json.dumps(order).encode("utf-8")], [rights])
        answer = control.recv(BUFFER)
    except OSError as error:
        raise TemplateGoneError(str(error)) from error
    if not answer:
        raise TemplateGoneError("it has ended")
    return int(answer)


def serve(request_path, request, scratch, follow):
    """Import once, then answer orders until there is an end of them; `follow(child, enough)` is the supervisor's own loop.

    Leaves without a word where there is nothing to fork: what was not answered is asked elsewhere.
    """
    from child import Child  # noqa: PLC0415 - one name for what is started, and one for what is adopted

    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    home = os.path.join(scratch, "template")
    os.mkdir(home, 0o700)
    template = Child(request_path, request, home, (theirs.fileno(),))
    theirs.close()
    ours.settimeout(ANSWER_S)
    try:
        over = os.path.join(dict(PLAN, **request["forks"])["orders"], END)
        follow(template, lambda: os.path.exists(over) or any(said.get("event") == "ready" for said in template.events))
        if template.status is None:
            answer_orders(request, scratch, follow, template, ours)
    except TemplateGoneError:
        pass
    finally:
        watch.Tree().kill()
        template.close()


def answer_orders(request, scratch, follow, template, control):
    """One order after the other, each with a nonce of its own for its record."""
    for number, nonce in enumerate(request.get("record_nonce", "").split(), 1):
        order = awaited(dict(PLAN, **request["forks"]), number, template)
        if order is None:
            return
        answered(order, nonce, scratch, follow, template, control)


def awaited(plan, number, template):
    """The request of the next order; None where there is an end of them, or nobody asked for too long."""
    path, clock = os.path.join(plan["orders"], "order-{}.json".format(number)), watch.Clock()
    while clock.tick() < plan["patience_s"]:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        gone = os.getppid() != template.starter
        if os.path.exists(os.path.join(plan["orders"], END)) or gone or template.ended():
            return None
        time.sleep(LOOK_S)
    return None


def answered(request, nonce, scratch, follow, template, control):
    """Do one order in a fork, and write down how it ended, as the supervisor does for a child of its own."""
    home = os.path.join(scratch, os.path.basename(request["out"]))
    root = os.path.dirname(request["out"])
    for folder in (home, request["out"]):
        os.mkdir(folder)
    before, lain = watch.oom_kills(), watch.folder_size(root, scratch)
    fork = AdoptedFork(request, home, template, control)
    fork.roots = (root, scratch)  # all that can be written to: what a fork puts elsewhere is its own as well
    fork.limits["output_bytes"] += lain
    try:
        follow(fork)
    finally:
        fork.tree.kill()
        fork.close()
    kills = max(0, watch.oom_kills() - before)
    record = outcome.record(fork, dict(request, record_nonce=nonce), time.monotonic(), kills)
    shutil.rmtree(home, ignore_errors=True)
    outcome.write(os.path.join(request["out"], "outcome.json"), record)
    with open(os.path.join(root, "done-" + nonce), "x", encoding="ascii"):
        pass
