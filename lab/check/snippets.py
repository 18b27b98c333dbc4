"""The lines that a check shows to be pasted, made from the files at hand, and run as they stand before anybody sees them."""

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.check import adopt, sample_inputs, stamp_file
from lab.check.question import CheckRequest
from lab.compare import UnreadableOutputsError, compare
from lab.model import Diff, Kind, Limits, Outcome, Phase, Scenario, Step
from lab.model.check import Way
from lab.model.check_grid import CheckGrid, Snippet, Use
from lab.outcome import upgrade
from lab.outcome.classify import unreadable
from lab.outcome.evidence import agree
from lab.run.events import Began, Event
from lab.run.order import StepOrder
from lab.run.plan import Words, from_words
from lab.run.session import RunSession, places
from lab.run.trial import RunContext, SavedModel, slug
from lab.storage import outbox

CODE = {
    "jit": "import paddle\nlayer = paddle.jit.load(path)\nlayer.eval()",
    "static": (
        "import paddle\npaddle.enable_static()\nexecutor = paddle.static.Executor(paddle.CPUPlace())\n"
        "program, feeds, fetches = paddle.static.load_inference_model(path, executor)"
    ),
}
LATER = ("jit", "predictor", "static")
"""The order in which APIs are run in one process: static mode would be in the way of what comes after it."""

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
"""Each of the lines below opens a model that was given as files; then it is called once. Their sha256:

{files}
"""

import numpy as np

LINES = {lines}


def inputs(rng):
    raise NotImplementedError("the inputs lie beside the model")


def save(prefix, inputs):
    raise NotImplementedError("this model was given as files: there is no code that saves it")


def load(prefix):
    return prefix


def infer(path, inputs):
    found = {{}}
    for key, kind, code in LINES:
        names = {{"path": path}}
        exec(compile(code, key, "exec"), names)
        answers = {{"jit": by_jit, "static": by_static, "predictor": by_predictor}}[kind](names, inputs)
        for number, answer in enumerate(answers):
            found["{{}}/{{}}".format(key, number)] = np.asarray(answer)
    return found


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
        """What its answers are known by."""
        return f"{self.use.instead.route}-{self.use.way.route}" if self.use.instead else self.use.way.route

    @property
    def kind(self) -> str:
        """The API it opens the model by."""
        return next(one for one in LATER if self.use.way.api.startswith(one))

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
    return tuple(sorted((one for one in made if one.code), key=lambda one: LATER.index(one.kind)))


def proved(
    held: RunSession, context: RunContext, saved: SavedModel, question: CheckRequest, grid: CheckGrid
) -> Generator[Event, None, tuple[Snippet, ...]]:
    """Run all lines that are to be shown, those of one release and one setting in one start; alone where that fails."""
    groups: dict[tuple[str, str], list[Lines]] = {}
    for one in wanted(question, grid):
        groups.setdefault((one.release, Way(route="", env=one.use.way.env).label), []).append(one)

    def tried(lines: Sequence[Lines]) -> list[Snippet]:
        found = _run(held, context, saved, question, lines)
        if len(lines) > 1 and not found.outcome.ok:
            return [one for alone in lines for one in tried([alone])]
        return [_snippet(context, grid, one, found) for one in lines]

    if not groups or not question.lines:
        return ()
    with held.workers(places(Limits().memory, len(groups))) as pool:
        done = yield from held.pump([pool.submit(tried, lines) for lines in groups.values()])
    return tuple(one for snippets in done for one in snippets)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One start in which lines were run: what came of it, and where its answers lie."""

    outcome: Outcome
    folder: Path


def _run(
    held: RunSession, context: RunContext, saved: SavedModel, question: CheckRequest, lines: Sequence[Lines]
) -> Ran:
    """Run lines of one release and one setting in one process."""
    first = lines[0]
    label = (
        f"{first.release} {' '.join(sorted(f'{name}={value}' for name, value in first.use.way.env.items()))}".strip()
    )
    name = slug(f"{label} {' '.join(one.key for one in lines)}")
    folder = context.folder / "lines" / name
    folder.mkdir(parents=True, exist_ok=True)
    scenario = _scenario(folder, question, lines)
    words = Words(
        python=question.words.python,
        threads=question.words.threads,
        savers=(question.chosen.old,),
        loaders=(first.release,),
        loader_env=first.use.way.env,
    )
    trial = adopt.trial_of(from_words(scenario, question.catalogue, words)[0])
    key = context.runner.load_key(trial, context.digest(trial.loader), saved.key)
    held.say(Began(label=f"lines to use in {label}", phase="load"))
    order = StepOrder(
        mode="load", key=key, scenario=scenario, place=trial.loader, route=trial.route, saved=saved.folder / "out"
    )
    step: Step = context.known_or_run(order, folder / "step").step
    return Ran(outcome=step.outcome, folder=folder)


def _scenario(folder: Path, question: CheckRequest, lines: Sequence[Lines]) -> Scenario:
    memory = max(Limits().memory, 4 * question.given.size + Limits().memory // 2)
    written = [[one.key, one.kind, one.code] for one in lines]
    text = _TEXT.format(
        memory=memory,
        files="\n".join(one.sha256 for one in question.given.files),
        lines=json.dumps(written, indent=4, ensure_ascii=True),
    )
    return adopt.written(folder, "lines", text)


def _snippet(context: RunContext, grid: CheckGrid, one: Lines, ran: Ran) -> Snippet:
    """What came of one of the lines: they must answer as the way itself answered in that release."""
    outcome, diffs = ran.outcome, tuple[Diff, ...]()
    cell = grid.cell(one.release, one.use.way)
    if outcome.ok and cell is not None:
        try:
            diffs = _held(context.folder / cell.trial.folder / "out", one, ran)
        except UnreadableOutputsError as error:
            outcome = unreadable(outcome, error.what)
        else:
            if not agree(diffs):
                outcome = Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, reason="values")
    return Snippet(release=one.release, use=one.use, lines=one.shown, outcome=outcome, diffs=diffs)


def _held(theirs: Path, one: Lines, ran: Ran) -> tuple[Diff, ...]:
    """The answers of the lines against those of the way, output by output in order."""
    wanted_names = list(_arrays(theirs))
    mine = [array for name, array in _arrays(ran.folder / "step" / "out").items() if name.startswith(f"{one.key}/")]
    names = wanted_names if len(wanted_names) == len(mine) else [f"out{number}" for number in range(len(mine))]
    ours = ran.folder / one.key
    sample_inputs.keep(dict(zip(names, mine, strict=True)), ours, "outputs")
    return tuple(compare(outbox.outputs(theirs), outbox.outputs(ours)))


def _arrays(out: Path) -> Mapping[str, sample_inputs.Array]:
    return stamp_file.stored(outbox.outputs(out))
