"""The few lines that compare outputs inside a bundle, held against the lab's own comparison."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.bundle import closeness
from lab.compare import TABLE, compare
from lab.compare.planted import write_outputs
from lab.model import Diff, Kind, Outcome, Phase, Tolerance
from lab.outcome.classify import with_diffs

Array = np.ndarray[Any, np.dtype[Any]]
RELAXED = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = ["float16", "float32", "float64", "complex64", "complex128", "int32", "bool"]
OWN = Tolerance(output="y", rtol=0.1, atol=0.01, reason="r")


def word(diffs: tuple[Diff, ...]) -> str:
    """What the lab says of a trial with these outputs."""
    outcome = with_diffs(Outcome(kind=Kind.OK, phase=Phase.INFER), diffs)
    return "differs" if outcome.kind.differs else outcome.kind.value


def both(
    folder: Path, reference: dict[str, Array], candidate: dict[str, Array], own: Tolerance | None
) -> tuple[str, str]:
    """The lab's word, and that of the bundle's script."""
    theirs, ours = write_outputs(folder / "a.npz", reference), write_outputs(folder / "b.npz", candidate)
    diffs = compare(theirs, ours, [own] if own else [])
    kept = [{"output": one.output, "rtol": one.rtol, "atol": one.atol, "overridden": one.overridden} for one in diffs]
    return word(diffs), str(closeness.compared(np, reference, candidate, json.loads(json.dumps(kept)))["kind"])


def test_its_tolerances_are_those_of_the_lab() -> None:
    """A bundle's arrays are numpy's, and numpy has no bfloat16."""
    table = {kind: (tiers.close.rtol, tiers.close.atol) for kind, tiers in TABLE.items() if kind != "bfloat16"}
    assert table == closeness.CLOSE


@RELAXED
@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(0, 60),
    kind=st.sampled_from(KINDS),
    scale=st.sampled_from([0.0, 1e-42, 1e-38, 1e-20, 1e-7, 1e-3, 1.0, 1e3]),
    noise=st.sampled_from([0.0, 1e-9, 1e-6, 1e-3, 0.5, 1.0]),
    large=st.sampled_from([None, 1.0, np.inf, np.nan]),
    everywhere=st.booleans(),
    own=st.sampled_from([None, OWN]),
)
def test_it_says_what_the_lab_says(
    tmp_path: Path, seed: int, size: int, kind: str, scale: float, noise: float, large: float | None, own: Tolerance | None,
    *, everywhere: bool,
) -> None:  # fmt: skip
    rng = np.random.default_rng(seed)
    reference = scale * rng.standard_normal(size)
    candidate = reference * (1 + noise * (rng.standard_normal(size) if everywhere else rng.random(size) < 0.1))
    if size and large is not None:
        reference[0] = large
        candidate[0] = large if rng.random() < 0.7 else 0.0
    with np.errstate(all="ignore"):
        sides = [np.nan_to_num(side) if np.dtype(kind).kind in "ib" else side for side in (reference, candidate)]
        lab, script = both(tmp_path, {"y": sides[0].astype(kind)}, {"y": sides[1].astype(kind)}, own)
    assert script == lab


@pytest.mark.parametrize(
    ("reference", "candidate", "said"),
    [
        ({"y": np.arange(3.0)}, {}, "y: only on one side"),
        ({"y": np.arange(3.0)}, {"y": np.arange(4.0)}, "y: float64 [4] instead of float64 [3]"),
        (
            {"y": np.arange(3.0), "z": np.arange(3)},
            {"y": np.ones(3), "z": np.ones(3, int)},
            "y: values, by up to 1.0; z: values, by up to 1.0",
        ),
    ],
)
def test_every_output_that_differs_is_named(
    reference: dict[str, Array], candidate: dict[str, Array], said: str
) -> None:
    assert closeness.compared(np, reference, candidate, []) == {"kind": "differs", "text": said}


def test_outputs_that_show_nothing_are_neither_alike_nor_different() -> None:
    zeros = {"y": np.zeros(3)}
    assert closeness.compared(np, zeros, zeros, [])["kind"] == "undecided"
    assert closeness.compared(np, {**zeros, "z": np.arange(3)}, {**zeros, "z": np.arange(3)}, [])["kind"] == "ok"
