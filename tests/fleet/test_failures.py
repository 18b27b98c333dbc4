"""What a fleet does when something of it fails: no step is lost, none is counted twice, and what happened is said.

Each step is a nap that goes on until the test says otherwise, so that there is time to pull a cable however slow the machine is;
hosts, scheduler and commands are the lab's own processes.
"""

import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.fleet.fleets import LabFleet, Program, lab_fleet, until
from tests.fleet.network import HOSTS, Network

FIVE = "2.6.2,3.0.0,3.1.1,3.2.2,3.3.1"
ALL = ("matrix", "jit_load_pir", "--savers", FIVE, "--loaders", FIVE)
SHORT_CUT_S = 4
"""Less than half of what dask needs to give a host of these tests up: 11 s, for 30 s of a user's."""
LONG = 600
"""Seconds of a nap that the test will end by `go_on`."""
AS_ALONE = 1
"""How that matrix ends without a fleet: naps fail nowhere, which is not what the scenario expects."""
FEW = ("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.0.0,3.3.1", "--rounds", "0")


@pytest.fixture(scope="module")
def standing(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabFleet]:
    with lab_fleet(network, tmp_path_factory.mktemp("fleet")) as made:
        made.begin(*HOSTS)
        yield made


@pytest.fixture
def fleet(standing: LabFleet) -> LabFleet:
    standing.renew()
    return standing


def whole(fleet: LabFleet, driver: Program, trials: int = 25, code: int = AS_ALONE) -> None:
    """Every pair has its answer, each once, and the command ends as it would have without a fleet."""
    assert driver.code() == code, driver.said
    (run,) = fleet.runs()
    labels = [one["label"] for one in run["trials"]]
    assert len(labels) == len(set(labels)) == trials
    assert {one["outcome"]["kind"] for one in run["trials"]} == {"ok"}
    assert "Traceback" not in driver.said


def busy(fleet: LabFleet, driver: Program, host: str = "", kind: str = "load") -> int:
    """Wait until a host is in the middle of a step; gives the process that does it."""
    until(lambda: fleet.began(kind, host), lambda: driver.said)
    return fleet.began(kind, host)[-1].pid


def begun(fleet: LabFleet, count: int) -> bool:
    return len(fleet.journal("start")) >= count


def rejoined(fleet: LabFleet, host: str, times: int) -> bool:
    return fleet.running[host].said.count("joined") > times


def said(driver: Program) -> str:
    return driver.said


def kill(pid: int) -> None:
    subprocess.run(["kill", "-9", str(pid)], check=True)


def test_nothing_fails_and_all_hosts_work(fleet: LabFleet) -> None:
    fleet.plan(seconds=0.2)
    driver = fleet.driver(*ALL)
    whole(fleet, driver)
    assert {one.host for one in fleet.journal("start")} == set(HOSTS)
    assert len(fleet.journal("end")) == 30
    assert fleet.doubled() == {}


def test_a_host_whose_process_dies_is_made_good_and_puts_away_what_it_left(fleet: LabFleet) -> None:
    fleet.plan(seconds=LONG)
    driver = fleet.driver(*ALL)
    pid = busy(fleet, driver, "b", "save")
    kill(pid)
    until(lambda: fleet.journal("reaped"), lambda: fleet.all_said("b"))
    fleet.go_on()
    assert [one.host for one in fleet.journal("reaped")] == ["b"]
    whole(fleet, driver)
    assert driver.said.count("b is lost; 1 step(s) that had begun there are handed over again") == 1
    assert fleet.doubled() == {}
    until(lambda: fleet.running["b"].said.count("joined") >= 2, lambda: fleet.all_said("b"))


def test_a_short_cut_is_not_noticed(fleet: LabFleet) -> None:
    fleet.plan(seconds=LONG)
    driver = fleet.driver(*FEW)
    busy(fleet, driver, kind="save")
    with fleet.network.unplugged("a"), fleet.network.unplugged("b"), fleet.network.unplugged("c"):
        time.sleep(SHORT_CUT_S)
        fleet.go_on()  # an answer is on its way while nobody hears it
        until(lambda: fleet.journal("end"), lambda: driver.said)
    whole(fleet, driver, trials=2, code=0)
    assert len(fleet.journal("start")) == 3


