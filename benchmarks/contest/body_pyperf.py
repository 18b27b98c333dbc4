"""pyperf's side of the contest, in the lab's own image: `body_pyperf.py save`, then as a pyperf program."""

import os
import sys

import numpy as np
import pyperf

sys.path.insert(0, os.environ["CONTEST_SCENARIOS"])
import contest_net

MODEL = os.environ["CONTEST_MODEL"]

if __name__ == "__main__":
    given = contest_net.inputs(np.random.RandomState(0))
    if sys.argv[1:] == ["save"]:
        contest_net.save(MODEL, given)
        sys.exit()
    runner = pyperf.Runner()
    net = contest_net.load(MODEL)
    runner.bench_func("load", contest_net.load, MODEL)
    runner.bench_func("infer", contest_net.infer, net, given)
