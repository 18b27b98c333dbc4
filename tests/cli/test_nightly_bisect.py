"""Nightly wheels as a row by their day, and one of them wherever a release may stand."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from lab.environment import load
from tests.cli.conftest import NIGHTLY
from tests.cli.scenario_text import text
from tests.conftest import Cli
from tests.package_index import PackageIndex
from tests.wheel_files import wheel

FAILS = 'if "dev20261104" <= os.environ["TOY_PADDLE_VERSION"][6:17] <= "dev20261109": raise ValueError("it fails")'


@pytest.fixture
def row(index: PackageIndex, bench: Path, toy: Any, monkeypatch: pytest.MonkeyPatch) -> PackageIndex:
    """A scenario that fails since the nightly build of the fourth; that of the fifth is there, and one for another Python."""
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {})
    (bench / "scenarios" / "toy.py").write_text(text(load=FAILS), encoding="utf-8")
    wheel(index.wheels("nightly/cpu"), version=NIGHTLY.format("03"), tags="cp310-cp310-manylinux1_x86_64", requires=())
    return index


def bisect(cli: Cli, *words: str) -> Any:
    return cli("bisect", "toy", "--good", "3.3.1", "--among", "nightly", *words)


def test_the_nightly_build_since_which_it_fails_is_found_by_day(cli: Cli, row: PackageIndex, bench: Path) -> None:
    answer = bisect(cli, "--bad", "nightly-2026-11-05", "--since", "2026-11-01", "--until", "2026-11-04")
    assert answer.code == 0, answer.err
    assert f"first bad is {NIGHTLY.format('04')} (last good {NIGHTLY.format('02')})" in answer.out
    strip = answer.out.splitlines()[0]
    assert re.findall(r"3\.\S+", strip) == ["3.3.1", *(NIGHTLY.format(day) for day in ("01", "02", "04", "05"))]
    for line in re.findall(r"3\.5\.0\.dev\d+ (?:good|bad)", strip):
        assert f"  {line.split()[0]} is commit {'0' * 40}" in answer.out
    assert f"upstream changes: https://github.com/PaddlePaddle/Paddle/compare/{'0' * 40}...{'0' * 40}" in answer.out
    assert not [one for one in row.asked if one.endswith(".whl")], (
        "only what is tried is fetched, and a toy fetches nothing"
    )


def test_the_days_decide_which_nightly_builds_are_in_the_row(cli: Cli, row: PackageIndex, bench: Path) -> None:
    answer = bisect(cli, "--bad", "nightly-2026-11-05", "--since", "2026-11-02", "--until", "2026-11-02", "--dry-run")
    assert answer.code == 0, answer.err
    assert "3 releases" in answer.out
    again = shlex.split(answer.out.splitlines()[0].removeprefix("# lab "))
    assert "--since" not in again
    assert cli(*again, "--dry-run").out == answer.out, "the command that is told means the same row again"
    none = bisect(cli, "--bad", "nightly-2026-11-05", "--since", "2026-10-01", "--until", "2026-10-05")
    assert none.code == 2
    assert "has no wheel for Python 3.11 from 2026-10-01 to 2026-10-05" in none.err
    assert "nearest: 2026-11-01" in none.err
    assert "'May' is no day" in bisect(cli, "--bad", "nightly", "--since", "May").err


def test_another_python_has_another_row(cli: Cli, row: PackageIndex) -> None:
    answer = bisect(cli, "--bad", "3.5.0.dev20261103", "--python", "3.10", "--dry-run")
    assert answer.code == 0, answer.err
    assert "2 releases" in answer.out


def test_days_without_a_row_of_nightly_wheels_are_refused(cli: Cli, row: PackageIndex, tmp_path: Path) -> None:
    for words in ([], ["--among", str(tmp_path)]):
        answer = cli("bisect", "toy", "--good", "3.0.0", "--bad", "3.3.1", "--since", "2026-11-01", *words)
        assert answer.code == 2
        assert "--since and --until choose among nightly wheels" in answer.err


def test_a_nightly_build_may_stand_where_a_release_may(cli: Cli, row: PackageIndex, bench: Path) -> None:
    answer = cli("run", "toy", "--savers", "3.0.0", "--loaders", "nightly,nightly-2026-11-01")
    assert answer.code == 1, answer.err
    assert f"{NIGHTLY.format('05')}-cpu-py311" in answer.out
    assert {one.version for one in load(bench / "images").releases if one.local} == {
        NIGHTLY.format(day) for day in ("05", "01")
    }
    asked = len(row.asked)
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", "nightly-2026-11-01").code == 0
    assert len(row.asked) == asked, "a day that is known here is not asked for again"


def test_an_axis_of_isolate_takes_a_nightly_build(cli: Cli, row: PackageIndex) -> None:
    answer = cli(
        "isolate",
        "toy",
        "--good",
        "release=3.3.1",
        "--bad",
        "release=nightly-2026-11-04",
        "--saver",
        "3.3.1",
        "--dry-run",
    )
    assert answer.code == 0, answer.err
    assert NIGHTLY.format("04") in answer.out
