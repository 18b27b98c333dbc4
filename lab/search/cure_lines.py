"""The lines of a cure that opens the model by another way: fitted to the files at hand, and run as they stand before they are shown."""

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lab.check import adopt
from lab.compare import Outputs, UnreadableOutputsError
from lab.model import Kind, Outcome, Phase, Scenario, Trial
from lab.model.cure import Cure, CureStatus, TriedCure
from lab.outcome.verdict import describe
from lab.run.events import Began, Event
from lab.run.order import StepOrder
from lab.run.trial import RunContext, SavedModel, compared, slug
from lab.search.cure_request import CureRequest
from lab.search.probes import SearchSession
from lab.storage import outbox
from lab.storage.outbox import GuestFile

APIS = ("jit", "predictor")
_TEXT = '''# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "lines that were to be shown, run as they stand"
#
# [tool.lab.limits]
# memory = {memory}
# ///
"""The lines of one cure, as they are printed; the model lies beside them."""

CODE = {code}
NAMES = {names}


def inputs(rng):
    raise NotImplementedError("the inputs lie beside the model")


def save(prefix, inputs):
    raise NotImplementedError("the model is there already")


def load(prefix):
    names = {{"path": prefix}}
    exec(compile(CODE, "the printed lines", "exec"), names)
    return names


def infer(names, inputs):
    answers = list(by_{api}(names, inputs))
    told = NAMES if len(NAMES) == len(answers) else ["out{{}}".format(number) for number in range(len(answers))]
    return dict(zip(told, answers))


def flat(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in flat(part)]
    return [value]


def by_jit(names, inputs):
    import paddle

    layer = names["layer"]
    layer.eval()
    with paddle.no_grad():
        return [one.numpy() for one in flat(layer(*[paddle.to_tensor(one) for one in inputs.values()]))]


def by_predictor(names, inputs):
    predictor = names["predictor"]
    wanted = predictor.get_input_names()
    fed = dict(inputs) if set(wanted) == set(inputs) else dict(zip(wanted, inputs.values()))
    for name, array in fed.items():
        handle = predictor.get_input_handle(name)
        handle.reshape(list(array.shape))
        handle.copy_from_cpu(array)
    predictor.run()
    return [predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()]
'''


@dataclass(frozen=True, kw_only=True)
class ModelAtHand:
    """The files that lines shall open: the ending of the program, and whether there are parameters beside it."""

    program: str
    parameters: bool

    def fitted(self, cure: Cure) -> Cure:
        """The cure with the names of these files in its lines, complete from the first import on."""
        if not cure.route or not cure.code:
            return cure
        code = cure.code.strip("\n").replace('path + ".pdmodel"', f'path + "{self.program}"')
        if not self.parameters:
            code = code.replace('path + ".pdiparams"', '""')
        begins = code.startswith(("import ", "from "))
        return replace(cure, code=code if begins else f"import paddle\n{code}")


def at_hand(session: SearchSession, trial: Trial) -> ModelAtHand | None:
    """What a trial's save left; None where there is no model that a standard way could open."""
    out = session.context([trial]).saver_folder(trial) / "out"
    program = next((end for end in (".json", ".pdmodel") if GuestFile(out=out, name=f"model/net{end}").plain), "")
    parameters = GuestFile(out=out, name="model/net.pdiparams").plain
    return ModelAtHand(program=program, parameters=parameters) if program else None


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
    text = _TEXT.format(
        memory=trial.scenario.limits.memory,
        code=json.dumps(cure.code),
        names=json.dumps(names),
        api=next(one for one in APIS if cure.route.startswith(one)),
    )
    return adopt.written(folder, "lines", text)
