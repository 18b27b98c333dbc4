"""A converted model's way is said to answer what it was held against, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from lab.check import sample_inputs
from lab.check.proof import breaking, proved, said
from lab.model import Kind
from lab.model.check import Converted, ProvedWay, Way
from lab.model.check_grid import Cell
from lab.report import convert
from tests.unit.check_grids import trial

RIGHT = np.linspace(1.0, 2.0, 6, dtype="float32")


def folders(tmp_path: Path, **arrays: np.ndarray) -> dict[str, Path]:
    found = {name: tmp_path / name for name in arrays}
    for name, folder in found.items():
        folder.mkdir()
        sample_inputs.keep({"out0": arrays[name]}, folder, "outputs")
    return found


def before() -> Cell:
    return Cell(release="2.6.2", way=Way(route="predictor"), trial=trial(Kind.OK))


def line(one: ProvedWay) -> str:
    made = Converted(
        path="x", files=("net.json",), release="3.0.0", source="2.6.2 by jit", proved=(one,), accepted=(), refused=(),
        outputs=(), readers=(), run="r",
    )  # fmt: skip
    return next(row for row in convert.text(made).splitlines() if "3.3.1" in row)


@pytest.mark.parametrize(
    ("reference", "same", "good", "told"),
    [
        (RIGHT, RIGHT * 1.01, True, "ok                       exact"),
        (RIGHT * 1.01, RIGHT, True, "ok                       exact, as the same way before"),
        (RIGHT * 1.01, RIGHT * 1.02, False, "BREAKS: it worked before"),
    ],
)
def test_a_way_is_said_to_answer_what_it_answers(
    tmp_path: Path, reference: np.ndarray, same: np.ndarray, *, good: bool, told: str
) -> None:
    one = proved(trial(Kind.OK), "3.3.1", before(), folders(tmp_path, ours=RIGHT, reference=reference, same=same))
    assert one.good is good
    assert told in line(one)
    if not good:
        assert "ok " not in line(one)
        assert breaking([one], ()) == (one,)
        assert "mismatch" in said(one)
