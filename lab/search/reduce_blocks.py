"""Loops and branches in a reduction: where one of them is left, it is opened, and what was inside is cut as all else.

A branch is opened by the value that its condition has in the good place; a loop as its first step, or as all the steps that the
good place takes. It counts only where the failure is in the opened model too: otherwise the operator is kept whole, and why is said.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from lab.cut import blocks, edges
from lab.cut.blocks import BlockSort
from lab.cut.body import ModelBody
from lab.cut.edges import CannotCutError
from lab.model.reduction import Sketch
from lab.search import block_words
from lab.search.reduce_steps import ReduceSteps
from lab.search.reduce_trials import RecordedValues, ReduceTrials

DEEP = 6
"""How often something is opened: what was inside may hold operators again."""
TURNS = 16
"""Steps of a loop that are counted: one that goes on longer is tried as so many."""
Recorder = Callable[[ReduceTrials, Sketch], RecordedValues]


def opened(steps: ReduceSteps, record: Recorder) -> None:
    """Open what holds operators among those that are left, as long as the failure goes along."""
    for _ in range(DEEP):
        if not any(_tried(steps, index, record) for index in _holding(steps)):
            return
        steps.ends()
        steps.rest()


def _holding(steps: ReduceSteps) -> list[int]:
    nodes = steps.trials.body.anatomy.nodes
    return [one for one in steps.trials.made(steps.best).part.kept if nodes[one].blocks]


def _tried(steps: ReduceSteps, index: int, record: Recorder) -> bool:
    """Whether the failure is also in what an operator holds; where it is not, a note says why it is kept whole."""
    trials = steps.trials
    name = trials.body.anatomy.nodes[index].operator
    try:
        if blocks.sort_of(trials.body.anatomy.nodes[index]) is BlockSort.BRANCH:
            choices = [_branch(trials, index)]
        else:
            choices = _turns(trials, index)
        if any(_moved(steps, index, choice, record) for choice in choices):
            return True
        steps.notes.append(f"{name} is kept whole: what it holds does not fail alike without it")
    except CannotCutError as error:
        steps.notes.append(f"{name} is kept whole: {error}")
    return False


def _branch(trials: ReduceTrials, index: int) -> int:
    """The branch that the good place takes: 0 where the condition is true."""
    (found,) = _good(trials, trials.body, [trials.body.condition(index)])
    if found is None:
        raise CannotCutError("the good place does not say which way it goes")
    return 0 if found else 1


def _turns(trials: ReduceTrials, index: int) -> list[int]:
    """How many steps are tried: the first one, and all that the good place takes."""
    body, made = trials.body.opened(index, TURNS)
    names = [blocks.value_before(body.anatomy, variable, at) for variable, at in made.conditions]
    told = _good(trials, body, names)
    count = next((place for place, one in enumerate(told) if not one), len(told))
    if not count:
        raise CannotCutError("the good place does not say that it takes a step at all")
    return [1, count] if count > 1 else [1]


def _good(trials: ReduceTrials, body: ModelBody, names: Sequence[str]) -> list[bool | None]:
    """What the good place has for these conditions, from the model's own inputs on; None where it does not say."""
    asked = replace(trials, body=body)
    found = asked.values([edges.reaching(body.anatomy, name) for name in names])
    return [None if one is None or one.size != 1 else bool(one.reshape(-1)[0]) for one in found]


def _moved(steps: ReduceSteps, index: int, choice: int, record: Recorder) -> bool:
    """Whether the failure is also in the model in which an operator is opened; then that is the model from now on."""
    trials = steps.trials
    node = trials.body.anatomy.nodes[index]
    body, made = trials.body.opened(index, choice)
    opened_ = (*steps.best.opened, (index, choice))
    sketch = Sketch(kept=made.moved(trials.made(steps.best).part.kept), opened=opened_)
    fresh = replace(trials, body=body, recorded=replace(trials.recorded, files={}))
    makes = [name for one in sketch.kept for name in body.anatomy.nodes[one].makes]
    whole = Sketch(kept=edges.before(body.anatomy, makes), opened=opened_)
    fresh.recorded = record(fresh, whole)
    return steps.moved(f"{node.operator} is opened: {block_words.told(node, made, choice)}", fresh, sketch)
