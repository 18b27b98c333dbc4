"""The engine's border: what is said when there is none, when it refuses us, and when it dies in the middle."""

import gc
import json
import socketserver
import sys
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import docker
import docker.errors
import pytest

from lab.engine.choose import EngineChoice, choose
from lab.engine.docker import connect
from lab.engine.docker.address import EngineAddress
from lab.engine.docker.engine import DockerEngine, told
from lab.engine.local import LocalEngine, interpreter
from lab.engine.protocol import Recipe
from lab.errors import BuildError, EngineElsewhereError, EngineMissingError, InfraError
from lab.model import Device, Environment, Release, Stage, Wheel

WHEEL = Wheel(package="toy", version="1.0", index="public", pythons=("3.11",), arches=("x86_64",))
ENVIRONMENT = Environment(
    release=Release(version="1.0", date="2026-01-01", stage=Stage.STABLE, wheels={"cpu": WHEEL}, pins=()),
    device=Device(name="cpu", summary="", base="python:{python}", apt=(), gpu=False, forward=()),
    python="3.11", arch="x86_64",
)  # fmt: skip
RECIPE = Recipe(environment=ENVIRONMENT, dockerfile="FROM x", lock="", digest="0" * 64, tag="paddle-repro-lab/x:1")


def answering(monkeypatch: pytest.MonkeyPatch, *sockets: Path) -> None:
    """Let engines be looked for at these sockets and nowhere else."""
    found = tuple(EngineAddress(kind="docker", url=f"unix://{one}") for one in sockets)
    monkeypatch.setattr("lab.engine.docker.connection.addresses", lambda _: found)


class DyingEngine(BaseHTTPRequestHandler):
    """Answers what `connect` asks, and hangs up on everything else."""

    def do_GET(self) -> None:
        if self.path.endswith("/_ping"):
            self.answer(b"OK")
        elif self.path.endswith("/version"):
            self.answer(json.dumps({"ApiVersion": "1.41"}).encode())
        elif self.path.endswith("/info"):
            self.answer(
                json.dumps({"ServerVersion": "20.10", "SecurityOptions": ["name=seccomp"], "Name": "far-away"}).encode()
            )

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "socket"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def dying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DockerEngine]:
    path = tmp_path / "engine.sock"
    with socketserver.ThreadingUnixStreamServer(str(path), DyingEngine) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        answering(monkeypatch, path)
        engine = connect("docker", tmp_path)
        yield engine
        engine._client.close()
        server.shutdown()
        thread.join()


def test_an_engine_that_stops_answering_is_infrastructure_and_its_mend_is_named(dying: DockerEngine) -> None:
    with pytest.raises(InfraError, match="stopped answering while the lab wanted to look for an image") as caught:
        dying.image(RECIPE)
    assert "make engine" in caught.value.remedy
    assert caught.value.exit_code == 7


def test_an_engine_behind_a_tunnel_is_found_out_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), DyingEngine) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_address[1]}")
        try:
            with pytest.raises(EngineElsewhereError, match="leads to a machine named 'far-away'"):
                choose(EngineChoice.AUTO, images=tmp_path, cache=tmp_path)
        finally:
            server.shutdown()
            thread.join()


def test_no_socket_at_all_means_no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch)
    with pytest.raises(EngineMissingError, match="no docker engine was found") as caught:
        connect("docker", tmp_path)
    assert "make engine" in caught.value.remedy
    assert caught.value.exit_code == 6


def test_a_socket_nobody_listens_on_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch, tmp_path / "gone.sock")
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        with pytest.raises(EngineMissingError, match=r"no engine answers at .*gone\.sock"):
            connect("docker", tmp_path)
        gc.collect()  # the SDK leaves the socket it could not connect; here it goes, quietly


def test_a_socket_without_rights_is_told_apart_from_no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuses(_: str) -> None:
        raise docker.errors.DockerException("Error: PermissionError(13, 'Permission denied')")

    answering(monkeypatch, Path("/run/x.sock"))
    monkeypatch.setattr("lab.engine.docker.connection.DeadlineClient", refuses)
    with pytest.raises(EngineMissingError, match="this user may not talk to the engine"):
        connect("docker", tmp_path)


def test_auto_falls_back_to_local_environments_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answering(monkeypatch)
    engine, note = choose(EngineChoice.AUTO, images=tmp_path, cache=tmp_path)
    assert isinstance(engine, LocalEngine)
    assert not engine.isolated
    assert "not isolated" in note


def test_a_full_disk_of_the_engine_is_said_in_plain_words() -> None:
    full = docker.errors.APIError("x", explanation="write /var/lib: no space left on device")
    with pytest.raises(InfraError, match="the engine's disk is full: could not build an image"), told("build an image"):
        raise full


def test_an_interpreter_that_is_not_here_is_named() -> None:
    with pytest.raises(BuildError, match=r"this host has no Python 3\.2"):
        interpreter("3.2")


def test_the_interpreter_that_runs_the_lab_is_found() -> None:
    assert interpreter(f"{sys.version_info.major}.{sys.version_info.minor}")
