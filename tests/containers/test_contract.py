"""What a header can say, in real containers: each word of the contract has a scenario that reproduces."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Cli
from tests.containers.conftest import left_behind

pytestmark = pytest.mark.containers
SCENARIOS = ("zlib_after_paddle", "words_beside", "output_plus_constant", "loads_leak", "calls_leak", "stale_export")


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_a_header_can_say_reproduces_in_containers(cli: Cli, real: Path, engine: Any, name: str) -> None:
    shutil.copyfile(ROOT / "scenarios" / f"{name}.py", real / "scenarios" / f"{name}.py")
    shutil.copytree(ROOT / "scenarios" / "beside", real / "scenarios" / "beside", dirs_exist_ok=True)
    answer = cli("repro", name, "--rounds", "0", "--engine", "docker", "--json")
    found = json.loads(answer.out)
    assert (answer.code, found["verdict"]) == (0, "REPRODUCED"), found["reasons"]
    grounds = {(one["load"]["ground"], one["load"]["zlib"]) for one in found["trials"]}
    assert {zlib for ground, zlib in grounds if "+shared-zlib" in ground} <= {"a module of its own"}
    assert left_behind(engine, real) == []
