"""Exit codes for `git bisect run`: 0 good, 1 bad, 125 cannot be tested, 128 stop the search."""

import contextlib
from collections.abc import Iterator, Sequence

import typer

from lab.cli.ending import tell
from lab.errors import Interrupted, LabError, UsageError
from lab.model import Kind, TrialResult

GOOD, BAD, SKIP, STOP = 0, 1, 125, 128
UNTESTED = frozenset({Kind.UNSUPPORTED, Kind.BUILD_FAILURE, Kind.INFRA_ERROR, Kind.FLAKY})


def code(trials: Sequence[TrialResult]) -> int:
    """Bad where any trial failed, whatever was expected of it; else untestable where any could not be decided."""
    kinds = {one.outcome.kind for one in trials}
    if kinds - UNTESTED - {Kind.OK, Kind.DRIFT, Kind.DEPENDS_ON}:
        return BAD
    if kinds & UNTESTED:
        return SKIP
    return BAD if Kind.DEPENDS_ON in kinds else GOOD


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
        tell(error)
        raise typer.Exit(STOP) from error
    except LabError as error:
        if not wanted:
            raise
        tell(error)
        raise typer.Exit(SKIP) from error
