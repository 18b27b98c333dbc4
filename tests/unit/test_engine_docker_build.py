"""The words that start a build, for each client."""

from pathlib import Path
from typing import Any

import pytest

from lab.engine.docker import build
from lab.engine.docker.address import EngineAddress
from lab.engine.docker.build import Builder, BuildOrder
from lab.engine.protocol import Teller
from lab.machine.process import Completed
from lab.variables import PROXIES


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was started, and nothing is."""
    found: list[list[str]] = []

    def stream(argv: list[str], *_: object, **__: object) -> Completed:
        found.append(argv)
        return Completed(argv=tuple(argv), returncode=0, stdout="", stderr="")

    monkeypatch.setattr("lab.machine.process.stream", stream)
    monkeypatch.setattr(build, "builder", lambda kind: Builder(argv=(kind, "build")))
    return found


def words(kind: str, started: list[list[str]], **more: Any) -> list[str]:
    order = BuildOrder(context=Path("/x"), tag="t", base="b", labels={}, **more)
    address = EngineAddress(kind=kind, url="unix:///run/x.sock")
    build.run_build(address, order, Path("/x/log"), Teller(say=print, passing=print))
    return started[-1]


@pytest.mark.parametrize("kind", ["docker", "podman"])
def test_a_build_without_network_gets_no_proxy_of_the_clients_configuration(
    kind: str, started: list[list[str]]
) -> None:
    said = words(kind, started)
    assert {f"{name}=" for name in PROXIES} <= set(said)
    assert ("--http-proxy=false" in said) == (kind == "podman")
    assert said[said.index("--network") + 1] == "none"


@pytest.mark.parametrize("kind", ["docker", "podman"])
def test_a_build_that_fetches_packages_keeps_the_proxies_of_its_client(kind: str, started: list[list[str]]) -> None:
    said = words(kind, started, online=True)
    assert not any("proxy" in one.lower() for one in said)
    assert "--network" not in said
