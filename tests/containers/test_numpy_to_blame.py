"""A picture is made brighter before the net sees it: numpy is to blame and Paddle is not, with real Paddle and real numpy."""

import json
import os
import subprocess
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Answer, Cli

pytestmark = pytest.mark.containers

# A pixel is np.uint8, and `pixel + 100` an int64 with numpy 1, but a uint8 that wraps around with numpy 2 (NEP 50).
BRIGHTER = """# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
# [tool.lab]
# summary = "a picture is made brighter, and numpy 2 wraps around at 256 where numpy 1 did not"
#
# [[tool.lab.expect]]
# saver = "2.6.2"
# loader = "3.3.1"
# outcome = "numeric_mismatch"
# ///
import numpy as np
import paddle
from paddle import nn


def inputs(rng):
    return {"image": rng.randint(0, 256, (2, 4)).astype("uint8")}


def save(prefix, inputs):
    net = nn.Linear(4, 3)
    paddle.save(net.state_dict(), prefix + ".pdparams")
    return infer(net, inputs)


def load(prefix):
    net = nn.Linear(4, 3)
    net.set_state_dict(paddle.load(prefix + ".pdparams"))
    return net


def infer(net, inputs):
    brighter = [[pixel + 100 for pixel in row] for row in inputs["image"]]
    return {"y": net(paddle.to_tensor(np.array(brighter, dtype="float32") / 255)).numpy()}
"""
PIN = """
[[cure]]
name = "numpy-1"
kind = "pin"
layer = 6
packages = ["numpy==1.26.4"]
does = "something"
risk = "little"
source = "a test"
"""
AGAIN = """
import importlib.util, sys
import numpy as np
scenario, model, given, right = sys.argv[1:]
spec = importlib.util.spec_from_file_location("scenario", scenario)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
answer = module.infer(module.load(model), {"image": np.load(given)["a0000"]})["y"]
print(abs(answer - np.load(right)["a0000"]).max())
"""


@pytest.fixture
def brighter(real: Path) -> Path:
    (real / "scenarios" / "brighter.py").write_text(BRIGHTER, encoding="utf-8")
    (real / "scenarios" / "cures.toml").write_text(PIN, encoding="utf-8")
    return real


def document(answer: Answer) -> dict[str, Any]:
    assert answer.code == 0, answer.out + answer.err
    found: dict[str, Any] = json.loads(answer.out)
    return found


def test_isolate_blames_numpy_and_clears_paddle(cli: Cli, brighter: Path) -> None:
    places = ("--good", "release=3.0.0,numpy=1.26.4", "--bad", "release=3.3.1")
    found = document(cli("isolate", "brighter", *places, "--engine", "docker", "--json"))
    assert found["cause"] == ["numpy"]
    assert {one["name"]: one["status"] for one in found["axes"]} == {
        "release": "does not matter",
        "numpy": "matters",
    }


def test_cure_proves_the_pin_and_the_line_it_prints_mends_it(cli: Cli, brighter: Path, tmp_path: Path) -> None:
    words = ("cure", "brighter", "--at", "3.3.1", "--rounds", "0", "--repeat", "1")
    found = document(cli(*words, "--engine", "docker", "--json"))
    (tried,) = found["tried"]
    assert tried["status"] == "accepted"
    assert "numpy==2.3.5" in tried["why"]
    said = cli(*words, "--engine", "docker").out
    (line,) = [one for one in said.splitlines() if "pip install" in one]
    assert line == "python3 -m pip install numpy==1.26.4"

    (saved,) = (brighter / "results" / "runs" / found["run"] / "saves").glob("2.6.2*/out")
    own = own_python(cli, tmp_path)

    def off() -> float:
        """How far this Python's answer lies from what 2.6.2 answered when it saved."""
        files = [
            brighter / "scenarios" / "brighter.py",
            saved / "model" / "net",
            saved / "inputs.npz",
            saved / "outputs.npz",
        ]
        return float(shell(own, "python", "-c", AGAIN, *map(str, files)))

    assert off() > 0.1
    shell(own, "sh", "-c", line)
    assert off() < 1e-5


def own_python(cli: Cli, tmp_path: Path) -> Path:
    """The programs of a Python of one's own that has the newest release and pip, as a user has one."""
    assert cli("images", "build", "3.3.1", "--engine", "local").code == 0
    (there,) = (Path(os.environ["LAB_CACHE"]) / "envs").glob("3.3.1-cpu-py311-*/lib/python3.11/site-packages")
    venv.create(tmp_path / "own", with_pip=True)
    (site,) = (tmp_path / "own" / "lib").glob("python*/site-packages")
    (site / "paddle.pth").write_text(f"{there}\n", encoding="utf-8")
    return tmp_path / "own" / "bin"


def shell(programs: Path, *argv: str) -> str:
    env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    env.pop("PYTHONPATH", None)
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
