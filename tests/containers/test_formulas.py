"""Every formula held against real Paddle once: all nets of the operator table, in both formats, by what jit.load answers."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab import formats
from lab.check import stamp_file
from lab.compare import Outputs
from lab.compare.tolerance import TABLE
from lab.formats import graph_pir, graph_program, parameters
from lab.formats.source import opened
from lab.formulas import Evaluated, evaluate
from lab.formulas.evaluate import needed
from lab.formulas.known import FORMULAS
from lab.model.graph import Graph
from lab.storage.outbox import GuestFile
from tests.conftest import ROOT, Cli

pytestmark = pytest.mark.containers

MORE = Path(__file__).with_name("formula_nets.toml")
"""Nets for what the operator table has none for."""

QUANTISED = {"quantize_linear", "dequantize_linear"}
OF_QUANTISED = {"3.3.1"}
"""Releases whose jit.load answers quantised nets a million times too large: those are held against the table's own formulas."""

ELSEWHERE = {"full_batch_size_like", "mul"}
"""Formulas of operators that only older releases write: held against numpy in tests/unit."""


def graph_of(folder: Path) -> tuple[Graph, Any]:
    path = next(path for path in folder.iterdir() if path.suffix in (".json", ".pdmodel"))
    with opened(path) as source:
        graph = (graph_pir if path.suffix == ".json" else graph_program).read(source)
    streams = formats.inspect(path).streams
    if not streams:
        return graph, {}
    with opened(folder / "net.pdiparams") as source:
        return graph, parameters.read(source, streams[0])


def computed(folder: Path, feeds: GuestFile) -> tuple[Graph, Evaluated]:
    graph, weights = graph_of(folder)
    return graph, evaluate(graph, stamp_file.stored(feeds), weights)


def apart(name: str, seen: GuestFile, found: Evaluated) -> list[str]:
    """In what the formulas' answer is not the one of jit.load, within what the element type allows."""
    with Outputs(seen) as outputs:
        arrays = {one.name: np.array(one.read(0, one.size)).reshape(one.shape) for one in outputs.arrays.values()}
    wrong = []
    for (which, theirs), ours in zip(arrays.items(), found.outputs, strict=False):
        bounds = TABLE[theirs.dtype.name].loose if theirs.dtype.kind == "f" else None
        near = {"rtol": bounds.rtol, "atol": bounds.atol} if bounds else {"rtol": 0, "atol": 0}
        with np.errstate(all="ignore"):
            same = theirs.shape == ours.shape and (theirs.dtype == ours.dtype or seen.name.startswith("numpy/"))
            if not same or not np.allclose(ours, theirs, equal_nan=theirs.dtype.kind == "f", **near):
                wrong.append(f"{name}, {which}: {ours.dtype} {ours.shape}")
    return wrong


WRITTEN: dict[str, set[str]] = {
    "2.6.2": {"assign_value", "builtin.split", "combine", "full_int_array", "masked_fill", "shape64", "tril", "triu"},
    "3.3.1": {"shape", "tril_triu", "arange"},
}
"""Operators that a release never writes: the other one does."""


@pytest.mark.parametrize(("release", "fewest"), [("2.6.2", 290), ("3.3.1", 290)])
def test_what_every_formula_answers_is_what_jit_load_answers(
    cli: Cli, real: Path, engine: Any, release: str, fewest: int
) -> None:
    shutil.copytree(ROOT / "scenarios" / "sweep", real / "scenarios" / "sweep")
    with (real / "scenarios" / "sweep" / "operators.toml").open("a", encoding="utf-8") as table:
        table.write(MORE.read_text(encoding="utf-8"))
    words = ("--route", "jit", "--also", "", "--engine", "docker", "--json")
    answer = cli("sweep", "--savers", release, "--loaders", release, *words)
    assert answer.code == 0, answer.err
    (cell,) = (real / "results" / "runs").glob("*/cells/*/out")
    (saved,) = (real / "results" / "runs").glob("*/saves/*/out")
    counts, wrong, used = Counter[str](), [], set()
    for folder in sorted((saved / "model").iterdir()):
        seen = GuestFile(out=cell, name=f"outputs-jit/{folder.name}.npz")
        if not seen.plain:
            continue
        graph, found = computed(folder, GuestFile(out=saved, name=f"inputs/{folder.name}.npz"))
        counts["not known" if found.unknown else "known"] += 1
        if not found.unknown:
            mine = {one.operator for one in needed(graph)}
            used |= mine
            if release in OF_QUANTISED and mine & QUANTISED:
                seen = GuestFile(out=saved, name=f"numpy/{folder.name}.npz")
            wrong += apart(folder.name, seen, found)
    assert wrong == []
    assert counts["known"] >= fewest, counts
    assert sorted(set(FORMULAS) - used - ELSEWHERE - WRITTEN[release]) == []