def test_a_host_that_is_cut_off_is_made_good_keeps_its_late_answer_and_comes_back(fleet: LabFleet) -> None:
    fleet.plan(seconds=LONG)
    driver = fleet.driver(*FEW)
    busy(fleet, driver, kind="save")
    host = fleet.began("save")[0].host
    before = fleet.running[host].said.count("joined")
    with fleet.network.unplugged(host):
        until(lambda: {one.host for one in fleet.began("save")} - {host}, lambda: driver.said)
        fleet.go_on()
        whole(fleet, driver, trials=2, code=0)
        until(lambda: [one for one in fleet.journal("end") if one.host == host], lambda: fleet.all_said(host))
    assert len(fleet.journal("start")) == 4  # one save twice, and two loads
    until(partial(rejoined, fleet, host, before), lambda: fleet.all_said(host, "scheduler"))
    kept = list((fleet.home(host) / "cache" / "fleet" / host / "answers").iterdir())
    assert len(kept) == 1


def test_a_step_that_loses_three_hosts_is_given_up_and_not_remembered(fleet: LabFleet) -> None:
    fleet.plan()
    saved = fleet.do("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.3.1", "--rounds", "0")
    assert saved.code() == 0, saved.said
    fleet.plan(seconds=LONG)
    driver = fleet.driver("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.0.0", "--rounds", "0")
    seen = {one.id for one in fleet.began("load")}
    joined_before = {host: fleet.running[host].said.count("joined") for host in HOSTS}
    for _ in range(3):
        until(lambda: {one.id for one in fleet.began("load")} - seen, lambda: driver.said + fleet.all_said(), 120)
        (one,) = [one for one in fleet.began("load") if one.id not in seen]
        seen.add(one.id)
        kill(one.pid)
    assert driver.code() == 7, driver.said
    (trial,) = fleet.runs()[-1]["trials"]
    assert trial["outcome"]["kind"] == "infra_error"
    assert "3 hosts were lost" in trial["outcome"]["message"]
    lost = {one.host for one in fleet.began("load") if "3.0.0-cpu-py311 own" in one.step}
    assert all(host in trial["outcome"]["message"] for host in lost)
    fleet.plan()
    for host in lost:  # a host that comes back is there, and not only on its way
        until(partial(rejoined, fleet, host, joined_before[host]), partial(fleet.all_said, host))
    again = fleet.driver("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.0.0", "--rounds", "0")
    assert again.code() == 0, again.said


def test_a_host_that_dies_while_its_files_are_brought_is_made_good(fleet: LabFleet) -> None:
    fleet.plan(bytes=256 << 20)
    driver = fleet.driver("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.0.0", "--rounds", "0")
    until(lambda: fleet.journal("end"), lambda: driver.said)
    one = fleet.journal("end")[0]
    depot = fleet.home(one.host) / "cache" / "fleet" / one.host / "answers"
    until(lambda: depot.exists() and list(depot.iterdir()), lambda: driver.said)
    kill(one.pid)
    whole(fleet, driver, trials=1, code=0)


def test_a_cut_while_files_are_brought_costs_no_step(fleet: LabFleet) -> None:
    fleet.plan(bytes=256 << 20)
    driver = fleet.driver("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.0.0", "--rounds", "0")
    coming = fleet.home("d") / "cache" / "fleet" / "depot"
    until(lambda: any(one.stat().st_size for one in coming.rglob("*.part")) or driver.over, lambda: driver.said)
    with fleet.network.unplugged("a"), fleet.network.unplugged("b"), fleet.network.unplugged("c"):
        time.sleep(SHORT_CUT_S)
    whole(fleet, driver, trials=1, code=0)
    assert len(fleet.journal("start")) == 2


def test_a_command_whose_own_cable_is_out_ends_in_a_sentence_and_nothing_goes_on_for_it(fleet: LabFleet) -> None:
    there = fleet.home("c") / "cache" / "fleets"
    shutil.copytree(fleet.home("d") / "cache" / "fleets", there, dirs_exist_ok=True)
    words = fleet.lab(*ALL, "--fleet", fleet.address)
    fleet.plan(seconds=LONG)
    driver = fleet.start("driver", "c", words)
    until(lambda: {one.host for one in fleet.began("save")} == set(HOSTS) or driver.over, lambda: driver.said)
    before = fleet.running["c"].said.count("joined")
    with fleet.network.unplugged("c"):
        assert driver.code() == 7, driver.said
        until(lambda: {one.host for one in fleet.journal("stopped")} >= {"a", "b"}, fleet.all_said)
    assert "Traceback" not in driver.said
    assert fleet.address in driver.said
    assert "--resume" in driver.said
    fleet.go_on()
    until(partial(rejoined, fleet, "c", before), fleet.all_said)
    whole(fleet, fleet.start("resumed", "c", [*words, "--resume", "last"]))


