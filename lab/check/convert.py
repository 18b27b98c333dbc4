"""From one format to the other, in a container that can, believed only where the answers stayed the same."""

import hashlib
import json
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

from lab import scratch
from lab.check import adopt, check, ways
from lab.check.conversions import Conversion
from lab.check.given_model import Given
from lab.check.question import CheckRequest
from lab.compare import UnreadableOutputsError, compare
from lab.errors import EndsWrongError, InconclusiveError, UsageError
from lab.formats.find import end_of
from lab.model import Kind, Limits, Outcome, Phase, Scenario, Trial, TrialResult
from lab.model.check import Checked, Converted, ProvedWay
from lab.outcome.classify import unreadable
from lab.outcome.evidence import agree, unshown
from lab.outcome.verdict import describe
from lab.outcome.words import message_line, numbers, outcome_words
from lab.run.events import Began, Event
from lab.run.order import StepOrder
from lab.run.plan import Planned, Words, environments, from_words
from lab.run.session import Laboratory, RunRequest, RunSession, hold
from lab.run.trial import RunContext, SavedModel
from lab.run.workflow import functional, judged
from lab.scenario.expect import STANDARD_ROUTES
from lab.storage import copies, outbox
from lab.text import clean

PLAIN = ("jit", "static")
"""The ways whose answers must not change: the predictor rearranges a program before it runs it."""


@dataclass(frozen=True, kw_only=True)
class ConvertRequest:
    """What is to be converted: a model and its own release, the way, the release to do it in, and a folder to be made."""

    question: CheckRequest
    conversion: Conversion
    release: str
    out: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return adopt.named(self.question.given, "convert")


def whole(given: Given) -> Given:
    """The model itself; UsageError where its parameters may be those of another program: a new folder would hide that."""
    if given.mixed:
        raise UsageError(
            given.mixed, f"copy {given.program.file} and the parameters it was exported with into a folder of their own"
        )
    return given


def free(out: Path) -> Path:
    """The folder to make; UsageError where something lies there already, or its parent does not exist."""
    if out.exists() or out.is_symlink():
        raise UsageError(
            f"{clean(str(out), 400)} is there already", "name a new folder: -o DIR; nothing is overwritten"
        )
    if not out.absolute().parent.is_dir():
        raise UsageError(f"{clean(str(out.parent), 400)} is no folder", "make it first, or name another one: -o DIR")
    return out


def perform(wish: ConvertRequest, laboratory: Laboratory) -> Generator[Event, None, Converted]:
    """Run the source in its own release, convert it, run what came out, and keep it only where the answers agree.

    InconclusiveError where the source does not run, EndsWrongError where the converted model fails or answers otherwise.
    """
    source = yield from check.perform(wish.question, laboratory)
    if not source.reference.startswith(f"{source.old} "):
        raise InconclusiveError(
            f"{source.old} does not run {source.prefix}, so nothing can be held against it",
            f"lab runs show {source.run} says why; --from names another release",
        )
    text = _text(wish)
    request = RunRequest(
        name=wish.name, command=wish.question.command, scenario_sha256=hashlib.sha256(text.encode()).hexdigest(),
        whole=False, rounds=0, fresh=wish.question.fresh, resume=wish.question.resume,
    )  # fmt: skip
    with hold(request, laboratory) as session:
        return (yield from _within(wish, session, source, adopt.written(session.folder, wish.name, text)))


