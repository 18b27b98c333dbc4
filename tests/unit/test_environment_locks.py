"""Locks: one hash per package, no address, honest about what could not be reached; and the folders that are checked in."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lab.environment import dockerfile, load, locks
from lab.errors import BuildError, UsageError
from lab.machine import process
from lab.model import Environment

IMAGES = Path(__file__).parents[2] / "images"
CATALOGUE = load(IMAGES)
CHECKED_IN = CATALOGUE.checked_in()
SECRET = "https://user:secret@mirror.example"  # noqa: S105 - an address with a made-up credential
LINE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*==[a-z0-9.+]+ --hash=sha256:[0-9a-f]{64}")


def environment(selector: str) -> Environment:
    return CATALOGUE.environment(selector, arch="x86_64")


def wheel(name: str, sha256: str) -> str:
    return f'{{ url = "{SECRET}/{name}", hashes = {{ sha256 = "{sha256 * 64}" }} }}'


def package(name: str, version: str, *wheels: str) -> str:
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\nwheels = [{", ".join(wheels)}]\n'


class Solver:
    """Stands in for uv: gives prepared answers one after another, and keeps what it was asked."""

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []
        self.wanted: list[str] = []

    def __call__(self, argv: Sequence[str], **_: Any) -> process.Completed:
        self.asked.append(list(argv))
        self.wanted.append(Path(argv[-1]).read_text())
        code, out, err = self.answers.pop(0)
        return process.Completed(argv=tuple(argv), returncode=code, stdout=out, stderr=err)


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Solver:
    made = Solver()
    monkeypatch.setattr(process, "run", made)
    return made


PADDLE = package(
    "paddlepaddle", "3.0.0",
    wheel("paddlepaddle-3.0.0-cp310-cp310-manylinux1_x86_64.whl", "1"),
    wheel("paddlepaddle-3.0.0-cp311-cp311-manylinux1_x86_64.whl", "2"),
    wheel("paddlepaddle-3.0.0-cp311-cp311-manylinux2014_aarch64.whl", "3"),
    wheel("paddlepaddle-3.0.0-cp311-cp311-win_amd64.whl", "4"),
)  # fmt: skip
PURE = package("Astor_X", "0.8.1", wheel("Astor_X-0.8.1-py2.py3-none-any.whl", "5"))
MANY = package(
    "protobuf", "7.36.2",
    wheel("protobuf-7.36.2-py3-none-any.whl", "6"),
    wheel("protobuf-7.36.2-cp310-abi3-manylinux2014_x86_64.whl", "7"),
    wheel("protobuf-7.36.2-cp311-cp311-musllinux_1_2_x86_64.whl", "8"),
    wheel("protobuf-7.36.2-cp311-cp311-manylinux_2_39_x86_64.whl", "9"),
)  # fmt: skip
UNREACHABLE = (2, "", "error: Request failed\n  cause: Failed to fetch: the index\n  cause: dns error\n")


def body(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_a_lock_keeps_the_one_wheel_that_fits_best_sorted_by_name(solver: Solver) -> None:
    solver.answers = [(0, PADDLE + MANY + PURE, "")]
    assert body(locks.lock(environment("3.0.0-cpu-py311"))) == [
        f"astor-x==0.8.1 --hash=sha256:{'5' * 64}",
        f"paddlepaddle==3.0.0 --hash=sha256:{'2' * 64}",
        f"protobuf==7.36.2 --hash=sha256:{'7' * 64}",
    ]


def test_another_machine_gets_its_own_wheel(solver: Solver) -> None:
    solver.answers = [(0, PADDLE, "")]
    assert body(locks.lock(environment("3.0.0-cpu-py311-aarch64"))) == [f"paddlepaddle==3.0.0 --hash=sha256:{'3' * 64}"]


def test_no_address_and_no_credential_reaches_a_lock(solver: Solver) -> None:
    solver.answers = [(0, PADDLE + PURE, "")]
    text = locks.lock(environment("3.0.0-cpu-py311"))
    assert "://" not in text
    assert "secret" not in text


def test_a_lock_names_the_command_that_renews_it(solver: Solver) -> None:
    solver.answers = [(0, PADDLE, "")]
    assert "lab images lock 3.0.0-cpu-py311\n" in locks.lock(environment("3.0.0-cpu-py311"))


def test_the_pins_of_the_release_go_to_the_solver(solver: Solver) -> None:
    solver.answers = [(0, "", "")]
    one = environment("2.6.2-cpu-py310")
    locks.lock(one)
    assert solver.wanted[0].split("\n")[:-1] == ["paddlepaddle==2.6.2", *one.release.pins]
    asked = " ".join(solver.asked[0])
    assert "--python-version 3.10 " in asked
    assert "--python-platform x86_64-manylinux_2_28 " in asked
    assert "--no-build" in asked


def test_a_package_without_a_fitting_wheel_is_a_build_failure(solver: Solver) -> None:
    solver.answers = [(0, package("odd", "1.0", wheel("odd-1.0-cp39-cp39-win_amd64.whl", "1")), "")]
    with pytest.raises(BuildError, match=r"odd 1\.0 has no wheel for 3\.0\.0-cpu-py311"):
        locks.lock(environment("3.0.0-cpu-py311"))


def test_requirements_that_contradict_each_other_are_a_build_failure_with_the_solvers_words(solver: Solver) -> None:
    solver.answers = [(1, "", "because numpy<2 and numpy>=2")]
    with pytest.raises(BuildError, match="because numpy<2 and numpy>=2"):
        locks.lock(environment("3.0.0-cpu-py311"))


def test_a_wheel_whose_index_is_silent_is_named_and_not_given_a_hash(solver: Solver) -> None:
    solver.answers = [UNREACHABLE, (0, PURE, "")]
    one = environment("3.0.0-gpu-cu126")
    text = locks.lock(one)
    assert dockerfile.loose(text) == ("paddlepaddle-gpu==3.0.0",)
    assert body(text) == [f"astor-x==0.8.1 --hash=sha256:{'5' * 64}"]
    assert solver.wanted[1].split("\n")[:-1] == [*one.release.requires, *one.release.pins]


def test_a_silent_public_index_is_a_failure_and_not_an_incomplete_lock(solver: Solver) -> None:
    solver.answers = [UNREACHABLE]
    with pytest.raises(BuildError):
        locks.lock(environment("3.0.0-cpu-py311"))


def test_a_wheel_that_its_index_does_not_have_is_a_failure_and_not_an_incomplete_lock(solver: Solver) -> None:
    solver.answers = [(1, "", "Because there is no version of paddlepaddle-gpu==3.0.0")]
    with pytest.raises(BuildError, match="no version of paddlepaddle-gpu"):
        locks.lock(environment("3.0.0-gpu-cu126"))


def test_renewing_writes_lock_and_dockerfile_together(solver: Solver, tmp_path: Path) -> None:
    shutil.copy(IMAGES / "Dockerfile.j2", tmp_path)
    solver.answers = [(0, PADDLE, ""), (0, PADDLE, "")]
    one = environment("3.0.0-cpu-py311")
    assert locks.renew(one, tmp_path) == "3.0.0-cpu-py311: locked"
    lock = (tmp_path / one.key / "requirements.txt").read_text()
    expected = dockerfile.render(one, (IMAGES / "Dockerfile.j2").read_text(), lock)
    assert (tmp_path / one.key / "Dockerfile").read_text() == expected
    assert locks.renew(one, tmp_path) == "3.0.0-cpu-py311: unchanged"


def test_a_complete_lock_is_never_replaced_by_an_incomplete_one(solver: Solver, tmp_path: Path) -> None:
    shutil.copy(IMAGES / "Dockerfile.j2", tmp_path)
    one = environment("3.0.0-gpu-cu126")
    complete = package("paddlepaddle-gpu", "3.0.0", wheel("paddlepaddle_gpu-3.0.0-cp311-cp311-linux_x86_64.whl", "1"))
    solver.answers = [UNREACHABLE, (0, PURE, ""), (0, complete, ""), UNREACHABLE, (0, PURE, "")]
    assert "not hash-locked" in locks.renew(one, tmp_path)
    assert locks.renew(one, tmp_path).endswith("locked")
    assert "kept" in locks.renew(one, tmp_path)
    lock = (tmp_path / one.key / "requirements.txt").read_text()
    assert body(lock) == [f"paddlepaddle-gpu==3.0.0 --hash=sha256:{'1' * 64}"]


# What is checked in


def test_the_folders_are_exactly_those_of_the_rule() -> None:
    assert {path.parent.name for path in IMAGES.glob("*/Dockerfile")} == {one.key for one in CHECKED_IN}
    assert {path.parent.name for path in IMAGES.glob("*/requirements.txt")} == {one.key for one in CHECKED_IN}


def test_every_checked_in_dockerfile_is_what_the_template_renders() -> None:
    assert locks.stale(IMAGES) == []
    for path, text in locks.render_all(CATALOGUE, IMAGES).items():
        assert path.read_text() == text


@pytest.mark.parametrize("one", CHECKED_IN, ids=lambda one: one.key)
def test_every_checked_in_lock_is_sorted_hashed_and_has_paddle(one: Environment) -> None:
    text = (IMAGES / one.key / "requirements.txt").read_text()
    lines = body(text)
    names = [line.split("==")[0] for line in lines]
    assert all(LINE.fullmatch(line) for line in lines)
    assert names == sorted(set(names))
    assert {"numpy", "setuptools", "pyperf", "protobuf"} <= set(names)
    assert "://" not in text
    paddle = f"{one.wheel.package}=={one.wheel.version}"
    locked = [line.split(" ")[0] for line in lines if line.startswith("paddlepaddle")]
    assert [*locked, *dockerfile.loose(text)] == [paddle]


def test_only_wheels_of_paddles_own_index_may_lack_a_hash() -> None:
    without = {
        one.wheel.index for one in CHECKED_IN if dockerfile.loose((IMAGES / one.key / "requirements.txt").read_text())
    }
    assert "public" not in without


def test_2_x_is_locked_with_a_numpy_before_2() -> None:
    for one in CHECKED_IN:
        if one.release.version.startswith("2."):
            assert re.search(r"(?m)^numpy==1\.", (IMAGES / one.key / "requirements.txt").read_text())


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(IMAGES, tmp_path / "images"))


def test_a_changed_dockerfile_is_stale(copied: Path) -> None:
    path = copied / "3.0.0-cpu-py311" / "Dockerfile"
    path.write_text(path.read_text() + "RUN true\n")
    assert locks.stale(copied) == ["images/3.0.0-cpu-py311/Dockerfile is not what the template renders"]


def test_a_missing_dockerfile_is_stale(copied: Path) -> None:
    (copied / "3.0.0-cpu-py311" / "Dockerfile").unlink()
    assert locks.stale(copied) == ["images/3.0.0-cpu-py311/Dockerfile is not what the template renders"]


def test_a_folder_of_no_environment_is_stale(copied: Path) -> None:
    (copied / "9.9.9-cpu-py311").mkdir()
    (copied / "9.9.9-cpu-py311" / "Dockerfile").write_text("FROM scratch\n")
    assert locks.stale(copied) == ["images/9.9.9-cpu-py311/ belongs to no environment that is checked in"]


def test_a_missing_lock_is_stale_and_stops_rendering(copied: Path) -> None:
    (copied / "3.0.0-cpu-py311" / "requirements.txt").unlink()
    assert locks.stale(copied) == ["images/3.0.0-cpu-py311/requirements.txt is missing"]
    with pytest.raises(UsageError, match=r"3\.0\.0-cpu-py311 has no lock"):
        locks.render_all(CATALOGUE, copied)


def test_a_changed_template_makes_every_dockerfile_stale(copied: Path) -> None:
    path = copied / "Dockerfile.j2"
    path.write_text(path.read_text() + "# changed\n")
    assert len(locks.stale(copied)) == len(CHECKED_IN)
