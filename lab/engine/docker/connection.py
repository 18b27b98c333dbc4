"""From an address to an engine that answers, or to one sentence that says why there is none."""

import os
import shutil
from pathlib import Path

import docker
import docker.errors
import requests.exceptions

from lab.engine.docker.address import EngineAddress, addresses
from lab.engine.docker.engine import DockerEngine
from lab.errors import EngineMissingError

ANSWER_S = 10
STEP_S = 600


def connect(kind: str, images: Path) -> DockerEngine:
    """Talk to the engine of this kind, or say in one sentence why not (EngineMissingError).

    One that was named and is another machine's is refused (EngineElsewhereError).
    """
    places = addresses(kind)
    if not places:
        raise EngineMissingError(f"no {kind} engine was found on this machine", _remedy(kind))
    problems = []
    for place in places:
        place.refuse_elsewhere()
        try:
            return _engine(place, images)
        except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
            problems.append(_why(place.url, error))
    raise EngineMissingError(problems[0], _remedy(kind))


def _engine(place: EngineAddress, images: Path) -> DockerEngine:
    client = docker.DockerClient(base_url=place.url, timeout=ANSWER_S)
    try:
        client.ping()
        info = client.info()
        place.refuse_stranger(info)
    except BaseException:
        client.close()
        raise
    client.api.timeout = STEP_S
    return DockerEngine(client, place, images, info)


def _why(place: str, error: Exception) -> str:
    if "PermissionError" in repr(error) or "Permission denied" in str(error):
        return f"this user may not talk to the engine at {place}"
    return f"no engine answers at {place}"


def _remedy(kind: str) -> str:
    if kind == "podman":
        return "systemctl --user start podman.socket, or --engine local"
    group = "sudo usermod -aG docker $USER and log in again; " if os.getuid() and shutil.which("docker") else ""
    return f"{group}make engine installs and starts Docker on Debian and Ubuntu; --engine local needs no engine"
