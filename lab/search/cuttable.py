"""Which trials have something to cut: they fail by a way that parts of their model can be opened by too."""

from collections.abc import Sequence

from lab.model import Phase, TrialResult
from lab.scenario.expect import STANDARD_ROUTES

READING = ("jit", "static")
"""Ways that only read a file while they load it; a predictor fuses operators then."""


def failing(trials: Sequence[TrialResult]) -> list[TrialResult]:
    """The trials in which Paddle was seen to do something wrong."""
    return [one for one in trials if one.outcome.kind.decided and not one.outcome.kind.works]


def fits(one: TrialResult) -> bool:
    """Whether a trial opened its files in a way the lab has itself, on this processor."""
    return one.route in STANDARD_ROUTES and not one.cpu and not one.on


def cuttable(trials: Sequence[TrialResult]) -> bool:
    """Whether one of these trials fails and has something to cut: operators that ran, or a file that others could open there."""
    return any(fits(one) and _opens(one, trials) for one in failing(trials))


def _opens(bad: TrialResult, trials: Sequence[TrialResult]) -> bool:
    """Whether a failure can be one operator's: what nothing opens, or what its own API opens with a setting, is the file."""
    if bad.outcome.phase is not Phase.LOAD:
        return True
    beside = [one for one in trials if one.loader == bad.loader and one.saver == bad.saver and _opened(one)]
    reads = bad.route.startswith(READING) and any(one.route.startswith(bad.route) for one in beside)
    return bool(beside) and not reads


def _opened(one: TrialResult) -> bool:
    return one.outcome.kind.answered or (one.outcome.kind.decided and one.outcome.phase not in (None, Phase.LOAD))