def test_a_host_with_a_full_disk_takes_no_more_and_says_so(fleet: LabFleet) -> None:
    home = fleet.home("c") / "cache" / "fleet" / "c"
    home.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "none", home], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"NO MOUNT: {done.stderr}")
    try:
        (home / "filler").write_bytes(bytes(7700 << 10))
        fleet.plan(seconds=0.5, bytes=2 << 20)
        driver = fleet.driver(*ALL)
        whole(fleet, driver)
        assert "No space left" in fleet.do("fleet", "status").said
        doctor = fleet.do("fleet", "doctor")
        assert doctor.code() == 6, doctor.said
        lines = doctor.said.splitlines()
        (bad,) = [number for number, line in enumerate(lines) if line.strip().startswith("BAD ")]
        assert [line for line in lines[:bad] if line in HOSTS][-1] == "c"
        assert "could not be written" in lines[bad]
        assert lines[bad + 1].split()[0] == "mend"
    finally:
        subprocess.run(["umount", "-l", home], check=False)


def test_a_host_whose_engine_is_dead_takes_no_more_and_says_so(fleet: LabFleet) -> None:
    (fleet.home("a") / "cache" / "engine-is-broken").touch()
    fleet.plan(seconds=0.5)
    driver = fleet.driver(*ALL)
    whole(fleet, driver)
    assert fleet.began("", "a") == []
    assert "the engine does not answer" in fleet.do("fleet", "status").said


def test_a_scheduler_that_dies_ends_the_command_in_a_sentence_and_costs_no_finished_step(fleet: LabFleet) -> None:
    fleet.plan(seconds=0.3)
    driver = fleet.driver(*ALL)
    until(lambda: len(fleet.journal("end")) > 8, lambda: driver.said)
    before = {host: fleet.running[host].said.count("joined") for host in HOSTS}
    fleet.running["scheduler"].kill()
    assert driver.code() == 7, driver.said
    assert "Traceback" not in driver.said
    assert fleet.address in driver.said
    assert "--resume" in driver.said
    fleet.start("scheduler", "d", fleet.lab("fleet", "start", fleet.address))
    for host in HOSTS:
        until(partial(rejoined, fleet, host, before[host]), fleet.all_said)
    until(lambda: not fleet.journal_sleepers(), fleet.all_said)  # what ran meanwhile is finished, and kept
    finished = {one.step for one in fleet.journal("end")}
    fleet.plan()
    resumed = fleet.driver(*ALL, "--resume", "last")
    whole(fleet, resumed)
    assert len(finished) > 8
    assert finished & set(fleet.doubled()) == set()


def test_a_command_that_is_killed_leaves_nothing_running(fleet: LabFleet) -> None:
    fleet.plan(seconds=120)
    driver = fleet.driver(*FEW)
    busy(fleet, driver, kind="save")
    driver.kill()
    until(lambda: not fleet.journal_sleepers(), fleet.all_said)
    until(lambda: fleet.journal("stopped"), fleet.all_said)
    assert fleet.journal("end") == []


def test_ctrl_c_ends_with_130_and_nothing_starts_afterwards(fleet: LabFleet) -> None:
    fleet.plan(seconds=2)
    driver = fleet.driver(*ALL)
    busy(fleet, driver, kind="save")
    driver.signal(signal.SIGINT)
    assert driver.code() == 130, driver.said
    assert "Traceback" not in driver.said
    until(lambda: not fleet.journal_sleepers(), fleet.all_said)
    begun = len(fleet.journal("start"))
    fleet.wait_until_wanted_by(0)
    assert len(fleet.journal("start")) == begun
    fleet.plan()
    resumed = fleet.driver(*ALL, "--resume", "last")
    whole(fleet, resumed)


