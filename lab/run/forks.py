"""Many loads in one start: a container a release and settings imports Paddle once, and a fork of it opens the model each way.

A fork is believed where it ended by itself with an answer or with a Python exception. Whatever else became of it (a crash, a
hang, no memory, too much output), and an answer that is wrong, is asked again in a start of its own, and that counts: what only
a fork does is no finding.
"""

import contextlib
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from lab.engine.protocol import Image, Job, JobResult, Rooms
from lab.errors import Interrupted, LabError
from lab.machine import timing_lock
from lab.model import Kind, Outcome, Step
from lab.run.inbox import asked, handed_over
from lab.run.order import StepOrder
from lab.run.step import Runner
from lab.storage import cleared, store

MOST = 32
"""Orders that one start takes: each has a nonce of its own, and all of them fit into the pipe at once."""
LOOK_S = 0.005
PATIENCE_S = 300.0
GRACE_S = 30.0
STARTS = 64


def forkable(order: StepOrder) -> bool:
    """Whether a step may be done by a fork: a load, on this machine's own processor."""
    load = order.mode == "load" and order.saved is not None
    return load and not order.place.settings.emulated and order.turns is None and not order.cpuset


def believed(outcome: Outcome) -> bool:
    """Whether what became of a fork is taken: it ended by itself, with an answer or with a Python exception."""
    return outcome.ok or (outcome.kind is Kind.PY_EXCEPTION and outcome.reason != "exited")


def longest_s(order: StepOrder) -> float:
    """How long an order may take: as long as the import and the fork may, which their supervisor ends; it may be stopped itself."""
    return 2 * order.place.settings.limits.wall_s + GRACE_S


def start_of(order: StepOrder) -> str:
    """What decides a start: steps that have it in common are forks of one process, which runs no scenario itself."""
    place = order.place
    return store.key_of(
        {
            "environment": place.environment.key,
            "settings": repr(place.settings),
            "saved": str(order.saved),
        }
    )


class ForkServer:
    """A container that has imported Paddle and answers orders, one at a time, each by a fork of its own."""

    def __init__(self, runner: Runner, order: StepOrder, image: Image, folder: Path, most: int = MOST) -> None:
        """Nothing starts yet; `most` is how many orders it will take."""
        self._runner, self._image, self._folder = runner, image, folder
        plan: dict[str, object] = {"forks": {"patience_s": PATIENCE_S}}
        self._order = replace(order, mode="forks", key="", more=plan)
        limits = order.place.settings.limits
        self._job = replace(
            self._order.job(image, folder, runner.run_id), limits=replace(limits, wall_s=most * limits.wall_s)
        )
        self._nonces = [secrets.token_hex(16) for _ in range(most)]
        self._given = 0
        self._turn = threading.Lock()
        self._future: Future[JobResult] | None = None

    def start(self, pool: ThreadPoolExecutor) -> None:
        """Begin to import, without waiting for it."""
        cleared.remove(self._folder)
        request = self._runner.filled(self._order, self._job)
        request["forks"]["orders"] = self._rooms().inbox
        self._future = pool.submit(self._run, request)

    def _run(self, request: dict[str, object]) -> JobResult:
        with handed_over(self._job.inbox, request, "\n".join(self._nonces)):
            return self._runner.engine.run(self._job)

    def _rooms(self) -> Rooms:
        return self._runner.engine.rooms(self._job)

    def ask(self, order: StepOrder, folder: Path, brought: Path | None = None) -> Step | None:
        """One step done by a fork, in `folder` as any other; None where there is none that could be forked.

        `brought` is a folder on the same disk that holds its model/ and what lies beside that; it is used up.
        """
        with self._turn:
            if self._future is None or self._given == len(self._nonces):
                return None
            nonce, name, began = self._nonces[self._given], secrets.token_hex(16), time.monotonic()
            self._given += 1
            self._hand(order, name, brought)
            done = self._done(nonce, self._future, longest_s(order)) and self._taken(order, name, folder)
            cleared.remove(self._job.inbox / self._room)
            if not done:
                return None
            ended = JobResult(exit_code=0, seconds=time.monotonic() - began)
            return self._runner.read(order, self._image, folder, nonce, ended)

    @property
    def _room(self) -> str:
        """Where in the inbox lies what the newest order brought."""
        return f"brought-{self._given}"

    def _hand(self, order: StepOrder, name: str, brought: Path | None) -> None:
        rooms = self._rooms()
        job: Job = replace(self._job, limits=order.place.settings.limits)
        request = asked(order, job, self._runner.engine, replace(rooms, outbox=f"{rooms.outbox}/{name}"))
        if order.scenario.sha256 != self._order.scenario.sha256:
            request["scenario"] = f"{rooms.inbox}/{self._its_own(order)}"
        if brought is not None:
            brought.rename(self._job.inbox / self._room)
            request["model"] = f"{rooms.inbox}/{self._room}/model"
        path = self._job.inbox / f"order-{self._given}"
        store.write(path, store.pretty(request), lasting=False)
        path.chmod(0o644)
        path.rename(path.with_suffix(".json"))  # whoever looks for it may read it from the first moment

    def _its_own(self, order: StepOrder) -> str:
        """Lay out a scenario that is not the one that this start began with; its name in the inbox."""
        folder = self._job.inbox / f"scenario-{self._given}"
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        shutil.copyfile(order.scenario.path, folder / "scenario.py")
        (folder / "scenario.py").chmod(0o644)
        return f"{folder.name}/scenario.py"

    def _done(self, nonce: str, future: Future[JobResult], seconds: float) -> bool:
        """Wait until the record is announced; False where the container ended instead, Interrupted where the run was stopped.

        A fork can stop its supervisor, which then ends nothing and is ended from here.
        """
        announced, end = self._job.outbox / f"done-{nonce}", time.monotonic() + seconds
        while not os.path.lexists(announced):
            if time.monotonic() > end:
                self._job.given_up.set()
            if future.done():
                if isinstance(failure := future.exception(), Interrupted):
                    raise failure
                return os.path.lexists(announced)
            time.sleep(LOOK_S)
        return True

    def _taken(self, order: StepOrder, name: str, folder: Path) -> bool:
        """Take the fork's folder out of the container's reach, before another fork lives; False where it is none any more."""
        cleared.remove(folder)
        (folder / "in").mkdir(parents=True)
        left = self._job.outbox / name
        if not left.is_dir() or left.is_symlink():
            return False
        left.rename(folder / "out")
        shutil.copyfile(order.scenario.path, folder / "in" / "scenario.py")
        (self._job.inbox / f"order-{self._given}.json").rename(folder / "in" / "request.json")
        return True

    def end(self) -> None:
        """Let it end, without waiting for that; whoever waits for its answer gets none."""
        with contextlib.suppress(OSError):
            (self._job.inbox / "end").touch()

    def close(self) -> None:
        """Wait for its end, and remove what is left of it."""
        self.end()
        if self._future is not None:
            self._future.exception()
        cleared.remove(self._folder)


