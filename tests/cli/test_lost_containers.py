"""A container that is killed from outside decides nothing: it is tried again, and where that fails too the search stops."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from lab.engine.protocol import Job, JobResult
from tests.cli import test_sweep
from tests.cli.benches import quick  # noqa: F401 - a fixture
from tests.cli.given import Model
from tests.cli.scenario_text import FAILING, OLD_READER_FAILS, text
from tests.conftest import Answer, Cli

pytestmark = pytest.mark.usefixtures("quick")
GOOD, BAD = "3.0.0", "2.6.2"
SEARCHES: dict[str, tuple[str, ...]] = {
    "bisect": ("bisect", "toy", "--good", GOOD, "--bad", BAD, "--find-fix"),
    "bisect of both": ("bisect", "toy", "--good", "3.0.0", "--bad", "3.1.0", "--axis", "both"),
    "cure": ("cure", "toy", "--at", BAD, "--good", GOOD, "--rounds", "0", "--repeat", "1"),
    "isolate": ("isolate", "toy", "--good", f"release={GOOD}", "--bad", f"release={BAD}"),
    "explain": ("explain", "toy", "--rounds", "0"),
    "bench": ("bench", "toy", "--releases", f"{GOOD},3.3.1", "--blocks", "6", "--metric", "infer"),
    "measured bisect": ("bisect", "toy", "--good", GOOD, "--bad", "3.1.0", "--perf", "infer:10%"),
}
ENDS = [(name, GOOD) for name in SEARCHES if name != "explain"] + [
    (name, BAD) for name in ("bisect", "cure", "isolate")
]
# No index answers here: a pin that would have to be locked is named as not tried, and what the others said stands.
ENDS_CODES = {"bisect": 3, "bisect of both": 4, "cure": 1, "isolate": 0, "explain": 0, "bench": 0, "measured bisect": 4}
"""What each ends with where nothing is killed: two releases of the first row cannot be built here."""


class Killer:
    """Kills the next `left` containers in which one release loads what `saver` saved: they leave nothing but exit code 137."""

    def __init__(self, toy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.release, self.saver, self.left, self.killed = "", "", 0, 0
        self._run = toy.run
        monkeypatch.setattr(toy, "run", self.run)

    def of(self, release: str, left: int = 10**6, saver: str = "") -> None:
        self.release, self.left, self.saver = release, left, saver

    def run(self, job: Job) -> JobResult:
        asked = json.loads((job.inbox / "request.json").read_text(encoding="utf-8"))
        hit = job.image.environment.startswith(f"{self.release}-") and asked["mode"] in {"load", "sweep", "forks"}
        hit = hit and f"/{self.saver}" in str(job.saved)
        if not (hit and job.saved is not None and self.left):
            done: JobResult = self._run(job)
            return done
        self.left -= 1
        self.killed += 1
        return JobResult(exit_code=137, timed_out=False, seconds=0.0)


@pytest.fixture
def killer(toy: Any, monkeypatch: pytest.MonkeyPatch) -> Killer:
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {} if must else None)
    return Killer(toy, monkeypatch)


@pytest.fixture
def search(lab: Cli, bench: Any, killer: Killer) -> Callable[..., Answer]:
    (bench / "scenarios" / "toy.py").write_text(text(load=OLD_READER_FAILS, more=FAILING), encoding="utf-8")
    return lambda name, *more: lab(*SEARCHES[name], *more)


@pytest.mark.parametrize(("name", "release"), ENDS)
def test_an_end_whose_container_is_killed_is_no_end_and_the_same_command_goes_on(
    search: Callable[..., Answer], killer: Killer, name: str, release: str
) -> None:
    killer.of(release)
    answer = search(name)
    assert killer.killed >= 2
    assert answer.code == 7, answer.err
    assert "could not be tested" in answer.err
    assert "name another" not in answer.err
    killer.of(release, 0)
    mended = search(name, "--resume", "last")
    assert mended.code == ENDS_CODES[name], mended.err


@pytest.mark.parametrize("saver", ["3.0.0", "2.6.2"])
def test_explain_stops_where_either_end_of_its_pair_is_lost(
    search: Callable[..., Answer], killer: Killer, saver: str
) -> None:
    killer.of(BAD, saver=saver)
    answer = search("explain")
    assert killer.killed >= 2
    assert answer.code == 7, answer.err
    assert "could not be tested" in answer.err
    killer.of("", 0)
    assert search("explain", "--resume", "last").code == ENDS_CODES["explain"]


@pytest.mark.parametrize("name", ["cure", "isolate"])
def test_one_kill_changes_no_answer(search: Callable[..., Answer], killer: Killer, name: str) -> None:
    killer.of(GOOD, 1)
    answer = search(name)
    assert killer.killed == 1
    assert answer.code == ENDS_CODES[name], answer.err
    assert "infra_error" not in answer.out


def test_a_release_in_the_middle_that_is_lost_widens_the_answer_and_decides_nothing(
    lab: Cli, bench: Any, killer: Killer
) -> None:
    newer = 'if os.environ["TOY_PADDLE_VERSION"] >= "3.1.0": raise ValueError("no such model")'
    (bench / "scenarios" / "toy.py").write_text(text(load=newer), encoding="utf-8")
    words = ("bisect", "toy", "--good", "3.0.0", "--bad", "3.2.0", "--json")
    killer.of("3.1.0")
    answer = lab(*words)
    assert killer.killed >= 4  # twice in its step, and that twice
    assert answer.code == 3, answer.err
    assert json.loads(answer.out)["strips"][0]["suspects"] == ["3.1.0", "3.1.1"]
    killer.of("", 0)
    answer = lab(*words)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["strips"][0]["suspects"] == ["3.1.0"]


@pytest.mark.parametrize("release", [BAD, GOOD])
def test_a_check_whose_container_is_killed_is_not_known(
    lab: Cli, killer: Killer, model: Model, release: str, bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.run.forks.forkable", lambda _: False)  # a start of its own for each way
    folder = str(model(BAD))
    killer.of(release)
    answer = lab("check", folder, "--to", GOOD, "--rounds", "0", "--json")
    assert answer.code == (7 if release == BAD else 3), answer.err
    assert json.loads(answer.out)["verdict"] in {"BROKEN OFF", "NOT KNOWN"}
    killer.of(release, 0)
    settled = lab("check", folder, "--to", GOOD, "--rounds", "0", "--json")
    assert json.loads(settled.out)["verdict"] not in {"BROKEN OFF", "NOT KNOWN"}
    assert json.loads(settled.out)["reference"].startswith(BAD)


def test_one_way_of_a_check_that_is_killed_makes_the_release_not_known_and_no_way_lost(
    lab: Cli, toy: Any, model: Model, bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = toy.run

    def killed(job: Job) -> JobResult:
        asked = json.loads((job.inbox / "request.json").read_text(encoding="utf-8"))
        if job.image.environment.startswith("2.6.2-") or asked["route"] != "predictor" or asked["mode"] != "load":
            done: JobResult = run(job)
            return done
        return JobResult(exit_code=137, timed_out=False, seconds=0.0)

    monkeypatch.setattr(toy, "run", killed)
    monkeypatch.setattr("lab.run.forks.forkable", lambda _: False)  # a start of its own for each way
    answer = lab("check", str(model("2.6.2")), "--to", "3.0.0", "--rounds", "0", "--json")
    (said,) = json.loads(answer.out)["answers"]
    assert said["verdict"] == "NOT KNOWN"


def test_a_conversion_whose_reader_is_killed_is_broken_off_and_not_refused(
    lab: Cli, killer: Killer, model: Model, bench: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    killer.of("3.3.1")
    answer = lab("convert", str(model(BAD)), "--into", "json", "--from", BAD)
    assert killer.killed >= 2
    assert answer.code == 7, answer.err
    assert "nothing was written" in answer.err


def test_a_sweep_whose_container_is_killed_closes_no_route(lab: Cli, killer: Killer, bench: Any) -> None:
    test_sweep.table(bench)
    killer.of("3.3.1")
    answer = lab("sweep", *test_sweep.NEW, "--json")
    assert killer.killed >= 2
    assert answer.code == 7, answer.err
    assert not any(one["closed"] for one in json.loads(answer.out)["cells"])
