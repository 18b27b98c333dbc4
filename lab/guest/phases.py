"""The child of the supervisor: imports Paddle and runs one mode of one scenario, telling each step over a pipe of its own.

Arrays are kept as npz with keys a0000, a0001, ... and a JSON file beside it, {"names": [...], "dtypes": [...]} in the same order: so
any name is allowed, slashes included, and nothing needs pickle.
"""

import json
import os
import sys

import crashes
from late import own
from line import SupervisorLine

PIECE = 1 << 20
PLAIN_KINDS = "biufcSUmM"
HERE = os.path.dirname(os.path.abspath(__file__))


class Refused(Exception):  # noqa: N818 - a finding with its own status
    """The scenario breaks its contract or cannot be run here; `status` goes into the outcome."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def bring_in(path=None, files=()):
    """Paddle, numpy and the scenario, whose own imports come first and in its own order, as if Python had been given the file.

    Until then nothing is imported that loads a library: what comes before Paddle is part of some problems, and of some cures.
    """
    if any(name.endswith(".py") for name in files):
        sys.path.insert(0, os.path.dirname(os.path.abspath(path)))  # as Python does for a file that it is given
    scenario = open_scenario(path) if path else None
    import paddle  # noqa: PLC0415

    # isort: split
    import numpy  # noqa: PLC0415, ICN001

    return numpy, paddle, scenario


def open_scenario(path):
    """Run the scenario's file as a module, without writing bytecode beside it."""
    module = sys.modules["scenario"] = type(sys)("scenario")
    module.__file__ = path
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Refused("contract", "the scenario is not valid Python here: {}".format(error)) from error
    except FileNotFoundError as error:
        raise Refused("contract", "there is no scenario at {}".format(path)) from error
    exec(code, module.__dict__)  # noqa: S102 - to run it is what it is for
    return module


def need(module, *names):
    """The named functions of a scenario; Refused where it does not define them."""
    missing = [name for name in names if not callable(getattr(module, name, None))]
    if missing:
        raise Refused(
            "contract", "the scenario does not define {}".format(" and ".join(name + "()" for name in missing))
        )
    return tuple(getattr(module, name) for name in names)


def checked(numpy, outputs, who, least=1):
    """A dict of plain arrays in C order, of so many at least; Refused says which entry is something else, and what."""
    if not isinstance(outputs, dict) or len(outputs) < least:
        what = "an empty dict" if isinstance(outputs, dict) else "a " + type_name(outputs)
        raise Refused("bad_output", "{}() returned {}, not a dict of numpy arrays".format(who, what))
    plain = {}
    for name, array in outputs.items():
        if not isinstance(name, str):
            raise Refused("bad_output", "{}() returned the name {!r}, which is not text".format(who, name))
        if not isinstance(array, numpy.ndarray):
            raise Refused(
                "bad_output", "{}() returned {!r} as a {}, not a numpy array".format(who, name, type_name(array))
            )
        if array.dtype.kind not in PLAIN_KINDS:
            raise Refused(
                "bad_output", "{}() returned {!r} with dtype {}, not a plain one".format(who, name, array.dtype)
            )
        plain[name] = numpy.asarray(array, order="C")
    return plain


def type_name(value):
    """The full name of a value's type."""
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else "{}.{}".format(kind.__module__, kind.__name__)


def keep(numpy, out, stem, arrays):
    """Write arrays as `stem`.npz and their names as `stem`.json."""
    keys = ["a{:04d}".format(i) for i in range(len(arrays))]
    numpy.savez(os.path.join(out, stem + ".npz"), **dict(zip(keys, arrays.values())))  # noqa: B905 - not before 3.10
    about = {"names": list(arrays), "dtypes": [str(array.dtype) for array in arrays.values()]}
    with open(os.path.join(out, stem + ".json"), "w", encoding="utf-8") as file:
        json.dump(about, file)


