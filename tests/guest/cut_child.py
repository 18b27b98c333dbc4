"""Open each cut of a list with the Paddle this runs in, a fork each, and write down what it answers.

usage: cut_child.py GUEST LIST ROUTE; LIST holds one folder a line, each with net.* and inputs.npz.
"""

import os
import sys
import zlib  # noqa: F401 - 2.6 breaks zlib for whoever imports it after paddle
from pathlib import Path

import numpy as np
import paddle

sys.path.insert(0, sys.argv[1])
import routes


def answer(folder, route):
    load, infer = routes.standard(route, paddle)
    with np.load(Path(folder) / "inputs.npz") as inputs:
        found = infer(load(str(Path(folder) / "net")), dict(inputs))
    # A branch that is not taken leaves what it would have made without a value.
    np.savez(Path(folder) / "answers.npz", **{name: np.asarray(one) for name, one in found.items() if one is not None})


for one in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines():
    pid = os.fork()
    if not pid:
        code = 1
        try:
            answer(one, sys.argv[3])
            code = 0
        finally:
            os._exit(code)
    os.waitpid(pid, 0)
