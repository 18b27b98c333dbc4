"""A run that was stopped stays stopped: whatever moment the stop comes at, no container of it is left or started."""

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import docker.errors
import pytest
import requests

from lab.engine.docker.address import EngineAddress
from lab.engine.docker.engine import DockerEngine
from lab.engine.local import LocalEngine
from lab.engine.protocol import Image, Job
from lab.errors import InfraError, Interrupted
from lab.machine import interruption
from lab.model import Limits


class FakeContainer:
    """A container that a test can look into; `at` is called with the name of each moment of its life."""

    def __init__(self, home: "FakeContainers", labels: dict[str, str]) -> None:
        self.home, self.labels, self.id = home, labels, "c1"
        self.started = False

    def start(self) -> None:
        self.home.at("start")
        self.home.must_have(self)
        self.started = True
        self.home.ever_started = True

    def wait(self, timeout: float) -> None:
        self.home.at("wait")

    def kill(self) -> None:
        self.home.at("kill")

    def remove(self, *, force: bool, v: bool) -> None:
        self.home.must_have(self)
        self.home.alive.remove(self)


class FakeContainers:
    """The engine's list of containers."""

    def __init__(self) -> None:
        self.alive: list[FakeContainer] = []
        self.ever_started = False
        self.at: Callable[[str], None] = lambda _: None

    def must_have(self, one: FakeContainer) -> None:
        if one not in self.alive:
            answer = requests.Response()
            answer.status_code = 404
            raise docker.errors.NotFound("no such container", response=answer)

    def create(self, *, labels: dict[str, str], **_: Any) -> FakeContainer:
        self.at("before create")
        made = FakeContainer(self, labels)
        self.alive.append(made)
        self.at("after create")
        return made

    def list(self, *, filters: dict[str, str], **_: Any) -> list[FakeContainer]:
        name, value = filters["label"].split("=")
        return [one for one in self.alive if one.labels.get(name) == value]


@pytest.fixture
def containers() -> FakeContainers:
    return FakeContainers()


@pytest.fixture
def engine(containers: FakeContainers, tmp_path: Path) -> DockerEngine:
    def inspect(_: str) -> dict[str, Any]:
        containers.must_have(next(iter(containers.alive), FakeContainer(containers, {})))
        return {"State": {"ExitCode": 0}}

    client: Any = SimpleNamespace(
        containers=containers, api=SimpleNamespace(inspect_container=inspect), hurry=lambda: None
    )
    return DockerEngine(client, EngineAddress(kind="docker", url="unix:///x.sock"), tmp_path, {})


def job(tmp_path: Path, run_id: str = "r1") -> Job:
    image = Image(tag="x:1", id=sys.executable, environment="3.0.0-cpu-py311")
    return Job(
        image=image, inbox=tmp_path / "in", outbox=tmp_path / "out", saved=None, env={}, limits=Limits(), run_id=run_id
    )


def test_a_step_of_a_stopped_run_is_refused_and_no_container_is_made(
    engine: DockerEngine, containers: FakeContainers, tmp_path: Path
) -> None:
    made: list[str] = []
    containers.at = made.append
    engine.stop("r1")
    assert engine.stopped("r1")
    with pytest.raises(Interrupted, match="run r1 was stopped"):
        engine.run(job(tmp_path))
    assert made == []


@pytest.mark.parametrize("moment", ["before create", "after create", "start", "wait"])
def test_a_stop_at_any_moment_of_a_step_leaves_no_container_and_no_result(
    engine: DockerEngine, containers: FakeContainers, tmp_path: Path, moment: str
) -> None:
    containers.at = lambda now: engine.stop("r1") if now == moment else None
    with pytest.raises(Interrupted):
        engine.run(job(tmp_path))
    assert containers.alive == []
    assert containers.ever_started == (moment == "wait")


def test_other_runs_go_on(engine: DockerEngine, containers: FakeContainers, tmp_path: Path) -> None:
    engine.stop("r1")
    assert not engine.stopped("r2")
    assert engine.run(job(tmp_path, "r2")).exit_code == 0
    assert containers.alive == []


def test_once_the_lab_is_told_to_end_no_run_starts_anything(engine: DockerEngine, tmp_path: Path) -> None:
    interruption.hear()
    try:
        with pytest.raises(Interrupted):
            engine.run(job(tmp_path))
    finally:
        interruption.forget()


def test_an_engine_that_fails_without_a_stop_is_still_an_engine_that_fails(
    engine: DockerEngine, containers: FakeContainers, tmp_path: Path
) -> None:
    def refuses(now: str) -> None:
        if now == "start":
            raise docker.errors.APIError("no", explanation="no such device")

    containers.at = refuses
    with pytest.raises(InfraError, match="no such device"):
        engine.run(job(tmp_path))
    assert containers.alive == []


def test_a_stop_leaves_the_containers_of_another_lab_with_the_same_run(
    engine: DockerEngine, containers: FakeContainers
) -> None:
    other = containers.create(labels={"lab.run": "r1", "lab.pid": "1", "lab.boot": "another"})
    engine.stop("r1")
    assert containers.alive == [other]


def test_ctrl_c_while_the_engine_makes_a_container_does_not_lose_it(
    engine: DockerEngine, containers: FakeContainers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    containers.at = lambda now: asked.set() if now == "after create" else None

    class Torn:
        """What a thread that is told to end in the middle of a wait sees."""

        def __init__(self, **_: Any) -> None: ...
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def submit(self, do: Callable[..., Any], **words: Any) -> Any:
            made = do(**words)
            results = iter([KeyboardInterrupt(), made])

            def result() -> Any:
                found = next(results)
                if isinstance(found, BaseException):
                    raise found
                return found

            return SimpleNamespace(result=result, exception=lambda: None)

    monkeypatch.setattr("lab.engine.docker.engine.ThreadPoolExecutor", Torn)
    with pytest.raises(KeyboardInterrupt):
        engine.run(job(tmp_path))
    assert asked.is_set()
    assert containers.alive == []


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A guest that says that it is there, and never ends."""
    guest = tmp_path / "in" / "guest"
    guest.mkdir(parents=True)
    up = tmp_path / "up"
    (guest / "supervisor.py").write_text(f"import time; open({str(up)!r}, 'w').close(); time.sleep(60)")
    return up


def test_the_local_engine_ends_a_stopped_run_without_a_result_and_refuses_its_next_step(
    tmp_path: Path, endless: Path
) -> None:
    engine = LocalEngine(tmp_path)
    with ThreadPoolExecutor(max_workers=1) as pool:
        step = pool.submit(engine.run, job(tmp_path))
        end = time.monotonic() + 30
        while not endless.exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        engine.stop("r1")
        with pytest.raises(Interrupted, match="run r1 was stopped"):
            step.result(timeout=10)
    endless.unlink()
    with pytest.raises(Interrupted, match="run r1 was stopped"):
        engine.run(job(tmp_path))
    assert not endless.exists()
    assert not engine.stopped("r2")


def test_a_job_that_was_given_up_is_ended_long_before_its_limit(
    engine: DockerEngine, containers: FakeContainers, tmp_path: Path
) -> None:
    asked, seen = job(tmp_path), []

    def at(moment: str) -> None:
        seen.append(moment)
        if moment == "wait":
            asked.given_up.set()
            raise requests.exceptions.ReadTimeout("timed out")

    containers.at = at
    assert engine.run(asked).timed_out
    assert seen[-2:] == ["wait", "kill"]
    assert containers.alive == []
