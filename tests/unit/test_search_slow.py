"""A slow model is reduced by rounds: chance never makes a part slow, one odd round decides nothing, and what a container tells is checked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.check import sample_inputs
from lab.errors import InfraError
from lab.model import Kind, Outcome, Phase
from lab.model.search import ProbeVerdict
from lab.run.candidates import CandidateAnswer, CandidateModel
from lab.search.slow_trials import CALLS, MOST, ROUNDS, SlowTrials, middle
from lab.search.weigh import rounds_slower
from lab.storage.outbox import GuestFile

FINE = Outcome(kind=Kind.OK, phase=Phase.COMPARE)
FAILED = Outcome(kind=Kind.PY_EXCEPTION, phase=Phase.INFER, type="ValueError", message="no such kernel")
BROKEN = Outcome(kind=Kind.INFRA_ERROR, phase=Phase.INFER, message="the disk is full")
MODEL = CandidateModel(name="one", folder=Path())


def told(
    folder: Path, name: str, values: Sequence[float], outcome: Outcome = FINE, cpu: Sequence[float] = ()
) -> CandidateAnswer:
    times = {"infer": np.array(values, dtype="float64"), "infer_cpu": np.array(cpu, dtype="float64")}
    sample_inputs.keep(times, folder / "out", name)
    return CandidateAnswer(outcome=outcome, times=GuestFile(out=folder / "out", name=f"{name}.npz"))


class ToldStarts:
    """Starts in which each place takes what it is told to take, and which remember who was asked in which order."""

    def __init__(self, folder: Path, takes: dict[str, Sequence[float]]) -> None:
        self.folder, self.takes = folder, takes
        self.asked: list[str] = []

    def ask(self, place: str, route: str, models: Sequence[CandidateModel], **more: Any) -> tuple[CandidateAnswer, ...]:
        assert (route, more) == ("jit", {"trust": True, "together": 1, "calls": CALLS})
        self.asked.append(place)
        number = self.asked.count(place)
        return tuple(told(self.folder, f"{place}-{number}", [self.takes[place][number - 1]] * 3) for _ in models)


class Side:
    """A place by its name alone."""

    route = "jit"

    def __init__(self, place: str) -> None:
        self.place = place


def trials(starts: ToldStarts, share: float = 0.5, *, cpu: bool = False) -> SlowTrials:
    made = object.__new__(SlowTrials)
    made.cpu = cpu
    made.starts, made.good, made.bad, made.share = starts, Side("good"), Side("bad"), share  # type: ignore[assignment]
    return made


def test_of_a_place_against_itself_no_part_is_ever_slow() -> None:
    chance = np.random.default_rng(1)
    for _ in range(60):
        one, other = (chance.lognormal(0, 0.2, ROUNDS).tolist() for _ in range(2))
        assert not rounds_slower(one, other, 0.1).slow


@pytest.mark.parametrize(("ratio", "slow"), [(3.0, True), (2.0, True), (1.2, False), (0.3, False)])
def test_a_part_is_slow_where_it_takes_more_than_the_share_longer(ratio: float, slow: bool) -> None:  # noqa: FBT001
    noise = [1.0, 1.02, 0.98, 1.01, 0.99, 1.03]
    assert rounds_slower(noise, [one * ratio for one in reversed(noise)], 0.5).slow is slow


def test_one_round_that_does_not_say_so_is_enough_to_doubt_it() -> None:
    assert not rounds_slower([1.0] * ROUNDS, [*([3.0] * (ROUNDS - 1)), 0.99], 0.5).slow
    assert not rounds_slower([1.0] * (ROUNDS - 1), [3.0] * (ROUNDS - 1), 0.5).slow, "fewer rounds can never tell"


def test_the_places_take_turns_and_each_round_is_a_process_of_its_own(tmp_path: Path) -> None:
    starts = ToldStarts(tmp_path, {"good": [1.0, 1.1, 0.9] * 2, "bad": [3.0, 3.1, 2.9] * 2})
    ((verdict, why),) = trials(starts)._shown([MODEL], once=False)
    assert verdict is ProbeVerdict.BAD
    assert why.startswith("x3 [")
    assert why.endswith(f"in {ROUNDS} rounds")
    assert starts.asked == ["good", "bad", "bad", "good"] * (ROUNDS // 2)


def test_a_part_that_fails_anywhere_is_no_slow_one(tmp_path: Path) -> None:
    fine, failed = told(tmp_path, "fine", [1.0]), told(tmp_path, "failed", [9.0], FAILED)
    made = trials(ToldStarts(tmp_path, {}))
    assert made._slow([(fine, failed)] * ROUNDS).sort is ProbeVerdict.OTHER
    assert made._slow([(failed, fine)] * ROUNDS).sort is ProbeVerdict.SKIP
    with pytest.raises(InfraError):
        made._slow([(fine, CandidateAnswer(outcome=BROKEN))])


@pytest.mark.parametrize("values", [[], [float("nan")], [-1.0, 2.0], [0.0], [float("inf")]])
def test_what_is_no_time_is_not_weighed(tmp_path: Path, values: list[float]) -> None:
    answer = told(tmp_path, "odd", values)
    assert middle(answer) == 0.0
    seen = trials(ToldStarts(tmp_path, {}))._slow([(told(tmp_path, "fine", [1.0]), answer)] * ROUNDS)
    assert (seen.sort, seen.why) == (ProbeVerdict.SKIP, "it told no times")
    assert middle(CandidateAnswer(outcome=FINE)) == 0.0


@pytest.mark.parametrize("cpu", [True, False])
def test_beside_other_work_the_processors_time_may_say_it_where_the_clock_cannot(tmp_path: Path, cpu: bool) -> None:  # noqa: FBT001
    wild = [1.0, 9.0, 2.0, 7.0, 1.5, 3.0]
    pairs = [
        (
            told(tmp_path, f"good-{number}", [one], cpu=[1.0 + number / 100]),
            told(tmp_path, f"bad-{number}", [wild[-1 - number]], cpu=[2.0 + number / 100]),
        )
        for number, one in enumerate(wild)
    ]
    seen = trials(ToldStarts(tmp_path, {}), cpu=cpu)._slow(pairs)
    assert seen.sort is (ProbeVerdict.BAD if cpu else ProbeVerdict.GOOD)


def test_a_part_that_took_longer_without_being_sure_is_timed_on_to_the_second_look(tmp_path: Path) -> None:
    one_odd = [3.0, 3.1, 0.9, 2.9, 3.2, 3.1, *([3.0, 3.1] * 3)]
    starts = ToldStarts(tmp_path, {"good": [1.0, 1.02] * 6, "bad": one_odd})
    ((verdict, why),) = trials(starts)._shown([MODEL], once=False)
    assert len(starts.asked) == 2 * MOST
    assert why.endswith(f"in {MOST} rounds")
    assert verdict is ProbeVerdict.BAD