def _within(
    wish: ConvertRequest, session: RunSession, source: Checked, scenario: Scenario
) -> Generator[Event, None, Converted]:
    """Convert, open what came out by every standard route, hold it against the source, and keep it."""
    home = session.laboratory.store.folder(source.run)
    given = adopt.out_of(home)
    planned = _planned(wish, scenario)
    context = yield from session.context(environments(planned))
    yield Began(label=wish.release, phase="turn")
    turned = _turned(context, check.trial_of(planned[0]), given)
    outcome = turned.step.outcome
    results = (yield from functional(session, context, planned, turned)) if outcome.ok else []
    run = session.finish(judged(replace(session.request, planned=planned), session.run, results))
    if not outcome.ok:
        why = message_line(outcome) or describe(outcome)
        raise EndsWrongError(f"{wish.release} cannot convert it: {why}", f"lab runs show {run.id}; nothing was written")
    proved = tuple(_proved(one, source, given, session.folder, home) for one in results)
    bad = [one for one in proved if one.route in PLAIN and not one.good]
    if bad:
        said = "; ".join(
            f"{one.route}: {' '.join([outcome_words(one.outcome), numbers(one.diffs), *unshown(one.diffs)])}".strip()
            for one in bad
        )
        raise EndsWrongError(
            f"what came out is not shown to answer as {source.reference} does: {said}",
            f"nothing was written; lab runs show {run.id}",
        )
    files = _kept(adopt.out_of(session.folder), wish)
    return Converted(
        path=str(wish.out), files=files, release=wish.release, source=source.reference, proved=proved, run=run.id
    )


def _text(wish: ConvertRequest) -> str:
    """The scenario that converts."""
    model = wish.question.given
    files = ", ".join(one.sha256 for one in model.files)
    memory = max(Limits().memory, 6 * model.size + Limits().memory // 2)
    return wish.conversion.text(files, json.dumps(list(STANDARD_ROUTES)), memory)


def _planned(wish: ConvertRequest, scenario: Scenario) -> tuple[Planned, ...]:
    """The converted model by every way that exists in the release that converted it."""
    question = wish.question
    release = question.release(wish.release)
    words = Words(
        python=question.words.python, savers=(wish.release,), loaders=(wish.release,), saver_env=wish.conversion.env
    )
    return tuple(
        from_words(scenario, question.catalogue, replace(words, route=way.route))[0]
        for way in ways.plain(release, question.catalogue, question.cures, wish.conversion.after)
    )


def _turned(context: RunContext, trial: Trial, given: Path) -> SavedModel:
    """The conversion itself: a save that reads the given model."""
    folder = context.saver_folder(trial)
    key = context.runner.save_key(trial.scenario, trial.saver, context.digest(trial.saver))
    order = StepOrder(mode="save", key=key, scenario=trial.scenario, place=trial.saver, saved=given)
    done = context.known_or_run(order, folder)
    return SavedModel(step=done.step, key=key, folder=folder, reused=done.reused)


def _proved(one: TrialResult, source: Checked, given: Path, folder: Path, home: Path) -> ProvedWay:
    """How one way of opening the converted model stands to the source: to its reference, else to the same API there.

    `folder` is the run that converted, `home` the one that ran the source, `given` what that one started from.
    """
    ours = outbox.outputs(folder / one.folder / "out")
    if not ours.plain:
        return ProvedWay(route=one.route, outcome=one.outcome, diffs=(), good=False)
    outs = (given, *(home / at.trial.folder / "out" for at in source.attempts if at.way.route == one.route))
    theirs = [side for side in map(outbox.outputs, outs) if side.plain]
    try:
        found = [compare(side, ours) for side in theirs]
    except UnreadableOutputsError as error:
        return ProvedWay(route=one.route, outcome=unreadable(one.outcome, error.what), diffs=(), good=False)
    best = next((diffs for diffs in found if agree(diffs)), found[0])
    # Its own numbers are held against what was converted; here only that it answered counts.
    fine = Outcome(kind=Kind.OK, phase=Phase.COMPARE)
    return ProvedWay(route=one.route, outcome=fine, diffs=tuple(best), good=agree(best))


def _kept(out: Path, wish: ConvertRequest) -> tuple[str, ...]:
    """Put the converted files into the new folder, all of them or none."""
    prefix = wish.question.given.found.prefix
    try:
        with scratch.folder_beside(wish.out.absolute()) as room:
            whole = room / "whole"
            whole.mkdir()
            for file in outbox.files(out, "model"):
                if file.name.count("/") == 1:  # what lies in folders of its own is not the model
                    copies.copy(file, whole / (prefix + end_of(file.label)))
            free(wish.out)
            whole.rename(wish.out)
    except OSError as error:
        raise UsageError(f"{wish.out} could not be written: {error.strerror}", "name another folder: -o DIR") from error
    return tuple(sorted(path.name for path in wish.out.iterdir()))
