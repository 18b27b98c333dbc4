"""What the program declares of its results where inputs were cut: the dimensions that these have now, as the good place shows them."""

from collections.abc import Mapping, Sequence

from lab.compare import Outputs, UnreadableOutputsError
from lab.cut import edges
from lab.model.cutting import Anatomy, Slice
from lab.model.reduction import Sketch
from lab.run.candidates import CandidateModel
from lab.search.reduce_trials import MadeCut, ReduceTrials
from lab.storage import cleared

Shape = tuple[int, ...]
OPEN = -1


def true(trials: ReduceTrials, sketch: Sketch) -> dict[str, Shape]:
    """Of each result that the program would declare otherwise than it is, the dimensions to declare: open ones stay open."""
    made = trials.made(sketch)
    names = results(trials.body.anatomy, made.part)
    seen = _seen(trials, made, names) or _seen(trials, made, made.part.fetches)
    return declared(trials.body.anatomy, names, seen)


def results(anatomy: Anatomy, part: Slice) -> tuple[str, ...]:
    """What kept operators make of their inputs, as far as it is still there at the end."""
    last = edges.lasting(anatomy, part.kept)
    nodes = [anatomy.nodes[index] for index in part.kept if not anatomy.nodes[index].constant]
    return tuple(name for node in nodes for name in node.makes if anatomy.values[name].feedable and name in last)


def declared(anatomy: Anatomy, names: Sequence[str], seen: Mapping[str, Shape]) -> dict[str, Shape]:
    """For each value whose declared dimensions are not what was seen, those to declare; all open where nobody saw it."""
    found: dict[str, Shape] = {}
    for name in names:
        said = anatomy.values[name].shape or ()
        real = seen.get(name, (OPEN,) * len(said))
        if len(real) == len(said):
            real = tuple(OPEN if old == OPEN else new for old, new in zip(said, real, strict=True))
        if real != said:
            found[name] = real
    return found


def opened(shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """The same values with every dimension left open."""
    return {name: (OPEN,) * len(shape) for name, shape in shapes.items()}


def _seen(trials: ReduceTrials, made: MadeCut, names: Sequence[str]) -> dict[str, Shape]:
    """The dimensions that values have in the good place; none where it does not run with all of them wanted."""
    home = trials.folder / "shapes"
    part = Slice(kept=made.part.kept, feeds=made.part.feeds, fetches=tuple(names))
    cut = trials.body.cut(part)
    arrays = {called: made.arrays[old] for (_, called), (_, old) in zip(cut.feeds, made.cut.feeds, strict=True)}
    try:
        trials.write(MadeCut(part=part, cut=cut, arrays=arrays, weights=made.weights), home)
        side = trials.good
        (answer,) = trials.starts.ask(side.place, side.route, [CandidateModel(name="shapes", folder=home)])
        if answer.outputs is None:
            return {}
        with Outputs(answer.outputs) as told:
            found = {name: told.arrays.get(f"out{place}") for place, name in enumerate(names)}
            return {name: one.shape for name, one in found.items() if one is not None}
    except UnreadableOutputsError:
        return {}
    finally:
        cleared.remove(home)
