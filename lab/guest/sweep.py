"""Many small nets in one start: this process has imported Paddle and runs nothing; forks of it do the work.

One fork does up to `batch` nets, until it dies or hangs; that costs its own net, and the next fork goes on behind it. A fork takes
milliseconds where a new start would import Paddle again; `batch` 1 gives each net a process of its own. Each net's record is in
nets.jsonl as soon as it is known, in the form of outcome.json. A task is a route and its nets; saving has one, without a route.
"""

import contextlib
import faulthandler
import json
import os
import select
import signal
import sys
import tempfile
import time
import zlib

import crashes
import failures
import outcome
import routes
import watch

TICK_S = 1.0
PLAN = {"do": "load", "tasks": [], "probes": [], "batch": 50, "net_s": 30.0}
CHUNK = 1 << 16
POSITIVE = ("variance", "scale", "scales")
"""Weights by which something is divided."""


class ForkWork:
    """What a fork needs: the libraries, the module of nets, and the guest's own ways of keeping arrays and errors."""

    def __init__(self, request, numpy, paddle, module, ways):
        self.request, self.numpy, self.paddle, self.module, self.ways = request, numpy, paddle, module, ways
        self.plan = dict(PLAN, **request["sweep"])
        self.out = request["out"]

    def draw(self, net):
        """The inputs of a net by name, from a seed that its name gives."""
        random = self.numpy.random.RandomState(zlib.crc32(net.encode("utf-8")))
        return {name: drawn(self.numpy, random, one) for name, one in self.module.INPUTS[net].items()}

    def build(self, net):
        """The net in evaluation mode, with weights that are the same in every release."""
        layer = self.module.NETS[net]()
        layer.eval()
        random = self.numpy.random.RandomState(zlib.crc32(net.encode("utf-8")) ^ 1)
        for name, tensor in layer.state_dict().items():
            if name.endswith("zero_point"):
                continue  # a whole number, as the table has it
            low, high = (0.5, 1.5) if name.endswith(POSITIVE) else (-0.5, 0.5)
            tensor.set_value(random.uniform(low, high, tensor.shape).astype(str(tensor.numpy().dtype)))
        return layer

    def keep(self, kind, net, arrays):
        """Put arrays into a folder of their kind."""
        folder = os.path.join(self.out, kind)
        os.makedirs(folder, exist_ok=True)
        self.ways.keep(self.numpy, folder, net, self.ways.checked(self.numpy, arrays, net))

    def save(self, net, tell, _route):
        """Run the net as Python, keep what it answered, and save it."""
        tell("infer")
        inputs = self.draw(net)
        self.keep("inputs", net, inputs)
        paddle = self.paddle
        with paddle.utils.unique_name.guard():
            layer = self.build(net)
            with paddle.no_grad():
                answer = layer(*[paddle.to_tensor(array) for array in inputs.values()])
            outputs = routes.named([tensor.numpy() for tensor in routes.flat(answer)])
            self.keep("outputs", net, outputs)
            self.refer(net, inputs, outputs, layer)
            tell("save")
            folder = os.path.join(self.request["model"], net)
            os.makedirs(folder, exist_ok=True)
            spec = [paddle.static.InputSpec(list(a.shape), str(a.dtype), name) for name, a in inputs.items()]
            paddle.jit.save(layer, os.path.join(folder, "net"), input_spec=spec)

    def refer(self, net, inputs, outputs, layer):
        """Keep numpy's own answer where the table has one, in the dtypes of the net's."""
        function = self.module.NUMPY.get(net)
        if function is None:
            return
        weights = {without(name, "part."): tensor.numpy() for name, tensor in layer.state_dict().items()}
        try:
            with self.numpy.errstate(all="ignore"):
                answer = function(weights, **inputs)
        except Exception as error:  # the table's own mistake, which must not be said of Paddle
            raise self.ways.Refused(
                "contract", "numpy's formula of {} does not work: {!r}".format(net, error)
            ) from error
        answers = routes.named(answer if isinstance(answer, tuple) else [answer])
        numbers = {name: self.numpy.asarray(one) for name, one in answers.items()}
        dtypes = {name: one.dtype for name, one in outputs.items()}
        self.keep("numpy", net, {name: one.astype(dtypes.get(name, one.dtype)) for name, one in numbers.items()})

    def load(self, net, tell, route):
        """Open one saved net by the route, run it once, keep what it answered."""
        tell("load")
        opened, run = routes.standard(route, self.paddle)
        saved = os.path.dirname(self.request["model"])
        inputs = self.ways.fetch(self.numpy, os.path.join(saved, "inputs", net + ".npz"))
        with apart(self.paddle, route):
            handle = opened(os.path.join(self.request["model"], net, "net"))
            tell("infer")
            self.keep("outputs-" + route, net, run(handle, inputs))


