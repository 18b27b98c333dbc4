"""A small history and a few pairs with every verdict in them, from which tests make reports."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from lab.model.bench import Change, HistoryLine
from lab.report.grid import Square
from lab.site import PairResult, Shared, SiteScenario, SourceRun
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
