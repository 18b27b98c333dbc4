"""The lines that a check shows to be pasted, made from the files at hand, and run as they stand before anybody sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.check import adopt, printed_lines, stamp_file
from lab.check.question import CheckRequest
from lab.compare import UnreadableOutputsError, compare
from lab.model import Diff, Kind, Outcome, Phase
from lab.model.check import Way
from lab.model.check_grid import CheckGrid, Snippet, Use
from lab.outcome import pasted, upgrade
from lab.outcome.classify import unreadable
from lab.outcome.evidence import agree
from lab.run.events import Began
from lab.run.order import StepOrder
from lab.run.plan import Words, from_words
from lab.run.session import RunSession
from lab.run.trial import RunContext, SavedModel, foresee, load_order, slug
from lab.storage import outbox

CODE = {
    "jit": "layer = paddle.jit.load(path)\nlayer.eval()",
    "static": (
        "paddle.enable_static()\nexecutor = paddle.static.Executor(paddle.CPUPlace())\n"
        "program, feeds, fetches = paddle.static.load_inference_model(path, executor)"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Code for one recommended way in one release, not yet run; `path` is the statement with the model's own path."""

    release: str
    use: Use
    code: str
    path: str

    @property
    def key(self) -> str:
        """What it is known by among the lines of one release."""
        return f"{self.use.instead.route}-{self.use.way.route}" if self.use.instead else self.use.way.route

    @property
    def shown(self) -> str:
        """What is printed: one program that sets, imports and opens."""
        return pasted.piece(self.code, env=self.use.way.env, path=self.path)


def code(question: CheckRequest, way: Way) -> str:
    """The lines that open the model by a route: the catalogue's own, fitted to the files at hand; empty where it has none."""
    known = {one.route: one.code for one in question.cures if one.route}
    parameters = any(one.name.endswith(".pdiparams") for one in question.given.files)
    return printed_lines.fitted(
        CODE.get(way.route) or known.get(way.route, ""), question.given.format, parameters=parameters
    )


def wanted(question: CheckRequest, grid: CheckGrid) -> tuple[Lines, ...]:
    """Everything that is to be shown: for each release the ways that are recommended."""
    path = question.given.statement
    made = [
        Lines(release=one.release, use=use, code=code(question, use.way), path=path)
        for one in upgrade.answers(grid)
        for use in one.use
    ]
    return tuple(one for one in made if one.code)


def proved(
    held: RunSession, context: RunContext, saved: SavedModel, question: CheckRequest, grid: CheckGrid
) -> tuple[Snippet, ...]:
    """Run all lines that are to be shown, those of one setting out of one start."""
    planned = [_prepared(context, saved, question, grid, lines) for lines in wanted(question, grid)]
    foresee(context, [one.order for one in planned])
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


def _prepared(
    context: RunContext, saved: SavedModel, question: CheckRequest, grid: CheckGrid, lines: Lines
) -> PreparedLines:
    """The lines as a scenario of their own, which is read and run like any other."""
    way = lines.use.way
    label = " ".join([lines.release, *(f"{name}={value}" for name, value in sorted(way.env.items())), lines.key])
    folder = context.folder / "lines" / slug(label)
    folder.mkdir(parents=True, exist_ok=True)
    scenario = printed_lines.written(
        folder,
        printed_lines.ready(lines.code, way.env),
        way.route,
        names=_names(context, grid, lines, question.given.jit_places),
        memory=adopt.memory(question.given),
        files=[one.sha256 for one in question.given.files],
    )
    words = Words(
        python=question.words.python,
        packages=question.words.packages,
        threads=question.words.threads,
        savers=(question.chosen.old,),
        loaders=(lines.release,),
        loader_env=way.env,
    )
    trial = adopt.trial_of(from_words(scenario, question.catalogue, words)[0])
    return PreparedLines(lines=lines, label=label, order=load_order(context, trial, saved), folder=folder)


def _names(context: RunContext, grid: CheckGrid, lines: Lines, places: Sequence[int]) -> list[str]:
    """What the way itself calls its outputs, in order; the lines know them by place alone."""
    cell = grid.cell(lines.release, lines.use.way)
    if cell is None:
        return []
    try:
        found = list(stamp_file.stored(outbox.outputs(context.folder / cell.trial.folder / "out")))
        # The way's own outputs were put in the program's order, and the lines give them in that of jit.load.
        return [found[place] for place in places] if lines.use.way.api == "jit" and len(places) == len(found) else found
    except UnreadableOutputsError:
        return []  # then these cannot be held against anything, which is what is said of them


def _snippet(context: RunContext, grid: CheckGrid, one: PreparedLines, outcome: Outcome) -> Snippet:
    """What came of one of the lines: they must answer as the way itself answered in that release."""
    lines, diffs = one.lines, tuple[Diff, ...]()
    cell = grid.cell(lines.release, lines.use.way)
    if outcome.ok and cell is not None:
        try:
            theirs = outbox.outputs(context.folder / cell.trial.folder / "out")
            diffs = tuple(compare(theirs, outbox.outputs(one.folder / "step" / "out")))
        except UnreadableOutputsError as error:
            outcome = unreadable(outcome, error.what)
        else:
            if not agree(diffs):
                outcome = Outcome(kind=Kind.NUMERIC_MISMATCH, phase=Phase.COMPARE, reason="values")
    return Snippet(release=lines.release, use=lines.use, lines=lines.shown, outcome=outcome, diffs=diffs)
