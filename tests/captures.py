"""Answers as people see them, at each width and in both languages: made of stored runs and matrices, and of small answers built here.

`python -m tests.captures` writes tests/golden/widths anew; whoever does so reads each file as a person would.
"""

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from rich.console import Console

from lab import documents
from lab.cli import localised, screen, speak
from lab.knowledge import cures, problems
from lab.model import Grade, Kind, Metrics, Run, RunStatus, Verdict
from lab.model.bench import BenchReport, BenchRow, BenchSide, Change, Estimate, HistoryLine, Leak
from lab.model.check import Feed, Way
from lab.model.check_grid import Cell, Checked, CheckGrid, Snippet
from lab.model.cure import Cured, CureStatus, TriedCure
from lab.model.explanation import Explained, PairSeen, Standing
from lab.outcome import pasted, upgrade
from lab.report import (
    bench,
    bisect,
    check_terminal,
    explain,
    grid_terminal,
    isolate,
    listings,
    locate,
    reduce,
    run_terminal,
)
from lab.report.prose import Chain
from lab.site import stored_matrices
from lab.storage import store
from lab.storage.store import Damaged
from tests import captured_searches as searches
from tests.report_data import SIDES, line
from tests.unit.check_grids import diffs, trial

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden" / "widths"
WIDTHS = (60, 80, 120, 200)
LANGUAGES = ("en", "zh")
FLAG = {"FLAGS_enable_pir_api": "False"}
LONG = {"FLAGS_enable_pir_api": "False", "FLAGS_enable_pir_in_executor": "0"}
MATRIX = ROOT / "results" / "history" / "20261125-matrix-ir-flag.json"


def run() -> Run:
    path = ROOT / "tests" / "golden" / "issue" / "jit_load_pir.run.json"
    return store.decode(path.read_bytes(), str(path))


def checked() -> Checked:
    """One way lost, one kept, one that gives other numbers, and a flag that helps."""
    exact = diffs(Grade.EXACT)
    apart = (replace(diffs(Grade.MISMATCH)[0], metrics=Metrics(size=4, max_abs=0.0625)),)
    jit, static, predictor = (Way(route=name, env={}) for name in ("jit", "static", "predictor"))

    def good(release: str, way: Way) -> Cell:
        before = () if release == "2.6.2" else exact
        return Cell(release=release, way=way, trial=trial(Kind.OK, exact), reference=exact, before=before)

    cells = (
        *(good("2.6.2", way) for way in (jit, static, predictor)),
        *(
            cell
            for release in ("3.0.0", "3.3.1")
            for cell in (
                Cell(release=release, way=jit, trial=trial(Kind.NATIVE_CRASH, signature="gone")),
                good(release, static),
                Cell(
                    release=release, way=predictor, trial=trial(Kind.NUMERIC_MISMATCH, apart), reference=apart, before=apart
                ),
                good(release, Way(route="jit", env=FLAG)),
            )
        ),
    )  # fmt: skip
    found = CheckGrid(
        prefix="net", old="2.6.2", new=("3.0.0", "3.3.1"), cells=cells, reference="2.6.2 by jit", vouched="", damage=(),
        altered=(), third=None,
    )  # fmt: skip
    answers = upgrade.answers(found)
    code = "paddle.enable_static()\nprogram, feeds, fetches = paddle.static.load_inference_model(path, paddle.static.Executor())"
    code = pasted.piece(code, env={}, path=pasted.named("net"))
    lines = tuple(
        Snippet(release=one.release, use=one.use[0], lines=code, outcome=trial(Kind.OK, exact).outcome, diffs=exact)
        for one in answers
        if one.use
    )
    return Checked(
        schema=1, run="20261126-050116-check-net-8b4f", command="lab check net", format="pdmodel", files=(),
        chosen="2.6.2, which wrote net.pdmodel (its program says so)", feeds=(Feed(name="image", dtype="float32", shape=(1, 3, 224, 224)),),
        rounds=2, grid=found, answers=answers, snippets=lines, spent={"images": 3.0, "trials": 21.5},
    )  # fmt: skip


