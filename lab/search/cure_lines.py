"""The lines of a cure that opens the model by another way: fitted to the files at hand, and run as they stand before they are shown."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.check import printed_lines
from lab.compare import Outputs, UnreadableOutputsError
from lab.model import Kind, Outcome, Phase, Scenario, Trial
from lab.model.cure import Cure, CureStatus, TriedCure
from lab.outcome import pasted
from lab.outcome.verdict import describe
from lab.run.events import Began, Event
from lab.run.order import StepOrder
from lab.run.trial import RunContext, SavedModel, compared, slug
from lab.search.cure_request import CureRequest
from lab.search.probes import SearchSession
from lab.storage import outbox
from lab.storage.outbox import GuestFile


@dataclass(frozen=True, kw_only=True)
class ModelAtHand:
    """The files that lines shall open: the ending of the program, whether there are parameters beside it.

    `path` is the statement with a given model's own path, empty where a scenario saves.
    """

    program: str
    parameters: bool
    path: str = ""

    def fitted(self, cure: Cure) -> Cure:
        """The cure with the names of these files in its lines."""
        if not cure.route or not cure.code:
            return cure
        return replace(cure, code=printed_lines.fitted(cure.code, self.program, parameters=self.parameters))

    def placed(self, cure: Cure) -> Cure:
        """The cure with a whole program for its lines, which opens this model."""
        if not cure.route or not cure.code or not self.path:
            return cure
        return replace(cure, code=pasted.piece(cure.code, env={}, path=self.path))


def at_hand(session: SearchSession, trial: Trial, path: str = "") -> ModelAtHand | None:
    """What a trial's save left; None where there is no model that a standard way could open."""
    out = session.context([trial]).saver_folder(trial) / "out"
    program = next((end for end in (".json", ".pdmodel") if GuestFile(out=out, name=f"model/net{end}").plain), "")
    parameters = GuestFile(out=out, name="model/net.pdiparams").plain
    return ModelAtHand(program=program, parameters=parameters, path=path) if program else None


def proved(
    request: CureRequest, session: SearchSession, tried: Sequence[TriedCure], cures: Sequence[Cure]
) -> Generator[Event, None, list[TriedCure]]:
    """The same list, in which a way of opening stands as working only where its printed lines worked as well."""
    by_name = {one.name: one for one in cures}
    found: list[TriedCure] = []
    for one in tried:
        cure = next((by_name[name] for name in one.names if by_name[name].route), None)
        if cure is None or not one.status.works or not cure.code:
            found.append(one)
            continue
        yield Began(label=f"the lines of {cure.name} as they are printed", phase="load")
        (outcome,) = yield from session.held.pump([session.worker.submit(_run, request, session, one, cure)])
        found.append(one if outcome.ok else replace(one, status=CureStatus.UNPROVED, why=_said(outcome)))
    return found


def _said(outcome: Outcome) -> str:
    return (
        f"the way works, and its lines as they would be printed do not: {describe(outcome)}: {outcome.message}".rstrip(
            ": "
        )
    )


def _run(request: CureRequest, session: SearchSession, one: TriedCure, cure: Cure) -> Outcome:
    """Run the lines on the files of the trial in which the cure worked, and hold their answers against the same ones."""
    trial = request.trial(request.at, (cure,), one.moment).trial
    if trial is None:
        return Outcome(kind=Kind.UNSUPPORTED, phase=Phase.PREPARE)
    context = session.context([trial])
    saved = session.saved(context, trial)
    folder = context.folder / "lines" / slug(f"{trial.label} {cure.name}")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        pasted = replace(trial, scenario=_scenario(folder, trial, saved, cure), route="own")
    except UnreadableOutputsError as error:
        return Outcome(kind=Kind.UNDECIDED, phase=Phase.COMPARE, message=error.what)
    return _answered(context, pasted, saved, folder, trial)


def _answered(context: RunContext, pasted: Trial, saved: SavedModel, folder: Path, trial: Trial) -> Outcome:
    key = context.runner.load_key(pasted, context.digest(pasted.loader), saved.key)
    order = StepOrder(
        mode="load", key=key, scenario=pasted.scenario, place=pasted.loader, route=pasted.route, saved=saved.folder / "out"
    )  # fmt: skip
    outcome = context.known_or_run(order, folder / "step").step.outcome
    if not outcome.ok:
        return outcome
    return compared(outcome, saved.folder / "out", folder / "step" / "out", trial.scenario.tolerances)[0]


def _scenario(folder: Path, trial: Trial, saved: SavedModel, cure: Cure) -> Scenario:
    with Outputs(outbox.outputs(saved.folder / "out")) as expected:
        names = list(expected.arrays)
    lines = printed_lines.ready(cure.code)
    return printed_lines.written(folder, lines, cure.route, names=names, memory=trial.scenario.limits.memory)
