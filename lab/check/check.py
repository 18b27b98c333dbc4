"""The check itself: the reference first, then every way in every release, then the known flags where something fails."""

import contextlib
import hashlib
import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace

from lab.check import adopt, answer, excite, release_trials, third, ways
from lab.check.question import CheckRequest
from lab.check.release_trials import CheckSession
from lab.compare import UnreadableOutputsError
from lab.errors import BuildError, InconclusiveError, InfraError, LabError
from lab.model import Kind, Outcome
from lab.model.check import Excited, Way
from lab.model.check_grid import Checked
from lab.outcome.verdict import describe
from lab.run import forks
from lab.run.events import Began, Event, Told
from lab.run.plan import environments
from lab.run.session import Laboratory, RunRequest, RunSession, hold
from lab.run.workflow import judged, timed, untimed


def perform(question: CheckRequest, laboratory: Laboratory) -> Generator[Event, None, Checked]:
    """Run a given model in the release that wrote it and in the new ones, and say what follows."""
    with held(question, laboratory) as session:
        return (yield from within(question, session))


def held(question: CheckRequest, laboratory: Laboratory) -> contextlib.AbstractContextManager[RunSession]:
    """The run of a check, held until whatever follows from it is written."""
    words = adopt.text(question.given, question.material)
    request = RunRequest(
        name=adopt.named(question.given, adopt.Ask.CHECK), command=question.command,
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
    plan = [question.planned(scenario, *pair) for pair in plain_pairs(question)]
    context = yield from held.context(environments(plan))
    watch.lap("images")
    saved = adopt.stage(context, adopt.trial_of(plan[0]), question.given, question.material)
    session = CheckSession(question=question, held=held, scenario=scenario, context=context, saved=saved)
    reference = yield from _tried(session)
    watch.lap("trials")
    whole = replace(held.request, planned=tuple(one.planned for one in session.tried))
    yield from _timed(session, whole)
    watch.lap("times")
    grid = answer.grid(session.question, session.tried, reference, held.folder)
    if third.wanted(grid):
        yield Told(text=f"ways of opening it disagree: it is computed by {third.BY} as well")
        grid = third.asked(grid, question.given, session.tried, saved.folder / "out", held.folder)
        watch.lap("third opinion")
    results = [one.result for one in session.tried]
    run = held.finish(replace(judged(whole, held.run, results), notes=(answer.said(grid),)))
    found = answer.conclude(session.question, grid, session.tried, run, held.folder, session.snippets)
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


def _timed(session: CheckSession, whole: RunRequest) -> Generator[Event]:
    """Time what works; where nothing is to be timed, times that came with an earlier run's trials are no part of this."""
    results = [one.result for one in session.tried]
    results = (yield from timed(whole, session.context, results)) if whole.rounds else untimed(results)
    session.tried = [replace(one, result=result) for one, result in zip(session.tried, results, strict=True)]


def _tried(session: CheckSession) -> Generator[Event, None, str]:
    """The reference, then every release with one start for all ways and lines of it that have the same settings."""
    bare = session.context
    with forks.opened(bare.runner, bare.folder / "forks", lambda text: session.held.say(Told(text=text))) as shared:
        session.context = replace(bare, forks=shared)
        release_trials.begin(session)
        reference = yield from settle(session)
        if not answer.changed(session.question):
            release_trials.begin_likely_cured(session)
        yield from release_trials.perform(session, reference)
    session.context = bare
    return reference


def plain_pairs(question: CheckRequest) -> list[tuple[str, Way]]:
    """Every release with every way that exists in it with nothing set, the old release first."""
    releases = dict.fromkeys((question.chosen.old, *question.chosen.new))
    return [(release, way) for release in releases for way in release_trials.plain_ways(question, release)]


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
    for release in session.releases:
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