def fetch(numpy, path):
    """Arrays by name from an npz of ours, or from a plain one whose keys are the names; {} without a path."""
    if not path:
        return {}
    try:
        return unpacked(numpy, path)
    except (OSError, ValueError, KeyError) as error:
        raise Refused("contract", "the inputs in {} cannot be read: {}".format(path, error)) from error


def unpacked(numpy, path):
    """The arrays of an npz under the names in the JSON beside it, or under its own keys where there is none."""
    about = os.path.splitext(path)[0] + ".json"
    with numpy.load(path, allow_pickle=False) as stored:
        names = {key: key for key in stored.files}
        if os.path.exists(about):
            with open(about, encoding="utf-8") as file:
                names = {"a{:04d}".format(i): name for i, name in enumerate(json.load(file)["names"])}
        return {name: stored[key] for key, name in names.items()}


def save(line, request, numpy, paddle, scenario):
    """Make inputs from the seed, let the scenario save its model, and keep inputs and reference outputs."""
    make_inputs, save_model = need(scenario, "inputs", "save")
    out = request["out"]
    os.makedirs(request["model"], exist_ok=True)
    if request.get("over"):
        lay_below(os.path.join(request["given"], "model"), request["model"])
    line.phase("save")
    made = make_inputs(numpy.random.RandomState(request.get("seed", 0)))
    inputs = checked(numpy, made, "inputs", least=0)  # a model may take none
    keep(numpy, out, "inputs", inputs)
    if hasattr(paddle, "seed"):
        paddle.seed(request.get("seed", 0))
    outputs = line.timed("save", save_model, prefix(request), inputs)
    keep(numpy, out, "outputs", checked(numpy, outputs, "save"))


def lay_below(earlier, model):
    """Copy what an earlier saver left to where the next one writes: into the same folder, as people do."""
    for home, _folders, names in os.walk(earlier):
        target = os.path.join(model, os.path.relpath(home, earlier))
        os.makedirs(target, exist_ok=True)
        for name in names:
            with open(os.path.join(home, name), "rb") as old, open(os.path.join(target, name), "wb") as new:
                while new.write(old.read(PIECE)):
                    pass


def load(line, request, numpy, paddle, scenario):
    """Open the saved model by the route asked for, run it once, and keep its outputs."""
    opened, run = way(request, paddle, scenario)
    inputs = fetch(numpy, request.get("inputs"))
    handle = line.timed("load", opened, prefix(request))
    outputs = checked(numpy, line.timed("infer", run, handle, inputs), "infer")
    keep(numpy, request["out"], "outputs", as_saved(request, outputs))
    own("candidates").answer(request, numpy, sys.modules[__name__], lambda given: run(handle, given))
    if not request.get("growth"):
        return None
    line.phase(request["growth"]["of"])
    again = own("growth").watched(request["growth"], lambda: opened(prefix(request)), lambda one: run(one, inputs))
    return {"growth": again}


def as_saved(request, outputs):
    """The outputs under the saver's names: a standard route knows them only by position."""
    home = os.path.dirname(request.get("inputs") or "")
    outputs = own("routes").in_order(request.get("route"), os.path.join(home, "places.json"), outputs)
    about = os.path.join(home, "outputs.json")
    if request.get("route") not in own("routes").STANDARD or not os.path.exists(about):
        return outputs
    with open(about, encoding="utf-8") as file:
        names = json.load(file)["names"]
    return dict(zip(names, outputs.values())) if len(names) == len(outputs) else outputs  # noqa: B905 - not before 3.10


def time_it(line, request, numpy, paddle, scenario):
    """Time load, first and steady infer in this fresh process; the numbers go to timings.json."""
    measure = own("measure")
    opened, run = way(request, paddle, scenario)
    inputs = fetch(numpy, request.get("inputs"))
    plan = dict(measure.PLAN, **request.get("measure", {}))
    if plan["timer"] == "pyperf" and not measure.has_pyperf():
        raise Refused("unsupported", "there is no pyperf in this environment, and --timer pyperf asks for it")
    timed = measure.Timed(lambda: opened(prefix(request)), lambda handle: run(handle, inputs))
    line.timed("load", timed.load)
    checked(numpy, line.timed("infer", timed.first), "infer")
    timed.steady(plan)
    measure.write(os.path.join(request["out"], "timings.json"), timed, paddle)
    return timed.summary()


