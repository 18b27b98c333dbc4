"""A fleet that stands: a host of it may be switched off and on, another may join, no two have one name, and all leave at its end."""

import signal
from collections.abc import Iterator

import pytest

from tests.fleet.fleets import LabFleet, Program, lab_fleet, until
from tests.fleet.network import ADDRESSES, Network

FEW = ("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.0.0", "--rounds", "0")


@pytest.fixture(scope="module")
def fleet(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabFleet]:
    with lab_fleet(network, tmp_path_factory.mktemp("fleet")) as made:
        made.begin_scheduler(("a", "b"))
        made.begin_host("a")
        made.wait_for("a")
        yield made


def with_ticket_of(fleet: LabFleet, host: str, where: str) -> Program:
    """Somebody who brought a host's ticket to another machine."""
    return fleet.start(f"{host}-on-{where}", where, fleet.lab("fleet", "host", "--ticket", str(fleet.ticket(host))))


def hosts(fleet: LabFleet) -> list[str]:
    return [line.split()[0] for line in fleet.do("fleet", "status").said.splitlines() if " class " in line]


def test_a_host_that_was_switched_off_joins_again_with_its_ticket(fleet: LabFleet) -> None:
    fleet.running["a"].kill()
    fleet.begin_host("a")
    fleet.wait_for("a")
    assert "Traceback" not in fleet.running["a"].said


def test_a_host_whose_end_nobody_heard_gets_its_name_back_at_once(fleet: LabFleet) -> None:
    with fleet.network.unplugged("a"):
        fleet.running["a"].kill()
    fleet.begin_host("a")
    fleet.wait_for("a")
    assert "is in the fleet already" not in fleet.running["a"].said


def test_a_second_machine_with_one_ticket_is_told_who_has_its_name(fleet: LabFleet) -> None:
    second = with_ticket_of(fleet, "a", "c")
    assert second.code() == 2, second.said
    assert f"a host called a is in the fleet already, at tls://{ADDRESSES['a']}:" in second.said
    assert "lab fleet ticket NAME" in second.said
    assert "Traceback" not in second.said + fleet.running["a"].said + fleet.running["scheduler"].said
    assert hosts(fleet) == ["a"]


def test_two_machines_that_begin_at_once_with_one_ticket_are_one_host(fleet: LabFleet) -> None:
    both = [with_ticket_of(fleet, "b", where) for where in ("b", "c")]
    until(lambda: any(one.over for one in both), fleet.all_said)
    (refused,) = [one for one in both if one.over]
    assert refused.code() == 2, refused.said
    assert "a host called b is in the fleet already" in refused.said
    assert "Traceback" not in refused.said
    assert hosts(fleet) == ["a", "b"]
    for one in both:
        one.kill()


def test_a_host_is_added_and_does_steps(fleet: LabFleet) -> None:
    made = fleet.do("fleet", "ticket", "c")
    assert made.code() == 0, made.said
    assert f"lab fleet host --ticket {fleet.ticket('c')}" in made.said
    fleet.begin_host("c")
    fleet.wait_for("c")
    done = fleet.do(*FEW, "--on", "c")
    assert done.code() == 0, done.said
    assert {one.host for one in fleet.journal("start")} == {"c"}


def test_only_the_machine_that_began_a_fleet_makes_tickets(fleet: LabFleet) -> None:
    there = fleet.start("there", "b", fleet.lab("fleet", "ticket", "d", "--fleet", fleet.address))
    assert there.code() == 2, there.said
    assert "no fleet was begun" in there.said
    authority = fleet.ticket("a").with_name(fleet.ticket("a").name.replace(".a.ticket", ".authority"))
    assert authority.stat().st_mode & 0o777 == 0o600


def test_at_the_end_all_hosts_have_left_and_no_ticket_is_left(fleet: LabFleet) -> None:
    fleet.plan(seconds=600)
    driver = fleet.driver(*FEW, "--on", "c", "--fresh")
    until(fleet.journal_sleepers, fleet.all_said)
    stopped = fleet.do("fleet", "stop")
    assert stopped.code() == 0, stopped.said
    assert "has ended; hosts that left it: a, c" in stopped.said
    assert fleet.journal_sleepers() == []
    assert driver.code() == 7, driver.said
    for name in ("scheduler", "a", "c"):
        assert fleet.running[name].code(20) == 0, fleet.all_said(name)
    left = [path for host in ("d", "a", "c") for path in (fleet.home(host) / "cache" / "fleets").glob("*")]
    assert left == [], left


def test_a_fleet_whose_scheduler_died_is_ended_too(fleet: LabFleet) -> None:
    made = fleet.begin_scheduler(("a",))
    made.signal(signal.SIGKILL)
    made.process.wait()
    folder = fleet.ticket("a").parent
    assert list(folder.iterdir())
    stopped = fleet.do("fleet", "stop")
    assert stopped.code() == 0, stopped.said
    assert "its tickets here are removed" in stopped.said
    assert list(folder.iterdir()) == []
