"""The day a release comes out that the catalogue does not know: it is said, it is added, and it runs; nothing checked in changes."""

import contextlib
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from lab.environment import day_zero, load, published
from lab.environment.day_zero import Heard
from lab.errors import InfraError
from tests.cli.scenario_text import text
from tests.conftest import ROOT, Cli
from tests.wheel_files import wheel

CATALOGUE = load(ROOT / "images")
NEWEST = CATALOGUE.newest.version


def index(folder: Path, *versions: str) -> str:
    """The address of an index on this disk, with wheels of these versions for one Python."""
    home = folder / "simple" / "paddlepaddle"
    home.mkdir(parents=True)
    links = []
    for version in versions:
        path = wheel(home, version=version, requires=())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        links.append(f'<a href="{path.name}#sha256={digest}">{path.name}</a>')
    (home / "index.html").write_text(f"<!DOCTYPE html><html><body>{'<br>'.join(links)}</body></html>", encoding="utf-8")
    return (folder / "simple").as_uri()


@pytest.fixture
def fresh(bench: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose index has a release that came out this morning, and a nightly one.

    The index lies in a folder of its own: its address is masked in everything the lab writes, whole and in parts.
    """
    monkeypatch.setenv(
        "UV_DEFAULT_INDEX", index(tmp_path_factory.mktemp("packages"), "3.3.1", "3.4.0", "3.5.0.dev20261130")
    )
    monkeypatch.delenv("LAB_OFFLINE")
    return bench


@contextlib.contextmanager
def answering(status: int, hangs: threading.Event | None = None) -> Iterator[str]:
    """An index on loopback that answers everything with one status, or not at all."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if hangs is not None:
                hangs.wait(30)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple"
        finally:
            if hangs is not None:
                hangs.set()
            server.shutdown()


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
    answer = cli("images", "add", "3.4.0,3.5.0.dev20261130")
    assert answer.code == 0, answer.err
    assert "3.4.0  Python 3.11; its table is in images/local.toml" in answer.out
    assert "not known: its pins (numpy, setuptools, pyperf) are those of 3.3.1" in answer.out
    after = {path: path.read_bytes() for path in (fresh / "images").iterdir() if path.is_file()}
    assert set(after) - set(before) == {fresh / "images" / "local.toml"}
    assert before.items() <= after.items()
    monkeypatch.setattr("lab.environment.locks._solve", lambda *_, must=False, **__: {})
    (fresh / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    run = cli("run", "toy", "--savers", "3.3.1", "--loaders", "newest,3.5.0.dev20261130")
    assert run.code == 0, run.err
    assert "3.4.0-cpu-py311" in run.out
    assert cli("images", "render", "--check").code == 0


def test_what_is_there_or_not_to_be_had_is_not_added(cli: Cli, fresh: Path) -> None:
    assert "is in the catalogue already" in cli("images", "add", "3.3.1").err
    assert "has no wheel of Paddle 3.9.9" in cli("images", "add", "3.9.9").err
    assert "is no version of Paddle" in cli("images", "add", "nightly!").err
    assert not (fresh / "images" / "local.toml").exists()
    (fresh / "images" / "local.toml").write_text('[[release]]\nversion = "3.3.1"\n', encoding="utf-8")
    assert "local.toml: [[release]] 3.3.1: the key 'date' is missing" in cli("images", "list").err


@pytest.mark.parametrize("status", [401, 403, 500])
def test_an_index_that_refuses_is_no_index_without_the_release(
    cli: Cli, bench: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with answering(status) as url:
        monkeypatch.setenv("UV_DEFAULT_INDEX", url)
        answer = cli("images", "add", "3.4.0")
    assert answer.code == 7
    assert "the index did not answer what it has of paddlepaddle==3.4.0" in answer.err
    assert "127.0.0.1" not in answer.err


def test_an_index_that_hangs_is_left_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(200, threading.Event()) as url:
        monkeypatch.setenv("UV_DEFAULT_INDEX", url)
        with pytest.raises(InfraError, match="did not end within 1 s"):
            published.newest("3.11", "x86_64", 1.0)


def test_a_silent_index_is_not_asked_again_the_same_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_OFFLINE", raising=False)
    with answering(500) as url:
        monkeypatch.setenv("UV_DEFAULT_INDEX", url)
        asked = day_zero.ask(tmp_path, CATALOGUE)
        assert asked is not None
        asked.join()
    known = day_zero.heard(tmp_path)
    assert known is not None
    assert day_zero.note(known, CATALOGUE) == ""
    assert day_zero.ask(tmp_path, CATALOGUE) is None


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
