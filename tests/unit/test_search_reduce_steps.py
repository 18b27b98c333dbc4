"""The steps of a reduction over made-up operators, of which is known which ones the failure needs."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model.cutting import Anatomy, CutNode
from lab.model.reduction import Sketch
from lab.search import reduce_shapes
from lab.search.reduce_steps import ReduceSteps


class MadeUpTrials:
    """Operators 0 to `size`; the failure is there where one of the `needed` sets is kept as a whole."""

    def __init__(
        self, size: int, needed: Sequence[frozenset[int]], *, cheap: bool = True, blocks: bool = False
    ) -> None:
        nodes = tuple(
            CutNode(operator=f"op{one}", reads=("x",), makes=(f"v{one}",), blocks=blocks) for one in range(size)
        )
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


@pytest.mark.parametrize("lengths", [{}, {"x": (1, 2)}], ids=["inputs as they were", "smaller inputs"])
@pytest.mark.parametrize(
    "answers", [{}, {"shapes": True}, {"shapes": False, "opened": True}, {"shapes": False, "opened": False}]
)
def test_of_a_program_with_smaller_inputs_it_is_said_where_declared_shapes_are_not_its_own(
    monkeypatch: pytest.MonkeyPatch, lengths: dict[str, tuple[int, ...]], answers: dict[str, bool]
) -> None:
    """The failure allows the new shapes, or only open ones, or none of them."""
    monkeypatch.setattr(reduce_shapes, "true", lambda *_: {"v0": (1, 2)} if answers else {})
    work = steps(MadeUpTrials(1, [], blocks=True), [0])
    work.best = replace(work.best, lengths=lengths)

    def accept(what: str, sketch: Sketch, asked: int = 0) -> bool:
        del asked
        held = answers["opened" if set(sketch.shapes["v0"]) == {-1} else "shapes"]
        work.best = sketch if held else work.best
        return held

    monkeypatch.setattr(work, "_accept", accept)
    work._declare()
    notes = " ".join(work.notes)
    assert ("inside op0 the program declares" in notes) == bool(lengths)
    assert ("the failure needs them" in notes) == bool(lengths and answers and not any(answers.values()))
    assert bool(work.best.shapes) == bool(lengths and any(answers.values()))
