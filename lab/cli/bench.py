"""`lab bench` and `lab host`: whether a release is slower, by how much, and what this machine can tell."""

import re
import secrets
import shlex
from typing import Annotated

import typer

from lab import scenario, stats
from lab.bench import (
    BenchRequest,
    BlockSettings,
    cores,
    from_history,
    memory_cap,
    perform,
    planned,
    read_sides,
)
from lab.bench.block_files import blocks as stored_blocks
from lab.bench.weigh import METRICS
from lab.cli import opening, options
from lab.cli.follow import follow
from lab.cli.screen import Screen, say, show, width
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.machine import noise
from lab.model import BenchReport, Run, Scenario
from lab.run.plan import Words
from lab.run.workflow import Laboratory
from lab.storage import store
from lab.storage.history import History
from lab.storage.store import Store
from lab.storage.workspace import Workspace

BudgetOption = Annotated[str, typer.Option("--budget", help="Time for the first session: 90s, 3m, 1h.")]
MetricOption = Annotated[list[str], typer.Option("--metric", help=f"Any of {','.join(METRICS)}; default all.")]
ReleasesOption = Annotated[list[str], typer.Option("--releases", help="Sides: RELEASE, or RELEASE+NAME=VALUE.")]
AgainstOption = Annotated[str, typer.Option("--against", help="The reference, one of the sides; default the first.")]
BlocksOption = Annotated[int, typer.Option("--blocks", min=0, max=24, help="Exactly this many blocks (6, 12 or 24).")]
MoreOption = Annotated[int, typer.Option("--more", min=0, max=18, help="Go on: add blocks to the newest such run.")]
FlagOption = Annotated[list[str], typer.Option("--flag", help="NAME=VALUE set before import on every side.")]
SaverOption = Annotated[
    str, typer.Option("--saver", help="All sides load what this release saved; default: their own.")
]
RouteOption = Annotated[
    str, typer.Option("--route", help="How every side opens its model: a route of the scenario, or a standard one.")
]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Measure everything anew, whatever history holds.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Decides every order and bootstrap; default: drawn, and kept.")]


