"""A wheel's file wherever a release may stand, from the run to a replay in a lab that has never seen it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scenario_text import text
from tests.conftest import Cli
from tests.wheel_files import wheel

NUMPY = "numpy==1.26.4 --hash=sha256:"
WHEEL_FAILS = 'if "_" in os.environ["TOY_PADDLE_VERSION"]: raise ValueError("this build cannot load it")'


@pytest.fixture
def given(bench: Path, toy: Any, tmp_path: Path) -> Path:
    """A wheel beside a scenario that fails with it, and with no release."""
    (bench / "scenarios" / "toy.py").write_text(text(load=WHEEL_FAILS), encoding="utf-8")
    return wheel(tmp_path)


def digest_of(cli: Cli, path: Path) -> str:
    return str(json.loads(cli("images", "add", str(path), "--json").out)["builds"][0]["sha256"])


def test_a_run_takes_a_wheel_and_keeps_its_hash_size_and_name(cli: Cli, bench: Path, given: Path) -> None:
    answer = cli("run", "toy", "--savers", "3.0.0", "--loaders", str(given), "--engine", "local")
    assert answer.code == 1, answer.err
    digest = digest_of(cli, given)
    assert f"3.4.0.dev20261101_{digest[:12]}-cpu-py311" in answer.out
    assert f"{given.stat().st_size} bytes, sha256 {digest}" in answer.out
    (run,) = (bench / "results" / "runs").glob("*/run.json")
    assert [one["sha256"] for one in json.loads(run.read_text())["builds"]] == [digest]
    assert digest in cli("runs", "show", "last", "--format", "markdown").out
    assert digest in cli("issue", "last").out


def test_the_same_file_is_the_same_build_wherever_it_lies(cli: Cli, given: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / given.name
    other.parent.mkdir()
    other.write_bytes(given.read_bytes())
    cli("run", "toy", "--savers", "3.0.0", "--loaders", str(given))
    again = cli("run", "toy", "--savers", "3.0.0", "--loaders", str(other))
    assert "1 taken from earlier runs" in again.out


def test_the_lock_of_the_nearest_release_is_taken_where_it_holds_what_the_wheel_asks_for(
    cli: Cli, bench: Path, given: Path, tmp_path: Path
) -> None:
    cli("run", "toy", "--savers", "3.0.0", "--loaders", str(given))
    (kept,) = (tmp_path / "cache" / "locked").glob("*.txt")
    near = (bench / "images" / "3.3.1-cpu-py311" / "requirements.txt").read_text()
    others = [
        [line for line in one.splitlines() if not line.startswith(("#", "paddle"))] for one in (near, kept.read_text())
    ]
    assert others[0] == others[1]
    assert f"paddlepaddle==3.4.0.dev20261101 --hash=sha256:{digest_of(cli, given)}" in kept.read_text()


def test_a_wheel_is_the_bad_end_of_a_bisect(cli: Cli, given: Path) -> None:
    answer = cli("bisect", "toy", "--good", "3.3.0", "--bad", str(given))
    assert answer.code == 0, answer.err
    assert re.search(r"3\.3\.1 good \| 3\.4\.0\.dev20261101_[0-9a-f]{12} bad", answer.out)
    assert "github.com/PaddlePaddle/Paddle/compare/v3.3.1...0000000000" in answer.out


def test_two_builds_of_one_number_make_a_row_of_two(cli: Cli, given: Path, tmp_path: Path) -> None:
    assert cli("bisect", "toy", "--good", "3.3.1", "--bad", str(wheel(tmp_path, version="3.3.1"))).code == 0


def test_a_folder_of_wheels_is_a_row_by_version(cli: Cli, bench: Path, given: Path, tmp_path: Path) -> None:
    """From the second dev build on it fails; the wheel of another Python is none of the row."""
    second = 'if "dev20261102" <= os.environ["TOY_PADDLE_VERSION"][6:17] <= "dev20261109": raise ValueError("it fails")'
    (bench / "scenarios" / "toy.py").write_text(text(load=second), encoding="utf-8")
    for day in ("03", "02", "04"):
        wheel(tmp_path, version=f"3.4.0.dev202611{day}")
    wheel(tmp_path, version="3.4.0.dev20261105", tags="cp310-cp310-manylinux1_x86_64")
    bad = str(tmp_path / "paddlepaddle-3.4.0.dev20261104-cp311-cp311-manylinux1_x86_64.whl")
    answer = cli("bisect", "toy", "--good", "3.3.1", "--bad", bad, "--among", str(tmp_path))
    assert answer.code == 0, answer.err
    found = re.findall(r"(3\.\S+?)(?:_[0-9a-f]{12})? (good|bad|\.)", answer.out.splitlines()[0])
    assert [name for name, _ in found][:3] == ["3.3.1", "3.4.0.dev20261101", "3.4.0.dev20261102"]
    assert re.search(r"3\.4\.0\.dev20261101_\w+ good \| 3\.4\.0\.dev20261102_\w+ bad", answer.out)
    assert cli("bisect", "toy", "--good", "3.3.1", "--bad", bad, "--among", str(bench)).code == 2


def test_git_bisect_stops_where_the_build_left_no_wheel(cli: Cli, given: Path, tmp_path: Path) -> None:
    words = ("run", "toy", "--savers", "3.0.0", "--loaders", str(tmp_path / "dist" / "*.whl"), "--git-bisect-exit")
    assert cli(*words).code == 128


def test_a_pattern_may_fit_several_where_several_are_wanted(cli: Cli, given: Path, tmp_path: Path) -> None:
    wheel(tmp_path, version="3.4.0.dev20261102")
    both = str(tmp_path / "*.whl")
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", both).out.count("ValueError in load") >= 2
    answer = cli("bisect", "toy", "--good", "3.3.0", "--bad", both)
    assert answer.code == 2
    assert "2 files fit" in answer.err


def test_a_bundle_asks_another_lab_for_the_very_file(
    cli: Cli, bench: Path, given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = digest_of(cli, given)
    cli("run", "toy", "--savers", "3.0.0", "--loaders", str(given))
    target = bench / "x.repro.tgz"
    assert cli("bundle", "last", "-o", str(target)).code == 0
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "another"))
    asked = cli("replay", str(target), "--yes")
    assert asked.code == 2
    assert f"sha256 {digest}" in asked.err
    assert "lab images add" in asked.err
    assert cli("images", "add", str(given)).code == 0
    answer = cli("replay", str(target), "--yes")
    assert answer.code == 0, answer.err


def test_an_image_needs_an_engine_with_containers(cli: Cli, given: Path) -> None:
    answer = cli("run", "toy", "--savers", "3.0.0", "--loaders", "image:serving:2026-11")
    assert answer.code == 2
    assert "the image 'serving:2026-11' needs an engine with containers" in answer.err


def test_another_numpy_is_another_environment_wherever_it_is_said(
    cli: Cli, given: Path, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved = "numpy==1.26.4 --hash=sha256:" + "0" * 64 + "\n"
    monkeypatch.setattr("lab.environment.locks.lock", lambda _: solved)
    for words in (
        ("--savers", "3.0.0", "--loaders", "3.1.1", "--with", "numpy==1.26.4"),
        ("--savers", "3.0.0+numpy==1.26.4", "--loaders", "3.1.1+numpy==1.26.4"),
    ):
        answer = cli("run", "toy", *words)
        assert answer.code == 0, answer.err
        assert "environments  all end in -cpu-py311-numpy1.26.4\n" in answer.out
        assert "3.0.0     3.1.1 " in answer.out
    assert (
        cli("run", "toy", "--savers", "3.0.0", "--loaders", f"{given}+numpy==1.26.4").out.count("-py311-numpy1.26.4")
        > 1
    )
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", "3.1.1", "--with", "numpy>2").code == 2
    assert "needs numpy<2.4" in cli("images", "build", "3.1.1+numpy==2.4.0").err


def test_a_release_of_the_catalogue_is_not_added(cli: Cli, given: Path) -> None:
    assert cli("images", "add", "3.3.1").code == 2


@pytest.mark.parametrize("damage", [b"{", b"\xff\xfe", b"[" * 100_000, b"{}"])
def test_a_damaged_description_of_a_build_costs_only_itself_and_the_file_again_mends_it(
    cli: Cli, given: Path, tmp_path: Path, damage: bytes
) -> None:
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", str(given)).code == 1
    (kept,) = (tmp_path / "cache" / "given").glob("*.json")
    kept.write_bytes(damage)
    answer = cli("images", "list")
    assert answer.code == 0, answer.err
    assert f"left out: {kept} is damaged" in answer.err
    assert cli("run", "toy", "--savers", "3.0.0", "--loaders", str(given)).code == 1
    assert "left out" not in cli("images", "list").err


def test_a_matrix_says_which_file_a_build_in_it_is(cli: Cli, given: Path) -> None:
    answer = cli("matrix", "toy", "--savers", "3.0.0", "--loaders", f"3.0.0,{given}")
    assert answer.out.count(f"sha256 {digest_of(cli, given)}") == 1