def test_a_step_that_another_command_wants_goes_on_after_ctrl_c(fleet: LabFleet) -> None:
    other = fleet.folder / "workspace-2"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(fleet.folder / "workspace", other, symlinks=True, ignore=shutil.ignore_patterns("results"))
    fleet.plan(seconds=LONG)
    first = fleet.driver(*FEW, name="first")
    busy(fleet, first, kind="save")
    second = fleet.driver(*FEW, name="second", LAB_WORKSPACE=str(other))
    fleet.wait_until_wanted_by(2)
    first.signal(signal.SIGINT)
    assert first.code() == 130, first.said
    fleet.go_on()
    assert second.code() == 0, second.said
    assert [one.step for one in fleet.journal("start") if one.step.startswith("save")] == ["save 3.0.0-cpu-py311 own"]
    assert fleet.journal("stopped") == []


def test_two_commands_on_the_same_work_do_each_step_once(fleet: LabFleet) -> None:
    other = fleet.folder / "workspace-2"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(fleet.folder / "workspace", other, symlinks=True, ignore=shutil.ignore_patterns("results"))
    fleet.plan(seconds=LONG)
    first = fleet.driver(*ALL, name="first")
    second = fleet.driver(*ALL, name="second", LAB_WORKSPACE=str(other))
    fleet.wait_until_wanted_by(2)
    fleet.go_on()
    assert (first.code(), second.code()) == (AS_ALONE, AS_ALONE), first.said + second.said
    assert len(fleet.journal("start")) == 30
    assert fleet.doubled() == {}
    for workspace in ("workspace", "workspace-2"):
        (run,) = fleet.runs(workspace)
        assert len(run["trials"]) == 25


def test_two_commands_that_ask_afresh_do_each_their_own(fleet: LabFleet) -> None:
    other = fleet.folder / "workspace-2"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(fleet.folder / "workspace", other, symlinks=True, ignore=shutil.ignore_patterns("results"))
    fleet.plan(seconds=0.5)
    first = fleet.driver(*FEW, "--fresh", name="first")
    second = fleet.driver(*FEW, "--fresh", name="second", LAB_WORKSPACE=str(other))
    assert (first.code(), second.code()) == (0, 0), first.said + second.said
    steps = [one.step for one in fleet.journal("end")]
    assert len(steps) == 6
    assert {steps.count(one) for one in steps} == {2}


def test_a_command_that_comes_later_with_the_same_work_is_given_what_hosts_have_answered(fleet: LabFleet) -> None:
    """One command stands still from when it has asked for its saves until another has done all: it asked who keeps what too early."""
    other = fleet.folder / "workspace-2"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(fleet.folder / "workspace", other, symlinks=True, ignore=shutil.ignore_patterns("results"))
    fleet.plan(seconds=LONG)
    later = fleet.driver(*ALL, name="later", LAB_WORKSPACE=str(other))
    first = fleet.driver(*ALL, name="first")
    fleet.wait_until_wanted_by(2)
    later.signal(signal.SIGSTOP)
    fleet.go_on()
    assert first.code() == AS_ALONE, first.said
    later.signal(signal.SIGCONT)
    assert later.code() == AS_ALONE, later.said
    assert len(fleet.journal("start")) == 30
    for workspace in ("workspace", "workspace-2"):
        (run,) = fleet.runs(workspace)
        assert len(run["trials"]) == 25


def test_ten_runs_with_a_random_kill_lose_nothing_and_double_nothing(fleet: LabFleet) -> None:
    chance = random.Random(17)  # noqa: S311 - the same choice in every run
    for number in range(10):
        fleet.renew()
        fleet.plan(seconds=0.2)
        driver = fleet.driver(*ALL, name=f"driver-{number}")
        count = chance.randrange(1, 28)
        until(partial(begun, fleet, count), partial(said, driver))
        kill(chance.choice(fleet.journal("start")).pid if number % 2 else fleet.journal("start")[-1].pid)
        whole(fleet, driver)
        fleet.wait_for(*HOSTS)


def test_what_no_host_fits_is_refused_before_anything_is_handed_over(fleet: LabFleet) -> None:
    done = fleet.do(*FEW, "--engine", "podman")
    assert done.code() == 6, done.said
    assert "podman" in done.said
    assert "docker" in done.said
    assert fleet.journal() == []