def without(name, start):
    """A name without its start, where it has it."""
    return name[len(start) :] if name.startswith(start) else name  # noqa: FURB188 - the oldest Python has no removeprefix


def drawn(numpy, random, one):
    """One input: given values, or numbers drawn evenly between two bounds (for integers both are included)."""
    dtype = one["dtype"]
    if one.get("values") is not None:
        return numpy.array(one["values"], dtype=dtype)
    low, high, shape = one["low"], one["high"], tuple(one["shape"])
    if dtype == "bool":
        return random.randint(0, 2, shape).astype(dtype)
    if "int" in dtype:
        return random.randint(low, high + 1, shape).astype(dtype)
    return numpy.asarray(random.uniform(low, high, shape)).astype(dtype)


@contextlib.contextmanager
def apart(paddle, route):
    """Variables of its own for each static program, as in a process that opens only this one."""
    if route != "static":
        yield
        return
    paddle.enable_static()
    with paddle.static.scope_guard(paddle.framework.core.Scope()):
        yield


class Fork:
    """One child: the nets it was given, what it said of them, and how it ended."""

    def __init__(self, work, nets, route):
        self.fault = os.path.join(os.environ["TMPDIR"], "fault.txt")
        self._plan, self._first, self._rest = work.plan, nets[0], b""
        self.net, self.phase, self.began = None, "load", time.monotonic()
        self._clock, self._since = watch.Clock(), 0.0
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
        heard, overdue = 0, False
        while True:
            ready = select.select([self._pipe], [], [], min(TICK_S, self._plan["net_s"]))[0]
            if self._clock.tick() - self._since >= self._plan["net_s"] and not ready:
                overdue = True
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
        _pid, status = os.waitpid(self._pid, 0)
        stack = crashes.cpp_traceback(self._told())
        if self.net is None and not heard:
            self.net = self._first  # it died before its first word
        if self.net is not None:
            yield self._death(status, overdue, stack)

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
                self._since = self._clock.now
                yield dict(said, seconds=seconds)

    def _death(self, status, overdue, stack):
        found = {"net": self.net, "phase": self.phase, "seconds": time.monotonic() - self.began}
        if overdue:
            return dict(found, status="timeout", timeout="wall", reason="took over {} s".format(self._plan["net_s"]))
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
    tell(at[0], **result)


def alike(records, model):
    """Whether all of these nets failed in loading, and in the same words once their own names are taken out."""

    def words(record):
        failure = record.get("exception") or {}
        message = str(failure.get("message", "")).replace(os.path.join(model, record["net"]), "")
        return record["status"], record.get("signal"), failure.get("type"), message

    failed = all(record["status"] != "ok" and record["phase"] == "load" for record in records)
    return failed and len({words(record) for record in records}) == 1


def serve(request, work):
    """Do every task of the plan; the record of each net is on disk as soon as it is known."""
    about = {"protocol": outcome.PROTOCOL, "nonce": request["nonce"], "mode": work.plan["do"]}
    with open(os.path.join(work.out, "nets.jsonl"), "w", encoding="utf-8") as log:

        def note(record):
            log.write(json.dumps(dict(about, **record)) + "\n")
            log.flush()

        forks = [do(work, task["nets"], task.get("route", ""), note) for task in work.plan["tasks"]]
    return {"forks": sum(forks)}


def do(work, nets, route, note):
    """One task, or only its probes where these say that the format cannot be read at all; how many forks it took."""
    plan, waiting, told, forks = work.plan, list(nets), [], 0
    while waiting:
        probes = [net for net in waiting if net in plan["probes"]]
        forks += 1
        for record in Fork(work, (probes or waiting)[: plan["batch"]], route).records():
            waiting.remove(record["net"])
            told.append(record)
            note(dict(record, route=route))
        if told and len(told) == len(plan["probes"]) and alike(told, work.request["model"]):
            break
    return forks


def run(_line, request, numpy, paddle, module, ways):
    """The mode's entry: refused where the module is not a table of nets."""
    missing = [name for name in ("NETS", "INPUTS", "NUMPY") if not hasattr(module, name)]
    if missing:
        raise ways.Refused("contract", "the module of nets does not define {}".format(", ".join(missing)))
    return serve(request, ForkWork(request, numpy, paddle, module, ways))
