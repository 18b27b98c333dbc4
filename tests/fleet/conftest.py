"""What the tests of a fleet stand on: hosts with networks of their own, a real sshd on each, a real Slurm over them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import network as networks
from tests.fleet import slurm, sshd
from tests.fleet.network import CannotError, Network
from tests.fleet.slurm import SlurmCluster
from tests.fleet.sshd import SshHosts

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is of the fleet; what stands on one fleet is one file, so that --dist loadfile keeps it on one worker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("fleet")


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """The hosts a, b and c, and d for the driver."""
    try:
        with networks.network() as made:
            yield made
    except CannotError as error:
        pytest.skip(f"NO HOSTS: {error}")


@pytest.fixture(scope="session")
def ssh(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHosts]:
    """An sshd on each host."""
    try:
        with sshd.ssh_hosts(network, tmp_path_factory.mktemp("ssh")) as made:
            yield made
    except CannotError as error:
        pytest.skip(f"NO SSHD: {error}")


@pytest.fixture(scope="session")
def cluster(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlurmCluster]:
    """A Slurm whose nodes are the hosts."""
    try:
        with slurm.cluster(network, tmp_path_factory.mktemp("slurm")) as made:
            yield made
    except CannotError as error:
        pytest.skip(f"NO SLURM: {error}")
