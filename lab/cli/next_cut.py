"""What comes next where a model fails: which operator it is, and the smallest model that shows it."""

from collections.abc import Sequence

from lab.cli import again
from lab.cli.screen import say
from lab.model import TrialResult
from lab.scenario.expect import STANDARD_ROUTES


def tell(run: str, trials: Sequence[TrialResult]) -> None:
    """Name both commands for a run of which they have something to cut: a trial that fails by a standard way, on this processor."""
    if cuttable(trials):
        say(f"which operator: {again.beside('locate', run)}; the smallest model: {again.beside('reduce', run)}")


def cuttable(trials: Sequence[TrialResult]) -> bool:
    """Whether a trial shows what Paddle does wrong with files that are opened in a way the lab has itself."""
    return any(
        one.outcome.kind.decided and not one.outcome.kind.works and one.route in STANDARD_ROUTES and not one.cpu
        for one in trials
    )