def take_turns(line, request, numpy, paddle, scenario):
    """Be one side of a benchmark block: open and run once, warm up, then measure whenever the host says so."""
    turns = own("turns")
    opened, run = way(request, paddle, scenario)
    inputs = fetch(numpy, request.get("inputs"))
    plan = dict(turns.PLAN, **request.get("bench", {}))
    handle = line.timed("load", opened, prefix(request))
    checked(numpy, line.timed("infer", run, handle, inputs), "infer")
    works = {"infer": lambda: run(handle, inputs), "load": lambda: opened(prefix(request))}
    worker = turns.TurnWorker({name: works[name] for name in plan["metrics"]}, plan["memory_cap"])
    return turns.serve(request["out"], plan, worker, line.spent)


def many(line, request, numpy, paddle, scenario):
    """Do many small nets in one start; what each did goes to nets.jsonl."""
    return own("sweep").run(line, request, numpy, paddle, scenario, sys.modules[__name__])


def prefix(request):
    """Where the model lies: the same name in every folder."""
    return os.path.join(request["model"], "net")


def way(request, paddle, scenario):
    """(load, infer) of the route: a standard one, or the scenario's own."""
    route = request.get("route") or "own"
    return own("routes").standard(route, paddle) or need(scenario, "load", "infer")


MODES = {"save": save, "load": load, "measure": time_it, "bench": take_turns, "sweep": many}


def run(line, request, control, frames):
    """All of one request, from import to done; with a `control` this process is forked for many others."""
    forked = request["mode"] == "forks"
    path = None if forked else request["scenario"]
    numpy, paddle, scenario = line.timed("import", bring_in, path, request.get("files", ()))
    frames.go_first()
    about = own("facts").gather(paddle, numpy)
    line.tell("facts", facts=about)
    if request.get("require_flags") and about["flags_missing"]:
        raise Refused("unsupported", "this build does not know {}".format(", ".join(about["flags_missing"])))
    if forked:
        if about["device"] != "cpu":
            raise Refused("unsupported", "a process on {} is not forked".format(about["device"]))

        def answer(to, asked):
            to.tell("result", **ended(in_fork, to, asked, numpy, paddle))

        own("template").serve(line, control, answer)
        return {"status": "ok"}
    return work(line, request, numpy, paddle, scenario)


def in_fork(line, request, numpy, paddle):
    """The same in a process that has imported Paddle already: only standard ways come here, which no import of a scenario changes."""
    return work(line, request, numpy, paddle, open_scenario(request["scenario"]))


def work(line, request, numpy, paddle, scenario):
    """What comes after the import."""
    found = MODES[request["mode"]](line, request, numpy, paddle, scenario)
    line.phase("done")
    return {"status": "ok", "measure": found}


def ended(task, *args):
    """How a task ended, as data, whatever it is."""
    try:
        return task(*args)
    except Refused as refused:
        return {"status": refused.status, "reason": str(refused)}
    except BaseException as error:
        return {"status": "exception", "exception": own("failures").described(error)}


def main(argv):
    """Run the request, and tell its end whatever it is; only the wait status knows of crashes."""
    request_path, result_fd, fault_fd = argv[1], int(argv[2]), int(argv[3])
    control = int(argv[4]) if len(argv) > 4 else None  # noqa: PLR2004 - the fourth is there for a template alone
    os.set_inheritable(fault_fd, False)
    frames = crashes.PythonFrames(fault_fd)
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    line = SupervisorLine(result_fd, request["nonce"])
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != HERE]
    for name in (crashes.__name__, own.__module__, SupervisorLine.__module__):
        sys.modules.pop(name, None)  # the guest's names are not for scenarios
    sys.argv = [request["scenario"]]
    line.tell("result", **ended(run, line, request, control, frames))


if __name__ == "__main__":
    main(sys.argv)