def benched() -> BenchReport:
    """Slower and confirmed, the same, undecided; one side with a setting; memory that grows."""

    def row(side: str, metric: str, change: Change, ratio: float, **more: object) -> BenchRow:
        wall = Estimate(
            ratio=ratio, low=ratio * 0.98, high=ratio * 1.02, narrow=(ratio * 0.99, ratio * 1.01), p=0.0005, blocks=12,
            values=60, spread=0.01,
        )  # fmt: skip
        whole: dict[str, object] = {
            "side": side, "metric": metric, "change": change, "wall": wall, "cpu": wall, "decided_by": "wall",
            "adjusted_p": 0.001, "delta": 0.05, "noise": 0.01, "detectable": 0.04, "reference": 0.000411,
            "value": 0.000411 * ratio, **more,
        }  # fmt: skip
        return BenchRow(**whole)  # type: ignore[arg-type]

    plain, flagged = "3.0.0-cpu-py311", "3.0.0-cpu-py311 FLAGS_enable_pir_api=False"
    rows = (
        row(plain, "infer", Change.SLOWER, 14.2, confirmed="the second session saw x14.1", decided_by="cpu"),
        row(flagged, "infer", Change.SAME, 1.01),
        row(plain, "load", Change.UNDECIDED, 1.08, more=9),
        row(flagged, "load", Change.FASTER, 0.61, known="known since 2026-11-25"),
        row(plain, "memory", Change.SLOWER, 1.4, unit="B", cpu=None, reference=300 << 20, value=420 << 20),
    )
    sides = (
        BenchSide(
            side=plain, saver=plain, digest="sha256:1", outcome="ok", leak=Leak.LEAKS, growth=1013 * 1024.0, threads=1.0
        ),
        BenchSide(side=flagged, saver=plain, digest="sha256:1", outcome="ok", creep=1.3),
    )
    return BenchReport(
        schema=1, run="20261126-050116-bench-net-1a2b", scenario="resnet18", scenario_sha256="0", reference="2.6.2-cpu-py311",
        seed=7, blocks=12, control_blocks=3, control_alarms=0, seconds=180.0, rows=rows, sides=sides, steal=0.03,
    )  # fmt: skip


def kept() -> list[Run | Damaged]:
    """A finished run, an interrupted one, one without a verdict, and one whose file is damaged."""
    one = run()
    return [
        Damaged(id="20261127-101500-lstm-77aa", why="run.json is damaged: Input data was truncated"),
        replace(one, id="20261126-050116-jit_load_pir-8b4f"),
        replace(one, id="20261126-041200-transformer_encoder-0c1d", status=RunStatus.INTERRUPTED, verdict=Verdict.NONE),
        replace(one, id="20261125-232900-check-net-9e2f", verdict=Verdict.NOT_REPRODUCED, command="lab check net"),
    ]


def tracked() -> list[HistoryLine]:
    """Two routes and metrics of one machine, one side with settings."""
    found = [
        line(side, change, scenario="resnet18", metric=metric, route=route)
        for metric, route in (("infer", "jit"), ("memory", "predictor"))
        for side, change in zip(SIDES, (Change.SLOWER, Change.SAME, Change.UNDECIDED, Change.FASTER), strict=True)
    ]
    setting = " ".join(f"{name}={value}" for name, value in LONG.items())
    return [*found, line(f"{SIDES[0]} {setting}", Change.SAME, scenario="resnet18", route="jit")]


