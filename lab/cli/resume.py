"""Which run --resume means: one that this very command began, and nothing else."""

from collections.abc import Sequence

from lab.cli import again
from lab.errors import UsageError
from lab.model import Run, RunStatus
from lab.storage.store import Store
from lab.storage.workspace import Workspace

LAST = "last"


def begun(found: Workspace, word: str, commands: Sequence[str] = (), *, finished: bool = False) -> str:
    """The id of the run to go on with; empty where nobody asked to.

    `commands` are what began it, this command by itself; `finished` says that a finished run can be gone on with, too.
    UsageError says what there is instead.
    """
    if not word:
        return ""
    kept = Store(root=found.results)
    mine = {again.canonical(one) for one in commands or (again.command(),)}
    if word != LAST:
        return _named(kept.find(word), mine, finished=finished)
    open_runs = [one for one in kept.whole() if finished or one.status is not RunStatus.FINISHED]
    fitting = next((one for one in open_runs if again.canonical(one.command) in mine), None)
    if fitting is not None:
        return fitting.id
    others = [one for one in open_runs if one.status is not RunStatus.FINISHED]
    raise UsageError(
        f"there is no {'' if finished else 'interrupted '}run of: {'; '.join(sorted(mine))}",
        f"start without --resume{_other(others)}",
    )


def _named(one: Run, mine: set[str], *, finished: bool) -> str:
    own = again.canonical(one.command)
    if one.status is RunStatus.FINISHED and not (finished and own in mine):
        raise UsageError(f"run {one.id} is finished: there is nothing to go on with", "start without --resume")
    if own not in mine:
        raise UsageError(f"run {one.id} was started by another command", again.go_on(own, one.id))
    return one.id


def _other(others: Sequence[Run]) -> str:
    """The newest interrupted run, and how to go on with it."""
    if not others:
        return ""
    one = others[0]
    return f"; what was interrupted goes on with: {again.go_on(again.canonical(one.command), one.id)}"
