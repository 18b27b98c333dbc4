"""Pins as cures over toy releases: another numpy is believed only where the numpy that was there fails beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from lab.errors import UnsatisfiableError
from tests.cli.scenario_text import text
from tests.cli.test_cure import AT, BROKEN, IR, PLACEBO, entry, flag, statuses, unless, write
from tests.conftest import Cli

HAD, PIN = "numpy2.3.5", "numpy1.26.4"
KEY = 'os.environ["TOY_ENVIRONMENT"]'
NEWEST = 'os.environ["TOY_PADDLE_VERSION"] == "3.3.1"'
HASH = "--hash=sha256:" + "0" * 64
OLDER = entry("older", 'packages = ["numpy==1.26.4"]', kind="pin", layer=6)


def solved(environment: Any) -> list[str]:
    return [
        f"{name}=={version}"
        for name, version in {"numpy": "2.3.5", **dict(line.split("==") for line in environment.extra)}.items()
    ]


@pytest.fixture(autouse=True)
def locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every set of packages has a lock, and no index is asked."""
    monkeypatch.setattr("lab.environment.locks.lock", lambda one: "".join(f"{line} {HASH}\n" for line in solved(one)))


def environments(toy: Any) -> set[str]:
    return {job.image.environment for job in toy.jobs}


def test_a_pin_that_helps_is_proved_beside_the_version_that_was_there(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("other", IR), OLDER, PLACEBO, load=f'if {NEWEST} and "{PIN}" not in {KEY}: {BROKEN}')
    answer = cli("cure", "toy", *AT)
    assert answer.code == 0, answer.err
    said = "older: proved, 2 of 2 times (with numpy==2.3.5, installed in the same way, the same failure is back)"
    assert said in answer.out
    assert "\npython3 -m pip install numpy==1.26.4\n" in answer.out
    assert f"3.3.1-cpu-py311-{HAD}" in environments(toy)
    assert f"2.6.2-cpu-py311-{PIN}" not in environments(toy)


def test_a_pin_that_helps_with_the_version_that_was_there_too_is_a_placebo(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, OLDER, load=f'if {NEWEST} and "numpy" not in {KEY}: {BROKEN}')
    answer = cli("cure", "toy", *AT)
    assert answer.code == 1, answer.err
    assert "placebo        older (numpy==2.3.5, the version it had, works as well" in answer.out
    assert "pip install" not in answer.out


def test_a_pin_whose_control_fails_in_another_way_is_unproved(cli: Cli, toy: Any, bench: Path) -> None:
    other = f'if "{HAD}" in {KEY}: raise KeyError("w")'
    write(bench, OLDER, load=f'{other}\n    if {NEWEST} and "{PIN}" not in {KEY}: {BROKEN}')
    answer = cli("cure", "toy", *AT, "--json")
    assert (answer.code, statuses(answer)) == (1, {"older": "unproved"})


def test_a_pin_is_not_tried_where_what_costs_less_is_proved(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, flag("old", IR), OLDER, load=unless(f"{IR}=0"))
    answer = cli("cure", "toy", *AT)
    assert answer.code == 0, answer.err
    assert "1 of 1 cures proved" in answer.out
    assert "not needed     older (old is proved, and this needs an environment of its own)" in answer.out
    assert not any("numpy" in one for one in environments(toy))


def test_what_cannot_be_installed_there_is_unsupported_with_the_reason(
    cli: Cli, toy: Any, bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(asked: Any) -> str:
        raise UnsatisfiableError(f"no set of packages satisfies {asked.key}", "name another version")

    monkeypatch.setattr("lab.environment.locks.lock", none)
    pins = {"forbidden": "numpy==2.4.0", "there": "numpy==2.3.5", "nowhere": "numpy==1.0.1"}
    lines = [entry(name, f'packages = ["{line}"]', kind="pin", layer=6) for name, line in pins.items()]
    write(bench, *lines, load=unless("NEVER=1"))
    answer = cli("cure", "toy", *AT, "--json")
    assert answer.code == 1, answer.err  # all that can be tried was: nothing is left open
    found = {one["names"][0]: (one["status"], one["why"]) for one in json.loads(answer.out)["tried"]}
    assert {status for status, _ in found.values()} == {"unsupported"}
    assert "3.3.1 needs numpy<2.4" in found["forbidden"][1]
    assert found["there"][1] == "numpy==2.3.5 is what it has"
    assert "no set of packages satisfies 3.3.1-cpu-py311-numpy1.0.1" in found["nowhere"][1]


def test_packages_that_hold_everywhere_stay_beside_a_pin(cli: Cli, toy: Any, bench: Path) -> None:
    write(bench, OLDER, load=f'if {NEWEST} and "{PIN}" not in {KEY}: {BROKEN}')
    answer = cli("cure", "toy", *AT, "--with", "protobuf==3.20.3")
    assert answer.code == 0, answer.err
    assert f"3.3.1-cpu-py311-{PIN}-protobuf3.20.3" in environments(toy)


def test_what_saves_has_the_pin_where_only_the_save_can_fail(cli: Cli, toy: Any, bench: Path) -> None:
    fails = f'if {NEWEST} and "{PIN}" not in {KEY}: {BROKEN}'
    (bench / "scenarios" / "cures.toml").write_text(OLDER, encoding="utf-8")
    saved = text().replace("    np.save(", f"    {fails}\n    np.save(", 1)
    (bench / "scenarios" / "toy.py").write_text(saved, encoding="utf-8")
    answer = cli("cure", "toy", "--at", "3.3.1", "--saver", "3.3.1", *AT[4:], "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)["tried"]
    assert [(one["status"], one["moment"]) for one in found] == [("accepted", "while saving")]


@pytest.mark.parametrize("line", ["numpy<2", "numpy", "NUMPY==1.26.4", "numpy==1"])
def test_a_pin_that_is_no_whole_version_is_named(cli: Cli, toy: Any, bench: Path, line: str) -> None:
    write(bench, entry("older", f'packages = ["{line}"]', kind="pin"))
    answer = cli("cure", "toy", *AT)
    assert answer.code == 2
    assert f"{line!r} is not PACKAGE==VERSION" in answer.err
