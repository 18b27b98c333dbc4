"""`lab bench`: whether a release is slower, by how much, and what this machine can tell."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace

from lab import scenario, shell, stats
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
from lab.bench.blocks import QUICK_BLOCKS, QUICK_SHARE
from lab.bench.weigh import METRICS
from lab.cli import again, answer, opening, options, subject, words
from lab.cli.command import answers, asked, movable
from lab.cli.follow import follow
from lab.cli.moved import moved
from lab.cli.options import Format
from lab.cli.resume import begun
from lab.cli.screen import Screen, from_here, labelled, say, show
from lab.cli.subject import Subject
from lab.engine.choose import EngineChoice
from lab.environment import Catalogue
from lab.errors import UsageError
from lab.machine import host
from lab.model import RunStatus, Scenario
from lab.model.bench import BenchReport
from lab.outcome.exits import Ending
from lab.run import plan
from lab.run.plan import Words
from lab.run.session import Laboratory
from lab.run.trial import RunContext
from lab.run.workflow import require_timed
from lab.storage import history
from lab.storage.history import History
from lab.storage.store import Store
from lab.storage.workspace import Workspace

KEPT = "finished blocks are kept"
HOW_LONG = frozenset({"--blocks", "--quick"})
"""What said how many blocks there were: whoever wants more does not say it again."""
BUDGET = "3m"


@movable
@answers(Format.TEXT, Format.MARKDOWN)
def bench(
    name: options.SubjectArgument,
    releases: options.ReleasesOption,
    against: options.AgainstOption = "",
    metric: options.MetricOption = [],  # noqa: B006 - typer copies it
    budget: options.BudgetOption = BUDGET,
    blocks: options.BlocksOption = 0,
    quick: options.QuickOption = False,
    flag: options.FlagOption = [],  # noqa: B006
    saver: options.SaverOption = "",
    route: options.RouteOption = "",
    inputs: options.InputsOption = "",
    dim: options.DimOption = [],  # noqa: B006
    seed: options.SeedOption = -1,
    fresh: options.FreshOption = False,
    resume: options.ResumeOption = "",
    engine: options.EngineOption = EngineChoice.AUTO,
    python: options.PythonOption = "",
    threads: options.ThreadsOption = 1,
    workspace: options.WorkspaceOption = "",
) -> None:
    """Sides are measured in turns, with an interval and a verdict; an alarm is confirmed in a second session.

    --quick takes two short blocks: ratios for a first look, and no verdict; --resume goes on from them to one.
    Each side loads what it saved itself, unless --saver names one release for all; a model of yours is loaded as it is.
    What this machine's history holds is not measured again. With --resume, the blocks of an earlier run are taken over,
    and those up to the next look (or up to --blocks) are added.

    Exit code 0, or 1 where a side could not be measured to the end.
    """
    found, catalogue = opening.place(workspace)
    moved(found, name)
    typed = subject.SubjectWords(name=name, inputs=inputs, dim=dim, route=route, python=python)
    with subject.opened(found.scenarios, catalogue, typed) as about:
        about.refuse(saver=bool(saver))
        read = about.scenario
        require_timed(read)
        given = Words(full=True, python=python, threads=threads, route=_route(read, route))
        request = _request(
            read, catalogue, given, releases=_ordered(words.listed(releases), against), flags=words.pairs(flag),
            saver=about.good or saver, metrics=_metrics(words.listed(metric)), budget=_seconds(budget),
            blocks=_looks(blocks, budget, quick=quick), seed=seed, quick=quick,
        )  # fmt: skip
        request = replace(request, given=_laid_out(about, catalogue, given))
        earlier = begun(found, resume, finished=True)
        screen = Screen(total=blocks and blocks + len(request.planned), quiet=asked().json)
        laboratory = opening.laboratory(found, catalogue, engine, screen, earlier)
        if earlier:
            report = follow(perform(_continued(request, laboratory.store, earlier), laboratory), screen, kept=KEPT)
        else:
            report = _beside_history(request, laboratory, screen, found, fresh=fresh)
    _answer(report, laboratory.store)


def _laid_out(about: Subject, catalogue: Catalogue, given: Words) -> Callable[[RunContext], object] | None:
    """What lays a given model into the run, held against the release that wrote it; nothing for a scenario."""
    if about.model is None:
        return None
    from lab.search import given_model  # noqa: PLC0415 - numpy is loaded only where a model is run

    own = replace(given, savers=(about.good,), loaders=(about.good,))
    adopted = given_model.adopted(about.model, lambda: plan.from_words(about.scenario, catalogue, own)[:1])
    return None if adopted is None else lambda context: adopted.save(context, adopted.trial, context)


def _beside_history(
    request: BenchRequest, laboratory: Laboratory, screen: Screen, found: Workspace, *, fresh: bool
) -> BenchReport:
    """Measure what this machine's history does not hold yet, and answer with both."""
    held = (
        from_history.KnownRows()
        if fresh
        else from_history.known(request, laboratory, History(root=found.results / "history"))
    )
    for said in held.damage:
        screen.tell(f"left out of what is known: {said}")
    missing = from_history.rest(request, held)
    measured = follow(perform(missing, laboratory), screen, kept=KEPT) if missing is not None else None
    return from_history.merged(measured, request, held, laboratory.store)


