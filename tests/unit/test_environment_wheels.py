import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.engine.build_context import lay_out
from lab.engine.local import LocalEngine
from lab.engine.protocol import Image, Recipe, Teller
from lab.environment import wheels
from lab.environment.prepare import Preparer
from lab.environment.wheels import WheelStore
from lab.errors import BuildError
from lab.model import Device, Environment, Release, Stage, Wheel
from lab.storage.workspace import Workspace

CPU = Device(name="cpu", summary="", base="python:{python}", apt=(), gpu=False, forward=())
WHEEL = Wheel(package="toy", version="1.0", index="public", pythons=("3.11",), arches=("x86_64",))
RELEASE = Release(version="1.0", date="2026-01-01", stage=Stage.STABLE, wheels={"cpu": WHEEL}, pins=())
ENVIRONMENT = Environment(release=RELEASE, device=CPU, python="3.11", arch="x86_64")


def wheel(folder: Path, body: str = "x = 1") -> tuple[Path, str]:
    """A real, minimal wheel on disk, and its hash."""
    folder.mkdir(exist_ok=True)
    path = folder / "toy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("toy.py", body)
        archive.writestr("toy-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
        archive.writestr("toy-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("toy-1.0.dist-info/RECORD", "")
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of one folder: pip finds wheels there and nowhere else."""
    folder = tmp_path / "index"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_wheel_is_fetched_once_and_kept_by_its_hash(tmp_path: Path, index: Path) -> None:
    path, digest = wheel(index)
    lock = f"toy==1.0 --hash=sha256:{digest}\n"
    kept = WheelStore(folder=tmp_path / "store")
    told: list[str] = []
    kept.fetch(lock, ENVIRONMENT, told.append)
    path.unlink()
    kept.fetch(lock, ENVIRONMENT, told.append)
    assert len(told) == 1
    assert (tmp_path / "store" / digest / path.name).is_file()
    with kept.gathered(lock) as folder:
        assert [one.name for one in folder.iterdir()] == [path.name]
    assert not folder.exists()


def test_a_wheel_with_a_wrong_hash_is_refused_and_nothing_of_it_is_kept(tmp_path: Path, index: Path) -> None:
    wheel(index, body="tampered = True")
    kept = WheelStore(folder=tmp_path / "store")
    lock = f"toy==1.0 --hash=sha256:{'0' * 64}\n"
    with pytest.raises(BuildError, match="does not have the hash in its lock"):
        kept.fetch(lock, ENVIRONMENT, lambda _: None)
    assert kept.ready(lock) is None
    assert list((tmp_path / "store").rglob("*.whl")) == []


def test_a_wheel_that_no_index_has_is_said_with_the_environment(tmp_path: Path, index: Path) -> None:
    index.mkdir()
    with pytest.raises(BuildError, match="lacks a wheel for 1.0-cpu-py311"):
        WheelStore(folder=tmp_path / "store").fetch(
            f"toy==1.0 --hash=sha256:{'0' * 64}", ENVIRONMENT, lambda _: None
        )  # fmt: skip


def test_a_lock_line_without_a_hash_is_refused() -> None:
    with pytest.raises(BuildError, match="line 2 of the lock is not hash-locked: toy==1.0"):
        wheels.parse_lock("# a comment\ntoy==1.0\n")


def test_no_address_of_an_index_survives_in_a_message() -> None:
    said = wheels.masked("Looking in https://user:secret@mirror.example/simple and file:///srv/wheels now")
    assert said == "Looking in <address> and <address> now"


names = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
digests = st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), min_size=1, max_size=3, unique=True)


@given(st.lists(st.tuples(names, digests), max_size=5))
def test_a_lock_reads_back_as_it_was_written(wanted: list[tuple[str, list[str]]]) -> None:
    lines = [wheels.Requirement(name=name, version="1.0", hashes=tuple(hashes)) for name, hashes in wanted]
    assert wheels.parse_lock("\n".join(one.line for one in lines)) == tuple(lines)


class BuildsFromWheels(LocalEngine):
    """An engine whose image is right only if the wheels are."""

    def image(self, recipe: Recipe) -> Image | None:
        return None

    def build(self, recipe: Recipe, wheels: Path, log: Path, teller: Teller) -> Image:
        if any(b"rot" in one.read_bytes() for one in wheels.glob("*.whl")):
            raise BuildError("the image could not be built", "read the log")
        return Image(tag=recipe.tag, id="x", environment=recipe.environment.key)


@pytest.mark.parametrize("here", [True, False])
def test_a_wheel_that_rotted_in_the_store_is_named_and_fetched_again(
    tmp_path: Path, index: Path, *, here: bool
) -> None:
    path, digest = wheel(index)
    lock = f"toy==1.0 --hash=sha256:{digest}\n"
    place = Workspace(root=tmp_path, cache=tmp_path / "cache")
    preparer = Preparer(workspace=place, engine=BuildsFromWheels(tmp_path), indexes={})
    preparer.wheels.fetch(lock, ENVIRONMENT, print)
    stored = preparer.wheels.folder / digest / path.name
    if here:
        stored.write_bytes(b"rot")
    told: list[str] = []
    recipe = Recipe(environment=ENVIRONMENT, dockerfile="", lock=lock, digest="0" * 64, tag="x:1")
    assert preparer.image(recipe, tmp_path / "log", Teller(say=told.append, passing=print)).id == "x"
    assert any(f"damaged in the wheel store, and fetched again: {path.name}" in one for one in told) is here
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == digest


def test_wheels_are_gathered_and_laid_out_where_the_file_system_knows_no_second_names(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, digest = wheel(index)
    lock = f"toy==1.0 --hash=sha256:{digest}\n"
    kept = WheelStore(folder=tmp_path / "store")
    kept.fetch(lock, ENVIRONMENT, lambda _: None)

    def refused(*_: object, **__: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("os.link", refused)
    target = tmp_path / "context"
    target.mkdir()
    recipe = Recipe(environment=ENVIRONMENT, dockerfile="FROM x\n", lock=lock, digest="d", tag="t")
    with kept.gathered(lock) as wheels_:
        assert [one.name for one in wheels_.iterdir()] == [path.name]
        lay_out(recipe, wheels_, target)
    assert (target / "wheels" / path.name).read_bytes() == path.read_bytes()
