"""Exit codes for `git bisect run`: 0 good, 1 bad, 125 cannot be tested, 128 stop the search."""

import contextlib
from collections.abc import Iterator, Sequence

import typer

from lab.cli.ending import tell
from lab.errors import Interrupted, LabError, UsageError
from lab.model import TrialResult

GOOD, BAD, SKIP, STOP = 0, 1, 125, 128


def code(trials: Sequence[TrialResult]) -> int:
    """Bad where any trial failed, whatever was expected of it; else untestable where any could not be decided."""
    kinds = {one.outcome.kind for one in trials}
    if any(kind.decided and not kind.works for kind in kinds):
        return BAD
    if not all(kind.tested for kind in kinds):
        return SKIP
    return GOOD if all(kind.works for kind in kinds) else BAD


@contextlib.contextmanager
def codes(*, wanted: bool) -> Iterator[None]:
    """Turn the lab's own failures into "cannot be tested", and wrong words into "stop", where this is wanted."""
    try:
        yield
    except Interrupted:
        raise
    except UsageError as error:
        if not wanted:
            raise
        raise typer.Exit(tell(error, STOP)) from error
    except LabError as error:
        if not wanted:
            raise
        raise typer.Exit(tell(error, SKIP)) from error
