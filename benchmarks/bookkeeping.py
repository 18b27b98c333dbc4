"""What a trial costs beside its container: a thousand trials planned and kept with an engine that answers at once.

Needs no engine and no network. Prints milliseconds a trial and the memory on the way; nothing is asserted.
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lab import scenario
from lab.compare.planted import write_outputs
from lab.engine.local import LocalEngine
from lab.engine.protocol import Image, Job, JobResult, Recipe
from lab.environment import load
from lab.environment.prepare import Preparer
from lab.run import plan, workflow
from lab.run.events import Done
from lab.run.plan import Planned, Words
from lab.run.session import Laboratory, RunRequest
from lab.storage.store import Store
from lab.storage.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
ROUTES = ("jit", "static", "predictor", "predictor_no_onednn")
WANTED = 1000


class Instant(LocalEngine):
    """Writes what a guest would write, and nothing runs."""

    name = "instant"

    def facts(self) -> Mapping[str, str]:
        """What this engine is."""
        return {"engine": self.name}

    def reap(self) -> int:
        """Nothing is ever left behind."""
        return 0

    def image(self, recipe: Recipe) -> Image | None:
        """Every image is ready."""
        return Image(tag=recipe.tag, id="none", environment=recipe.environment.key)

    def run(self, job: Job) -> JobResult:
        """The record and the outputs of a step that worked."""
        request = json.loads((job.inbox / "request.json").read_text())
        kept = {"y": np.ones(4, np.float32)}
        write_outputs(job.outbox / "outputs.npz", kept)
        write_outputs(job.outbox / "inputs.npz", kept)
        record = {"protocol": 1, "nonce": request["nonce"], "mode": request["mode"], "status": "ok", "phase": "done"}
        (job.outbox / "outcome.json").write_text(json.dumps({**record, "facts": {"versions": {"paddle": "0"}}}))
        return JobResult(exit_code=0)


def planned() -> tuple[Planned, ...]:
    """A thousand trials: five releases with each other, by four routes, with ten settings of a flag."""
    catalogue = load(ROOT / "images")
    read = scenario.read(ROOT / "scenarios" / "two_feeds_static.py")
    places = plan.newest_patches(catalogue)[-5:]
    found: list[Planned] = []
    for number in range(WANTED // (len(places) ** 2 * len(ROUTES))):
        for route in ROUTES:
            flag = {"FLAGS_bench": str(number)}
            words = Words(full=True, savers=places, loaders=places, route=route, loader_env=flag)
            found += plan.grid(read, catalogue, words)
    return tuple(found)


def memory() -> float:
    """Resident megabytes now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def laboratory(home: Path) -> Laboratory:
    """The lab on the instant engine, in a folder of its own."""
    space = Workspace(root=ROOT, cache=home / "cache")
    engine: Any = Instant(home / "cache")
    preparer = Preparer(workspace=space, engine=engine, indexes={})
    return Laboratory(engine=engine, preparer=preparer, store=Store(root=home / "results"))


def main() -> None:
    """Plan, run, and say what it cost."""
    start = time.perf_counter()
    trials = planned()
    thought = time.perf_counter() - start
    request = RunRequest(
        name="bookkeeping", command="bench", planned=trials, scenario_sha256="0", rounds=0, whole=False
    )
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as home:
        start, done, seen = time.perf_counter(), 0, [memory()]
        for event in workflow.perform(request, laboratory(Path(home))):
            if isinstance(event, Done):
                done += 1
                if done % (WANTED // 4) == 0:
                    seen.append(memory())
        seen.append(memory())
        spent = time.perf_counter() - start
    print("| trials | planning | keeping, each | both, each | memory on the way |\n|---|---|---|---|---|")
    each = 1e3 * spent / len(trials)
    way = " ".join(f"{one:.0f}" for one in seen)
    print(
        f"| {len(trials)} | {1e3 * thought:.0f} ms | {each:.2f} ms | {1e3 * thought / len(trials) + each:.2f} ms | {way} MB |"
    )


if __name__ == "__main__":
    main()
