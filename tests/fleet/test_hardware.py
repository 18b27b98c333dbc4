"""A fleet of several classes of machines: steps stay in one class unless somebody asks otherwise, and every answer says which it was.

All hosts here are one machine: two of them only say that they are another. What a real foreign processor does is not shown by this.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.scenario_text import text
from tests.fleet.fleets import LabFleet, Program, lab_fleet
from tests.fleet.network import Network

HYGON = "vendor_id=HygonGenuine;cpu family=24;model=1;model name=Hygon C86 7285;flags=avx avx2 fma"
XEON = "vendor_id=GenuineIntel;cpu family=6;model=106;stepping=6;model name=Xeon 8358;flags=avx avx2 fma avx512f"
BROKEN = (
    'if "Hygon" in os.environ.get("TOY_HOST", "") and os.environ["TOY_PADDLE_VERSION"] >= "3": raise ValueError("no")'
)
PAIR = ("--savers", "2.6.2", "--loaders", "2.6.2")


@pytest.fixture(scope="module")
def fleet(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabFleet]:
    """Two hosts of one class and one of another, with a scenario whose load fails on that one from 3.0 on."""
    with lab_fleet(network, tmp_path_factory.mktemp("fleet"), engine="toy") as made:
        (made.folder / "workspace" / "scenarios" / "toy.py").write_text(text(load=BROKEN), encoding="utf-8")
        made.begin_scheduler()
        for host in ("a", "c"):
            made.begin_host(host, LAB_TEST_PROCESSOR=XEON)
        made.begin_host("b", "--label", "bought-in-2020", LAB_TEST_PROCESSOR=HYGON)
        made.wait_for("a", "b", "c")
        yield made


def document(done: Program) -> dict[str, Any]:
    start = done.said.index("{")
    found, _ = json.JSONDecoder().raw_decode(done.said[start:])
    assert isinstance(found, dict)
    return found


def isolate(fleet: LabFleet, good: str, bad: str, *words: str) -> Program:
    return fleet.do("isolate", "toy", "--good", good, "--bad", bad, "--saver", "2.6.2", *words)


def newest(fleet: LabFleet) -> dict[str, Any]:
    return fleet.runs()[-1]


def loads(run: dict[str, Any]) -> set[str]:
    return {one["load"]["host"] for one in run["trials"]}


def test_a_processor_that_a_host_has_is_taken_from_there_and_the_answer_says_so(fleet: LabFleet) -> None:
    outputs = [fleet.folder / f"isolation.{ending}" for ending in ("json", "md")]
    more = [word for path in outputs for word in ("--output", str(path))]
    said = isolate(fleet, "release=3.1.1", "release=3.1.1,cpu=Dhyana", *more).said
    found, page = json.loads(outputs[0].read_text(encoding="utf-8")), outputs[1].read_text(encoding="utf-8")
    assert found["cause"] == ["cpu"]
    assert "cpu=Dhyana is a real one: b" in found["notes"]
    bad = next(one for one in found["steps"] if one["purpose"] == "bad end")
    assert (bad["real"], bad["emulated"]) == (True, False)
    assert all(" -> b (" in one for one in bad["on"])
    for shown in (said, page):
        assert "cpu=Dhyana is a real one: b" in shown
        assert "Dhyana real*" in shown
        assert "-> b (" in shown


def test_two_that_are_of_one_class_are_no_difference(fleet: LabFleet) -> None:
    found = document(isolate(fleet, "release=2.6.2", "release=3.1.1,cpu=Icelake-Server", "--json"))
    (cpu,) = [one for one in found["axes"] if one["name"] == "cpu"]
    assert cpu["status"] == "not tested"
    assert "both are of class" in cpu["why"]


def test_a_label_names_a_processor_too(fleet: LabFleet) -> None:
    found = document(isolate(fleet, "release=3.1.1,cpu=a", "release=3.1.1,cpu=bought-in-2020", "--json"))
    assert found["cause"] == ["cpu"]


def test_what_is_saved_on_one_class_and_loaded_on_another_says_both(fleet: LabFleet) -> None:
    done = fleet.do("run", "toy", *PAIR, "--rounds", "0", "--save-on", "Icelake-Server", "--load-on", "Dhyana")
    assert done.process.returncode == 0, fleet.all_said()
    (one,) = newest(fleet)["trials"]
    assert one["save"]["host"] in {"a", "c"}
    assert one["load"]["host"] == "b"
    assert one["save"]["host_class"] != one["load"]["host_class"]
    assert "on=Icelake-Server -> 2.6.2-cpu-py311 on=Dhyana" in one["label"]
    assert f"{one['save']['host']} ({one['save']['host_class']}) -> b ({one['load']['host_class']})" in done.said
    assert "--save-on Icelake-Server --load-on Dhyana" in newest(fleet)["command"]


def test_times_of_what_is_loaded_elsewhere_are_taken_where_it_is_loaded(fleet: LabFleet) -> None:
    done = fleet.do("run", "toy", *PAIR, "--rounds", "1", "--save-on", "a", "--load-on", "b")
    assert done.process.returncode == 0, fleet.all_said()
    (one,) = newest(fleet)["trials"]
    assert one["measurements"]
    assert one["reused"]  # the other labels name hosts of the same classes
    assert one["label"] == "2.6.2-cpu-py311 on=a -> 2.6.2-cpu-py311 on=b"
    assert (one["saved_on"], one["on"]) == ("a", "b")
    assert one["load"]["host"] == "b"


def test_a_run_stays_in_the_class_with_most_slots_and_no_other_class_is_served_its_answers(fleet: LabFleet) -> None:
    fleet.do("run", "toy", *PAIR, "--rounds", "0")
    plain = newest(fleet)
    assert loads(plain) <= {"a", "c"}
    fleet.do("run", "toy", *PAIR, "--rounds", "0", "--on", "Dhyana")
    other = newest(fleet)
    assert loads(other) == {"b"}
    assert [one["reused"] for one in other["trials"]] == [""]
    assert {one["load"]["host_class"] for one in plain["trials"]} != {
        one["load"]["host_class"] for one in other["trials"]
    }


@pytest.mark.parametrize("option", ["--save-on", "--load-on"])
def test_a_label_that_nobody_has_is_refused_with_those_there_are_before_any_step(fleet: LabFleet, option: str) -> None:
    runs = len(fleet.runs())
    done = fleet.do("run", "toy", *PAIR, "--rounds", "0", "--fresh", option, "gpu")
    assert done.process.returncode == 2, done.said
    assert "no host of this command has the label gpu" in done.said
    assert "bought-in-2020" in done.said
    assert len(fleet.runs()) == runs


def test_a_model_that_one_host_saved_and_another_loaded_says_both(fleet: LabFleet) -> None:
    done = fleet.do("run", "toy", *PAIR, "--rounds", "0", "--fresh", "--save-on", "a", "--load-on", "c")
    assert done.process.returncode == 0, done.said
    (one,) = newest(fleet)["trials"]
    assert f"a ({one['save']['host_class']}) -> c ({one['load']['host_class']})" in done.said
