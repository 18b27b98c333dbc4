"""Many candidate models in one start: a release with its settings imports Paddle once, and each candidate is a fork of that.

What a candidate does costs only itself. A fork of it that ends otherwise than with an answer or with a Python exception is
asked again in a start of its own, and that counts, as everywhere (`lab.run.forks`).
"""

import contextlib
import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab import scenario
from lab.engine.protocol import Image
from lab.machine import timing_lock
from lab.model import Limits, Outcome, Place, Scenario, Step
from lab.run import net_records
from lab.run.forks import ForkServer, believed, ended_if_left
from lab.run.order import StepOrder
from lab.run.step import Runner, lost
from lab.storage import cleared, copies, outbox, store
from lab.storage.outbox import GuestFile

PREFIX = "net"
ENDS = (".json", ".pdmodel", ".pdiparams", ".pdiparams.info")
"""The files of a candidate's folder that are its model, each called net and this."""
INPUTS, PLACES = "inputs", "places.json"
"""Beside the model: inputs.npz with inputs.json; and places.json, where jit.load gives the outputs in another order."""
ORDERS = 1000
"""Batches that one start takes: all their nonces have to fit into a pipe at once."""
TOGETHER = 32
"""Candidates that one fork does: a fork of its own for each costs more than a small model does."""
SPARE_S = 120.0
SECONDS = 60.0
STARTS = 8
TRIES = 2
_TEXT = '''# /// script
# requires-python = ">=3.8"
# dependencies = ["paddlepaddle", "numpy"]
#
# [tool.lab]
# summary = "models that are tried as files"
# routes = ["jit", "jit_old_ir", "static", "predictor", "predictor_no_onednn"]
# ///
"""Models that are tried as files: there is no code that makes them."""


def inputs(rng):
    raise NotImplementedError("the inputs lie beside each model")


def save(prefix, inputs):
    raise NotImplementedError("these models were given as files")
'''


