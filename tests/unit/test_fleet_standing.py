"""A fleet is begun only where it can be one: nothing of another is overwritten, and each host has a name of its own."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.errors import UsageError
from lab.fleet import scheduler, standing
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
    before = {
        path: path.read_bytes() for path in standing.written(standing.tickets(taken, ["a"]), taken, cache).values()
    }
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


def test_a_scheduler_listens_for_its_fleet_alone() -> None:
    """dask opens a port for pages in plain HTTP, even without a dashboard."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tls://127.0.0.1:{free.getsockname()[1]}"
    mine = standing.tickets(address, ["a"])[standing.SCHEDULER]

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
