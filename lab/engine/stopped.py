"""Stop is a state: a run that was stopped stays stopped, whatever of it still waits for a lock or for the engine."""

import contextlib
from collections.abc import Iterator

from lab.errors import Interrupted, LabError
from lab.machine import interruption


class StoppedRuns:
    """The runs an engine was told to stop; all of them, once the lab was told to end."""

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def add(self, run_id: str) -> None:
        """Nothing of this run starts any more."""
        self._ids.add(run_id)

    def has(self, run_id: str) -> bool:
        """Whether a run may start nothing more."""
        return run_id in self._ids or interruption.heard()

    def refuse(self, run_id: str) -> None:
        """Interrupted where the run was stopped."""
        if self.has(run_id):
            raise Interrupted(f"run {run_id} was stopped: nothing of it is started any more", "")

    @contextlib.contextmanager
    def guarded(self, run_id: str) -> Iterator[None]:
        """A step of a run: Interrupted before it starts, and on every way out of it once the run was stopped.

        How a step ended that was stopped says nothing of it, so nobody may take that for its result.
        """
        self.refuse(run_id)
        try:
            yield
        except LabError:
            self.refuse(run_id)
            raise
        self.refuse(run_id)
