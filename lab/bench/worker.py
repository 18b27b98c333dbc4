"""One side of a block as the host sees it: a container that sleeps on a pipe and measures one value for each token."""

import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from pathlib import Path

from lab.engine.protocol import Image
from lab.errors import InfraError
from lab.model import Step
from lab.run.order import TOKENS, StepOrder
from lab.run.step import Runner, read_record
from lab.storage.outbox import GuestFile

LOOK_S = 0.004


class BlockWorker:
    """Start it, wait until it is ready, ask it for values, end it; every wait ends when the container does.

    A container is bounded by its own limits, so a side that hangs ends with them and can never hang the host.
    """

    def __init__(self, side: str, order: StepOrder, image: Image, folder: Path, *, twin: bool = False) -> None:
        self.side, self.twin = side, twin
        self._order, self._image, self._folder = order, image, folder
        self._future: Future[Step] | None = None
        self._pipe = -1
        self._number = 0

    def start(self, runner: Runner, pool: Executor) -> None:
        """Begin; the container imports, loads and warms up."""
        self._future = pool.submit(runner.once, self._order, self._image, self._folder)

    def ready(self) -> Mapping[str, object] | None:
        """What it says of itself after its warm-up, or None where it ended before."""
        said = self._awaited("ready.json")
        if said is not None:
            self._pipe = os.open(self._folder / "in" / TOKENS, os.O_RDWR | os.O_NONBLOCK)
        return said

    def ask(self, metric: str, loops: int, within_s: float) -> Mapping[str, object] | None:
        """Hand over the token for one value of `loops` calls; None where the side ended instead.

        A side that hangs in native code cannot be told to stop: it ends itself after `within_s` seconds.
        """
        self._number += 1
        self._tell({"number": self._number, "metric": metric, "loops": loops, "within_s": within_s})
        return self._awaited(f"done-{self._number:06d}.json")

    def let_go(self) -> None:
        """Tell it to end, without waiting for that."""
        if self._pipe >= 0:
            self._tell({"stop": True})
        self.close()

    def end(self) -> Step:
        """Let it go, and read how it ended."""
        if self._future is None:
            raise InfraError(f"the side {self.side} was never started", "run the benchmark again")
        self.let_go()
        return self._future.result()

    def close(self) -> None:
        """Let go of the pipe, which ends the side, and remove it: a pipe left in a results folder would hang a reader."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        (self._folder / "in" / TOKENS).unlink(missing_ok=True)

    def _tell(self, token: Mapping[str, object]) -> None:
        os.write(self._pipe, json.dumps(token).encode() + b"\n")

    def _awaited(self, name: str) -> Mapping[str, object] | None:
        file = GuestFile(out=self._folder / "out", name=name)
        future = self._future
        while future is not None and not os.path.lexists(file.out / name):
            if future.done():
                return read_record(file)  # it may have been written just before the end
            time.sleep(LOOK_S)
        return read_record(file)
