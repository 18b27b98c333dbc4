"""An engine whose steps only nap: as many of them as one likes, on many hosts, with nothing but their waiting to be seen.

What it starts outlives its lab, as a container does, until somebody reaps it; each start and end is a line in a journal.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from lab.engine.local import LocalEngine
from lab.engine.protocol import Image, Job, JobResult, Recipe
from lab.errors import InfraError
from lab.machine import process

BROKEN = "engine-is-broken"
"""A file of this name in a host's cache makes its engine answer nothing."""


class NapEngine(LocalEngine):
    """Told by NAP_JOURNAL, a file that all hosts share, and by what lies beside it: NAP_JOURNAL.plan with `seconds` and `bytes`.

    Those are the seconds of a step, or 0 for the end of those that go on, and the bytes that a save leaves beside its outputs; 0 where nothing is said.
    """

    name = "nap"
    isolated = True

    def __init__(self, cache: Path) -> None:
        super().__init__(cache)
        self._cache = cache
        self._running = cache / "naps"

    def facts(self) -> Mapping[str, str]:
        return {"engine": "nap"}

    def image(self, recipe: Recipe) -> Image | None:
        return Image(tag=recipe.tag, id="nap", environment=recipe.environment.key)

    def images(self) -> tuple[Image, ...]:
        self._answer()
        return ()

    def run(self, job: Job) -> JobResult:
        self._answer()
        self._stops.refuse(job.run_id)
        request = json.loads((job.inbox / "request.json").read_text(encoding="utf-8"))
        step = f"{request['mode']} {job.image.environment} {request['route']} {_saver(job)}".strip()
        told = {"step": step, "run": job.run_id, "id": secrets.token_hex(4)}
        start = time.monotonic()
        with self._stops.guarded(job.run_id):
            slept = self._nap(job, told)
            self._tell("end" if slept else "stopped", told)
        if slept:
            _leave(job, request)
        return JobResult(exit_code=0 if slept else 143, seconds=time.monotonic() - start)

    def _nap(self, job: Job, told: Mapping[str, str]) -> bool:
        """Sleep as a program of its own, which is known to `reap` before anybody is told; false where that was ended early."""
        seconds = plan("seconds")
        if seconds == 0:
            self._tell("start", told)
            return True
        with self._kept_sleeping(str(seconds)) as pid:
            self._tell("start", told)
            while not self._stops.has(job.run_id):
                over = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
                if over or plan("seconds") == 0:  # the test let all naps end
                    return True
                time.sleep(0.02)
        return False

    @contextlib.contextmanager
    def _kept_sleeping(self, seconds: str) -> Iterator[int]:
        apart = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]  # as a container is
        pid = os.posix_spawnp("sleep", ["sleep", seconds], os.environ, setsid=True, file_actions=apart)
        mark = self._running / str(pid)
        self._running.mkdir(parents=True, exist_ok=True)
        mark.write_text(f"{os.getpid()} {process.own_start()}", encoding="utf-8")
        try:
            yield pid
        finally:
            os.kill(
                pid, signal.SIGKILL
            )  # it may have ended, but nobody else can have its number before it is waited for
            os.waitpid(pid, 0)
            mark.unlink(missing_ok=True)

    def reap(self) -> int:
        """End what processes that live no more have left sleeping."""
        gone = 0
        for mark in self._running.glob("*") if self._running.is_dir() else ():
            owner, started = (int(word) for word in mark.read_text(encoding="utf-8").split())
            if not process.alive(owner, started):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(mark.name), signal.SIGKILL)
                    self._tell("reaped", {"step": "", "run": "", "id": mark.name})
                mark.unlink(missing_ok=True)
                gone += 1
        return gone

    def _answer(self) -> None:
        if (self._cache / BROKEN).exists():
            raise InfraError("the engine does not answer", "start it again")

    def _tell(self, what: str, about: Mapping[str, str]) -> None:
        line = {"what": what, "host": socket.gethostname(), "pid": os.getpid(), "at": time.time(), **about}
        with Path(os.environ["NAP_JOURNAL"]).open("ab", buffering=0) as journal:
            journal.write(json.dumps(line).encode() + b"\n")


def plan(word: str) -> float:
    """What the test that runs now asks of all hosts."""
    path = Path(os.environ["NAP_JOURNAL"] + ".plan")
    return float(json.loads(path.read_text(encoding="utf-8")).get(word, 0)) if path.exists() else 0.0


def _saver(job: Job) -> str:
    mark = (job.saved or Path("none")) / "model" / "saver"
    return f"<- {mark.read_text(encoding='utf-8')}" if mark.exists() else ""


def _leave(job: Job, request: Mapping[str, object]) -> None:
    """What a guest leaves that did what it was asked: a model, its outputs, and its record."""
    mode = request["mode"]
    if mode == "save":
        (job.outbox / "model").mkdir()
        (job.outbox / "model" / "saver").write_text(job.image.environment, encoding="utf-8")
        with (job.outbox / "model" / "net.bin").open("wb") as sink:
            for _ in range(int(plan("bytes")) >> 20):
                sink.write(os.urandom(1 << 20))
    for name in ("inputs", "outputs"):
        np.savez(job.outbox / f"{name}.npz", a0000=np.array([1.0, 2.5, -3.0], dtype=np.float32))
        about = json.dumps({"names": ["out"], "dtypes": ["float32"]})
        (job.outbox / f"{name}.json").write_text(about, encoding="utf-8")
    descriptor = os.open(job.inbox / "nonce", os.O_RDONLY | os.O_NONBLOCK)
    nonce = os.read(descriptor, 100).decode()
    os.close(descriptor)
    record = {
        "protocol": 1,
        "mode": mode,
        "nonce": nonce,
        "status": "ok",
        "phase": "done",
        "exit_code": 0,
        "seconds": 0.0,
    }
    (job.outbox / "outcome.json").write_text(json.dumps(record), encoding="utf-8")