def explained() -> Explained:
    """A failing pair with another symptom, a cure that was proved, and what is known of it."""
    cure = next(one for one in cures.read(ROOT / "scenarios" / cures.FILE) if one.name == "old-ir")
    cured = Cured(
        schema=2, run="r", command="", scenario="jit_load_pir", issue="", at="3.0.0", saver="2.6.2-cpu-py311", good="2.6.2",
        signature="s", message="m", times=2, route="own", cures=(cure,),
        tried=(TriedCure(names=("old-ir",), status=CureStatus.ACCEPTED, passed=2, times=2),),
    )  # fmt: skip
    said = "The ``path`` (/lab/saved/model/net) to load model not exists. Please make sure that *.pdmodel(json) exists."
    pairs = (
        PairSeen(number=1, label="2.6.2-cpu-py311 -> 3.0.0-cpu-py311", outcome="ValueError in load", fails=True, explained=True),
        PairSeen(number=2, label="3.0.0-cpu-py311 -> 2.6.2-cpu-py311", outcome="ValueError in load", fails=True),
    )  # fmt: skip
    known = next(one for one in problems.read(ROOT / "scenarios" / problems.FILE) if "jit.load" in one.cure)
    note = problems.about(known, "zh" if speak.translates() else "en")
    return Explained(
        schema=2, run="r", command="lab explain jit_load_pir", scenario="jit_load_pir", summary="a saved model does not load",
        issue="PaddlePaddle/Paddle#71996", status=Standing.FAILS, symptom="2.6.2-cpu-py311 -> 3.0.0-cpu-py311",
        seen="ValueError in load", line=said, message=said, good="2.6.2", bad="3.0.0", side="read wrong, whoever wrote it",
        cured=cured, known=(note,), pairs=pairs, looked=("2.6.2", "3.0.0"), seconds=41.0,
    )  # fmt: skip


def drawn(renderable: object, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    with console.capture() as caught:
        console.print(localised.renderable(renderable), crop=False)
    return "\n".join(one.rstrip() for one in caught.get().split("\n"))


def labelled(text: str, width: int, *, own: bool = True) -> str:
    return "\n".join(line.rstrip() for line in screen.lines(text, width, own=own)) + "\n"


def _explain(width: int) -> str:
    found = explained()
    return labelled(explain.text(found), width) + labelled(f"\n{explain.message(found)}", width, own=False)


def _matrix(width: int) -> str:
    stored = documents.json(MATRIX.read_bytes(), stored_matrices.Stored)
    return drawn(grid_terminal.render(stored.grids[0]), width)


def _bisect(width: int) -> str:
    strip = searches.bisected()
    return drawn(Chain(links=tuple(bisect.links(strip))), width) + labelled(bisect.text(strip), width)


def _isolate(width: int) -> str:
    found = searches.isolated()
    said = labelled(f"\n{isolate.text(found)}\n", width)
    return drawn(isolate.table(found), width) + said + drawn(isolate.shown(found), width)


CAPTURES: dict[str, Callable[[int], str]] = {
    "repro": lambda width: drawn(run_terminal.render(run()), width),
    "check": lambda width: drawn(check_terminal.render(checked()), width),
    "bench": lambda width: drawn(bench.render(benched()), width),
    "matrix": _matrix,
    "runs-list": lambda width: drawn(listings.runs(kept()), width),
    "track-list": lambda width: drawn(listings.tracked(tracked()), width),
    "explain": _explain,
    "bisect": _bisect,
    "isolate": _isolate,
    "locate": lambda width: labelled(locate.text(searches.located()), width),
    "reduce": lambda width: labelled("\n".join(reduce.lines(searches.reduced())), width),
}


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """A language that is spoken for a while."""
    with patch.dict(os.environ, {"LAB_LANG": language}):
        yield


def captured(name: str, language: str, width: int) -> str:
    """An answer in one language at one width."""
    with speaking(language):
        return CAPTURES[name](width)


def golden(name: str, language: str, width: int) -> Path:
    """The file that holds what a person has read."""
    return GOLDEN / f"{name}{'' if language == 'en' else '.' + language}.{width}.txt"


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for one in CAPTURES:
        for spoken in LANGUAGES:
            for columns in WIDTHS:
                golden(one, spoken, columns).write_text(captured(one, spoken, columns), encoding="utf-8")