def _request(
    read: Scenario, catalogue: Catalogue, given: Words, *, releases: tuple[str, ...], flags: dict[str, str], saver: str,
    metrics: tuple[str, ...], budget: float, blocks: int, seed: int, quick: bool,
) -> BenchRequest:  # fmt: skip
    plans = planned(read, catalogue, read_sides(releases, flags), given, saver)
    manner = BlockSettings(
        metrics=metrics,
        cpuset=cores(given.threads),
        memory_cap=memory_cap(len(plans) + 1, read.limits.memory),
    )
    if quick:
        manner = replace(manner, value_s=manner.value_s * QUICK_SHARE)
    return BenchRequest(
        name=read.name, command=again.command(), planned=plans, scenario_sha256=read.sha256, manner=manner,
        seed=seed if seed >= 0 else secrets.randbelow(2**31), budget_s=budget, blocks=blocks,
    )  # fmt: skip


def _route(read: Scenario, word: str) -> str:
    """The scenario's first route, or the one asked for; a standard one opens any model, whatever the header names."""
    known = tuple(dict.fromkeys((*read.routes, *scenario.STANDARD_ROUTES)))
    return words.routes([word or read.routes[0]], known, whose=read.name)[0]


def _ordered(sides: tuple[str, ...], against: str) -> tuple[str, ...]:
    """The sides with the reference first."""
    named = sides if not against or against in sides else (against, *sides)
    if len(named) < 2:  # noqa: PLR2004 - a comparison needs two
        raise UsageError("a benchmark needs two sides at least", "--releases 2.6.2,3.0.0")
    return tuple(sorted(named, key=lambda one: one != (against or named[0])))


def _metrics(typed: tuple[str, ...]) -> tuple[str, ...]:
    chosen = typed or METRICS
    unknown = [one for one in chosen if one not in METRICS]
    if unknown:
        raise UsageError(f"there is no metric {unknown[0]!r}", f"any of {', '.join(METRICS)}")
    return tuple(one for one in METRICS if one in chosen)


def _seconds(word: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", word)
    if not match or float(match[1]) <= 0:
        raise UsageError(f"{word!r} is not a time", "such as 90s, 3m or 1h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def _looks(blocks: int, budget: str, *, quick: bool) -> int:
    if quick and (blocks or budget != BUDGET):
        raise UsageError(
            f"--quick takes {QUICK_BLOCKS} blocks, and --{'blocks' if blocks else 'budget'} says another number",
            "one of the two",
        )
    if quick:
        return QUICK_BLOCKS
    if blocks and blocks not in stats.LOOKS:
        allowed = ", ".join(str(one) for one in stats.LOOKS)
        raise UsageError(f"{blocks} blocks is not a look", f"one of {allowed}: looking at other times finds too much")
    return blocks


def _continued(request: BenchRequest, kept: Store, earlier: str) -> BenchRequest:
    """The request as a continuation of an earlier run of it, up to --blocks, or to the next look.

    A run that was interrupted before its first block is asked for anew: what its sides answered is known. One that was
    interrupted behind its last block still lacks its second session or its answer, and comes to it without another block.
    """
    run = kept.load(earlier)
    if history.machine(run.machine) != history.machine(host.facts()):
        raise UsageError(
            f"run {earlier} was measured on another machine: its blocks say nothing of this one",
            "start without --resume",
        )
    labels = [one.trial.label for one in request.planned if one.trial is not None]
    folder = kept.folder(earlier) / "bench"
    measured = (folder / "blocks.jsonl").is_file()
    if run.scenario_sha256 != request.scenario_sha256 or (measured and [one.label for one in run.trials] != labels):
        raise UsageError(f"the scenario, or a side of it, has changed since run {earlier}", "start without --resume")
    if not measured:
        return request
    have = sum(one.session == 1 for one in stored_blocks(folder))
    target = request.blocks or next((look for look in stats.LOOKS if look > have), have)
    if target <= have and run.status is RunStatus.FINISHED:
        raise UsageError(f"run {earlier} has {have} blocks: no later look is asked for", "start without --resume")
    return replace(request, earlier=earlier, blocks=max(target, have))


def _answer(report: BenchReport, kept: Store) -> None:
    from lab.report import bench as tables  # noqa: PLC0415 - tables are needed only at the end

    whole = all(one.outcome == "ok" for one in report.sides)
    answer.give(
        report,
        Ending.FOUND if whole else Ending.INCOMPLETE,
        text=lambda: _tell(report, kept),
        markdown=lambda: tables.markdown(report),
    )


def _tell(report: BenchReport, kept: Store) -> None:
    from lab.report import bench as tables  # noqa: PLC0415 - tables are needed only at the end
    from lab.report import builds  # noqa: PLC0415

    show(tables.render(report))
    for line in builds.lines(kept.load(report.run)) if report.run else ():
        labelled(f"given  {line}")
    if not report.blocks:
        return
    folder = from_here(kept.folder(report.run) / "bench")
    say(f"\nraw blocks   {folder}/blocks.jsonl")
    say(f"raw times    python -m pyperf stats {shell.quote(folder)}/pyperf/*.json")
    if any(row.more for row in report.rows):
        say(f"more blocks  {again.go_on(again.command(), report.run, without=HOW_LONG)}")