@dataclass(kw_only=True)
class Forks:
    """The starts of one run while its ways are tried; they hold the lock of timings, so nobody times beside them."""

    runner: Runner
    folder: Path
    say: Callable[[str], None]
    _pool: ThreadPoolExecutor
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _servers: dict[str, ForkServer] = field(default_factory=dict)
    _unlike: set[str] = field(default_factory=set)
    _forked: set[str] = field(default_factory=set)
    _count: int = 0
    _holds: bool = False

    def begin(self, order: StepOrder, image: Image) -> None:
        """Begin a start that several steps will share, so that it imports while something else is waited for."""
        key = start_of(order)
        if not forkable(order):
            return
        self._hold()
        with self._lock:
            if key not in self._unlike and key not in self._servers:
                self._count += 1
                self._servers[key] = ForkServer(self.runner, order, image, self.folder / str(self._count))
                self._servers[key].start(self._pool)

    def step(self, order: StepOrder, image: Image, folder: Path) -> Step:
        """One step, by a fork where a start has begun for it and the fork is believed, else in a start of its own.

        Asked again, it has a start of its own.
        """
        with self._lock:
            server = self._servers.get(start_of(order)) if forkable(order) and not self.did(order.key) else None
        forked = server.ask(order, folder) if server is not None else None
        if forked is not None and believed(forked.outcome):
            self._forked.add(order.key)
            return self.runner.keep(forked, folder)
        own = self._alone(order, image, folder)
        if forked is not None and own.outcome.kind is not forked.outcome.kind and believed(own.outcome):
            self._mistrust(order, forked.outcome)
        return own

    def did(self, key: str) -> bool:
        """Whether what is known of this step was told by a fork of this run."""
        return key in self._forked

    def _alone(self, order: StepOrder, image: Image, folder: Path) -> Step:
        """One step in a start of its own, under the lock that is held already."""
        self._hold()
        return self.runner.tried(order, image, folder)

    def _mistrust(self, order: StepOrder, outcome: Outcome) -> None:
        """A fork ended as its own start did not: from now on there are no forks of this release with these settings."""
        with self._lock:
            self._unlike.add(start_of(order))
        self.leave(order)
        self.say(
            f"{order.place.label} by {order.route}: {outcome.kind.value} in a fork, and not in a start of its own, which "
            "counts; what is left of this release is tried in starts of their own"
        )

    def leave(self, order: StepOrder) -> None:
        """End the start of such steps, where there is one: no more of them are to come."""
        with self._lock:
            server = self._servers.pop(start_of(order), None)
        if server is not None:
            server.end()
            self._held.callback(server.close)

    def _hold(self) -> None:
        with self._lock:
            if not self._holds:
                self._held.enter_context(timing_lock.shared(self.runner.stopped))
                self._holds = True

    def close(self) -> None:
        """End every start, and let go of the lock."""
        for server in self._servers.values():
            server.end()
        for server in self._servers.values():
            server.close()
        self._held.close()


@contextlib.contextmanager
def ended_if_left(runner: Runner) -> Iterator[None]:
    """Whatever a run still has in its engine is ended where the block is left early."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(LabError):
            runner.engine.stop(runner.run_id)
        raise


@contextlib.contextmanager
def opened(runner: Runner, folder: Path, say: Callable[[str], None]) -> Iterator[Forks | None]:
    """Forks for one run, whose starts lie below `folder` while they live; left early, they are ended at once.

    None where steps are done elsewhere: there each has a start of its own.
    """
    if not runner.executor.here:
        yield None
        return
    with ThreadPoolExecutor(max_workers=STARTS) as pool:
        forks = Forks(runner=runner, folder=folder, say=say, _pool=pool)
        try:
            with ended_if_left(runner):
                yield forks
        finally:
            forks.close()
            cleared.remove(folder)