def bench(
    name: Annotated[str, typer.Argument(help="A scenario: its name in scenarios/, or a path to its file.")],
    releases: ReleasesOption,
    against: AgainstOption = "",
    metric: MetricOption = [],  # noqa: B006 - typer copies it
    budget: BudgetOption = "3m",
    blocks: BlocksOption = 0,
    more: MoreOption = 0,
    flag: FlagOption = [],  # noqa: B006
    saver: SaverOption = "",
    route: RouteOption = "",
    seed: SeedOption = -1,
    fresh: FreshOption = False,
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    json: options.JsonOption = False,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Compare releases in speed and memory: measured in turns, with an interval and a verdict that was confirmed."""
    found, catalogue = opening.place(workspace)
    read = _timed(scenario.read(scenario.find(found.scenarios, name)))
    words = Words(full=True, python=python, threads=threads, route=_route(read, route))
    sides, metrics = options.listed(releases), options.listed(metric)
    request = _request(
        read, catalogue, words, releases=_ordered(sides, against), flags=options.pairs(flag), saver=saver,
        metrics=_metrics(metrics), budget=_seconds(budget), blocks=_looks(blocks), seed=seed,
        command=_command(name, ("--releases", ",".join(sides)), ("--against", against), ("--metric", ",".join(metrics)),
                         *(("--flag", one) for one in flag), ("--saver", saver), ("--route", route), ("--python", python),
                         ("--threads", str(threads) if threads > 1 else "")),
    )  # fmt: skip
    screen = Screen(total=blocks and blocks + len(request.planned), quiet=json)
    laboratory = opening.laboratory(found, catalogue, engine, screen)
    if more:
        report = _watched(_continued(request, laboratory.store, more), laboratory, screen)
    else:
        report = _beside_history(request, laboratory, screen, found, fresh=fresh)
    say(store.pretty(report).decode()) if json else _answer(report)
    raise typer.Exit(0 if all(one.outcome == "ok" for one in report.sides) else 1)


def _command(name: str, *options_: tuple[str, str]) -> str:
    """The words that ask for the same comparison again, however long it was measured."""
    return shlex.join(["lab", "bench", name, *(word for one in options_ if one[1] for word in one)])


def _timed(read: Scenario) -> Scenario:
    if not read.timed:
        said = f"{read.name} has nothing to time: its header says timed = false"
        raise UsageError(said, "lab run looks at its numbers")
    return read


def _beside_history(
    request: BenchRequest, laboratory: Laboratory, screen: Screen, found: Workspace, *, fresh: bool
) -> BenchReport:
    """Measure what this machine's history does not hold yet, and answer with both."""
    held = (
        from_history.KnownRows()
        if fresh
        else from_history.known(request, laboratory, History(root=found.results / "history"))
    )
    missing = from_history.rest(request, held)
    measured = _watched(missing, laboratory, screen) if missing is not None else None
    return from_history.merged(measured, request, held, laboratory.store)


def _request(
    read: Scenario, catalogue: Catalogue, words: Words, *, releases: tuple[str, ...], flags: dict[str, str], saver: str,
    metrics: tuple[str, ...], budget: float, blocks: int, seed: int, command: str,
) -> BenchRequest:  # fmt: skip
    plans = planned(read, catalogue, read_sides(releases, flags), words, saver)
    manner = BlockSettings(
        metrics=metrics,
        cpuset=cores(words.threads),
        memory_cap=memory_cap(len(plans) + 1, read.limits.memory),
    )
    return BenchRequest(
        name=read.name, command=command, planned=plans, scenario_sha256=read.sha256, manner=manner,
        seed=seed if seed >= 0 else secrets.randbelow(2**31), budget_s=budget, blocks=blocks,
    )  # fmt: skip


def _route(read: Scenario, word: str) -> str:
    """The scenario's first route, or the one asked for; a standard one opens any model, whatever the header names."""
    known = tuple(dict.fromkeys((*read.routes, *scenario.STANDARD_ROUTES)))
    if word and word not in known:
        raise UsageError(f"{read.name} cannot be opened by {word!r}", f"one of {', '.join(known)}")
    return word or read.routes[0]


def _ordered(sides: tuple[str, ...], against: str) -> tuple[str, ...]:
    """The sides with the reference first."""
    named = sides if not against or against in sides else (against, *sides)
    if len(named) < 2:  # noqa: PLR2004 - a comparison needs two
        raise UsageError("a benchmark needs two sides at least", "--releases 2.6.2,3.0.0")
    return tuple(sorted(named, key=lambda one: one != (against or named[0])))


def _metrics(words: tuple[str, ...]) -> tuple[str, ...]:
    chosen = words or METRICS
    unknown = [one for one in chosen if one not in METRICS]
    if unknown:
        raise UsageError(f"there is no metric {unknown[0]!r}", f"any of {', '.join(METRICS)}")
    return tuple(one for one in METRICS if one in chosen)


def _seconds(word: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", word)
    if not match or float(match[1]) <= 0:
        raise UsageError(f"{word!r} is not a time", "such as 90s, 3m or 1h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def _looks(blocks: int) -> int:
    if blocks and blocks not in stats.LOOKS:
        allowed = ", ".join(str(one) for one in stats.LOOKS)
        raise UsageError(f"{blocks} blocks is not a look", f"one of {allowed}: looking at other times finds too much")
    return blocks


def _continued(request: BenchRequest, kept: Store, more: int) -> BenchRequest:
    """The request as a continuation of the newest run of the same command, up to the look that `more` blocks reach."""
    from dataclasses import replace  # noqa: PLC0415

    if not more:
        return request
    earlier = next((one.id for one in kept.whole() if _same(one, request, kept)), None)
    if earlier is None:
        raise UsageError("no earlier run of this benchmark has blocks to add to", "run it once without --more")
    have = _first_session(kept, earlier)
    target = next((look for look in stats.LOOKS if look >= have + more), max(stats.LOOKS))
    if target <= have:
        raise UsageError(f"run {earlier} has {have} blocks, which is the last look", "start a new run without --more")
    return replace(request, earlier=earlier, blocks=target)


def _same(run: Run, request: BenchRequest, kept: Store) -> bool:
    labels = [one.trial.label for one in request.planned if one.trial is not None]
    same = run.scenario_sha256 == request.scenario_sha256 and [one.label for one in run.trials] == labels
    return same and (kept.folder(run.id) / "bench" / "blocks.jsonl").is_file()


def _first_session(kept: Store, run: str) -> int:
    return sum(one.session == 1 for one in stored_blocks(kept.folder(run) / "bench"))


def _watched(request: BenchRequest, laboratory: Laboratory, screen: Screen) -> BenchReport:
    """Measure and show each block; Ctrl-C keeps the finished ones."""
    again = f"{request.command} --more 6 goes on"
    return follow(perform(request, laboratory), screen, again=again, kept="finished blocks are kept")


def _answer(report: BenchReport) -> None:
    from lab.report import bench as words  # noqa: PLC0415 - tables are needed only at the end

    show(words.render(report, width()))
    if not report.blocks:
        return
    folder = f"results/runs/{report.run}/bench"
    say(f"\nraw blocks   {folder}/blocks.jsonl")
    say(f"raw times    python -m pyperf stats {folder}/pyperf/*.json")
    if any(row.more for row in report.rows):
        say("more blocks  the same command with --more 6")


def host(json: options.JsonOption = False, workspace: options.WorkspaceOption = "") -> None:
    """How noisy this machine is, what to change, and which change can be seen at which cost."""
    found, _ = opening.place(workspace)
    seen = noise.examine(found.root)
    if json:
        say(store.pretty(seen).decode())
        return
    say(f"noise score  {seen.score} of 100 (0 is quiet)\n")
    for one in seen.findings:
        say(f"{('ok  ', 'warn', 'BAD ')[min(one.level, 2)]}  {one.question:<10} {one.answer}")
        if one.mend:
            say(f"{'':<17}mend: {one.mend}")
    say("\nwhat two sides can likely tell apart here (an estimate; a benchmark says what it really could):")
    for reach in seen.reach:
        say(f"  {reach.blocks:>2} blocks, about {reach.seconds / 60:.1f} min: changes from {reach.change:.0%}")
