"""What `reduced.py` says when it runs by itself: an answer is called right where the lab itself would call it no mismatch."""

import io
import sys
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lab.compare import compare
from lab.compare.planted import write_outputs
from lab.model import Grade, Kind, Outcome, Phase
from lab.model.reduction import ReducedSide
from lab.search import reduce_script
from lab.search.reduce_script import ScriptFacts


def side(route: str, env: Mapping[str, str] | None = None) -> ReducedSide:
    return ReducedSide(release="3.0.0", environment="3.0.0-cpu-py311", route=route, env=env or {})


def script(right: np.ndarray[Any, Any], env: Mapping[str, str] | None = None) -> str:
    return reduce_script.text(
        ScriptFacts(
            good=side("jit"), bad=side("predictor", env), saver="3.0.0", loader="3.0.0",
            seen=Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, reason="values"), operators=["relu"],
            ending=".json", program=b"{}", tensors=(), inputs=(), right={"out0": right},
        )
    )  # fmt: skip


def said(right: np.ndarray[Any, Any], found: np.ndarray[Any, Any]) -> str:
    """What the script prints of an answer, with a Paddle that only gives this one."""
    made: dict[str, Any] = {"__name__": "reduced"}
    before = sys.modules.get("paddle")
    sys.modules["paddle"] = ModuleType("paddle")
    try:
        exec(compile(script(right), "reduced.py", "exec"), made)  # noqa: S102 - the text is the one that is tested
    finally:
        del sys.modules["paddle"]
        if before is not None:
            sys.modules["paddle"] = before
    made["answer"] = lambda route, prefix, inputs: {"out0": found}
    with redirect_stdout(io.StringIO()) as printed:
        made["told"]("predictor", "net")
    return printed.getvalue()


def test_what_is_wrong_only_behind_the_numbers_that_are_shown_is_wrong() -> None:
    right = np.zeros(1000, "float32")
    found = right.copy()
    found[999] = 1
    assert "out0 IS WRONG in 1 of 1000 numbers, from number 999 on" in said(right, found)


def test_small_numbers_that_are_doubled_are_wrong() -> None:
    right = np.full((2, 3), 2e-7, "float32")
    assert "IS WRONG in 6 of 6" in said(right, right * 2)
    assert "out0 is right" in said(right, right * np.float32(1.000001))


def test_another_shape_is_wrong() -> None:
    assert "IS WRONG\n  right: (2,)\n  found: (1, 2)" in said(np.ones(2), np.ones((1, 2)))


@given(
    right=arrays.arrays(st.sampled_from(["float32", "float64", "float16", "int64"]), st.sampled_from([(3,), (90,)])),
    factor=st.sampled_from([1.0, 1.000001, 1.0001, 1.01, 2.0]),
)
def test_what_the_lab_calls_a_mismatch_the_script_calls_wrong(right: np.ndarray[Any, Any], factor: float) -> None:
    with np.errstate(all="ignore"):
        found = (right * factor).astype(right.dtype)
    with tempfile.TemporaryDirectory() as room:
        good = write_outputs(Path(room) / "good.npz", {"out0": right})
        (seen,) = compare(good, write_outputs(Path(room) / "bad.npz", {"out0": found}))
    assert seen.grade is not Grade.MISMATCH or "IS WRONG" in said(right, found)
    assert seen.grade is not Grade.EXACT or "is right" in said(right, found)


def test_the_command_sets_what_the_failing_side_had_set() -> None:
    env = {"FLAGS_b": "two words", "FLAGS_a": "1"}
    command = "FLAGS_a=1 FLAGS_b='two words' python reduced.py"
    assert reduce_script.command(side("jit", env), "reduced.py") == command
    assert command.replace("reduced.py", "THIS_FILE") in script(np.zeros(1), env), "in a bundle it has another name"
