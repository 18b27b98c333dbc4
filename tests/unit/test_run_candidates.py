"""Many candidate models in one start, over the toy engine: each answers for itself, and a fork alone decides no crash."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.check import sample_inputs
from lab.cli import opening
from lab.cli.screen import Screen
from lab.compare import Outputs
from lab.engine.choose import EngineChoice
from lab.model import Kind, Phase, Place, Settings
from lab.run import candidates
from lab.run.candidates import CandidateAnswer, CandidateModel, CandidateStarts
from lab.run.session import RunRequest, hold
from lab.run.step import failed
from tests.cli.test_check import with_variables
from tests.conftest import ROOT

MODEL = ROOT / "tests" / "golden" / "models" / "3.0.0"


@pytest.fixture
def starts(bench: Path, toy: Any) -> Iterator[CandidateStarts]:
    del bench
    found, catalogue = opening.place("")
    laboratory = opening.laboratory(found, catalogue, EngineChoice.AUTO, Screen(quiet=True))
    place = Place(environment=catalogue.environment("3.0.0"), settings=Settings())
    with ExitStack() as held:
        session = held.enter_context(hold(RunRequest(name="x", command="lab x", scenario_sha256="0"), laboratory))
        *_said, image = [None, session.make_image(place.environment)]
        folder = session.folder / "candidates"
        (folder / "alone-0" / "saved" / "model").mkdir(parents=True)
        (folder / "alone-0" / "saved" / "model" / "net.json").write_text("of a search that was killed")
        made = held.enter_context(candidates.opened(session.runner(), {place.environment.key: image}, folder))
        yield made
    assert not folder.exists(), "nothing of the candidates is left in the run"


def test_what_a_killed_search_left_is_gone_before_the_first_candidate(starts: CandidateStarts) -> None:
    assert [one.name for one in starts.folder.iterdir()] == ["models.py"]


@pytest.fixture
def place(starts: CandidateStarts) -> Place:
    del starts
    return Place(environment=opening.place("")[1].environment("3.0.0"), settings=Settings())


def model(folder: Path, name: str, value: float) -> CandidateModel:
    """A small real model with inputs of one number, so that its answer tells which one it was."""
    home = folder / name
    home.mkdir(parents=True)
    for path in MODEL.glob("net.*"):
        (home / path.name).write_bytes(path.read_bytes())
    sample_inputs.keep(
        {"image": np.full((2, 3, 8, 8), value, "float32"), "length": np.zeros(2, "int64")}, home, candidates.INPUTS
    )
    return CandidateModel(name=name, folder=home)


def said(answer: CandidateAnswer) -> float:
    assert answer.outputs is not None, answer.outcome
    with Outputs(answer.outputs) as outputs:
        return float(outputs.arrays["out0"].read(5, 6)[0])


def containers(toy: Any) -> list[str]:
    """What each start was for: shared by candidates, or one candidate's own."""
    return ["shared" if job.inbox.parent.name.startswith("start") else "own" for job in toy.jobs]


def test_each_candidate_answers_for_itself_and_all_of_them_take_one_start(
    starts: CandidateStarts, place: Place, toy: Any, tmp_path: Path
) -> None:
    models = [model(tmp_path, f"c{number}", float(number)) for number in range(5)]
    first = starts.ask(place, "jit", models)
    second = starts.ask(place, "predictor", models[3:], together=1)
    values = [said(one) for one in first]
    assert values == sorted(values)
    assert len(set(values)) == 5
    assert [said(one) for one in second] == values[3:]
    assert containers(toy) == ["shared"]
    assert not any(one.alone for one in (*first, *second))


def test_a_candidate_that_dies_costs_no_other_and_is_asked_again_in_a_start_of_its_own(
    starts: CandidateStarts, place: Place, toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_DIES_ABOVE": "2.5"}, monkeypatch)
    models = [model(tmp_path, f"c{number}", float(number)) for number in range(5)]
    found = starts.ask(place, "jit", models)
    assert [one.outcome.kind for one in found] == [Kind.OK, Kind.OK, Kind.OK, Kind.NATIVE_CRASH, Kind.NATIVE_CRASH]
    assert [one.alone for one in found] == [False, False, False, True, True]
    trusted = starts.ask(place, "jit", models, trust=True)
    assert [one.outcome.kind for one in trusted] == [one.outcome.kind for one in found]
    assert not any(one.alone for one in trusted)
    assert containers(toy) == ["shared", "own", "own"]


def test_what_only_a_fork_dies_of_is_not_what_the_candidate_does(
    starts: CandidateStarts, place: Place, toy: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_variables(toy, {"TOY_PADDLE_ILL_FORK": "static=abort"}, monkeypatch)
    (found,) = starts.ask(place, "static", [model(tmp_path, "one", 1.0)])
    assert (found.outcome.kind, found.alone) == (Kind.OK, True)


def test_a_start_that_is_gone_is_begun_anew(starts: CandidateStarts, place: Place, toy: Any, tmp_path: Path) -> None:
    models = [model(tmp_path, f"c{number}", float(number)) for number in range(2)]
    first = starts.ask(place, "jit", models)
    starts._servers[place.label].end()
    done = starts._servers[place.label]._future
    assert done is not None
    while not done.done():
        time.sleep(0.01)
    second = starts.ask(place, "jit", models)
    assert [said(one) for one in first] == [said(one) for one in second]
    assert containers(toy) == ["shared", "shared"]


def test_questions_at_the_same_time_share_the_start_of_their_place(
    starts: CandidateStarts, place: Place, toy: Any, tmp_path: Path
) -> None:
    models = [model(tmp_path, f"c{number}", float(number)) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda one: starts.ask(place, "jit", [one])[0], models))
    assert len({said(one) for one in found}) == 4
    assert containers(toy) == ["shared"]


def test_where_there_is_no_image_every_candidate_has_the_reason_as_its_outcome(
    starts: CandidateStarts, place: Place, toy: Any, tmp_path: Path
) -> None:
    starts.images = {place.environment.key: failed(Kind.BUILD_FAILURE, Phase.BUILD, "install", "no wheel")}
    (found,) = starts.ask(place, "jit", [model(tmp_path, "one", 1.0)])
    assert (found.outcome.kind, found.outcome.message) == (Kind.BUILD_FAILURE, "no wheel")
    assert containers(toy) == []
