"""Who is of a fleet and who is not: whoever comes without its certificate, or with another lab, is turned away in a sentence."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.fleet import certificates, ticket
from lab.fleet.ticket import Ticket
from tests.fleet.fleets import PORT, ROOT, LabFleet, lab_fleet, until
from tests.fleet.network import ADDRESSES, Network

FEW = ("run", "jit_load_pir", "--savers", "3.0.0", "--loaders", "3.0.0", "--rounds", "0")
# Knocks at the scheduler as somebody who means harm would: with dask's own client, and whatever certificates it was given.
KNOCK = """
import os, sys
from distributed import Client
from distributed.security import Security
address, authority, certificate, key = sys.argv[1:5]
security = None
if authority:
    own = {"tls_client_cert": certificate, "tls_client_key": key} if certificate else {}
    security = Security(tls_ca_file=authority, require_encryption=True, **own)
try:
    client = Client(address, security=security, timeout=6)
    print("IN", client.run_on_scheduler(os.getpid))
except Exception as error:
    print("OUT", type(error).__name__)
os._exit(0)
"""


@pytest.fixture(scope="module")
def fleet(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabFleet]:
    with lab_fleet(network, tmp_path_factory.mktemp("fleet")) as made:
        made.begin_scheduler()
        made.begin_host("a")
        made.wait_for("a")
        yield made


def own(fleet: LabFleet) -> Ticket:
    """The ticket that commands use."""
    path = fleet.home("d") / "cache" / "fleets" / f"{ADDRESSES['d']}-{PORT}.ticket"
    return ticket.read(path.read_bytes(), "it")


def stranger(of: Ticket) -> Ticket:
    """A ticket for the same address by an authority of somebody else's."""
    now = certificates.moment()
    authority = certificates.authority("somebody else's", now)
    held = certificates.issued(authority, of.name, now)
    return Ticket(
        protocol=of.protocol, name=of.name, scheduler=of.scheduler, authority=authority.certificate,
        certificate=held.certificate, key=held.key,
    )  # fmt: skip


def knock(fleet: LabFleet, address: str, authority: str = "", certificate: str = "", key: str = "") -> str:
    """What becomes of somebody who comes with these files."""
    words = [sys.executable, "-W", "ignore", "-c", KNOCK, address, authority, certificate, key]
    return fleet.network.run("b", words, env=fleet.env("b")).stdout.strip()


def files(one: Ticket, folder: Path) -> tuple[str, str, str]:
    folder.mkdir(exist_ok=True)
    for name, text in (("authority", one.authority), ("certificate", one.certificate), ("key", one.key)):
        (folder / name).write_text(text, encoding="utf-8")
    return str(folder / "authority"), str(folder / "certificate"), str(folder / "key")


def test_without_a_certificate_of_this_fleet_nobody_comes_in(fleet: LabFleet, tmp_path: Path) -> None:
    ours, theirs = files(own(fleet), tmp_path / "ours"), files(stranger(own(fleet)), tmp_path / "theirs")
    assert knock(fleet, fleet.address, *ours).startswith("IN ")
    assert knock(fleet, fleet.address.replace("tls:", "tcp:")).startswith("OUT")
    assert knock(fleet, fleet.address, ours[0]).startswith("OUT")
    assert knock(fleet, fleet.address, ours[0], theirs[1], theirs[2]).startswith("OUT")
    assert knock(fleet, fleet.address, *theirs).startswith("OUT")


def test_the_certificate_of_a_host_opens_the_whole_fleet_as_the_documents_say(fleet: LabFleet, tmp_path: Path) -> None:
    host = ticket.read(fleet.ticket("b").read_bytes(), "it")
    assert knock(fleet, fleet.address, *files(host, tmp_path / "b")).startswith("IN ")
    for name in ("docs/fleet.md", "docs/zh/fleet.md"):
        said = (ROOT / name).read_text(encoding="utf-8")
        assert ("one trust domain" in said) or ("同一个信任域" in said)


def test_a_command_with_another_fleets_ticket_is_told_so(fleet: LabFleet) -> None:
    path = fleet.home("d") / "cache" / "fleets" / f"{ADDRESSES['d']}-{PORT}.ticket"
    kept = path.read_bytes()
    try:
        path.write_bytes(ticket.written(stranger(own(fleet))))
        done = fleet.do(*FEW)
    finally:
        path.write_bytes(kept)
    assert done.code() == 2, done.said
    assert "not of one fleet" in done.said
    assert "Traceback" not in done.said
    assert fleet.journal() == []


def test_a_host_with_another_guest_is_refused_on_both_sides(fleet: LabFleet) -> None:
    other = fleet.folder / "other-lab"
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(ROOT, other, ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "results", "__pycache__"))
    path = other / "lab" / "guest" / "late.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n# another guest\n", encoding="utf-8")
    site = f"{ROOT / 'tests' / 'fleet' / 'site'}:{other}"
    host = fleet.begin_host("c", PYTHONPATH=site)
    assert host.code() == 2, host.said
    assert "has the guest" in host.said
    assert "c does not join it" in host.said
    until(lambda: "c was refused" in fleet.running["scheduler"].said, fleet.all_said)
    assert "c " not in fleet.do("fleet", "status").said


@pytest.mark.parametrize(
    ("about", "said", "install"),
    [
        ("dask=2020.1.0", "has dask", "pip install 'distributed=="),
        ("python=2.7", "runs Python", "install the lab here in Python 3."),
        ("lab=0.0.1", "", ""),
    ],
)
def test_a_host_with_another_python_or_dask_is_refused_and_hears_what_to_install(
    fleet: LabFleet, about: str, said: str, install: str
) -> None:
    host = fleet.begin_host("b", LAB_TEST_ABOUT=about)
    if not said:  # another version alone, with the same guest, python and dask, may join
        fleet.wait_for("b")
        host.kill()
        return
    assert host.code() == 2, host.said
    assert said in host.said
    assert install in host.said
    until(lambda: "b was refused" in fleet.running["scheduler"].said, fleet.all_said)
