"""An engine that dies or hangs in the middle of a run, by a socket of the test's own in front of the real one."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker.errors
import pytest

from tests.cli.scenario_text import text
from tests.conftest import Cli
from tests.resources import one_sentence, resume_of

# Connections that are cut leave sockets which nobody closes.
cut = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
pytestmark = [pytest.mark.containers, pytest.mark.undisturbed, cut]
PIECE = 1 << 16


class EngineProxy:
    """Passes everything on to the engine until it is told to die or to hang, as soon as a container was started."""

    def __init__(self, path: Path, real: str) -> None:
        self.path, self.real = path, real
        self.then = ""
        self.hangs = threading.Event()
        self.over = threading.Event()
        self.open: list[socket.socket] = []
        self.listens()

    def listens(self) -> None:
        """Begin, or begin again as an engine that was started anew."""
        self.then, self.door = "", socket.socket(socket.AF_UNIX)
        self.hangs.clear()
        self.path.unlink(missing_ok=True)
        self.door.bind(str(self.path))
        self.door.listen(64)
        threading.Thread(target=self._accepts, args=(self.door,), daemon=True).start()

    def _accepts(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                ours, _ = door.accept()
                theirs = socket.socket(socket.AF_UNIX)
                theirs.connect(self.real)
                self.open += [ours, theirs]
                for pair in ((ours, theirs, True), (theirs, ours, False)):
                    threading.Thread(target=self._pumps, args=pair, daemon=True).start()

    def _pumps(self, source: socket.socket, target: socket.socket, asks: bool) -> None:  # noqa: FBT001 - a direction
        with contextlib.suppress(OSError):
            while data := source.recv(PIECE):
                while self.hangs.is_set() and not self.over.is_set():
                    time.sleep(0.05)
                target.sendall(data)
                if asks and b"/start HTTP" in data and self.then:
                    then, self.then = self.then, ""  # once: another start would end the engine that was begun again
                    threading.Timer(1.5, self.dies if then == "dies" else self.hangs.set).start()
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def dies(self) -> None:
        """Nobody listens any more, and what was open is cut."""
        self.door.close()
        self.path.unlink(missing_ok=True)
        for one in self.open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def ends(self) -> None:
        self.over.set()
        self.dies()
        for one in self.open:
            one.close()


@pytest.fixture
def proxy(engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineProxy]:
    before = {one.id for one in engine._client.containers.list(all=True, ignore_removed=True)}
    made = EngineProxy(tmp_path / "engine.sock", engine._address.url.removeprefix("unix://"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{made.path}")
    monkeypatch.setattr("lab.engine.docker.client.CALL_S", 3)
    monkeypatch.setattr("lab.engine.docker.client.ANSWER_S", 3)
    monkeypatch.setattr("lab.engine.docker.engine.SLICE_S", 2.0)
    yield made
    made.ends()
    # This very process is the lab that lost it, and it lives: the next lab would remove it only once that is gone.
    for one in engine._client.containers.list(all=True, filters={"label": "lab.owner"}, ignore_removed=True):
        if one.id not in before and one.labels.get("lab.pid") == str(os.getpid()):
            with contextlib.suppress(docker.errors.APIError):  # it may go by itself meanwhile
                one.remove(force=True)


@pytest.mark.parametrize("then", ["dies", "hangs"])
def test_an_engine_that_goes_in_mid_run_is_one_sentence_and_the_run_goes_on_afterwards(
    cli: Cli, real: Path, image: str, engine: Any, proxy: EngineProxy, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = text(load="time.sleep(3)", limits="\n# [tool.lab.limits]\n# wall_s = 120\n#")
    source = source.replace('["3.0.0", "3.3.1"]', '"3.3.1"').replace('saver = "3.0.0"', 'saver = "3.3.1"')
    (real / "scenarios" / "toy.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr("lab.engine.docker.engine.GRACE_S", -108.0)  # a hung engine is noticed after 12 s
    proxy.then = then
    answer = cli("repro", "toy", "--engine", "docker", "--rounds", "0")
    one_sentence(answer)
    assert "the engine stopped answering" in answer.err
    again = resume_of(answer)
    assert again, answer.err
    monkeypatch.setattr("lab.engine.docker.engine.GRACE_S", 30.0)
    proxy.dies()
    proxy.listens()
    mended = cli(*again)
    assert mended.code == 0, mended.err


def test_an_engine_that_never_answers_is_said_before_anything_is_begun(
    cli: Cli, real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.engine.docker.client.ANSWER_S", 1)
    (real / "scenarios" / "toy.py").write_text(text(), encoding="utf-8")
    path = tmp_path / "mute.sock"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen(8)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        answer = cli("repro", "toy", "--rounds", "0")
    assert answer.code == 6
    assert "is there and did not answer within" in answer.err
    assert "  try: " in answer.err
    assert not (real / "results" / "runs").exists()
