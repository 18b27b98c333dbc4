"""The lines that a check shows to be pasted, made from the files at hand, and run as they stand before anybody sees them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.check import adopt, sample_inputs, stamp_file
from lab.check.question import CheckRequest
from lab.compare import UnreadableOutputsError, compare
from lab.model import Diff, Kind, Outcome, Phase, Scenario
from lab.model.check import Way
from lab.model.check_grid import CheckGrid, Snippet, Use
from lab.outcome import upgrade
from lab.outcome.classify import unreadable
from lab.outcome.evidence import agree
from lab.run.events import Began
from lab.run.forks import start_of
from lab.run.order import StepOrder
from lab.run.plan import Words, from_words
from lab.run.session import RunSession
from lab.run.trial import RunContext, SavedModel, foresee, load_order, slug
from lab.storage import outbox

CODE = {
    "jit": "import paddle\nlayer = paddle.jit.load(path)\nlayer.eval()",
    "static": (
        "import paddle\npaddle.enable_static()\nexecutor = paddle.static.Executor(paddle.CPUPlace())\n"
        "program, feeds, fetches = paddle.static.load_inference_model(path, executor)"
    ),
}
APIS = ("jit", "predictor", "static")

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
"""The lines below open a model that was given as files; then it is called once. Their sha256:

{files}
"""

import numpy as np

LINES = {lines}


def inputs(rng):
    raise NotImplementedError("the inputs lie beside the model")


def save(prefix, inputs):
    raise NotImplementedError("this model was given as files: there is no code that saves it")


def load(prefix):
    names = {{"path": prefix}}
    exec(compile(LINES, "lines", "exec"), names)
    return names


def infer(names, inputs):
    answers = by_{kind}(names, inputs)
    return {{"{{:04d}}".format(number): np.asarray(answer) for number, answer in enumerate(answers)}}


def flat(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in flat(part)]
    return [value]


def by_name(names, inputs):
    names = list(names)
    return dict(inputs) if set(names) == set(inputs) else dict(zip(names, inputs.values()))


def by_jit(names, inputs):
    import paddle

    with paddle.no_grad():
        return [one.numpy() for one in flat(names["layer"](*[paddle.to_tensor(one) for one in inputs.values()]))]


def by_static(names, inputs):
    feed = by_name(names["feeds"], inputs)
    return names["executor"].run(names["program"], feed=feed, fetch_list=names["fetches"])


def by_predictor(names, inputs):
    predictor = names["predictor"]
    for name, array in by_name(predictor.get_input_names(), inputs).items():
        handle = predictor.get_input_handle(name)
        handle.reshape(list(array.shape))
        handle.copy_from_cpu(array)
    predictor.run()
    return [predictor.get_output_handle(name).copy_to_cpu() for name in predictor.get_output_names()]
'''


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Code for one recommended way in one release, not yet run."""

    release: str
    use: Use
    code: str

    @property
    def key(self) -> str:
        """What it is known by among the lines of one release."""
        return f"{self.use.instead.route}-{self.use.way.route}" if self.use.instead else self.use.way.route

    @property
    def kind(self) -> str:
        """The API it opens the model by."""
        return next(one for one in APIS if self.use.way.api.startswith(one))

    @property
    def shown(self) -> str:
        """What is printed: what to set, then the code."""
        exports = [f"export {name}={value}" for name, value in sorted(self.use.way.env.items())]
        return "\n".join([*exports, self.code])


def code(question: CheckRequest, way: Way) -> str:
    """The lines that open the model by a route: the catalogue's own, fitted to the files at hand; empty where it has none."""
    known = {one.route: one.code.strip("\n") for one in question.cures if one.route}
    found = CODE.get(way.route) or known.get(way.route, "")
    found = found.replace('path + ".pdmodel"', f'path + "{question.given.format}"')
    if not any(one.name.endswith(".pdiparams") for one in question.given.files):
        found = found.replace('path + ".pdiparams"', '""')
    return found if not found or found.startswith(("import ", "from ")) else f"import paddle\n{found}"


