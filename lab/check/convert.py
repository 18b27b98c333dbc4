"""From one format to the other, in a container that can, believed only where the answers stayed the same."""

import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab import formats, scratch
from lab.check import adopt, check, proof, ways
from lab.check.conversions import Conversion
from lab.check.given_model import Given
from lab.check.question import CheckRequest
from lab.errors import EndsWrongError, InconclusiveError, InfraError, UsageError
from lab.formats.names import end_of
from lab.model import Kind, Limits, Scenario, Trial, TrialResult
from lab.model.check import Converted, ProvedWay
from lab.model.check_grid import Checked
from lab.model.inspection import ProgramFacts
from lab.outcome.verdict import describe
from lab.outcome.words import message_line
from lab.run.events import Began, Event, Told
from lab.run.order import StepOrder
from lab.run.plan import Planned, Words, environments, from_words
from lab.run.session import Laboratory, RunRequest, RunSession, hold
from lab.run.trial import RunContext, SavedModel
from lab.run.workflow import functional, judged
from lab.scenario.expect import STANDARD_ROUTES
from lab.storage import copies, outbox
from lab.text import clean


@dataclass(frozen=True, kw_only=True)
class ConvertRequest:
    """What is to be converted: a model and its own release, the way, the releases to do it in, and a folder to be made.

    `releases` are tried in their order until one makes what may be kept; `readers` are those it must work in (empty: the
    newest, and the one that converts), `accepted` the ways that are enough (empty: every way that worked before).
    """

    question: CheckRequest
    conversion: Conversion
    releases: tuple[str, ...]
    out: Path
    readers: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The run's name."""
        return adopt.named(self.question.given, adopt.Ask.CONVERT)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why what one release made is not kept, and what may be done."""

    release: str
    why: str
    remedy: str


def not_kept(refused: Sequence[Refusal], prefix: str) -> tuple[str, ...]:
    """One sentence for each reason, with the releases it holds for."""
    reasons = dict.fromkeys(one.why for one in refused)
    return tuple(
        f"what {' and '.join(one.release for one in refused if one.why == why)} made of {prefix} is not kept: {why}"
        for why in reasons
    )


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


def accepted(words: Sequence[str], after: str) -> tuple[str, ...]:
    """The ways that are enough; UsageError where one is none by which such a file is opened."""
    exist = [route for route in STANDARD_ROUTES if route != ways.OLD_IR or after == ".pdmodel"]
    for word in words:
        if word not in exist:
            raise UsageError(f"a {after} is not opened by {clean(word, 80)!r}", f"any of {', '.join(exist)}")
    return tuple(words)


def perform(wish: ConvertRequest, laboratory: Laboratory) -> Generator[Event, None, Converted]:
    """Run the source in its own release, convert it, run what came out, and keep it only where the answers agree.

    InconclusiveError where the source does not run, EndsWrongError where what comes out fails or answers otherwise.
    """
    source = yield from check.perform(wish.question, laboratory)
    if not source.reference.startswith(f"{source.old} "):
        raise InconclusiveError(
            f"{source.old} does not run {source.prefix}, so nothing can be held against it",
            f"lab runs show {source.run} says why; --from names another release",
        )
    text = _text(wish)
    refused: list[Refusal] = []
    for release in wish.releases:
        request = RunRequest(
            name=wish.name, command=wish.question.command, scenario_sha256=hashlib.sha256(text.encode()).hexdigest(),
            whole=False, rounds=0, fresh=wish.question.fresh,
            resume=wish.question.resume if release == wish.releases[0] else "",
        )  # fmt: skip
        with hold(request, laboratory) as session:
            scenario = adopt.written(session.folder, wish.name, text)
            made = yield from _within(wish, release, session, source, scenario)
            if isinstance(made, Converted):
                return replace(made, refused=not_kept(refused, source.prefix))
            refused.append(made)
            yield Told(text="".join(not_kept([made], source.prefix)))
    raise EndsWrongError("; ".join(not_kept(refused, source.prefix)), f"nothing was written; {refused[-1].remedy}")


def _within(
    wish: ConvertRequest, release: str, session: RunSession, source: Checked, scenario: Scenario
) -> Generator[Event, None, Converted | Refusal]:
    """Convert in one release, open what came out by every standard route, hold it against the source, and keep it."""
    home = session.laboratory.store.folder(source.run)
    planned = _planned(wish, release, scenario)
    context = yield from session.context(environments([plan for _, plan in planned]))
    yield Began(label=release, phase="turn")
    turned = _turned(context, adopt.trial_of(planned[0][1]), adopt.out_of(home))
    outcome = turned.step.outcome
    plans = tuple(plan for _, plan in planned)
    results = (yield from functional(session, context, plans, turned)) if outcome.ok else []
    for label, one in ((release, outcome), *((one.label, one.outcome) for one in results)):
        if one.kind is Kind.INFRA_ERROR:  # another try may mend that: it is no reason to refuse what was made
            raise InfraError(f"{label} could not be tested, and nothing was written: {one.message}", "lab doctor")
    run = session.finish(judged(replace(session.request, planned=plans), session.run, results))
    more = f"lab runs show {run.id} says more"
    if not outcome.ok:
        why = f"{release} cannot convert it: {message_line(outcome) or describe(outcome)}"
        return Refusal(release=release, why=why, remedy=more)
    found = tuple(
        _proved(one, reader, source, home, session.folder) for (reader, _), one in zip(planned, results, strict=True)
    )
    bad = proof.breaking(found, wish.accepted)
    if bad:
        return _refusal(release, source.old, found, bad, more)
    files = _kept(adopt.out_of(session.folder), wish)
    made = formats.inspect(wish.out)
    return Converted(
        path=str(wish.out), files=files, release=release, source=source.reference, proved=found, run=run.id,
        outputs=_outputs(wish.question.given.program, made.programs), readers=made.readers, accepted=wish.accepted,
    )  # fmt: skip


def _refusal(release: str, old: str, found: Sequence[ProvedWay], bad: Sequence[ProvedWay], more: str) -> Refusal:
    """Which ways break, and which are left for a user whom those are enough."""
    why = "; ".join(proof.said(one) for one in bad)
    worked = dict.fromkeys(one.route for one in bad if one.needed)
    why += f"; before, it worked by {' and '.join(worked)} in {old}" if worked else ""
    keep = " ".join(f"--accept {route}" for route in proof.enough(found))
    return Refusal(release=release, why=why, remedy=f"{more}; {keep} keeps it where that is enough" if keep else more)


def _outputs(then: ProgramFacts, now: Sequence[ProgramFacts]) -> tuple[tuple[str, str], ...]:
    """What the outputs are called before and after, in order."""
    return tuple((one.name, other.name) for new in now for one, other in zip(then.outputs, new.outputs, strict=False))


def _text(wish: ConvertRequest) -> str:
    """The scenario that converts."""
    model = wish.question.given
    files = ", ".join(one.sha256 for one in model.files)
    memory = max(Limits().memory, 6 * model.size + Limits().memory // 2)
    return wish.conversion.text(files, json.dumps(list(STANDARD_ROUTES)), memory)


def _planned(wish: ConvertRequest, release: str, scenario: Scenario) -> list[tuple[str, Planned]]:
    """The converted model by every way that exists in each release it must work in, and in the one that converted it."""
    question = wish.question
    wanted = wish.readers or (release, question.catalogue.newest.version)
    words = Words(
        python=question.words.python, packages=question.words.packages, savers=(release,), saver_env=wish.conversion.env
    )
    return [
        (reader, from_words(scenario, question.catalogue, replace(words, loaders=(reader,), route=way.route))[0])
        for reader in dict.fromkeys(wanted)
        for way in ways.plain(question.release(reader), question.catalogue, question.cures, wish.conversion.after)
    ]


def _turned(context: RunContext, trial: Trial, given: Path) -> SavedModel:
    """The conversion itself: a save that reads the given model."""
    folder = context.saver_folder(trial)
    key = context.runner.save_key(trial.scenario, trial.saver, context.digest(trial.saver))
    order = StepOrder(mode="save", key=key, scenario=trial.scenario, place=trial.saver, saved=given)
    done = context.known_or_run(order, folder)
    return SavedModel(step=done.step, key=key, folder=folder, reused=done.reused)


def _proved(one: TrialResult, release: str, source: Checked, home: Path, folder: Path) -> ProvedWay:
    """One way of opening the converted model; `folder` is the run that converted, `home` the one that ran the source."""
    was = proof.before(source).get(one.route)
    folders = {"ours": folder / one.folder / "out", "reference": adopt.out_of(home)}
    if was is not None:
        folders["same"] = home / was.trial.folder / "out"
    return proof.proved(one, release, was, folders)


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
