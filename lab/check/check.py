"""The check itself: the reference first, then every way in every release, then the known flags where something fails."""

import hashlib
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from lab.check import adopt, ways
from lab.check.answer import conclude
from lab.check.question import CheckRequest, TriedWay
from lab.errors import InfraError
from lab.model import Scenario, Trial, TrialResult
from lab.model.check import Checked, Way
from lab.outcome.verdict import describe
from lab.run.events import Began, Event, Told
from lab.run.plan import Planned
from lab.run.trial import RunContext, SavedModel, load
from lab.run.workflow import Laboratory, RunRequest, begin, functional, judged, timed, workbench, working


@dataclass(kw_only=True)
class _Work:
    """What one check works with."""

    question: CheckRequest
    request: RunRequest
    scenario: Scenario
    bench: RunContext
    tried: list[TriedWay] = field(default_factory=list)

    def plan(self, pairs: Sequence[tuple[str, Way]]) -> list[Planned]:
        return [self.question.planned(self.scenario, release, way) for release, way in pairs]


def perform(question: CheckRequest, laboratory: Laboratory) -> Generator[Event, None, Checked]:
    """Run a given model in the release that wrote it and in the new ones, and say what follows."""
    start = time.monotonic()
    words = adopt.text(question.given, question.material)
    request = RunRequest(
        name=adopt.named(question.given, "check"), command=question.command, planned=(), scenario_sha256=hashlib.sha256(words.encode()).hexdigest(),
        whole=False, rounds=question.rounds, fresh=question.fresh, resume=question.resume,
    )  # fmt: skip
    run = begin(request, laboratory)
    with working(run, laboratory):
        folder = laboratory.store.folder(run.id)
        scenario = adopt.written(folder, request.name, words)
        pairs = plain_pairs(question)
        plan = tuple(question.planned(scenario, *pair) for pair in pairs)
        request = replace(request, planned=plan)
        bench = yield from workbench(request, laboratory, run)
        work = _Work(question=question, request=request, scenario=scenario, bench=bench)
        reference = yield from settle(work, trial_of(plan[0]))
        yield from _wave(work, pairs)
        yield from _cured(work)
        yield from _timed(work)
        run = judged(work.request, laboratory, run, [one.result for one in work.tried])
    found = conclude(question, work.tried, reference, run, folder)
    return replace(found, seconds=round(time.monotonic() - start, 1))


def plain_pairs(question: CheckRequest) -> list[tuple[str, Way]]:
    """Every release with every way that exists in it with nothing set, the old release first."""
    ending = question.given.format
    return [
        (release, way)
        for release in dict.fromkeys((question.chosen.old, *question.chosen.new))
        for way in ways.plain(question.release(release), question.catalogue, question.cures, ending)
    ]


def trial_of(planned: Planned) -> Trial:
    """The trial of a plan's line, which a check never plans without."""
    if planned.trial is None:
        raise InfraError("a check was planned without a trial", "report this as a bug of the lab")
    return planned.trial


def settle(work: "_Work", first: Trial) -> Generator[Event, None, str]:
    """Stage the model and find whose outputs are the reference: the stamp's, the old release's, or a new one's.

    Gives the reference in words, empty where no way in any release runs the model.
    """
    question = work.question
    saved = adopt.stage(work.bench, first, question.given, question.material)
    known = adopt.reference_of(saved)
    if known:
        return known
    golden = question.material.golden
    if golden is not None:
        label = f"the stamp of {question.given.stamp.made[:10]}" if question.given.stamp else "the stamp"
        adopt.settled(work.bench, saved, label, golden)
        return label
    return (yield from _by_running(work, saved))


def _by_running(work: "_Work", saved: SavedModel) -> Generator[Event, None, str]:
    """The first way that answers, the old release before the new ones."""
    question = work.question
    for release in dict.fromkeys((question.chosen.old, *question.chosen.new)):
        order = ways.for_reference(question.release(release), question.catalogue, question.cures, question.given.format)
        for way in order:
            trial = trial_of(question.planned(work.scenario, release, way))
            yield Began(label=adopt.labelled(release, way), phase="refer")
            step, _key, _reused = load(work.bench, trial, saved)
            if step.outcome.ok:
                adopt.settled(work.bench, saved, adopt.labelled(release, way), work.bench.trial_folder(trial) / "out")
                return adopt.labelled(release, way)
            yield Told(text=f"no reference by {adopt.labelled(release, way)}: {describe(step.outcome)}")
            if not step.outcome.kind.tested:
                break
    return ""


def _wave(work: "_Work", pairs: Sequence[tuple[str, Way]]) -> Generator[Event, None, list[TriedWay]]:
    """Try ways side by side, and keep what came of them."""
    if not pairs:
        return []
    planned = work.plan(pairs)
    results = yield from told(functional(replace(work.request, planned=tuple(planned)), work.bench))
    found = [
        TriedWay(release=release, way=way, planned=plan, result=result)
        for (release, way), plan, result in zip(pairs, planned, results, strict=True)
    ]
    work.tried += found
    return found


def told(events: Generator[Event, None, list[TrialResult]]) -> Generator[Event, None, list[TrialResult]]:
    """The same events without the save: nothing is saved here."""
    while True:
        try:
            event = next(events)
        except StopIteration as ended:
            return list(ended.value)
        if not (isinstance(event, Began) and event.phase == "save"):
            yield event


def _cured(work: "_Work") -> Generator[Event, None, None]:
    """The known flags: which IR for every way that fails, and whatever else is known where nothing works at all.

    A release that is known not to read such files, whatever is set, is not asked again.
    """
    question = work.question
    for release in dict.fromkeys((question.chosen.old, *question.chosen.new)):
        if question.given.unreadable_by(release):
            continue
        mine = question.release(release)
        for cure in ways.flagged(mine, question.catalogue, question.cures):
            yield from _wave(work, [(release, ways.with_cure(way, cure)) for way in _failing(work, release)])
        works = any(one.result.outcome.ok for one in work.tried if one.release == release)
        deeper = ways.flagged(mine, question.catalogue, question.cures, deeper=True)
        failing = _failing(work, release)[:1] if not works and _readable(work) else []
        yield from _wave(work, [(release, ways.with_cure(way, cure)) for way in failing for cure in deeper])


def _failing(work: "_Work", release: str) -> list[Way]:
    """The plain ways that Paddle fails by in a release, and that no flag has cured so far."""
    mine = [one for one in work.tried if one.release == release]
    cured = {one.way.route for one in mine if one.way.env and one.result.outcome.ok}
    return [
        one.way
        for one in mine
        if not one.way.env
        and one.way.route not in cured
        and one.way.route != ways.OLD_IR
        and one.result.outcome.kind.tested
        and not one.result.outcome.kind.works
    ]


def _readable(work: "_Work") -> bool:
    """Whether any release runs the model: without that, no flag will mend it."""
    return any(one.result.outcome.ok for one in work.tried)


def _timed(work: "_Work") -> Generator[Event, None, None]:
    """Time what works, in rounds; one process at a time."""
    if not work.request.rounds:
        return
    request = replace(work.request, planned=tuple(one.planned for one in work.tried))
    results = yield from timed(request, work.bench, [one.result for one in work.tried])
    work.tried = [replace(one, result=result) for one, result in zip(work.tried, results, strict=True)]
    work.request = request
