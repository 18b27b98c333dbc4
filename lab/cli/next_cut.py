"""What comes next where a model fails: which operator it is, and the smallest model that shows it."""

from collections.abc import Sequence

from lab.cli import again, next_commands
from lab.model import TrialResult
from lab.search.cuttable import cuttable


def tell(run: str, trials: Sequence[TrialResult]) -> None:
    """Name both commands for a run of which they have something to cut: a trial that fails by a standard way, on this processor."""
    if cuttable(trials):
        next_commands.tell(
            ("which operator", again.beside("locate", run)), ("smallest model", again.beside("reduce", run))
        )
