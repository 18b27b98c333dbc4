"""An engine whose every image is this interpreter with the toy paddle of tests/fakes: the true guest, without Paddle.

It reaches states that real Paddle cannot be put into at will; real engines are tested in tests/containers.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.engine.local import LocalEngine
from lab.engine.protocol import Image, Job, JobResult, Recipe, Teller
from lab.engine.stopped import StoppedRuns
from lab.errors import BuildError, InfraError

FAKES = Path(__file__).parent


class ToyEngine(LocalEngine):
    """Fails as told: `unbuildable` environments cannot be made, `dies_after` starts it stops answering.

    `starts` starts its guests; without it each is started anew.
    """

    name = "toy"
    isolated = True

    def __init__(
        self,
        cache: Path,
        *,
        unbuildable: tuple[str, ...] = (),
        dies_after: int = 10**6,
        starts: Callable[..., AbstractContextManager[Any]] | None = None,
    ) -> None:
        super().__init__(cache)
        self._starts = starts or super()._started
        self.unbuildable = unbuildable
        self.dies_after = dies_after
        self.jobs: list[Job] = []
        self.built: list[str] = []

    def reopened(self) -> "ToyEngine":
        """The engine as the next command finds it: nothing is being stopped any more."""
        self._stops = StoppedRuns()
        return self

    def facts(self) -> Mapping[str, str]:
        return {"engine": "toy"}

    def image(self, recipe: Recipe) -> Image | None:
        key = recipe.environment.key
        return Image(tag=recipe.tag, id=sys.executable, environment=key) if key in self.built else None

    def build(self, recipe: Recipe, wheels: Path, log: Path, teller: Teller) -> Image:
        key = recipe.environment.key
        if key in self.unbuildable:
            raise BuildError(f"the image for {key} could not be built", "read the log")
        self.built.append(key)
        return Image(tag=recipe.tag, id=sys.executable, environment=key)

    def _started(self, argv: Sequence[str], *, env: Mapping[str, str]) -> AbstractContextManager[Any]:
        return self._starts(argv, env=env)

    def run(self, job: Job) -> JobResult:
        self._stops.refuse(job.run_id)
        if len(self.jobs) >= self.dies_after:
            raise InfraError("the engine stopped answering while the lab wanted to run a container", "start it again")
        self.jobs.append(job)
        release = job.image.environment.split("-")[0]
        toys = {"PYTHONPATH": str(FAKES), "TOY_PADDLE_VERSION": release, "TOY_ENVIRONMENT": job.image.environment}
        if release == os.environ.get("TOY_BREAKS"):  # this release computes something else
            toys["TOY_PADDLE_SKEW"] = "1"
        if (played := os.environ.get("LAB_TEST_PROCESSOR")) is not None:
            toys["TOY_HOST"] = played
        return super().run(replace(job, env={**job.env, **toys}))
