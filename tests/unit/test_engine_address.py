"""The engine must be this machine's: what is mounted into a container is a path of this machine."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from lab.engine.choose import EngineChoice, choose
from lab.engine.docker import connect
from lab.engine.docker.address import EngineAddress, addresses
from lab.errors import EngineElsewhereError, EngineMissingError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without any engine of their own choice."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def context(home: Path, name: str, url: str) -> None:
    folder = home / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": url}}}))


def urls(kind: str) -> list[str]:
    return [one.url for one in addresses(kind)]


def test_an_engine_that_was_named_is_the_only_one_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathlib.Path.exists", lambda _: True)
    assert urls("docker")[0] == "unix:///var/run/docker.sock"
    monkeypatch.setenv("DOCKER_HOST", "unix:///gone.sock")
    assert urls("docker") == ["unix:///gone.sock"]
    monkeypatch.setenv("CONTAINER_HOST", "unix:///gone-too.sock")
    assert urls("podman") == ["unix:///gone-too.sock"]


@pytest.mark.parametrize(
    "url",
    [
        "tcp://192.0.2.7:2375", "192.0.2.7:2375", "https://builder.example:2376", "ssh://me:secret@builder.example",
        "ssh://localhost", "npipe:////./pipe/docker_engine", "fd://3",
    ],
)  # fmt: skip
@pytest.mark.parametrize("choice", [EngineChoice.DOCKER, EngineChoice.AUTO])
def test_another_machines_engine_is_refused_in_one_sentence_and_nothing_is_taken_in_its_place(
    url: str, choice: EngineChoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", url)
    with pytest.raises(EngineElsewhereError, match="DOCKER_HOST names the engine at .* folders") as caught:
        choose(choice, images=tmp_path, cache=tmp_path)
    assert caught.value.exit_code == 6
    assert "unset DOCKER_HOST" in caught.value.remedy
    assert "secret" not in str(caught.value)


def test_another_machines_podman_is_refused_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTAINER_HOST", "ssh://root@builder.example/run/podman/podman.sock")
    with pytest.raises(EngineElsewhereError, match="CONTAINER_HOST names"):
        connect("podman", tmp_path)


def test_a_port_of_this_machine_is_believed_only_if_its_engine_says_the_same_name() -> None:
    for url in ("tcp://127.0.0.1:2375", "tcp://localhost:2375", "tcp://[::1]:2375"):
        port = EngineAddress(kind="docker", url=url, named_by="DOCKER_HOST", undo="unset DOCKER_HOST")
        port.refuse_elsewhere()
        port.refuse_stranger({"Name": os.uname().nodename})
        with pytest.raises(EngineElsewhereError, match="leads to a machine named 'far-away'"):
            port.refuse_stranger({"Name": "far-away"})


def test_a_socket_is_this_machines_whatever_its_engine_is_called() -> None:
    socket = EngineAddress(kind="docker", url="unix:///run/desktop/docker.sock")
    socket.refuse_elsewhere()
    socket.refuse_stranger({"Name": "docker-desktop"})


def test_a_chosen_context_is_followed_where_it_is_here_and_refused_where_it_is_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context(home, "desktop", "unix:///run/desktop/docker.sock")
    context(home, "far", "ssh://builder.example")
    (home / "config.json").write_text('{"currentContext": "desktop"}')
    assert urls("docker") == ["unix:///run/desktop/docker.sock"]
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    with pytest.raises(EngineElsewhereError, match="the Docker context 'far' names the engine") as caught:
        connect("docker", home)
    assert "docker context use default" in caught.value.remedy
    monkeypatch.setenv("DOCKER_HOST", "unix:///gone.sock")  # as with Docker's own client, it wins
    assert urls("docker") == ["unix:///gone.sock"]


def test_a_context_that_nobody_defined_is_named(home: Path) -> None:
    (home / "config.json").write_text('{"currentContext": "lost"}')
    with pytest.raises(EngineMissingError, match="the Docker context 'lost' is chosen but not defined"):
        addresses("docker")


def test_builds_are_sent_to_the_engine_that_the_lab_speaks_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself the program would follow the user's context."""
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    address = EngineAddress(kind="docker", url="unix:///var/run/docker.sock")
    assert address.environment["DOCKER_HOST"] == "unix:///var/run/docker.sock"
