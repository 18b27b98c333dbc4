"""One process of E9, in the lab's own image: one net called steadily, timed by the lab's guest and by pyperf's own Runner.

    body_agree.py NET LOOPS FIRST      LOOPS 0 lets the lab calibrate; FIRST is "lab" or "pyperf"

Prints one line of JSON: the loops, and the seconds a call of either timer, ten values each. Both call the same function of the same
opened model in the same process, one after the other.
"""

import importlib
import json
import os
import sys

import numpy as np
import paddle
import pyperf

sys.path[:0] = ["/lab", "/scenarios"]
import measure

VALUES, WARMUPS = 10, 3


def opened(net, prefix):
    """The model, saved by this very release where it is not there yet, and a call of it whose outputs are read."""
    scenario = importlib.import_module(net)
    given = scenario.inputs(np.random.RandomState(0))
    if not any(name.startswith("net.") for name in os.listdir(os.path.dirname(prefix))):
        scenario.save(prefix, given)
        paddle.disable_static()
    model = paddle.jit.load(prefix)
    model.eval()
    tensors = [paddle.to_tensor(one) for one in given.values()]

    def call():
        found = model(*tensors)
        return [one.numpy() for one in (found if isinstance(found, (list, tuple)) else [found])]

    return call


def by_lab(call, loops):
    """Ten values by the code that times every trial of the lab, and the loops it used."""
    timed = measure.Timed(lambda: None, lambda _: call())
    timed.steady({"values": VALUES, "warmups": WARMUPS, "value_s": 0.05, "max_calls": 100_000, "loops": loops or None})
    return timed.values, timed.loops


def by_pyperf(call, loops):
    """Ten values by a worker of pyperf, in this process."""
    runner = pyperf.Runner(values=VALUES, warmups=WARMUPS, loops=loops, processes=1)
    runner.parse_args(["--worker", "--quiet"])
    return list(runner.bench_func("infer", call).get_values())


def main(net, loops, first):
    """Time one net both ways, in the order that was drawn; who calibrates comes first."""
    call = opened(net, "/out/net")
    call()
    if first == "lab" or not loops:
        ours, loops = by_lab(call, loops)
        theirs = by_pyperf(call, loops)
    else:
        theirs = by_pyperf(call, loops)
        ours, loops = by_lab(call, loops)
    print(json.dumps({"loops": loops, "lab": ours, "pyperf": theirs}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
