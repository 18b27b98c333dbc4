"""`make smoke` and `make mutants` are true to the tests and the rooms they name."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.findall(r"(tests/unit/\S+)::(\w+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
ROOMS: dict[str, Any] = tomllib.loads((ROOT / "tests" / "mutants.toml").read_text(encoding="utf-8"))["room"]
PURE = {
    "compare",
    "environment",
    "formats",
    "formulas",
    "knowledge",
    "language",
    "outcome",
    "redaction",
    "scenario",
    "search",
    "stats",
}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_each_test_of_the_smoke_is_a_property_that_exists(file: str, name: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    (above,) = re.findall(rf"\n\n((?:@.*\n| .*\n|\).*\n)*)def {name}\(", text)
    assert "@given(" in above


def test_every_pure_room_has_its_test_in_the_smoke() -> None:
    assert {re.split(r"test_([a-z]+)", file)[1] for file, _ in NAMED} == PURE


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_of_the_mutants_names_files_and_tests_that_exist_and_a_reason_for_each_survivor(room: str) -> None:
    about = ROOMS[room]
    assert [glob for glob in about["files"] if not list(ROOT.glob(glob))] == []
    assert [name for name in about["tests"] if not (ROOT / name).is_file()] == []
    for one in about.get("accepted", []):
        assert set(one) == {"in", "change", "reason"}
        assert len(one["reason"]) > 20
