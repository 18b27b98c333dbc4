"""What is told and signed of a failure: the root of a chain first, crashes by where they died, wrong numbers by their outputs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import text
from tests.conftest import Cli

CHAIN = """try:
        {{}}['{key}']
    except KeyError:
        raise ValueError('the file cannot be parsed')"""


def outcomes(cli: Cli, bench: Path, load: str) -> list[dict[str, Any]]:
    (bench / "scenarios" / "toy.py").write_text(text(load=load), encoding="utf-8")
    answer = cli("repro", "toy", "--rounds", "0", "--json")
    return [one["outcome"] for one in json.loads(answer.out)["trials"]]


def test_a_chain_is_told_from_its_root_and_signed_as_a_whole(cli: Cli, toy: Any, bench: Path) -> None:
    (found, *_) = outcomes(cli, bench, CHAIN.format(key="weights"))
    assert found["message"] == "KeyError: 'weights'\nwhich led to ValueError: the file cannot be parsed"
    assert found["type"] == "ValueError"
    (other, *_) = outcomes(cli, bench, CHAIN.format(key="bias"))
    assert other["signature"] != found["signature"]
    assert "KeyError: 'bias'" in cli("runs", "show", "last").out


@pytest.mark.parametrize("load", ["import ctypes; ctypes.string_at(0)", "raise MemoryError('std::bad_alloc')"])
def test_a_run_that_is_made_again_gives_the_same_signature(cli: Cli, toy: Any, bench: Path, load: str) -> None:
    first, second = ({one["signature"] for one in outcomes(cli, bench, load)} for _ in range(2))
    assert first == second
    assert len(first) == 1


def test_crashes_in_different_places_are_different_and_each_says_where(cli: Cli, toy: Any, bench: Path) -> None:
    inside = "import ctypes; ctypes.string_at(0)"
    (null, *_), (other, *_) = (outcomes(cli, bench, load) for load in (inside, "import ctypes; ctypes.memset(8, 0, 8)"))
    assert null["message"] == "the process was ended by SIGSEGV in ctypes:string_at"
    assert other["message"].startswith("the process was ended by SIGSEGV in scenario:load:")
    assert null["signature"] != other["signature"]
