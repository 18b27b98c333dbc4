import json

import numpy as np
import pytest

from lab.model.sweep import Net, NetInput
from lab.sweep.operators_module import render
from tests.guest.conftest import TRACE

X = NetInput(dtype="float32", shape=(2, 3))


def nets(**traps):
    return tuple(Net(name=name, family="toy", inputs={"x": X}, layer=layer) for name, layer in traps.items())


GOOD = {"first": "nn.ReLU()", "last": "nn.ReLU()"}


def trap(what):
    return f"nn.Trap({what!r})"


@pytest.fixture
def swept(guest):
    """Saves a table of nets and opens it: the records by net, and the folder of what was opened."""

    def run(table, route="jit", limits=None, **more):
        text = render(table)
        nets = [one.name for one in table]
        _, saved = guest.run(text, "sweep", sweep={"do": "save", "tasks": [{"nets": nets}]})
        assert set(records(saved)) == {one.name for one in table}
        found, out = guest.run(
            text,
            "sweep",
            sweep={"tasks": [{"route": route, "nets": nets}], **more},
            model=saved / "model",
            env=more.get("env"),
            **({"limits": limits} if limits else {}),
        )
        assert found["status"] == "ok", found
        return records(out), out, found

    return run


def records(out):
    lines = [json.loads(line) for line in (out / "nets.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({one["net"] for one in lines}) == len(lines)
    return {one["net"]: one for one in lines}


@pytest.mark.parametrize("route", ["jit", "static", "predictor"])
def test_every_net_is_saved_and_opened_in_one_start(swept, route):
    found, out, whole = swept(nets(**GOOD, dense="nn.Linear(3, 2)"), route)
    assert {net: one["status"] for net, one in found.items()} == dict.fromkeys(["first", "last", "dense"], "ok")
    assert whole["measure"] == {"forks": 1}
    assert json.loads((out / f"outputs-{route}" / "first.json").read_text())["names"] == ["out0"]


@pytest.mark.parametrize(
    ("what", "status", "field", "value"),
    [
        ("crash", "signal", "signal", "SIGSEGV"),
        ("leave", "exited", "exit_code", 3),
        ("hang", "timeout", "timeout", "wall"),
        ("raise", "exception", "phase", "infer"),
    ],
)
def test_a_net_that_dies_costs_only_itself(swept, what, status, field, value):
    table = nets(first="nn.ReLU()", bad=trap(what), worse=trap(what), last="nn.ReLU()")
    found, out, _ = swept(table, net_s=1.0)
    assert {net: one["status"] for net, one in found.items()} == {
        "first": "ok",
        "bad": status,
        "worse": status,
        "last": "ok",
    }
    assert found["bad"][field] == value
    assert (out / "outputs-jit" / "last.npz").exists()


def test_a_net_that_only_keeps_the_processor_busy_is_known_before_its_time_is_over(swept):
    found, _, _ = swept(nets(first="nn.ReLU()", bad=trap("spin"), last="nn.ReLU()"), busy_s=0.5)
    assert {net: one["status"] for net, one in found.items()} == {"first": "ok", "bad": "timeout", "last": "ok"}
    assert found["bad"]["reason"] == "took over 0.5 s of the processor's time"


def test_a_net_that_waits_is_given_its_whole_time(swept):
    found, _, _ = swept(nets(bad=trap("hang")), net_s=2.0)
    assert found["bad"]["reason"] == "took over 2.0 s"


def test_a_crash_says_where_it_was(swept):
    found, _, _ = swept(nets(bad=trap("crash")))
    assert "Segmentation fault" in found["bad"]["faulthandler"]
    assert "nn.py" in found["bad"]["faulthandler"]
    assert found["bad"]["phase"] == "infer"


def test_a_crash_keeps_the_native_stack_of_its_own_net_and_what_was_printed_stays_in_the_log(swept, paddle):
    table = nets(bad=trap("crash"), good="nn.ReLU()", worse=trap("leave"))
    found, out, _ = swept(table, env=paddle)
    assert found["bad"]["cpp_traceback"] == TRACE
    assert "nn.py" in found["bad"]["faulthandler"]
    assert not found["worse"].get("cpp_traceback")
    assert (out / "stdout.log").read_text(encoding="utf-8").count(TRACE) == 1


def test_a_net_that_takes_all_memory_costs_only_itself_and_says_what_it_had(swept):
    table = nets(first="nn.ReLU()", bad=trap("eat"), last="nn.ReLU()")
    found, out, whole = swept(table, limits={"memory_bytes": 500 << 20})
    assert {net: one["status"] for net, one in found.items()} == {"first": "ok", "bad": "signal", "last": "ok"}
    assert (found["bad"]["signal"], found["bad"]["oom_kills"]) == ("SIGKILL", 1)
    assert 300 << 20 < found["bad"]["peak_memory"] < 500 << 20
    assert whole["oom_kills"] == 0
    assert (out / "outputs-jit" / "last.npz").exists()


def test_a_net_behind_others_in_its_process_is_tried_again_alone_before_it_is_called_too_much(swept):
    _, _, whole = swept(nets(first="nn.ReLU()", bad=trap("eat")), limits={"memory_bytes": 500 << 20})
    assert whole["measure"]["forks"] == 2


REMEMBERS = """

BEFORE = []


def forward(self, x):
    if type(self) is Net_second and BEFORE:
        raise RuntimeError("something was left behind")
    BEFORE.append(self)
    return self.part(x)


Net_first.forward = Net_second.forward = forward
"""


def test_a_save_that_fails_behind_others_in_its_process_is_tried_again_alone(guest):
    text = render(nets(first="nn.ReLU()", second="nn.ReLU()", third="nn.ReLU()")) + REMEMBERS
    found, out = guest.run(text, "sweep", sweep={"do": "save", "tasks": [{"nets": ["first", "second", "third"]}]})
    assert {net: one["status"] for net, one in records(out).items()} == dict.fromkeys(
        ["first", "second", "third"], "ok"
    )
    assert found["measure"]["forks"] == 2


def test_a_save_that_fails_alone_too_is_said_to_fail(guest):
    text = render(nets(first="nn.ReLU()", bad="nn.Linear(9, 2)", last="nn.ReLU()"))
    found, out = guest.run(text, "sweep", sweep={"do": "save", "tasks": [{"nets": ["first", "bad", "last"]}]})
    assert {net: one["status"] for net, one in records(out).items()} == {
        "first": "ok",
        "bad": "exception",
        "last": "ok",
    }
    assert found["measure"]["forks"] == 2


def test_an_exception_says_how_much_memory_its_process_had(swept):
    found, _, _ = swept(nets(bad=trap("raise")))
    assert found["bad"]["peak_memory"] > 1 << 20


def test_each_net_can_have_a_process_of_its_own(swept):
    _, _, whole = swept(nets(**GOOD), batch=1)
    assert whole["measure"]["forks"] == 2


def test_probes_that_cannot_be_loaded_alike_end_the_cell(guest):
    text = render(nets(**GOOD, more="nn.ReLU()"))
    tasks = [{"nets": ["first", "last", "more"], "route": "jit"}]
    _, saved = guest.run(text, "sweep", sweep={"do": "save", "tasks": tasks}, env={"TOY_PADDLE_VERSION": "2.6.2"})
    _, out = guest.run(
        text, "sweep", sweep={"tasks": tasks, "probes": ["last", "more"]}, model=saved / "model",
        env={"TOY_PADDLE_VERSION": "3.0.0"},
    )  # fmt: skip
    assert list(records(out)) == ["last", "more"]


def test_probes_that_fail_in_running_end_nothing(swept):
    found, _, _ = swept(nets(one=trap("raise"), two=trap("raise"), good="nn.ReLU()"), probes=["one", "two"])
    assert found["good"]["status"] == "ok"


def test_a_module_that_is_no_table_is_refused(guest):
    found, _ = guest.run("x = 1\n", "sweep", sweep={"do": "save", "tasks": []})
    assert (found["status"], "NETS" in found["reason"]) == ("contract", True)


def test_the_same_net_gets_the_same_inputs_whatever_is_beside_it(swept, guest):
    _, few, _ = swept(nets(last="nn.ReLU()"))
    _, many, _ = swept(nets(first="nn.ReLU()", last="nn.ReLU()"))
    one, two = (np.load(folder / "outputs-jit" / "last.npz")["a0000"] for folder in (few, many))
    assert (one == two).all()


SHOWS_ITS_WEIGHTS = """

class Weight:
    def __init__(self, array):
        self.array, self.shape = array, list(array.shape)

    def numpy(self):
        return self.array

    def set_value(self, array):
        self.array[...] = array


def state_dict(self):
    if not hasattr(self, "weights"):
        self.weights = {"part." + name: Weight(one) for name, one in zip(("weight", "scale"), self.part.params)}
    return self.weights


Net_dense.state_dict = state_dict
"""


def dense(numpy):
    return Net(name="dense", family="toy", inputs={"x": X}, layer="nn.Linear(3, 2)", numpy=numpy)


def test_a_formula_is_given_the_weights_of_the_net_and_what_is_divided_by_is_above_zero(guest):
    text = render((dense("x @ w['weight'] + w['scale']"),)) + SHOWS_ITS_WEIGHTS
    _, out = guest.run(text, "sweep", sweep={"do": "save", "tasks": [{"nets": ["dense"]}]})
    assert records(out)["dense"]["status"] == "ok"
    answered, formula = (np.load(out / kind / "dense.npz")["a0000"] for kind in ("outputs", "numpy"))
    assert np.allclose(answered, formula)
    assert answered.dtype == formula.dtype == np.float32
    plain = render((dense("np.full(2, w['scale'].min())"),)) + SHOWS_ITS_WEIGHTS
    _, out = guest.run(plain, "sweep", sweep={"do": "save", "tasks": [{"nets": ["dense"]}]})
    assert (np.load(out / "numpy" / "dense.npz")["a0000"] >= 0.5).all()


def test_a_formula_may_answer_several_outputs(guest):
    text = render((dense("(x.sum(axis=1), x > 0)"),)) + SHOWS_ITS_WEIGHTS
    _, out = guest.run(text, "sweep", sweep={"do": "save", "tasks": [{"nets": ["dense"]}]})
    kept = json.loads((out / "numpy" / "dense.json").read_text(encoding="utf-8"))
    assert kept["names"] == ["out0", "out1"]
    assert np.load(out / "numpy" / "dense.npz")["a0001"].dtype == bool


def test_a_formula_that_does_not_work_is_the_tables_mistake_and_nothing_is_said_of_the_net(guest):
    text = render((dense("w['absent']"),))
    _, out = guest.run(text, "sweep", sweep={"do": "save", "tasks": [{"nets": ["dense"]}]})
    found = records(out)["dense"]
    assert (found["status"], "numpy's formula of dense" in found["reason"]) == ("contract", True)
