"""Which trials have something to cut: they fail by a way that parts of their model can be opened by too."""

from collections.abc import Sequence

from lab.model import TrialResult
from lab.scenario.expect import STANDARD_ROUTES


def failing(trials: Sequence[TrialResult]) -> list[TrialResult]:
    """The trials in which Paddle was seen to do something wrong."""
    return [one for one in trials if one.outcome.kind.decided and not one.outcome.kind.works]


def fits(one: TrialResult) -> bool:
    """Whether a trial opened its files in a way the lab has itself, on this processor."""
    return one.route in STANDARD_ROUTES and not one.cpu and not one.on


def cuttable(trials: Sequence[TrialResult]) -> bool:
    """Whether one of these trials fails and has something to cut."""
    return any(map(fits, failing(trials)))
