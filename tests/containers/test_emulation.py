"""Another processor, for real: Paddle in a container on qemu's user-mode emulator."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lab.engine import emulation
from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers


@pytest.fixture
def qemu() -> Path:
    """The emulator of this machine."""
    found = emulation.find()
    if found is None:
        pytest.skip(f"NO EMULATOR: {emulation.MISSING}; {emulation.REMEDY}")
    return found


def test_the_reported_failure_is_the_releases_and_not_the_processors(
    cli: Cli, real: Path, engine: Any, qemu: Path
) -> None:
    shutil.copyfile(ROOT / "scenarios" / "jit_load_pir.py", real / "scenarios" / "jit_load_pir.py")
    ends = ("--good", "release=2.6.2,cpu=host", "--bad", "release=3.0.0,cpu=Dhyana")
    answer = cli("isolate", "jit_load_pir", *ends, "--engine", "docker", "--json")
    found = json.loads(answer.out)
    assert (answer.code, found["cause"]) == (0, ["release"])
    assert {one["name"]: one["status"] for one in found["axes"]}["cpu"] == "does not matter"
    emulated = [one for one in found["steps"] if one["emulated"]]
    assert {one["sort"] for one in emulated} == {"good", "bad"}
    seen = {one["load"]["cpu"] for one in found["trials"] if one["cpu"]}
    assert len(seen) == 1
    assert seen.pop().startswith("Dhyana, emulated by qemu-")
    assert left_behind(engine, real) == []
