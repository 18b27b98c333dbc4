"""A wheel that is handed over: what is read from it, and the one sentence for each that cannot be taken."""

import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.environment import load, wheel_file
from lab.errors import UsageError
from lab.model import BuildSort, GivenBuild, Stage
from tests.conftest import ROOT
from tests.wheel_files import wheel

PYTHONS = ("3.9", "3.10", "3.11")
CATALOGUE = load(ROOT / "images")


def build(version: str, digest: str = "ab" * 32) -> GivenBuild:
    return GivenBuild(
        sort=BuildSort.WHEEL, name="p.whl", sha256=digest, size=1, package="paddlepaddle", version=version,
        pythons=("3.11",), arches=("x86_64", "aarch64"),
    )  # fmt: skip


def test_a_wheel_says_which_paddle_it_is(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    found = wheel_file.read(path, PYTHONS)
    assert (found.package, found.version, found.pythons, found.arches) == (
        "paddlepaddle", "3.4.0.dev20261101", ("3.11",), ("x86_64",)
    )  # fmt: skip
    assert found.release == f"3.4.0.dev20261101_{found.sha256[:12]}"
    assert found.size == path.stat().st_size
    assert "numpy>=1.21" in found.requires


def test_a_local_version_stays_in_the_lock_and_out_of_the_name(tmp_path: Path) -> None:
    found = wheel_file.read(wheel(tmp_path, version="0.0.0+cu126", package="paddlepaddle-gpu"), PYTHONS)
    assert found.version == "0.0.0+cu126"
    assert found.release.startswith("0.0.0_")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"package": "pandas"}, "is no Paddle: it holds pandas"),
        ({"without": "RECORD"}, "is no whole wheel: it has no RECORD"),
        ({"without": "METADATA"}, "is no whole wheel: it has no METADATA"),
        (
            {"tags": "cp36-cp36m-manylinux1_x86_64"},
            "is for cp36, and environments are made with Python 3.9, 3.10, 3.11",
        ),
        ({"tags": "cp311-cp311-win_amd64"}, "is for win_amd64, and this machine is linux"),
        ({"said": "3.3.1"}, "says of itself that it is paddlepaddle 3.3.1"),
        ({"requires": ("=1.0",)}, "which is no requirement"),
    ],
)
def test_a_wheel_that_cannot_be_taken_is_one_sentence(tmp_path: Path, made: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        wheel_file.read(wheel(tmp_path, **made), PYTHONS)
    assert said in caught.value.what
    assert "\n" not in caught.value.what


def test_files_that_are_no_wheels_are_one_sentence(tmp_path: Path) -> None:
    whole = wheel(tmp_path)
    cut = tmp_path / "cut" / whole.name
    cut.parent.mkdir()
    cut.write_bytes(whole.read_bytes()[:-40])
    named = whole.with_name("paddle.whl")
    named.write_bytes(whole.read_bytes())
    for path, said in (
        (cut, "it may be cut off"),
        (named, "is not named as a wheel"),
        (tmp_path / "paddlepaddle-3.3.1.tar.gz", "a source package must be built first"),
        (tmp_path / "paddlepaddle-3.3.1-cp311-cp311-linux_x86_64.whl", "there is no wheel"),
    ):
        with pytest.raises(UsageError) as caught:
            wheel_file.read(path, PYTHONS)
        assert said in caught.value.what


def spoilt(path: Path, change: Callable[[bytearray, int], None]) -> Path:
    """A wheel after a change of its bytes; METADATA is the first file, the number is where the archive's list begins."""
    data = bytearray(path.read_bytes())
    change(data, data.find(b"PK\x01\x02"))
    path.write_bytes(data)
    return path


def garbled(data: bytearray, _list: int) -> None:
    start = data.find(b"METADATA") + len("METADATA")
    data[start : start + 20] = bytes(one ^ 0xFF for one in data[start : start + 20])


def understated(data: bytearray, begin: int) -> None:
    for at in (begin + 24, 22):
        struct.pack_into("<I", data, at, 100)


@pytest.mark.parametrize(
    ("requires", "said"),
    [
        (("evil @ file:///etc/passwd",), "asks for evil from an address of its own"),
        (("evil @ http://user:word@host.example/evil.whl",), "asks for evil from an address of its own"),
        (("numpy",) * 501, "asks for 501 packages, at most 500 are read"),
        (("numpy; " + "(" * 490 + 'python_version>"3"' + ")" * 490,), "which is no requirement"),
        (("numpy" + ",".join(("<1",) * 500),), "which is no requirement"),
    ],
)
def test_what_a_wheel_asks_for_is_bounded_and_has_no_address(
    tmp_path: Path, requires: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        wheel_file.read(wheel(tmp_path, requires=requires), PYTHONS)
    assert said in caught.value.what
    assert "word" not in caught.value.what
    assert len(caught.value.what) < len(str(tmp_path)) + 300


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("change", [garbled, understated])
def test_a_wheel_whose_packed_bytes_lie_is_one_sentence(
    tmp_path: Path, packed: int, change: Callable[[bytearray, int], None]
) -> None:
    path = spoilt(wheel(tmp_path, packed=packed), change)
    with pytest.raises(UsageError, match="cannot be read as a wheel; it may be cut off"):
        wheel_file.read(path, PYTHONS)


def test_metadata_that_grows_when_it_is_unpacked_takes_no_more_memory_than_is_read(tmp_path: Path) -> None:
    path = spoilt(wheel(tmp_path, packed=zipfile.ZIP_DEFLATED, requires=("x" * (64 << 20),)), understated)
    tracemalloc.start()
    try:
        with pytest.raises(UsageError):
            wheel_file.read(path, PYTHONS)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("version", ["1" * 5000, "1." * 100_000 + "1", "no\x1b[31mversion"])
def test_a_version_that_nobody_has_is_told_in_short(tmp_path: Path, version: str) -> None:
    with pytest.raises(UsageError, match="says of itself that it is paddlepaddle") as caught:
        wheel_file.read(wheel(tmp_path, said=version), PYTHONS)
    assert len(caught.value.what) < len(str(tmp_path)) + 400
    assert "\n" not in caught.value.what


def test_a_name_that_no_file_can_have_is_no_wheel(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no wheel"):
        wheel_file.read(tmp_path / f"paddlepaddle-{'1' * 300}-cp311-cp311-linux_x86_64.whl", PYTHONS)


def test_a_given_build_can_be_named_and_is_in_no_range() -> None:
    one = build("3.3.1")
    joined = CATALOGUE.joined([one])
    assert joined.environment(one.release, arch="x86_64").key == f"{one.release}-cpu-py311"
    assert joined.release(one.release).stage is Stage.GIVEN
    assert one.release not in {release.version for release in joined.releases_in("all")}
    assert [release.version for release in joined.releases_in(f"3.3.1,{one.release}")] == ["3.3.1", one.release]
    assert joined.newest.version == CATALOGUE.newest.version
    assert joined.checked_in() == CATALOGUE.checked_in()


def test_a_build_that_was_never_handed_over_is_asked_for() -> None:
    with pytest.raises(UsageError, match="does not have the build 3.3.1_abababababab") as caught:
        CATALOGUE.environment("3.3.1_abababababab-cpu-py311")
    assert "lab images add" in caught.value.remedy


VERSIONS = st.sampled_from([one.version for one in CATALOGUE.releases] + ["0.0.0", "2.0.0", "3.4.0.dev20261101", "9.0"])


@given(version=VERSIONS)
def test_a_build_stands_where_its_number_says(version: str) -> None:
    one = build(version)
    joined = CATALOGUE.joined([one])
    place = joined.place(one.release)
    published = [release.version for release in CATALOGUE.releases]
    assert place == sum(joined.place(name) < place for name in published)
    if version in published:
        assert joined.place(version) == place - 1
        assert joined.within(joined.release(one.release), version)
    assert joined.release(one.release).pins == joined.release(joined.release(one.release).near).pins


VERSION = st.sampled_from(["1.26.4", "2.0.1", "2.3.5", "2.0", "1.26.4rc1", "2.1.0.post1"])


@given(numpy=VERSION, protobuf=VERSION, device=st.sampled_from(["", "-cpu", "-cpu-py39"]), both=st.booleans())
def test_an_environment_with_packages_is_found_again_by_its_key(
    numpy: str, protobuf: str, device: str, *, both: bool
) -> None:
    asked = f"3.3.1{device}-numpy{numpy}" + (f"-protobuf{protobuf}" if both else "")
    made = CATALOGUE.environment(asked, arch="x86_64")
    assert made.extra == (f"numpy=={numpy}", *((f"protobuf=={protobuf}",) if both else ()))
    assert CATALOGUE.environment(made.key, arch="x86_64") == made
    with_words = CATALOGUE.environment(f"3.3.1{device}", arch="x86_64", packages=tuple(reversed(made.extra)))
    assert with_words == made


def test_a_package_twice_and_one_in_an_image_are_one_sentence() -> None:
    with pytest.raises(UsageError, match="one package twice"):
        CATALOGUE.environment("3.3.1-numpy1.26.4-numpy2.0.1", arch="x86_64")
    image = replace(build("3.3.1"), sort=BuildSort.IMAGE, interpreter="/usr/bin/python3")
    with pytest.raises(UsageError, match="nothing is installed into it"):
        CATALOGUE.joined([image]).environment(image.release, arch="x86_64", packages=("numpy==1.26.4",))


def test_a_short_version_is_the_release_it_equals_and_nearest_is_by_number() -> None:
    assert CATALOGUE.release("3.0").version == "3.0.0"
    with pytest.raises(UsageError) as caught:
        CATALOGUE.release("3.2.9")
    assert caught.value.remedy.startswith("nearest: 3.2.2, 3.3.0;")
