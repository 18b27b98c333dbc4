"""An engine that listens and says nothing holds nobody: every call ends, and nothing is run elsewhere in its place."""

import gc
import socket
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
import requests.exceptions

from lab.engine.choose import EngineChoice, choose
from lab.engine.docker import client
from lab.engine.docker.client import DeadlineAPI
from lab.errors import EngineUnusableError


@pytest.fixture(autouse=True)
def quietly() -> Iterator[None]:
    """The SDK leaves the sockets that it could not use; here they go."""
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        yield
        gc.collect()


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an engine that was stopped (SIGSTOP): the kernel takes the words in, and nobody answers."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setattr(client, "ANSWER_S", 1)
    path = tmp_path / "silent.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen(64)
        yield f"unix://{path}"


@pytest.mark.parametrize("named", ["by DOCKER_HOST", ""])
def test_an_engine_that_hangs_is_refused_and_nothing_runs_on_the_host_in_its_place(
    silent: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if named:
        monkeypatch.setenv("DOCKER_HOST", silent)
    else:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        (tmp_path / "docker.sock").symlink_to(silent.removeprefix("unix://"))
        there = Path.exists
        monkeypatch.setattr("pathlib.Path.exists", lambda one: str(one) != "/var/run/docker.sock" and there(one))
    with pytest.raises(EngineUnusableError, match="is there and did not answer") as caught:
        choose(EngineChoice.AUTO, images=tmp_path, cache=tmp_path)
    assert caught.value.exit_code == 6
    assert ("unset DOCKER_HOST" if named else "systemctl restart docker") in caught.value.remedy


@pytest.mark.parametrize("url", ["unix:///var/run/dokcer.sock", "tcp://[1", "unx:///var/run/docker.sock", "tcp://:x"])
def test_a_mistyped_address_is_an_error_with_a_remedy_and_no_fall_back(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", url)
    with pytest.raises(EngineUnusableError, match="DOCKER_HOST") as caught:
        choose(EngineChoice.AUTO, images=tmp_path, cache=tmp_path)
    assert "unset DOCKER_HOST" in caught.value.remedy


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.ping(),
        lambda api: api.containers(),
        lambda api: api.inspect_container("x"),
        lambda api: api.remove_container("x"),
        lambda api: api.wait("x"),
        lambda api: api.import_image_from_data(b"x", repository="y"),
        lambda api: next(api.load_image(b"x")),
    ],
)
def test_every_call_has_a_deadline_also_those_that_the_sdk_lets_wait_for_ever(
    silent: str, call: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LONG_S", 1)
    api = DeadlineAPI(base_url=silent, timeout=1, version="1.41")
    start = time.monotonic()
    with pytest.raises((requests.exceptions.RequestException, docker.errors.DockerException)):
        call(api)  # type: ignore[operator]
    assert time.monotonic() - start < 30
    api.close()


def test_what_moves_images_is_given_the_long_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[str, float]] = []
    monkeypatch.setattr("requests.Session.request", lambda _, method, url, **more: given.append((url, more["timeout"])))
    api = DeadlineAPI(base_url="unix:///x.sock", timeout=60, version="1.41")
    for method, url, asked in (
        ("POST", "/images/load", 60), ("POST", "/images/create", None), ("DELETE", "/images/x", 60),
        ("GET", "/images/json", 60), ("POST", "/containers/x/wait", 10), ("POST", "/containers/x/wait", None),
    ):  # fmt: skip
        api.request(method, url, timeout=asked)
    assert [seconds for _, seconds in given] == [client.LONG_S] * 3 + [60, 10, 60]
