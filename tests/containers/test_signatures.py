"""One error in five releases has one signature, and five different crashes have five: with real Paddle, in its images."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.containers.conftest import NEWEST

pytestmark = pytest.mark.containers

RELEASES = ("2.6.2", "3.0.0", "3.1.1", "3.2.2", "3.3.1")
HEAD = """# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "{summary}"
#
{expected}
# ///
import ctypes
import os

import numpy as np
import paddle
from paddle import inference, nn


def inputs(rng):
    return {{"x": rng.rand(2, 4).astype("float32")}}


def save(prefix, inputs):
    with open(prefix + ".txt", "w") as file:
        file.write("a model that nobody reads")
    return {{"y": inputs["x"]}}


def infer(handle, inputs):
    return {{"y": inputs["x"]}}


"""
EXPECTED = """# [[tool.lab.expect]]
# saver = "{saver}"
# loader = "{loader}"
# loader_env = {{ {env} }}
# outcome = "{outcome}"
#"""
# Raised in transformed code: 2.6.2, 3.0 and 3.2 put other frames, source lines, hints and operators around the same sentence.
RESHAPES = """class Net(nn.Layer):
    def forward(self, x):
        y = x.reshape([3, 5, 7])
        if y.sum() > 0:
            y = y + 1
        return y


def load(prefix):
    paddle.jit.save(Net(), prefix + "-again", input_spec=[paddle.static.InputSpec([2, 4], "float32", "x")])
"""
WAYS = ("null", "abort", "predictor", "divide", "memset")
CRASHES = """def load(prefix):
    how = os.environ["FLAGS_case_how"]
    if how == "null":
        ctypes.string_at(0)
    if how == "abort":
        os.abort()
    if how == "divide":
        os.kill(os.getpid(), 8)
    if how == "memset":
        ctypes.memset(8, 0, 8)
    junk = b'{"a": 1}' * 40
    config = inference.Config()
    config.set_model_buffer(junk, len(junk), junk, len(junk))
    config.disable_gpu()
    return inference.create_predictor(config)
"""


def outcomes(cli: Cli, bench: Path, name: str, expected: list[str], load: str) -> list[dict[str, Any]]:
    """What came out of each expected pair of a scenario, all of which must be as expected."""
    text = HEAD.format(summary=name, expected="\n".join(expected).rstrip("#\n")) + load
    (bench / "scenarios" / f"{name}.py").write_text(text, encoding="utf-8")
    answer = cli("repro", name, "--rounds", "0", "--engine", "docker", "--json")
    assert answer.code == 0, answer.err
    return [one["outcome"] for one in json.loads(answer.out)["trials"]]


def test_one_error_has_one_signature_in_five_releases(cli: Cli, real: Path, image: str) -> None:
    saver = NEWEST.partition("-")[0]
    expected = [EXPECTED.format(saver=saver, loader=one, env="", outcome="py_exception") for one in RELEASES]
    found = outcomes(cli, real, "one_error", expected, RESHAPES)
    assert len(found) == len(RELEASES)
    assert {one["type"] for one in found} == {"ValueError"}
    assert len({one["message"] for one in found}) > 1
    (signed,) = {one["signature"] for one in found}
    assert signed.startswith("load:ValueError:v2-")


def test_five_crashes_have_five_signatures_each_named_by_where_it_died(cli: Cli, real: Path, image: str) -> None:
    place = NEWEST.partition("-")[0]
    expected = [
        EXPECTED.format(saver=place, loader=place, env=f'FLAGS_case_how = "{way}"', outcome="native_crash")
        for way in WAYS
    ]
    found = dict(zip(WAYS, outcomes(cli, real, "five_crashes", expected, CRASHES), strict=True))
    assert len({one["signature"] for one in found.values()}) == len(WAYS)
    assert found["null"]["message"].endswith("by SIGSEGV in ctypes:string_at")
    assert "paddle::framework::NaiveExecutor::CreateVariables" in found["predictor"]["message"]
    assert "C++ Traceback" in found["predictor"]["detail"]
    assert "scenario.py" in found["memset"]["detail"]
