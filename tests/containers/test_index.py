"""The day a release comes out, with a real wheel on an index of one's own: it is said, added, made, and run; nothing checked in changes."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.environment import day_zero, load
from lab.environment.wheels import WheelStore
from tests.conftest import ROOT, Cli
from tests.package_index import PackageIndex, reached, repacked, serving

pytestmark = pytest.mark.containers

OLD = "3.3.1"
STABLE, NIGHTLY = "3.4.0", "3.4.0.dev20261101"
COMMITS = {STABLE: "4" * 40, NIGHTLY: "d" * 40}


@pytest.fixture
def index(engine: Any, real: Path, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageIndex]:
    """An index over TLS with all that 3.3.1 is made of, and its wheel again as a release and as a nightly build of today."""
    assert cli("images", "build", f"2.6.2,3.0.0,{OLD}", "--engine", "docker").code == 0
    lock = (ROOT / "images" / f"{OLD}-cpu-py311" / "requirements.txt").read_text()
    assert cli("images", "fetch", OLD).code == 0
    there = WheelStore(folder=Path(os.environ["LAB_CACHE"]) / "wheels").ready(lock)
    assert there is not None
    with serving(tmp_path / "packages") as found:
        for name, path in there.items():
            shutil.copyfile(path, found.wheels() / name)
        paddle = next(path for name, path in there.items() if name.startswith("paddlepaddle-"))
        repacked(paddle, found.wheels(), STABLE, COMMITS[STABLE])
        repacked(paddle, found.wheels("nightly/cpu"), NIGHTLY, COMMITS[NIGHTLY])
        reached(found, real, monkeypatch)
        monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
        monkeypatch.delenv("LAB_OFFLINE")
        monkeypatch.setattr(day_zero, "ASKED_S", 120.0)  # this is no test of how fast this machine is
        assert found.answer("/simple/paddlepaddle/") is not None
        yield found
    for version in (STABLE, NIGHTLY):
        for image in engine._client.api.images(name=f"paddle-repro-lab/{version}-cpu-py311", quiet=True):
            engine._client.images.remove(image, force=True)


def heard() -> None:
    """Wait for the index that is asked in the background."""
    for thread in [one for one in threading.enumerate() if one.name == day_zero.THREAD]:
        thread.join()


def data_files(images: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in images.iterdir() if path.is_file()}


def test_a_release_of_today_is_said_and_added_and_matrix_check_runs_on_its_nightly_build_and_the_catalogue_is_as_it_was(
    cli: Cli, index: PackageIndex, real: Path
) -> None:
    shutil.copyfile(ROOT / "scenarios" / "jit_load_pir.py", real / "scenarios" / "jit_load_pir.py")
    before = data_files(real / "images")
    cli("doctor")
    heard()
    said = f"the index has Paddle {STABLE}, and the newest here is {OLD}; lab images add {STABLE}"
    model = str(ROOT / "tests" / "golden" / "given" / "order-2.6.2")
    check = ("check", model, "--rounds", "0", "--engine", "docker", "--to")
    assert said in cli("doctor").err
    assert said in cli(*check, OLD).err
    command = said.rpartition("; lab ")[2].split()
    added = cli(*command)
    assert added.code == 0, added.err
    assert "whether it has wheels" not in added.out
    assert said not in cli("images", "list").err
    assert cli("images", "add", "nightly").code == 0
    assert load(real / "images").newest.version == STABLE

    text = (real / "scenarios" / "jit_load_pir.py").read_text()
    (real / "scenarios" / "jit_load_pir.py").write_text(text.replace('"newest"', f'"{NIGHTLY}"'))
    matrix = cli("repro", "--all", "--engine", "docker")
    assert matrix.code == 0, matrix.out + matrix.err
    assert NIGHTLY in cli("runs", "show", "last").out
    assert COMMITS[NIGHTLY] in cli("runs", "show", "last", "--json").out
    after = data_files(real / "images")
    assert set(after) - set(before) == {"local.toml", "local.lock"}
    assert before.items() <= after.items()


def test_the_commit_of_a_nightly_build_stands_at_the_edge_of_a_bisection(
    cli: Cli, index: PackageIndex, real: Path
) -> None:
    shutil.copyfile(ROOT / "scenarios" / "jit_load_pir.py", real / "scenarios" / "jit_load_pir.py")
    words = ("bisect", "jit_load_pir", "--good", "2.6.2", "--bad", "nightly-2026-11-01", "--among", "nightly")
    answer = cli(*words, "--since", "2026-11-01", "--until", "2026-11-01", "--engine", "docker")
    assert answer.code == 0, answer.out + answer.err
    assert f"{NIGHTLY} is commit {COMMITS[NIGHTLY]}" in answer.out
    assert f"upstream changes: https://github.com/PaddlePaddle/Paddle/compare/v2.6.2...{COMMITS[NIGHTLY]}" in answer.out
