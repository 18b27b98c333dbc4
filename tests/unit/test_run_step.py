"""What decides a step is in its key: whatever differs there is work of its own, and what does not is never done twice."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lab.engine.local import LocalEngine
from lab.environment import load
from lab.model import Limits, Place, Scenario, Settings, Trial
from lab.run.executor import LocalExecutor
from lab.run.order import Timing
from lab.run.step import Runner
from lab.storage.store import Store

CATALOGUE = load(Path(__file__).parents[2] / "images")
SCENARIO = Scenario(name="toy", path="toy.py", sha256="0", summary="")
PLACE = Place(environment=CATALOGUE.environment("3.0.0"), settings=Settings())
FLAG = Settings(env={"FLAGS_enable_pir_api": "False"})


class Renamed(LocalEngine):
    """The same engine under the name of another."""

    name = "docker"


class Elsewhere(LocalExecutor):
    """A machine of another class."""

    def __init__(self, name: str = "another") -> None:
        self.name = name

    def host_class(self, place: Place) -> str:
        del place
        return self.name


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    engine = LocalEngine.__new__(LocalEngine)
    return Runner(engine=engine, store=Store(root=tmp_path), run_id="r", guest_sha256="g")


def test_equal_saves_have_one_key_whichever_run_asks(runner: Runner) -> None:
    assert runner.save_key(SCENARIO, PLACE, "d") == replace(runner, run_id="s").save_key(SCENARIO, PLACE, "d")


def test_whatever_decides_a_save_changes_its_key(runner: Runner) -> None:
    other = Place(environment=CATALOGUE.environment("3.1.1"), settings=Settings())
    keys = {
        "as it is": runner.save_key(SCENARIO, PLACE, "d"),
        "another scenario": runner.save_key(replace(SCENARIO, sha256="1"), PLACE, "d"),
        "another environment": runner.save_key(SCENARIO, other, "d"),
        "what lies there already": runner.save_key(SCENARIO, PLACE, "d", "k"),
        "something else that lies there": runner.save_key(SCENARIO, PLACE, "d", "l"),
        "another image": runner.save_key(SCENARIO, PLACE, "e"),
        "a flag": runner.save_key(SCENARIO, replace(PLACE, settings=FLAG), "d"),
        "more threads": runner.save_key(SCENARIO, replace(PLACE, settings=Settings(threads=2)), "d"),
        "another limit": runner.save_key(
            SCENARIO, replace(PLACE, settings=Settings(limits=Limits(memory=1 << 30))), "d"
        ),
        "another guest": replace(runner, guest_sha256="h").save_key(SCENARIO, PLACE, "d"),
        "another engine": replace(runner, engine=Renamed.__new__(Renamed)).save_key(SCENARIO, PLACE, "d"),
        "another class of machines": replace(runner, executor=Elsewhere()).save_key(SCENARIO, PLACE, "d"),
        "once more": replace(runner, repeat=1).save_key(SCENARIO, PLACE, "d"),
    }
    assert len(set(keys.values())) == len(keys), keys


def test_whatever_decides_a_load_changes_its_key_and_a_save_never_stands_for_one(runner: Runner) -> None:
    trial = Trial(scenario=SCENARIO, saver=PLACE, loader=PLACE)
    keys = {
        "the save": runner.save_key(SCENARIO, PLACE, "d"),
        "as it is": runner.load_key(trial, "d", "saved"),
        "another save": runner.load_key(trial, "d", "saved otherwise"),
        "another route": runner.load_key(replace(trial, route="jit"), "d", "saved"),
        "a flag": runner.load_key(replace(trial, loader=replace(PLACE, settings=FLAG)), "d", "saved"),
        "another image": runner.load_key(trial, "e", "saved"),
    }
    assert len(set(keys.values())) == len(keys), keys


@given(one=some.sampled_from("abc"), other=some.sampled_from("abc"), on=some.sampled_from(["", "x86box", "hygon"]))
def test_a_result_of_another_class_is_never_an_answer_for_this_one_and_a_label_alone_makes_no_other_question(
    *, one: str, other: str, on: str
) -> None:
    engine = LocalEngine.__new__(LocalEngine)
    runners = [
        Runner(engine=engine, store=Store(root=Path("none")), run_id="r", executor=Elsewhere(name))
        for name in (one, other)
    ]
    asked = replace(PLACE, settings=Settings(on=on))
    trial = Trial(scenario=SCENARIO, saver=PLACE, loader=asked)
    saves = {runner.save_key(SCENARIO, place, "d") for runner in runners for place in (PLACE, asked)}
    loads = {runner.load_key(trial, "d", "saved") for runner in runners}
    assert len(saves) == len(loads) == len({one, other})


def test_each_timed_process_is_of_its_own(runner: Runner) -> None:
    timing = Timing()
    assert len({runner.measure_key(load, PLACE, timing, number) for load in "ab" for number in (1, 2)}) == 4
