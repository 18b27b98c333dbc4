"""The steps of a reduction over made-up operators, of which is known which ones the failure needs."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lab.model.cutting import Anatomy, CutNode
from lab.model.reduction import Sketch
from lab.search.reduce_steps import ReduceSteps


class MadeUpTrials:
    """Operators 0 to `size`; the failure is there where one of the `needed` sets is kept as a whole."""

    def __init__(self, size: int, needed: Sequence[frozenset[int]], *, cheap: bool = True) -> None:
        nodes = tuple(CutNode(operator=f"op{one}", reads=("x",), makes=(f"v{one}",)) for one in range(size))
        anatomy = Anatomy(nodes=nodes, values={}, feeds={"x": "x"}, parameters={}, fetches=())
        self.body = SimpleNamespace(anatomy=anatomy)
        self.needed, self.cheap, self.asked = needed, cheap, 0

    def made(self, sketch: Sketch) -> Any:
        return SimpleNamespace(part=SimpleNamespace(kept=sketch.kept))

    def holds(self, sketches: Sequence[Sketch]) -> tuple[bool, ...]:
        self.asked += len(sketches)
        return tuple(any(one <= set(sketch.kept) for one in self.needed) for sketch in sketches)

    def again(self, _: Sketch, times: int) -> int:
        return times


def steps(trials: Any, kept: Sequence[int]) -> ReduceSteps:
    return ReduceSteps(trials=trials, say=lambda _: None, times=2, seed=0, best=Sketch(kept=tuple(kept)))


@given(st.sets(st.frozensets(st.integers(0, 4), min_size=1), min_size=1, max_size=3))
def test_of_few_operators_the_smallest_choice_is_found_whatever_delta_debugging_left(
    needed: set[frozenset[int]],
) -> None:
    work = steps(MadeUpTrials(5, list(needed)), range(5))
    work.every()
    assert len(work.best.kept) == min(map(len, needed))
    assert any(one <= set(work.best.kept) for one in needed)


def test_of_many_operators_or_of_candidates_that_cost_much_not_every_choice_is_tried() -> None:
    for trials in (MadeUpTrials(6, [frozenset({0})]), MadeUpTrials(5, [frozenset({0})], cheap=False)):
        work = steps(trials, range(len(trials.body.anatomy.nodes)))
        work.every()
        assert trials.asked == 0
        assert work.done == []
