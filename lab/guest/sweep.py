"""Many small nets in one start: this process has imported Paddle and runs nothing; forks of it do the work.

One fork does up to `batch` nets, until it dies or hangs; that costs its own net, and the next fork goes on behind it. A fork takes
milliseconds where a new start would import Paddle again; `batch` 1 gives each net a process of its own. Each net's record is in
nets.jsonl as soon as it is known, in the form of outcome.json. A task is a route and its nets; saving has one, without a route.
"""

import contextlib
import json
import os
import time
import zlib

import netfork
import outcome
import routes
import template

PLAN = {"do": "load", "tasks": [], "probes": [], "batch": 50, "net_s": 30.0, "busy_s": 9.0, "calls": 0, "calls_s": 1.0}
WARM = 2
"""Calls before the first that is timed: they make what the later ones reuse."""
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
            places = os.path.join(saved, "places", net + ".json")
            self.keep("outputs-" + route, net, routes.in_order(route, places, run(handle, inputs)))
            if self.plan["calls"]:
                self.keep("times-" + route, net, self.timed(lambda: run(handle, inputs)))

    def timed(self, call):
        """The seconds of single calls by clock and by processor, as many as the plan has, or as fit into its time."""
        for _ in range(WARM):
            call()
        wall, cpu, end = [], [], time.perf_counter() + self.plan["calls_s"]
        while not wall or (len(wall) < self.plan["calls"] and time.perf_counter() < end):
            start, spent = time.perf_counter(), time.process_time()
            call()
            wall.append(time.perf_counter() - start)
            cpu.append(time.process_time() - spent)
        return {
            name: self.numpy.array(values, dtype="float64") for name, values in (("infer", wall), ("infer_cpu", cpu))
        }


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
    plan, waiting, told, forks, doubted = work.plan, list(nets), [], 0, set()
    while waiting:
        fresh = [net for net in waiting if net not in doubted]
        probes = [net for net in fresh if net in plan["probes"]]
        forks += 1
        fork = netfork.Fork(work, (probes or fresh or waiting[:1])[: plan["batch"]], route)
        for place, record in enumerate(fork.records()):
            if place and others_matter(plan, record):
                doubted.add(record["net"])
                continue
            waiting.remove(record["net"])
            told.append(record)
            note(dict(record, route=route))
        if told and len(told) == len(plan["probes"]) and alike(told, work.request["model"]):
            break
    return forks


def others_matter(plan, record):
    """Whether the nets before it in its process may be the reason: they filled the memory, or a save left something behind."""
    killed = record["status"] == "signal" and record["oom_kills"]
    return killed or (plan["do"] == "save" and record["status"] == "exception")


def run(_line, request, numpy, paddle, module, ways):
    """The mode's entry: refused where nets are to be saved and the module is no table of them; files need none to be opened."""
    missing = [name for name in ("NETS", "INPUTS", "NUMPY") if not hasattr(module, name)]
    if missing and dict(PLAN, **request["sweep"])["do"] == "save":
        raise ways.Refused("contract", "the module of nets does not define {}".format(", ".join(missing)))
    template.oom_score(template.LATER)  # where memory runs out, a fork goes, and this one tells of it
    return serve(request, ForkWork(request, numpy, paddle, module, ways))
