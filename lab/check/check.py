"""The check itself: the reference first, then every way in every release, then the known flags where something fails."""

import contextlib
import hashlib
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from lab.check import adopt, answer, excite, snippets, ways
from lab.check.question import CheckRequest, TriedWay
from lab.compare import UnreadableOutputsError
from lab.errors import BuildError, InconclusiveError, InfraError, LabError
from lab.model import Kind, Outcome, Scenario, Trial
from lab.model.check import Excited, Way
from lab.model.check_grid import Checked
from lab.model.inspection import Reads
from lab.outcome.verdict import describe
from lab.run import forks
from lab.run.events import Began, Event, Told
from lab.run.plan import environments
from lab.run.session import Laboratory, RunRequest, RunSession, hold, places
from lab.run.trial import RunContext, SavedModel, foresee
from lab.run.workflow import functional, judged, timed, untimed


@dataclass(kw_only=True)
class CheckSession:
    """What one check works with: what is asked, the run it is done in, the model's one save, and what was tried."""

    question: CheckRequest
    held: RunSession
    scenario: Scenario
    context: RunContext
    saved: SavedModel
    tried: list[TriedWay] = field(default_factory=list)
    excited: Excited | None = None


def perform(question: CheckRequest, laboratory: Laboratory) -> Generator[Event, None, Checked]:
    """Run a given model in the release that wrote it and in the new ones, and say what follows."""
    with held(question, laboratory) as session:
        return (yield from within(question, session))


def held(question: CheckRequest, laboratory: Laboratory) -> contextlib.AbstractContextManager[RunSession]:
    """The run of a check, held until whatever follows from it is written."""
    words = adopt.text(question.given, question.material)
    request = RunRequest(
        name=adopt.named(question.given, "check"), command=question.command,
        scenario_sha256=hashlib.sha256(words.encode()).hexdigest(),
        whole=False, rounds=question.rounds, fresh=question.fresh, resume=question.resume,
    )  # fmt: skip
    return hold(request, laboratory)


def within(question: CheckRequest, held: RunSession) -> Generator[Event, None, Checked]:
    """The whole check inside its run: the reference, every way, the known flags, the times, what to use, the answer.

    Flags are not asked where the model is not what its stamp says: nothing that they change would say anything of it.
    """
    watch = Watch()
    scenario = adopt.written(held.folder, held.request.name, adopt.text(question.given, question.material))
    pairs = plain_pairs(question)
    plan = [question.planned(scenario, *pair) for pair in pairs]
    context = yield from held.context(environments(plan))
    watch.lap("images")
    saved = adopt.stage(context, adopt.trial_of(plan[0]), question.given, question.material)
    session = CheckSession(question=question, held=held, scenario=scenario, context=context, saved=saved)
    reference = yield from _tried(session, pairs)
    watch.lap("trials")
    whole = replace(held.request, planned=tuple(one.planned for one in session.tried))
    yield from _timed(session, whole)
    watch.lap("times")
    grid = answer.grid(session.question, session.tried, reference, held.folder)
    proved = yield from snippets.proved(held, context, saved, session.question, grid)
    watch.lap("lines to use")
    results = [one.result for one in session.tried]
    run = held.finish(judged(whole, held.run, results))
    found = answer.conclude(session.question, grid, session.tried, run, held.folder, proved)
    return replace(found, excited=session.excited, spent=watch.laps)


@dataclass(kw_only=True)
class Watch:
    """What the time of a check went to, in seconds, by what was waited for."""

    laps: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.monotonic)

    def lap(self, name: str) -> None:
        """Everything since the last lap was this."""
        now = time.monotonic()
        self.laps[name] = round(now - self._since, 1)
        self._since = now


def _altered(session: CheckSession) -> bool:
    """Whether the model is not what its stamp says, as far as is known by now."""
    question = session.question
    return bool(answer.changed(question)) or any(answer.strays(question, one) for one in session.tried)


def _timed(session: CheckSession, whole: RunRequest) -> Generator[Event]:
    """Time what works; where nothing is to be timed, times that came with an earlier run's trials are no part of this."""
    results = [one.result for one in session.tried]
    results = (yield from timed(whole, session.context, results)) if whole.rounds else untimed(results)
    session.tried = [replace(one, result=result) for one, result in zip(session.tried, results, strict=True)]


def _tried(session: CheckSession, pairs: Sequence[tuple[str, Way]]) -> Generator[Event, None, str]:
    """The reference, every way and the known flags, with one start for all ways of a release with the same settings."""
    bare = session.context
    with forks.opened(bare.runner, bare.folder / "forks", lambda text: session.held.say(Told(text=text))) as shared:
        session.context = replace(bare, forks=shared)
        starts = _starts(session, pairs)
        for trials in starts[
            : places(starts[0][0].loader.settings.limits.memory, len(starts))
        ]:  # while one refers, the others import
            foresee(session.context, trials, session.saved)
        reference = yield from settle(session)
        if not answer.changed(session.question):
            _likely_cured(session)
        yield from _wave(session, pairs)
        if not _altered(session):
            yield from _cured(session)
    session.context = bare
    return reference


def _starts(session: CheckSession, pairs: Sequence[tuple[str, Way]]) -> list[list[Trial]]:
    """The trials of some ways, by the place where they load."""
    found: dict[str, list[Trial]] = {}
    for pair in pairs:
        trial = adopt.trial_of(session.question.planned(session.scenario, *pair))
        found.setdefault(trial.loader.label, []).append(trial)
    return list(found.values())


