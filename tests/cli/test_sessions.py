"""What every verb that works does alike: it waits for a timing, holds its run, tells what it removed, and keeps what it has."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from lab.engine.protocol import Image, Job, JobResult, Recipe
from lab.errors import InfraError, UsageError
from lab.machine import timing_lock
from lab.run.ownership import owned
from tests.cli import benches, test_sweep
from tests.cli.benches import quick  # noqa: F401 - a fixture
from tests.cli.given import Model
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import Answer, Cli

pytestmark = pytest.mark.usefixtures("quick")
MODEL = "MODEL"
VERBS: dict[str, tuple[str, ...]] = {
    "repro": ("toy", "--rounds", "0"),
    "run": ("toy", "--savers", "3.0.0", "--loaders", "2.6.2"),
    "matrix": ("toy", "--savers", "3.0.0", "--loaders", "2.6.2"),
    "bench": ("toy", "--releases", "3.0.0,3.3.1", "--blocks", "6", "--metric", "infer"),
    "bisect": ("toy", "--good", "3.2.2", "--bad", "3.3.0"),
    "cure": ("toy", "--at", "2.6.2", "--good", "3.0.0", "--rounds", "0", "--repeat", "1"),
    "isolate": ("toy", "--good", "release=3.0.0", "--bad", "release=2.6.2"),
    "explain": ("toy", "--rounds", "0"),
    "sweep": test_sweep.NEW,
    "check": (MODEL, "--to", "3.0.0", "--rounds", "0"),
    "stamp": (MODEL,),
    "convert": (MODEL, "--into", "json"),
}


@pytest.fixture(autouse=True)
def no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)


@pytest.fixture
def ask(lab: Cli, bench: Path, model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Answer]:
    """Any verb with the words of the table, on a scenario in which 2.6.2 fails, or on a given model."""
    monkeypatch.chdir(tmp_path)
    write(bench)
    test_sweep.table(bench)

    def asked(verb: str, *more: str) -> Answer:
        words = [str(model("2.6.2")) if word == MODEL else word for word in VERBS[verb]]
        return lab(verb, *words, *more)

    return asked


def write(bench: Path) -> None:
    (bench / "scenarios" / "toy.py").write_text(text(load=OLD_READER_FAILS, more=FAILING), encoding="utf-8")


class OtherLab:
    """Another lab that times: it lets go a moment after somebody here looked for an image that is not there."""

    def __init__(self, toy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wanted, self.holds, self.over = threading.Event(), threading.Event(), threading.Event()
        self.beside: list[bool] = []
        look, build = toy.image, toy.build

        def image(recipe: Recipe) -> Image | None:
            found: Image | None = look(recipe)
            if found is None:
                self.wanted.set()
            return found

        def built(*words: Any) -> Image:
            self.beside.append(not self.over.is_set())
            made: Image = build(*words)
            return made

        monkeypatch.setattr(toy, "image", image)
        monkeypatch.setattr(toy, "build", built)
        self.thread = threading.Thread(target=self._times, daemon=True)

    def _times(self) -> None:
        with timing_lock.alone():
            self.holds.set()
            self.wanted.wait(60)
            time.sleep(0.3)
            self.over.set()

    def __enter__(self) -> Self:
        self.thread.start()
        self.holds.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.wanted.set()
        self.thread.join()


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_builds_while_another_lab_times(
    ask: Callable[..., Answer], toy: Any, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OtherLab(toy, monkeypatch) as timing:
        answer = ask(verb)
    assert timing.beside, answer.err
    assert not any(timing.beside), "an image was built beside a timing"
    assert "the build waits for it" in answer.err


@pytest.mark.parametrize("verb", ["images build", "bundle", "replay"])
def test_nor_does_what_makes_images_without_a_run(
    ask: Callable[..., Answer], lab: Cli, bench: Path, toy: Any, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = bench / "x.repro.tgz"
    if verb != "images build":
        assert ask("repro").code == 0
        assert verb == "bundle" or lab("bundle", "last", "-o", str(target)).code == 0
    toy.built.clear()
    words = {
        "images build": ("images", "build", "3.0.0"),
        "bundle": ("bundle", "last", "-o", str(target)),
        "replay": ("replay", str(target), "--yes"),
    }
    with OtherLab(toy, monkeypatch) as timing:
        answer = lab(*words[verb])
    assert answer.code == 0, answer.err
    assert timing.beside
    assert not any(timing.beside), "an image was built beside a timing"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_what_a_killed_run_left_behind(
    ask: Callable[..., Answer], toy: Any, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toy, "reap", lambda: 2)
    toy.dies_after = 0
    answer = ask(verb)
    assert "removed 2 container(s) that a killed run left behind" in answer.err


@pytest.mark.parametrize("verb", VERBS)
def test_a_run_is_locked_while_its_verb_works_on_it_and_not_afterwards(
    ask: Callable[..., Answer], toy: Any, bench: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, told = toy.run, set[str]()

    def refused(folder: Path) -> bool:
        try:
            with owned(folder):
                return False
        except UsageError as error:
            told.add(error.what)
            return True

    def watched(job: Job) -> JobResult:
        assert refused(bench / "results" / "runs" / job.run_id), "a step runs in a run that nobody holds"
        done: JobResult = run(job)
        return done

    monkeypatch.setattr(toy, "run", watched)
    answer = ask(verb)
    assert told, answer.err
    assert all(one.startswith("another lab is at work on run ") for one in told)
    assert not any(refused(one) for one in (bench / "results" / "runs").iterdir())


def test_a_benchmark_that_another_lab_still_measures_is_not_gone_on_with(
    ask: Callable[..., Answer], toy: Any, bench: Path
) -> None:
    assert ask("bench").code == 0
    started = len(toy.jobs)
    with owned(benches.home(bench).parent):
        answer = ask("bench", "--resume", "last", "--blocks", "12")
    assert answer.code == 2
    assert "another lab is at work on run" in answer.err
    assert not [job for job in toy.jobs[started:] if job.cpuset], "it measured all the same"


def test_an_interrupted_run_keeps_what_is_finished_in_the_order_of_its_plan(
    ask: Callable[..., Answer], toy: Any, bench: Path
) -> None:
    toy.dies_after = 3
    assert ask("repro").code == 7
    run = json.loads(next((bench / "results" / "runs").glob("*/run.json")).read_text())
    assert run["status"] == "interrupted"
    assert [one["label"].split()[-1] for one in run["trials"]] == ["3.0.0-cpu-py311", "3.3.1-cpu-py311"]


def test_a_run_that_another_lab_works_on_is_not_touched_by_who_would_go_on_with_it(
    ask: Callable[..., Answer], toy: Any, bench: Path
) -> None:
    toy.dies_after = 3
    ask("repro")
    toy.dies_after = 10**6
    path = next((bench / "results" / "runs").glob("*/run.json"))
    before = path.read_bytes()
    with owned(path.parent):
        answer = ask("repro", "--resume", "last")
    assert (answer.code, path.read_bytes()) == (2, before)
    assert "another lab is at work on run" in answer.err
    assert ask("repro", "--resume", "last").code == 0


def test_a_step_that_fails_the_lab_ends_what_waits_and_keeps_what_runs(
    ask: Callable[..., Answer], toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two work side by side: one breaks the engine at once, the other is in the middle of its work."""
    monkeypatch.setattr("lab.run.executor.LocalExecutor.slots", lambda *_: 2)
    run, loads = toy.run, list[Job]()

    def breaking(job: Job) -> JobResult:
        if job.saved:
            loads.append(job)
            if len(loads) == 2:
                raise InfraError("the engine stopped answering", "start it again")
            time.sleep(0.3)
        done: JobResult = run(job)
        return done

    monkeypatch.setattr(toy, "run", breaking)
    assert ask("matrix", "--loaders", "3.0.0..3.3.1").code == 7
    assert len(loads) <= 3, "what waited was begun after the engine had failed"
    (run_file,) = (bench / "results" / "runs").glob("*/run.json")
    assert json.loads(run_file.read_text())["trials"], "what was at work was not waited for"
