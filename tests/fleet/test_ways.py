"""Where members of a fleet cannot reach each other, that is said within seconds, and the command ends in bounded time."""

import shutil
from collections.abc import Iterator

import pytest

from tests.fleet.fleets import LabFleet, Program, lab_fleet
from tests.fleet.network import ADDRESSES, Network

SAVED_ON_A_LOADED_ON_B = (
    "run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.3.1", "--rounds", "0", "--save-on", "a", "--load-on", "b",
)  # fmt: skip
FEW = ("run", "jit_load_pir", "--loaders", "3.0.0", "--rounds", "0", "--fresh")
BEYOND_AN_ANSWER = 1 << 20
"""Bytes that a save leaves: more than travel inside an answer."""
SOON_S = 90
"""All patience of these tests together, several times, on a busy machine; without a bound it would be minutes more."""


@pytest.fixture(scope="module")
def fleet(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabFleet]:
    """Hosts a and b; commands come from c, whose ways are its own."""
    with lab_fleet(network, tmp_path_factory.mktemp("fleet")) as made:
        made.begin("a", "b")
        made.plan(bytes=BEYOND_AN_ANSWER)
        yield made


def command(fleet: LabFleet, *words: str) -> Program:
    """A command on c to its end."""
    shutil.copytree(fleet.home("d") / "cache" / "fleets", fleet.home("c") / "cache" / "fleets", dirs_exist_ok=True)
    made = fleet.start("driver", "c", fleet.lab(*words, "--fleet", fleet.address))
    made.code(SOON_S)
    return made


def test_where_all_ways_are_open_nothing_is_said(fleet: LabFleet) -> None:
    doctor = command(fleet, "fleet", "doctor")
    assert doctor.code() == 0, doctor.said
    assert doctor.said.count("it reaches this machine and 1 other host(s), and this machine reaches it") == 2
    done = command(fleet, *SAVED_ON_A_LOADED_ON_B)
    assert done.code() == 0, done.said
    assert "cannot reach" not in done.said


def test_a_host_that_does_not_reach_another_says_so_and_has_the_files_from_the_command(fleet: LabFleet) -> None:
    with fleet.network.estranged("a", "b"):
        doctor = command(fleet, "fleet", "doctor")
        done = command(fleet, *SAVED_ON_A_LOADED_ON_B, "--fresh")
    assert doctor.code() == 6, doctor.said
    for one, other in (("a", "b"), ("b", "a")):
        assert f"{one} cannot reach {other} at {ADDRESSES[other]}:" in doctor.said
    assert "LAB_FLEET_PORTS=" in doctor.said
    assert done.code() == 0, done.said
    (said,) = [line for line in done.said.splitlines() if "cannot reach" in line]
    assert f"b cannot reach a at {ADDRESSES['a']}:" in said
    assert "open that port" in said


def test_a_command_that_does_not_reach_a_host_says_so_and_others_do_its_step(fleet: LabFleet) -> None:
    with fleet.network.estranged("c", "a"):
        done = command(fleet, *FEW, "--savers", "2.6.2,3.0.0")
    assert done.code() == 0, done.said
    (silent,) = [line for line in done.said.splitlines() if "does not answer" in line]
    assert f"a does not answer this machine at {ADDRESSES['a']}:" in silent
    (shut,) = [line for line in done.said.splitlines() if "cannot reach" in line]
    assert f"this machine cannot reach a at {ADDRESSES['a']}:" in shut
    assert {one.host for one in fleet.began("save")[-3:]} == {"a", "b"}


def test_a_command_that_reaches_no_host_ends_in_a_sentence(fleet: LabFleet) -> None:
    with fleet.network.estranged("c", "a"), fleet.network.estranged("c", "b"):
        done = command(fleet, *FEW, "--savers", "3.0.0")
        doctor = command(fleet, "fleet", "doctor")
    assert done.code() == 7, done.said
    assert "the files of" in done.said
    assert "cannot be brought" in done.said
    assert "lab fleet doctor" in done.said
    assert "Traceback" not in done.said + doctor.said
    assert doctor.code() == 6, doctor.said
    assert "a does not answer this machine at" in doctor.said
