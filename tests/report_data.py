"""A small history and a few pairs with every verdict in them, from which tests make reports."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from lab.model import Kind, Outcome, Phase
from lab.model.bench import Change, HistoryLine
from lab.model.cure import Cure, CureKind
from lab.model.sweep import Net, Sweep, SweepCell, SweepFinding
from lab.report.grid import Square
from lab.site import BenchNote, PairResult, Shared, SiteScenario, SourceRun, UpstreamProblem, operators
from lab.site.hosts import HostFindings, HostTrial
from lab.storage.history import SCHEMA, History

HERE = "some-cpu-2c-00000001"
THERE = "some-cpu-2c-00000002"
SIDES = ("3.0.0-cpu-py311", "3.1.1-cpu-py311", "3.10.0-cpu-py311", "3.2.2-cpu-py311")
ANCHOR = "2.6.2-cpu-py311"
FLAG = " FLAGS_enable_pir_api=0"
CHANGES = (Change.SLOWER, Change.SAME, Change.UNDECIDED, Change.FASTER)
RATIOS = {Change.SLOWER: 7.5, Change.SAME: 1.01, Change.UNDECIDED: 1.08, Change.FASTER: 0.6, Change.UNSTABLE: 1.2}
HOSTILE = '<script>alert("x")</script>&amp;\'"`|=1+1'


def line(
    side: str, change: Change, *, scenario: str = "net", metric: str = "infer", route: str = "own", where: str = HERE
) -> HistoryLine:
    log = math.log(RATIOS[change])
    return HistoryLine(
        schema=SCHEMA, key=f"{scenario} {metric} {route} {where} {side}", date="2026-03-04T05:06:07+00:00", run="20260304-run-1",
        scenario=scenario, scenario_sha256="0" * 64, machine=where, anchor=ANCHOR, anchor_digest="sha256:anchor", side=side,
        digest="sha256:side", metric=metric, change=change, ratio=math.exp(log), low=math.exp(log - 0.02),
        high=math.exp(log + 0.02), p=0.0005, delta=0.06, reference=0.001, value=0.001 * math.exp(log),
        unit="B" if metric == "memory" else "s", seed=7, pairs=((log - 0.01, log, log + 0.01), (log, log + 0.02)), route=route,
    )  # fmt: skip


def lines(scenario: str = "net", where: str = HERE) -> list[HistoryLine]:
    found = [
        line(side, change, scenario=scenario, metric=metric, route=route, where=where)
        for metric in ("infer", "load", "memory")
        for route in ("jit", "predictor")
        for side, change in zip(SIDES, CHANGES, strict=True)
    ]
    return [*found, line(SIDES[0] + FLAG, Change.SAME, scenario=scenario, route="jit", where=where)]


def square(tone: str = "good", **changes: str) -> Square:
    words = {"good": ("✓", "exact", "exact"), "bad": ("✗", "ValueError in load", ""), "doubt": ("~", "drift", "drift")}
    glyph, said, grade = words[tone]
    return replace(
        Square(
            label="a -> b", glyph=glyph, words=said, tone=tone, grade=grade, message="it is not there" if tone == "bad" else "",
            detail="", signature="load:ValueError:1" if tone == "bad" else "", verdict="", times="", folder="",
        ),
        **changes,
    )  # fmt: skip


def pair(saver: str, loader: str, tone: str = "good", *, started: str = "2026-02-01", **changes: str) -> PairResult:
    origin = SourceRun(id=f"run-{started}", command="lab matrix net", started=started, machine=HERE)
    return PairResult(route="jit", saver=saver, loader=loader, square=square(tone, **changes), source=origin)


def subject(name: str = "net", *, found: Sequence[HistoryLine] = (), pairs: Sequence[PairResult] = ()) -> SiteScenario:
    return SiteScenario(name=name, slug=name, lines=tuple(found), pairs=tuple(pairs))


def shared() -> Shared:
    return Shared(machines={HERE: {"cpu": "Some CPU", "cores": "2"}}, releases="1.0,2.0")


def sweep() -> Sweep:
    """Three operators: one silently wrong, one that dies, one that is not saved; and many that are fine."""
    nets = [Net(name=name, family=family, inputs={}, code=f"paddle.{name}(x)") for name, family in NETS]
    here, there = ANCHOR, SIDES[0]
    wrong = Outcome(
        kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, reason="values", message="output out0: values; 40 % differ"
    )
    died = Outcome(kind=Kind.NATIVE_CRASH, phase=Phase.INFER, type="SIGSEGV", message="ended by SIGSEGV")
    raised = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.SAVE, type="ValueError", message="it cannot be saved")
    found = (
        SweepFinding(nets=("nearest",), outcome=wrong, gap=0.5, blame="opened", witness="numpy", second="same"),
        SweepFinding(nets=("pad",), outcome=died),
    )
    unsaved = SweepFinding(nets=("fold",), outcome=raised)
    return Sweep(
        schema=1, id="20260304-050607-sweep-0001", command="lab sweep", started="2026-03-04T05:06:07+00:00", finished="", nets=tuple(nets),
        saves=(SweepCell(saver=here, saver_env={}, formats=(".pdmodel",)), SweepCell(saver=there, saver_env={}, found=(unsaved,))),
        cells=(
            SweepCell(saver=here, saver_env={}, route="jit", loader=here, counts={"exact": len(nets)}),
            SweepCell(saver=here, saver_env={}, route="jit", loader=there, loader_env={"FLAGS_enable_pir_api": "False"}, found=found),
        ),
        eager=(), loads=2 * len(nets),
    )  # fmt: skip


NETS = (
    ("nearest", "resize"), ("pad", "pad"), ("fold", "shape"), *((f"plain_{number}", "elementwise") for number in range(12)),
)  # fmt: skip


def whole() -> tuple[list[SiteScenario], Shared]:
    """A report with every verdict in it, two machines, failures, a cure, a fleet's host, a sweep, and what was left out."""
    issue = "PaddlePaddle/Paddle#71996"
    known = f"this is {issue}: it is known."
    pairs = [
        pair(ANCHOR, SIDES[0], "bad", detail="Traceback\nValueError: it is not there", known=known),
        pair(ANCHOR, SIDES[0] + FLAG), pair(SIDES[0], SIDES[0]), pair(SIDES[0], ANCHOR, "doubt"),
        pair(SIDES[0], SIDES[1], "bad", message="another", signature="load:ValueError:2"),
    ]  # fmt: skip
    both = [*lines(), *lines(where=THERE)]
    net = replace(
        subject(found=both, pairs=pairs), summary="A net.", summary_zh="一个网络。", issue=issue,
        reported=(UpstreamProblem(issue=issue, en="it is known.", zh="已知。", cure=f"see {issue}", proof="net"),),
        findings=(BenchNote(run="20260304-run-1", lines=("it grows",)),),
    )  # fmt: skip
    cure = Cure(
        name="old-ir", kind=CureKind.ENV, layer=1, does="uses the old IR", risk="none", source="", env={"FLAGS_enable_pir_api": "False"},
    )  # fmt: skip
    tried = HostTrial(
        started="2026-03-04T05:06:07", run="20260304-run-1", scenario="net", label="a -> b", outcome="ok", works=True
    )
    host = HostFindings(name="gpu1", facts={"cpu": "Some CPU"}, trials=(tried,), count=1)
    more = replace(
        shared(), cures=(cure,), hosts=(host,), sweeps=(operators.seen(sweep(), "lab sweep"),), notes=("x.jsonl is damaged",),
    )  # fmt: skip
    return [net, subject("other", found=lines("other")), subject("tried", pairs=pairs[1:3])], more


def keep(root: Path, *found: HistoryLine) -> None:
    """Put lines into the history of a workspace."""
    History(root=root / "results" / "history").add(found)


def append(root: Path, one: HistoryLine, data: bytes = b"") -> Path:
    """Write a line where it does not belong, or something that is no line."""
    path = root / "results" / "history" / HERE / "net.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as sink:
        sink.write((data or msgspec.json.encode(one)) + b"\n")
    return path
