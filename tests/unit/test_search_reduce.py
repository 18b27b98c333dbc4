"""A reduction begins only with a failure that comes each time, and says what it saw where it does not."""

from types import SimpleNamespace
from typing import Any

import pytest

from lab.errors import EndsWrongError, InconclusiveError
from lab.model import Kind, Outcome, Phase
from lab.model.reduction import Sketch
from lab.search.judge import AUTO
from lab.search.reduce_search import ReduceSearch, _by_value

WRONG = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.INFER, type="ValueError", message="no such kernel")
HUNG = Outcome(kind=Kind.TIMEOUT, phase=Phase.LOAD, reason="wall")
FINE = Outcome(kind=Kind.OK, phase=Phase.COMPARE)


class ToldTrials:
    """Trials of which is known what the whole does in both places, and how often it does so again."""

    def __init__(self, good: Outcome, bad: Outcome, again: int) -> None:
        self.both, self.shown = (good, bad), again
        self.bad, self.good = SimpleNamespace(label="3.3.1 by jit"), SimpleNamespace(label="3.0.0 by jit")
        self.judge = self.alone = None

    def outcomes(self, _: Sketch, *, alone: bool = False) -> tuple[Outcome, Outcome]:
        del alone
        return self.both

    def look(self, _: Sketch) -> None:
        pass

    def again(self, _: Sketch, times: int) -> int:
        return min(times, self.shown)


def search(trials: ToldTrials, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    made: Any = object.__new__(ReduceSearch)
    side = SimpleNamespace(label="3.3.1 by jit")
    made.request = SimpleNamespace(failing=[side], right=lambda _: [side, side], times=3, signature=AUTO)
    made.starts, made.held = SimpleNamespace(seconds=0.0), SimpleNamespace(say=lambda _: None)
    monkeypatch.setattr(ReduceSearch, "_trials", lambda *_: trials)
    opened = SimpleNamespace(anatomy=SimpleNamespace(nodes=[1, 2, 3]))
    return made, opened


@pytest.mark.parametrize(("shown", "said"), [(0, "0 of 3 times"), (2, "2 of 3 times")])
def test_what_comes_and_goes_is_refused_with_how_often_it_came(
    monkeypatch: pytest.MonkeyPatch, shown: int, said: str
) -> None:
    made, opened = search(ToldTrials(FINE, WRONG, shown), monkeypatch)
    with pytest.raises(InconclusiveError, match=said):
        made._failing(opened, None)


def test_what_comes_each_time_is_what_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = ToldTrials(FINE, WRONG, 3)
    made, opened = search(trials, monkeypatch)
    assert made._failing(opened, None) == (trials, WRONG)


@pytest.mark.parametrize("both", [(FINE, FINE), (HUNG, HUNG), (HUNG, WRONG)], ids=["works", "hangs twice", "no right"])
def test_where_nothing_fails_or_nothing_is_right_each_place_is_told(
    monkeypatch: pytest.MonkeyPatch, both: tuple[Outcome, Outcome]
) -> None:
    made, opened = search(ToldTrials(*both, 3), monkeypatch)
    with pytest.raises(
        EndsWrongError, match="does not fail where it was looked for, or nothing answers rightly"
    ) as said:
        made._failing(opened, None)
    assert ("it is the file" in said.value.remedy) == (both == (FINE, FINE)), "only where every way answers alike"


def test_inputs_that_are_not_as_many_as_the_model_takes_are_named_both() -> None:
    anatomy: Any = SimpleNamespace(feeds={"1": "image", "2": "length"})
    with pytest.raises(EndsWrongError, match="the model takes image, length, and the inputs are x"):
        _by_value(anatomy, {"x": None})  # type: ignore[dict-item]
