"""What is said of one release, from its ways and those of the old one."""

import pytest

from lab.check import answer
from lab.model import Kind, Outcome, Phase, TrialResult
from lab.model.check import Attempt, Safety, Way


def attempt(release: str, route: str, kind: Kind) -> Attempt:
    outcome = Outcome(kind=kind, phase=Phase.COMPARE)
    trial = TrialResult(
        label="", key="", saver="", loader="", saver_env={}, loader_env={}, route=route, outcome=outcome
    )  # fmt: skip
    return Attempt(release=release, way=Way(route=route), trial=trial, good=kind is Kind.OK)


@pytest.mark.parametrize(
    ("jit", "predictor", "safety"),
    [
        (Kind.OK, Kind.OK, Safety.SAFE),
        (Kind.OK, Kind.UNDECIDED, Safety.UNKNOWN),
        (Kind.UNDECIDED, Kind.UNDECIDED, Safety.UNKNOWN),
        (Kind.UNDECIDED, Kind.NATIVE_CRASH, Safety.UNKNOWN),
    ],
)
def test_a_release_with_a_way_that_shows_nothing_is_not_said_to_be_safe(
    jit: Kind, predictor: Kind, safety: Safety
) -> None:
    before = [attempt("3.0.0", route, Kind.OK) for route in ("jit", "predictor")]
    mine = [attempt("3.3.1", "jit", jit), attempt("3.3.1", "predictor", predictor)]
    good = any(one.good for one in mine)
    assert answer._safety(mine, before, good=good, lost=False, golden=False) is safety