def _likely_cured(session: CheckSession) -> None:
    """Let the start with the first flag begin where a release is known to read such files only with a setting.

    Only for one new release: with more of them no core is idle meanwhile.
    """
    question, (release, *others) = session.question, session.question.chosen.new
    mine = question.release(release)
    known = [one.reads for one in question.given.seen.readers if one.release == release]
    cures = ways.flagged(mine, question.catalogue, question.cures)
    if others or not cures or Reads.WITH not in known:
        return
    plain = ways.plain(mine, question.catalogue, question.cures, question.given.format)
    cured = [(release, ways.with_cure(way, cures[0])) for way in plain if way.route != ways.OLD_IR]
    for trials in _starts(session, cured):
        foresee(session.context, trials, session.saved)


def plain_pairs(question: CheckRequest) -> list[tuple[str, Way]]:
    """Every release with every way that exists in it with nothing set, the old release first."""
    ending = question.given.format
    return [
        (release, way)
        for release in dict.fromkeys((question.chosen.old, *question.chosen.new))
        for way in ways.plain(question.release(release), question.catalogue, question.cures, ending)
    ]


def settle(session: CheckSession) -> Generator[Event, None, str]:
    """Find whose outputs are the reference: the stamp's, the old release's, or a new one's.

    Gives the reference in words, empty where no way in any release runs the model. What may come out otherwise the next
    time (a failure of the lab, of a build, of time or memory) is an error: whatever is settled on is kept and held
    against from then on.
    """
    question, saved = session.question, session.saved
    known = adopt.reference_of(saved)
    if known:
        _taken(session, adopt.excited_of(saved))
        return known
    golden = question.material.golden
    if golden is not None:
        adopt.settled(session.context, saved, question.material.vouched, golden)
        return question.material.vouched
    for release in dict.fromkeys((question.chosen.old, *question.chosen.new)):
        order = ways.for_reference(question.release(release), question.catalogue, question.cures, question.given.format)
        for way in order:
            label = adopt.labelled(release, way)
            trial = adopt.trial_of(question.planned(session.scenario, release, way))
            yield Began(label=label, phase="refer")
            outcome, found = excite.answered(session.context, trial, saved, question.material)
            if not outcome.kind.kept:
                raise _undecided(question, label, outcome)
            why = describe(outcome)
            if outcome.ok:
                try:
                    adopt.settled(session.context, saved, label, session.context.trial_folder(trial) / "out", found)
                except UnreadableOutputsError as error:
                    why = error.what
                else:
                    _taken(session, found)
                    return label
            yield Told(text=f"no reference by {label}: {why}")
            if not outcome.kind.tested:
                break
    return ""


def _undecided(question: CheckRequest, label: str, outcome: Outcome) -> LabError:
    """Why there is no reference yet; another one is the user's to choose."""
    said = f"the reference by {label} was not to be had: {describe(outcome)}; nothing is settled"
    remedy = f"the same command again, or --from {question.chosen.new[-1]} to hold the model against that release"
    return {Kind.INFRA_ERROR: InfraError, Kind.BUILD_FAILURE: BuildError}.get(outcome.kind, InconclusiveError)(
        said, remedy
    )


def _taken(session: CheckSession, found: Excited | None) -> None:
    """From here on the question is about the inputs that were taken."""
    session.excited = found
    if found is not None:
        material = excite.taken(session.question.material, found.draw)
        session.question = replace(session.question, material=material)


def _wave(session: CheckSession, pairs: Sequence[tuple[str, Way]]) -> Generator[Event]:
    """Try ways side by side, and keep what came of them."""
    planned = [session.question.planned(session.scenario, release, way) for release, way in pairs]
    results = yield from functional(session.held, session.context, planned, session.saved)
    session.tried += [
        TriedWay(release=release, way=way, planned=plan, result=result)
        for (release, way), plan, result in zip(pairs, planned, results, strict=True)
    ]


def _cured(session: CheckSession) -> Generator[Event, None, None]:
    """The known flags: which IR for every way that fails, and whatever else is known where nothing works at all.

    A release that is known not to read such files, whatever is set, is not asked again.
    """
    question = session.question
    releases = [
        one
        for one in dict.fromkeys((question.chosen.old, *question.chosen.new))
        if not question.given.unreadable_by(one)
    ]
    known = {one: ways.flagged(question.release(one), question.catalogue, question.cures) for one in releases}
    for turn in range(max(map(len, known.values()), default=0)):
        flags = [(one, known[one][turn]) for one in releases if turn < len(known[one])]
        yield from _wave(
            session, [(one, ways.with_cure(way, cure)) for one, cure in flags for way in _failing(session, one)]
        )
    yield from _wave(session, [pair for one in releases for pair in _deeper(session, one)])
    order = list(dict.fromkeys((question.chosen.old, *question.chosen.new)))
    session.tried.sort(key=lambda one: (bool(one.way.env), bool(one.way.env) and order.index(one.release)))


def _deeper(session: CheckSession, release: str) -> list[tuple[str, Way]]:
    """Whatever else is known, for one way of a release where nothing works at all."""
    question = session.question
    works = any(one.result.outcome.ok for one in session.tried if one.release == release)
    if works or not _readable(session):
        return []
    deeper = ways.flagged(question.release(release), question.catalogue, question.cures, deeper=True)
    return [(release, ways.with_cure(way, cure)) for way in _failing(session, release)[:1] for cure in deeper]


def _failing(session: CheckSession, release: str) -> list[Way]:
    """The plain ways that Paddle fails by in a release, and that no flag has cured so far."""
    mine = [one for one in session.tried if one.release == release]
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


def _readable(session: CheckSession) -> bool:
    """Whether any release runs the model: without that, no flag will mend it."""
    return any(one.result.outcome.ok for one in session.tried)
