"""Real containers with real Paddle: one engine and one set of images for the whole session, cleaned up by label."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.engine.docker import connect
from lab.errors import EngineMissingError
from tests.conftest import ROOT, Cli

NEWEST = "3.3.1-cpu-py311"
RUNTIME = os.environ.get("XDG_RUNTIME_DIR", "")


@pytest.fixture(scope="session")
def engine() -> Iterator[Any]:
    try:
        found = connect("docker", ROOT / "images")
    except EngineMissingError as error:
        pytest.skip(f"NO CONTAINER ENGINE: {error.what}; make engine starts one")
    yield found
    found.reap()


@pytest.fixture
def real(engine: Any, bench: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of its own on the real engine, with this machine's own wheel store."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", RUNTIME)  # an engine without root listens there
    monkeypatch.setenv("LAB_CACHE", os.environ.get("LAB_TEST_CACHE", str(Path.home() / ".cache" / "paddle-repro-lab")))
    return bench


@pytest.fixture
def image(engine: Any, real: Path, cli: Cli) -> str:
    """The newest release's image, built if it is not there yet; its tag."""
    answer = cli("images", "build", NEWEST, "--engine", "docker")
    assert answer.code == 0, answer.err
    return answer.out.split()[1]


def left_behind(engine: Any, bench: Path) -> list[str]:
    """Containers of this workspace's runs that still exist; another lab on this machine is none of our business."""
    runs = {one.name for one in (bench / "results" / "runs").iterdir()}
    found = engine._client.containers.list(all=True, filters={"label": "lab.owner"}, ignore_removed=True)
    return [one.name for one in found if one.labels.get("lab.run") in runs]