def wanted(question: CheckRequest, grid: CheckGrid) -> tuple[Lines, ...]:
    """Everything that is to be shown: for each release the ways that are recommended."""
    made = [
        Lines(release=one.release, use=use, code=code(question, use.way))
        for one in upgrade.answers(grid)
        for use in one.use
    ]
    return tuple(one for one in made if one.code)


def proved(
    held: RunSession, context: RunContext, saved: SavedModel, question: CheckRequest, grid: CheckGrid
) -> tuple[Snippet, ...]:
    """Run all lines that are to be shown, those of one setting out of one start."""
    planned = [_prepared(context, saved, question, lines) for lines in wanted(question, grid)]
    starts: dict[str, list[StepOrder]] = {}
    for one in planned:
        starts.setdefault(start_of(one.order), []).append(one.order)
    for orders in starts.values():
        foresee(context, orders)
    found = []
    for one in planned:
        held.say(Began(label=f"lines to use in {one.label}", phase="load"))
        step = context.known_or_run(one.order, one.folder / "step").step
        found.append(_snippet(context, grid, one, step.outcome))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class PreparedLines:
    """Lines as a step: what is asked, and the folder it is done in."""

    lines: Lines
    label: str
    order: StepOrder
    folder: Path


def _prepared(context: RunContext, saved: SavedModel, question: CheckRequest, lines: Lines) -> PreparedLines:
    """The lines as a scenario of their own, which is read and run like any other."""
    way = lines.use.way
    label = " ".join([lines.release, *(f"{name}={value}" for name, value in sorted(way.env.items())), lines.key])
    folder = context.folder / "lines" / slug(label)
    folder.mkdir(parents=True, exist_ok=True)
    scenario = _scenario(folder, question, lines)
    words = Words(
        python=question.words.python,
        threads=question.words.threads,
        savers=(question.chosen.old,),
        loaders=(lines.release,),
        loader_env=way.env,
    )
    trial = adopt.trial_of(from_words(scenario, question.catalogue, words)[0])
    return PreparedLines(lines=lines, label=label, order=load_order(context, trial, saved), folder=folder)


def _scenario(folder: Path, question: CheckRequest, lines: Lines) -> Scenario:
    text = _TEXT.format(
        memory=adopt.memory(question.given),
        files="\n".join(one.sha256 for one in question.given.files),
        lines=json.dumps(lines.code, ensure_ascii=True),
        kind=lines.kind,
    )
    return adopt.written(folder, "lines", text)


def _snippet(context: RunContext, grid: CheckGrid, one: PreparedLines, outcome: Outcome) -> Snippet:
    """What came of one of the lines: they must answer as the way itself answered in that release."""
    lines, diffs = one.lines, tuple[Diff, ...]()
    cell = grid.cell(lines.release, lines.use.way)
    if outcome.ok and cell is not None:
        try:
            diffs = _held(context.folder / cell.trial.folder / "out", one.folder)
        except UnreadableOutputsError as error:
            outcome = unreadable(outcome, error.what)
        else:
            if not agree(diffs):
                outcome = Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, reason="values")
    return Snippet(release=lines.release, use=lines.use, lines=lines.shown, outcome=outcome, diffs=diffs)


def _held(theirs: Path, folder: Path) -> tuple[Diff, ...]:
    """The answers of the lines against those of the way, output by output in order."""
    wanted_names, mine = list(_arrays(theirs)), list(_arrays(folder / "step" / "out").values())
    names = wanted_names if len(wanted_names) == len(mine) else [f"out{number}" for number in range(len(mine))]
    sample_inputs.keep(dict(zip(names, mine, strict=True)), folder, "outputs")
    return tuple(compare(outbox.outputs(theirs), outbox.outputs(folder)))


def _arrays(out: Path) -> Mapping[str, sample_inputs.Array]:
    return stamp_file.stored(outbox.outputs(out))
