"""The day a release comes out that the catalogue does not know: it is said, it is added, and it runs; nothing checked in changes."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from lab.environment import asked_index, day_zero, load
from lab.environment.day_zero import Heard
from lab.errors import InfraError
from tests.cli.scenario_text import text
from tests.conftest import ROOT, Cli
from tests.package_index import PackageIndex, reached, serving
from tests.wheel_files import wheel

CATALOGUE = load(ROOT / "images")
NEWEST = CATALOGUE.newest.version


@pytest.fixture
def index(bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageIndex]:
    """An index, over TLS, that has a release that came out this morning, and a nightly one."""
    with serving(tmp_path / "packages") as found:
        reached(found, bench, monkeypatch)
        for version in ("3.3.1", "3.4.0", "3.5.0.dev20261130"):
            wheel(found.wheels(), version=version, requires=())
        monkeypatch.delenv("LAB_OFFLINE")
        yield found


@pytest.fixture
def fresh(index: PackageIndex, bench: Path) -> Path:
    """A workspace that reaches it."""
    return bench


def test_a_newer_release_is_said_with_the_command_that_adds_it(cli: Cli, fresh: Path, tmp_path: Path) -> None:
    asked = day_zero.ask(tmp_path / "cache", CATALOGUE)
    assert asked is not None
    asked.join()
    assert f"the index has Paddle 3.4.0, and the newest here is {NEWEST}" in cli("images", "list", "stable").err
    assert cli("images", "add", "3.4.0").code == 0
    assert "the index has" not in cli("images", "list", "stable").err


def test_a_release_is_added_for_this_workspace_alone_and_runs(
    cli: Cli, fresh: Path, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in (fresh / "images").iterdir() if path.is_file()}
    stale = cli("images", "render", "--check").out
    answer = cli("images", "add", "3.4.0,3.5.0.dev20261130")
    assert answer.code == 0, answer.err
    assert "3.4.0  Python 3.11; cpu; its table is in images/local.toml" in answer.out
    assert "not known: its pins (numpy, setuptools, pyperf) are those of 3.3.1" in answer.out
    after = {path: path.read_bytes() for path in (fresh / "images").iterdir() if path.is_file()}
    assert set(after) - set(before) == {fresh / "images" / name for name in ("local.toml", "local.lock")}
    assert before.items() <= after.items()
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {})
    (fresh / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    run = cli("run", "toy", "--savers", "3.3.1", "--loaders", "newest,3.5.0.dev20261130")
    assert run.code == 0, run.err
    assert "3.3.1-cpu-py311 -> 3.4.0-cpu-py311: ok" in run.err
    assert cli("images", "render", "--check").out == stale


def test_what_is_there_or_not_to_be_had_is_not_added(cli: Cli, fresh: Path) -> None:
    assert "is in the catalogue already" in cli("images", "add", "3.3.1").err
    assert "has no wheel of Paddle 3.9.9" in cli("images", "add", "3.9.9").err
    assert "is no version of Paddle" in cli("images", "add", "nightly!").err
    assert not (fresh / "images" / "local.toml").exists()
    (fresh / "images" / "local.toml").write_text('[[release]]\nversion = "3.3.1"\n', encoding="utf-8")
    assert "local.toml: [[release]] 3.3.1: the key 'date' is missing" in cli("images", "list").err


def test_an_index_that_hangs_is_left_after_its_time(index: PackageIndex) -> None:
    index.hangs.clear()
    with pytest.raises(InfraError, match="it did not answer in time"):
        asked_index.newest("paddlepaddle", "3.11", "x86_64", 1.0)


def test_a_silent_index_is_not_asked_again_the_same_day(index: PackageIndex, tmp_path: Path) -> None:
    index.status = 500
    asked = day_zero.ask(tmp_path, CATALOGUE)
    assert asked is not None
    asked.join()
    assert len(index.asked) == 1
    known = day_zero.heard(tmp_path)
    assert known is not None
    assert day_zero.note(known, CATALOGUE) == ""
    assert day_zero.ask(tmp_path, CATALOGUE) is None


def test_the_index_is_asked_once_a_day_whatever_is_asked_of_the_lab(
    cli: Cli, index: PackageIndex, tmp_path: Path
) -> None:
    asked = day_zero.ask(tmp_path / "cache", CATALOGUE)
    assert asked is not None
    asked.join()
    for words in ("stable", "all", "3.0.0"):
        assert "the index has Paddle 3.4.0" in cli("images", "list", words).err
    assert index.asked == ["/simple/paddlepaddle/"]
    assert "the index has Paddle 3.4.0" in cli("doctor").err, "which looks at the index by itself"


def test_no_answer_waits_for_an_index_that_hangs(cli: Cli, index: PackageIndex, tmp_path: Path) -> None:
    """The command is over while the index still says nothing; that it was asked is remembered when its time is up."""
    index.hangs.clear()
    assert cli("images", "list", "stable").code == 0
    assert day_zero.heard(tmp_path / "cache") is None
    for thread in [one for one in threading.enumerate() if one.name == day_zero.THREAD]:
        thread.join()
    known = day_zero.heard(tmp_path / "cache")
    assert known is not None
    assert known.version == ""


def test_the_end_of_a_command_waits_two_seconds_at_most(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []
    left: list[Any] = []

    def newest(*words: Any) -> str:
        given.append(words[-1])
        return ""

    monkeypatch.setattr(asked_index, "newest", newest)
    monkeypatch.setattr("atexit.register", lambda *words: left.append(words))
    asked = day_zero.ask(tmp_path, CATALOGUE)
    assert asked is not None
    asked.join()
    assert asked.daemon
    assert given == [2.0]
    assert left == [(asked.join, 2.0)]


def test_nobody_is_asked_where_the_lab_is_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_OFFLINE", "1")
    assert day_zero.ask(tmp_path, CATALOGUE) is None


def test_what_is_kept_may_be_old_or_spoilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading.Thread, "start", lambda _: None)
    monkeypatch.setattr("atexit.register", lambda *_: None)
    monkeypatch.delenv("LAB_OFFLINE", raising=False)
    old = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    for kept in (b"{", b'{"version": "3.4.0"}', json.dumps({"version": "3.4.0", "asked": old}).encode()):
        (tmp_path / "newest.json").write_bytes(kept)
        assert day_zero.ask(tmp_path, CATALOGUE) is not None


@drawn(version=st.sampled_from(["", "9", "3.3.1", "3.3.1.post1", "2.6.2", "4.0.0", "x"]) | st.text(max_size=8))
def test_only_what_is_newer_is_said(version: str) -> None:
    said = day_zero.note(Heard(version=version, asked=""), CATALOGUE)
    assert bool(said) == (version in ("9", "3.3.1.post1", "4.0.0") or (said != "" and version.strip()[:1].isalnum()))
    assert not said or f"lab images add {version}" in said