@dataclass(frozen=True, kw_only=True)
class CandidateModel:
    """One model to try: its name among those asked together, and the folder of net.*, inputs.npz and inputs.json."""

    name: str
    folder: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of the model itself."""
        return tuple(path for end in ENDS if (path := self.folder / f"{PREFIX}{end}").is_file())


@dataclass(frozen=True, kw_only=True)
class CandidateAnswer:
    """What one candidate did: its outcome and, where it answered, the file of its outputs in the model's own order.

    `alone` says that it had a start of its own; `times` is the file of what its calls took, where that was asked for. Its files
    live as long as the starts do.
    """

    outcome: Outcome
    outputs: GuestFile | None = None
    alone: bool = False
    times: GuestFile | None = None


@dataclass(kw_only=True)
class CandidateStarts:
    """The starts of one run in which candidates are tried: one a place, begun when it is first needed or foreseen.

    `seconds` is how long one candidate may take; `asked` counts those that were given to a fork.
    """

    runner: Runner
    images: Mapping[str, Image | Step]
    folder: Path
    seconds: float = SECONDS
    _pool: ThreadPoolExecutor
    _scenario: Scenario
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _servers: dict[str, ForkServer] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    asked: int = 0

    def begin(self, place: Place) -> None:
        """Begin to import in a place, without waiting for it; nothing where it has no image, or its start has begun."""
        image = self.images[place.environment.key]
        with self._lock:
            if isinstance(image, Step) or place.label in self._servers:
                return
            server = ForkServer(self.runner, self._order(place, 1, {}), image, self._new("start"), ORDERS)
            server.start(self._pool)
            self._servers[place.label] = server

    def ask(
        self,
        place: Place,
        route: str,
        candidates: Sequence[CandidateModel],
        *,
        trust: bool = False,
        together: int = TOGETHER,
        patience: float = 1.0,
        calls: int = 0,
    ) -> tuple[CandidateAnswer, ...]:
        """What each candidate does in this place by this route, in their order.

        One fork does up to `together` of them, one after the other: 1 gives each a process of its own. With `trust`, what
        only a fork showed is told as it is: whoever asks so asks again `alone` where it decides. With `patience` each may
        take so many times the usual. With `calls` so many of its calls are timed one by one.
        """
        found: dict[str, CandidateAnswer] = {}
        for _ in range(TRIES):
            found = found or self._forked(place, route, candidates, together, patience, calls)
        return tuple(
            one if (one := found.get(model.name)) is not None and (trust or believed(one.outcome))
            else self.alone(place, route, model)
            for model in candidates
        )  # fmt: skip

    def alone(self, place: Place, route: str, model: CandidateModel) -> CandidateAnswer:
        """What one candidate does in a start of its own."""
        image = self.images[place.environment.key]
        if isinstance(image, Step):
            return CandidateAnswer(outcome=image.outcome, alone=True)
        home = self._new("alone")
        order = StepOrder(
            mode="load",
            key="",
            scenario=self._scenario,
            place=self._limited(place, 1),
            route=route,
            saved=as_saved(model, home / "saved"),
        )
        step = self.runner.once(order, image, home / "step")
        if lost(step.outcome, home / "step"):
            step = self.runner.once(order, image, home / "step")
        answered = outbox.outputs(home / "step" / "out") if step.outcome.ok else None
        return CandidateAnswer(outcome=step.outcome, outputs=answered, alone=True)

    def _forked(
        self, place: Place, route: str, candidates: Sequence[CandidateModel], together: int, patience: float, calls: int
    ) -> dict[str, CandidateAnswer]:
        """What was told of each candidate, by name; nothing where there is no start, or it ended instead."""
        if not candidates:
            return {}
        self.begin(place)
        server = self._servers.get(place.label)
        image = self.images[place.environment.key]
        if server is None or isinstance(image, Step):
            return {}
        home = self._new("batch")
        brought = home / "brought"
        for model in candidates:
            _laid_out(model, brought / "model" / model.name, brought / INPUTS, model.name)
        with self._lock:
            self.asked += len(candidates)
        plan = _plan(self.seconds * patience, route, candidates, together) | {"calls": calls}
        order = self._order(place, len(candidates), plan, patience)
        if server.ask(order, home / "step", brought) is None:
            self._gone(place, server)
            return {}
        names = [one.name for one in candidates]
        told = net_records.outcomes(home / "step", {route: names}, place.settings.limits.memory)[route]
        return {name: _answer(home / "step", route, name, outcome) for name, outcome in told.items()}

    def _gone(self, place: Place, server: ForkServer) -> None:
        """Let a start go that answers no more; the next question begins a new one."""
        with self._lock:
            if self._servers.get(place.label) is server:
                del self._servers[place.label]
        server.close()

    def _order(self, place: Place, count: int, plan: Mapping[str, object], patience: float = 1.0) -> StepOrder:
        return StepOrder(
            mode="sweep",
            key="",
            scenario=self._scenario,
            place=self._limited(place, count, patience),
            more={"sweep": dict(plan)},
        )

    def _limited(self, place: Place, count: int, patience: float = 1.0) -> Place:
        """The place with the time that so many candidates may take; none of them is silent for longer than one may take."""
        limits: Limits = place.settings.limits
        wall, silent = count * self.seconds * patience + SPARE_S, self.seconds * patience + SPARE_S
        return replace(place, settings=replace(place.settings, limits=replace(limits, wall_s=wall, silent_s=silent)))

    def _new(self, kind: str) -> Path:
        """A folder of its own for one question."""
        return self.folder / f"{kind}-{next(self._numbers)}"

    def close(self) -> None:
        """End every start."""
        for server in self._servers.values():
            server.end()
        for server in self._servers.values():
            server.close()


def _plan(seconds: float, route: str, candidates: Sequence[CandidateModel], together: int) -> dict[str, object]:
    tasks = [{"route": route, "nets": [one.name for one in candidates]}]
    return {"do": "load", "tasks": tasks, "batch": together, "net_s": seconds, "busy_s": seconds}


def _laid_out(model: CandidateModel, files: Path, beside: Path, stem: str) -> None:
    """Put a candidate's files where the guest looks for them, under second names and readable by whoever it runs as."""
    for folder in (files, beside):
        folder.mkdir(parents=True, exist_ok=True)
    for path in model.files:
        copies.link(path, files / path.name)
    for end in (".npz", ".json"):
        copies.link(model.folder / f"{INPUTS}{end}", beside / f"{stem}{end}")
    if (model.folder / PLACES).is_file():
        places = beside / PLACES if stem == INPUTS else beside.parent / "places" / f"{stem}.json"
        places.parent.mkdir(exist_ok=True)
        copies.link(model.folder / PLACES, places)


def _answer(folder: Path, route: str, name: str, outcome: Outcome) -> CandidateAnswer:
    outputs = net_records.arrays(folder, f"outputs-{route}", name) if outcome.ok else None
    if outcome.ok and outputs is None:
        return CandidateAnswer(outcome=net_records.lost(name))
    return CandidateAnswer(outcome=outcome, outputs=outputs, times=net_records.arrays(folder, f"times-{route}", name))


def as_scenario(folder: Path) -> Scenario:
    """The scenario that stands for any model that is tried as files, written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    store.write(folder / "models.py", _TEXT.encode(), lasting=False)
    return scenario.read(folder / "models.py")


def as_saved(model: CandidateModel, folder: Path) -> Path:
    """A folder in which a candidate lies as a saver would have left it."""
    _laid_out(model, folder / "model", folder, INPUTS)
    return folder


@contextlib.contextmanager
def opened(
    runner: Runner, images: Mapping[str, Image | Step], folder: Path, seconds: float = SECONDS
) -> Iterator[CandidateStarts]:
    """Starts for one run, which lie below `folder` while they live and hold the lock of timings together."""
    cleared.remove(folder)  # a search that was killed leaves its candidates, and their names are given anew
    about = as_scenario(folder)
    with timing_lock.shared(runner.stopped), ThreadPoolExecutor(max_workers=STARTS) as pool:
        starts = CandidateStarts(
            runner=runner, images=images, folder=folder, seconds=seconds, _pool=pool, _scenario=about
        )
        try:
            with ended_if_left(runner):
                yield starts
        finally:
            starts.close()
            cleared.remove(folder)
