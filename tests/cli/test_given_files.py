"""A user's own files that are not one model: said by `lab inspect`, refused by `lab check` and `lab convert`, never laundered."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.given import MODELS, Model, listing
from tests.conftest import Cli

DAY = 86_400
FAST = ("--rounds", "0")


@pytest.fixture
def stale(model: Model) -> Path:
    """A .json that was exported over an older .pdmodel: the one parameter file belongs to the .json."""
    folder = model("2.6.2")
    for name in ("net.json", "net.pdiparams"):
        shutil.copyfile(MODELS / "3.3.1" / name, folder / name)
        os.utime(folder / name, (1_700_000_000,) * 2)
    for name in ("net.pdmodel", "net.pdiparams.info"):
        os.utime(folder / name, (1_700_000_000 - 3 * DAY,) * 2)
    return folder


def test_inspect_names_the_program_that_shared_parameters_belong_to(lab: Cli, stale: Path) -> None:
    whole = lab("inspect", str(stale))
    assert whole.code == 0
    assert "net.pdiparams lies under two programs, net.json and net.pdmodel, and belongs to net.json" in whole.out
    alone = lab("inspect", str(stale / "net.pdmodel"))
    assert alone.code == 2
    assert "belongs to net.json: it was written with that one, 3 days after net.pdmodel" in alone.out


@pytest.mark.parametrize("verb", [("check",), ("stamp",), ("convert", "--into", "json"), ("cure", "--at", "3.3.1")])
def test_a_program_with_the_parameters_of_another_is_refused_before_anything_runs(
    lab: Cli, stale: Path, toy: Any, verb: tuple[str, ...]
) -> None:
    before = listing(stale)
    answer = lab(verb[0], str(stale / "net.pdmodel"), *verb[1:])
    assert (answer.code, answer.out, toy.jobs) == (2, "", [])
    assert "belongs to net.json" in answer.err
    assert listing(stale) == before


def test_the_folder_offers_only_the_program_that_its_parameters_belong_to(lab: Cli, stale: Path) -> None:
    answer = lab("check", str(stale))
    assert answer.code == 2
    offer = next(line for line in answer.err.splitlines() if "check that one" in line)
    assert "net.json" in offer
    assert "net.pdmodel" not in offer


def test_the_program_that_the_parameters_belong_to_is_checked(lab: Cli, stale: Path) -> None:
    answer = lab("check", str(stale / "net.json"), "--to", "3.3.1", *FAST)
    assert "from 3.3.1 to 3.3.1" in answer.out or "SAFE" in answer.out, answer.err


def test_where_nothing_shows_whose_parameters_they_are_check_warns_and_convert_refuses(
    lab: Cli, stale: Path, toy: Any
) -> None:
    for path in stale.iterdir():
        os.utime(path, (1_700_000_000,) * 2)
    answer = lab("check", str(stale / "net.pdmodel"), *FAST)
    assert "nothing shows which it was written with" in " ".join(answer.out.split())
    started = len(toy.jobs)
    refused = lab("convert", str(stale / "net.pdmodel"), "--into", "json")
    assert (refused.code, len(toy.jobs)) == (2, started)
    assert "nothing shows which it was written with" in refused.err
    assert "into a folder of their own" in refused.err


@pytest.mark.parametrize(
    ("release", "verb"),
    [
        ("2.6.2", ("check",)),
        ("3.0.0", ("check",)),
        ("2.6.2", ("convert", "--into", "json")),
        ("2.6.2", ("stamp",)),
        ("3.0.0", ("stamp",)),
    ],
)
def test_a_model_without_its_weights_is_refused_before_anything_runs(
    lab: Cli, model: Model, toy: Any, release: str, verb: tuple[str, ...]
) -> None:
    folder = model(release)
    (folder / "net.pdiparams").unlink()
    answer = lab(verb[0], str(folder), *verb[1:])
    assert (answer.code, answer.out, toy.jobs) == (2, "", [])
    assert "the parameters are missing" in answer.err
    seen = lab("inspect", str(folder))
    assert seen.code == 2
    assert "the parameters are missing" in seen.out
