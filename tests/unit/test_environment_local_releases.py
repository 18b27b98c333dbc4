"""Releases that a workspace added for itself: each in its table, whoever adds another at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from lab.environment import load, local_releases, locks
from lab.environment.published import PublishedRelease
from lab.model import Wheel
from tests.conftest import ROOT

VERSIONS = tuple(f"3.9.{minor}" for minor in range(6))


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for path in (ROOT / "images").glob("*.toml"):
        if path.name != "local.toml":
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def published(version: str) -> PublishedRelease:
    wheel = Wheel(package="paddlepaddle", version=version, index="public", pythons=("3.11",), arches=("x86_64",))
    return PublishedRelease(version=version, wheels={"cpu": wheel}, date="2026-11-01", silent={})


def test_of_releases_that_are_added_at_once_none_is_lost(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = load(images).releases
    start, keep = Barrier(len(VERSIONS)), locks.keep

    def slowly(path: Path, text: str) -> None:
        time.sleep(0.05)  # without a lock, each has read before the first one writes
        keep(path, text)

    def add(version: str) -> None:
        start.wait()
        local_releases.add(images, published(version), known, "2026-11-02")

    monkeypatch.setattr(locks, "keep", slowly)
    with ThreadPoolExecutor(max_workers=len(VERSIONS)) as pool:
        list(pool.map(add, VERSIONS))
    assert {one.version for one in load(images).releases if one.local} == set(VERSIONS)


def test_a_release_that_is_forgotten_leaves_the_others(images: Path) -> None:
    for version in VERSIONS[:3]:
        local_releases.add(images, published(version), load(images).releases, "2026-11-02")
    local_releases.drop(images, VERSIONS[1])
    assert {one.version for one in load(images).releases if one.local} == {VERSIONS[0], VERSIONS[2]}
