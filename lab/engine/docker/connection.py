"""From an address to an engine that answers, or to one sentence that says why there is none."""

import os
import shutil
from pathlib import Path

import docker.errors
import requests.exceptions

from lab.engine.docker.address import EngineAddress, addresses
from lab.engine.docker.client import ANSWER_S, DeadlineClient
from lab.engine.docker.engine import DockerEngine
from lab.errors import EngineMissingError, EngineUnusableError


def connect(kind: str, images: Path) -> DockerEngine:
    """Talk to the engine of this kind, or say in one sentence why not (EngineMissingError).

    One that was named and cannot be used, or is another machine's, is refused (EngineUnusableError), and so is one that
    is there and hangs.
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
            problems.append(_why(place, error))
            if place.named_by:
                raise EngineUnusableError(problems[0], place.other_way(_remedy(kind))) from error
            if _hangs(error):
                raise EngineUnusableError(problems[-1], _awaken(kind)) from error
    raise EngineMissingError(problems[0], _remedy(kind))


def _engine(place: EngineAddress, images: Path) -> DockerEngine:
    client = DeadlineClient(place.url)
    try:
        client.ping()
        info = client.info()
        place.refuse_stranger(info)
    except BaseException:
        client.close()
        raise
    client.work()
    return DockerEngine(client, place, images, info)


def _hangs(error: Exception) -> bool:
    """Whether somebody listens there and says nothing; the SDK wraps what happened, sometimes twice."""
    return isinstance(error, requests.exceptions.Timeout) or "timed out" in str(error).lower()


def _why(place: EngineAddress, error: Exception) -> str:
    named = f", which {place.named_by} names" if place.named_by else ""
    if "PermissionError" in repr(error) or "Permission denied" in str(error):
        return f"this user may not talk to the engine at {place.shown}{named}"
    if _hangs(error):
        return f"the engine at {place.shown}{named} is there and did not answer within {ANSWER_S} s"
    return f"no engine answers at {place.shown}{named}"


def _awaken(kind: str) -> str:
    return (
        f"wait if this machine is busy, else restart that engine (systemctl restart {kind}); --engine local needs none"
    )


def _remedy(kind: str) -> str:
    if kind == "podman":
        return "systemctl --user start podman.socket, or --engine local"
    group = "sudo usermod -aG docker $USER and log in again; " if os.getuid() and shutil.which("docker") else ""
    return f"{group}make engine installs and starts Docker on Debian and Ubuntu; --engine local needs no engine"
