"""A fleet is begun only where it can be one: nothing of another is overwritten, and each host has a name of its own."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import UsageError
from lab.fleet import certificates, driver, issuer, scheduler, standing, ticket
from tests.conftest import Cli


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listens:
        yield f"tls://127.0.0.1:{listens.getsockname()[1]}"


@pytest.mark.parametrize("name", ["a/../x", "b b", "", "..", "-x", "a" * 64, "..a", "driver", "scheduler"])
def test_a_host_is_called_by_a_word_that_can_stand_anywhere(name: str) -> None:
    with pytest.raises(UsageError, match="--hosts: "):
        standing.refuse(["good", name])


def test_two_hosts_have_two_names() -> None:
    standing.refuse(["gpu1", "gpu-2.site"])
    with pytest.raises(UsageError, match="--hosts: a stands there twice"):
        standing.refuse(["a", "b", "a"])


def test_a_fleet_that_listens_there_keeps_its_tickets(cli: Cli, bench: Path, taken: str) -> None:
    cache = bench.parent / "cache"
    standing.begun(taken, ["a"], cache)
    before = {path: path.read_bytes() for path in (cache / "fleets").iterdir()}
    answer = cli("fleet", "start", taken, "--hosts", "x,y")
    assert (answer.code, answer.out) == (2, "")
    assert f"something listens at {taken} already" in answer.err
    assert {path: path.read_bytes() for path in (cache / "fleets").iterdir()} == before


def test_an_address_of_another_machine_begins_no_fleet(cli: Cli, bench: Path) -> None:
    answer = cli("fleet", "start", "tls://192.0.2.1:18786", "--hosts", "a")
    assert (answer.code, answer.out) == (2, "")
    assert "tls://192.0.2.1:18786 is no address that this machine can listen at" in answer.err
    assert not (bench.parent / "cache" / "fleets").exists()


def test_a_fleet_that_no_host_could_join_is_not_begun(cli: Cli, bench: Path, taken: str) -> None:
    port = int(taken.rpartition(":")[2])
    answer = cli("fleet", "start", f"tls://127.0.0.1:{port + 1 if port < 65535 else port - 1}")
    assert answer.code == 2
    assert "name the hosts it shall have" in answer.err


def test_what_would_be_typed_is_not_asked_of_a_fleet_that_stands(cli: Cli, bench: Path) -> None:
    answer = cli("fleet", "start", "tls://127.0.0.1:9", "--hosts", "a", "--print")
    assert answer.code == 2
    assert "leave --print out" in answer.err
    assert answer.out == ""


ADDRESS = "tls://10.0.0.1:8786"


def test_the_ticket_for_commands_makes_no_host(cli: Cli, bench: Path, tmp_path: Path) -> None:
    answer = cli("fleet", "host", "--ticket", str(standing.begun(ADDRESS, ["a"], tmp_path)["driver"]))
    assert answer.code == 2
    assert "this is the ticket of a fleet's driver, and no host's" in answer.err


def test_the_ticket_of_another_fleet_is_not_taken_for_this_one(tmp_path: Path) -> None:
    given = standing.begun(ADDRESS, ["a"], tmp_path)["driver"]
    assert driver.ticket_for(ADDRESS, tmp_path).scheduler == ADDRESS
    given.rename(driver.ticket_path("tls://10.0.0.2:8786", tmp_path))
    with pytest.raises(UsageError, match=f"the ticket of the fleet at {ADDRESS}, and not of the one at tls://10.0.0.2"):
        driver.ticket_for("tls://10.0.0.2:8786", tmp_path)


def test_all_that_is_kept_of_a_fleet_is_private_and_gone_when_it_is_over(tmp_path: Path) -> None:
    standing.begun(ADDRESS, ["a", "b.site"], tmp_path)
    folder = tmp_path / "fleets"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    other = standing.begun("tls://10.0.0.1:87860", ["a"], tmp_path)
    standing.forget(ADDRESS, tmp_path)
    assert not standing.unfinished(ADDRESS, tmp_path)
    assert {path for path in folder.iterdir() if path.suffix == ".ticket"} == set(other.values())
    assert standing.unfinished("tls://10.0.0.1:87860", tmp_path)


def test_a_fleet_that_nobody_stopped_goes_on_with_its_authority(tmp_path: Path) -> None:
    before = ticket.from_file(standing.begun(ADDRESS, ["a"], tmp_path)["a"])
    after = standing.begun(ADDRESS, ["b"], tmp_path)
    scheduler_s = standing.serving(ADDRESS, tmp_path)
    for one in (before, ticket.from_file(after["b"]), ticket.from_file(after["driver"])):
        assert one.authority == scheduler_s.authority
    standing.forget(ADDRESS, tmp_path)
    assert ticket.from_file(standing.begun(ADDRESS, ["a"], tmp_path)["a"]).authority != before.authority


def test_a_ticket_for_a_host_more_is_of_the_same_fleet(tmp_path: Path) -> None:
    standing.begun(ADDRESS, ["a"], tmp_path)
    new = ticket.from_file(standing.added(ADDRESS, ["gpu-2.site"], tmp_path)["gpu-2.site"])
    assert (new.name, new.scheduler) == ("gpu-2.site", ADDRESS)
    assert (
        certificates.complaint(standing.serving(ADDRESS, tmp_path).authority, new.credentials, certificates.moment())
        == ""
    )
    with pytest.raises(UsageError, match="no fleet was begun at"):
        standing.added("tls://10.0.0.2:8786", ["a"], tmp_path)


@pytest.mark.parametrize("spoilt", [b"", b"{}", b"[]", b"x" * 70_000])
def test_an_authority_that_is_spoilt_is_none(tmp_path: Path, spoilt: bytes) -> None:
    standing.begun(ADDRESS, ["a"], tmp_path)
    path = tmp_path / "fleets" / "10.0.0.1-8786.authority"
    path.write_bytes(spoilt)
    assert not standing.unfinished(ADDRESS, tmp_path)
    with pytest.raises(UsageError, match="10.0.0.1-8786.authority") as refused:
        standing.added(ADDRESS, ["b"], tmp_path)
    assert "lab fleet start" in refused.value.remedy


def test_an_authority_that_others_may_read_is_refused(tmp_path: Path) -> None:
    standing.begun(ADDRESS, ["a"], tmp_path)
    (tmp_path / "fleets" / "10.0.0.1-8786.authority").chmod(0o640)
    with pytest.raises(UsageError, match="can be read by others"):
        standing.added(ADDRESS, ["b"], tmp_path)


def test_an_authority_ends(tmp_path: Path) -> None:
    old = certificates.authority("fleet", certificates.moment() - certificates.AUTHORITY_LIFE)
    issuer.keep(issuer.Issuer(scheduler=ADDRESS, authority=old), tmp_path / "one")
    with pytest.raises(UsageError, match=r"the authority of this fleet ended at .* UTC"):
        issuer.kept(tmp_path / "one")


def test_a_scheduler_listens_for_its_fleet_alone(tmp_path: Path) -> None:
    """dask opens a port for pages in plain HTTP, even without a dashboard."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tls://127.0.0.1:{free.getsockname()[1]}"
    standing.begun(address, ["a"], tmp_path)
    mine = standing.serving(address, tmp_path)

    async def seen() -> list[int]:
        before = set(_listening())
        ready = asyncio.Event()
        serving = asyncio.ensure_future(scheduler.serve(mine, print, lambda _: ready.set()))
        await asyncio.wait_for(ready.wait(), 60)
        new = sorted(set(_listening()) - before)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return new

    assert asyncio.run(seen()) == [int(address.rpartition(":")[2])]


def _listening() -> list[int]:
    """Ports at which somebody listens in this network namespace (/proc/net/tcp: state 0A)."""
    rows = [
        line.split() for file in ("tcp", "tcp6") for line in Path(f"/proc/self/net/{file}").read_text().splitlines()[1:]
    ]
    return [int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"]
