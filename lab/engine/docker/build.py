"""Build an image from its Dockerfile and stored wheels, with a client that speaks BuildKit and with no network."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lab import scratch
from lab.engine.build_context import lay_out
from lab.engine.docker import words
from lab.engine.docker.address import EngineAddress
from lab.engine.protocol import Image, Recipe, Teller
from lab.errors import BuildError, EngineMissingError, InfraError
from lab.machine import process, refused
from lab.variables import PROXIES

# Clients before this one carry BuildKit inside; later ones need the buildx plug-in (Docker's own release notes of 23.0).
PLUGIN_SINCE = 23
LAST_LINES = 12


@dataclass(frozen=True, kw_only=True)
class Builder:
    """A client that can do BuildKit mounts: the words to start it with, and the environment it needs."""

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = ()


@cache
def builder(kind: str) -> Builder:
    """The first client on this machine that can mount wheels into a build; EngineMissingError names the mend."""
    if kind == "podman":
        return Builder(argv=("podman", "build", "--pull=never"))
    tried = []
    for client in _clients("docker"):
        if process.run([client, "buildx", "version"], timeout=20).ok:
            return Builder(argv=(client, "buildx", "build", "--load", "--provenance=false"))
        version = process.run([client, "version", "--format", "{{.Client.Version}}"], timeout=20).stdout.strip()
        if version.split(".")[0].isdecimal() and int(version.split(".")[0]) < PLUGIN_SINCE:
            return Builder(argv=(client, "build"), env=(("DOCKER_BUILDKIT", "1"),))
        tried.append(f"{client} {version or '(no answer)'}")
    raise EngineMissingError(
        f"no docker client here can build with mounted wheels (tried: {', '.join(tried) or 'none found'})",
        "install the buildx plug-in (docker-buildx-plugin), or Debian's docker.io; lab doctor shows what is found",
    )


def _clients(name: str) -> tuple[str, ...]:
    """Every client of this name on PATH and in the system's own folder, in order."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/bin"]
    found = [shutil.which(name, path=folder) for folder in folders if folder]
    return tuple(dict.fromkeys(one for one in found if one))


@dataclass(frozen=True, kw_only=True)
class BuildOrder:
    """One build: the folder it sees, the tag it gets, the base it starts from; offline unless said otherwise."""

    context: Path
    tag: str
    base: str
    labels: Mapping[str, str]
    online: bool = False


def build(engine: EngineAddress, recipe: Recipe, base: Image, wheels: Path, log: Path, teller: Teller) -> None:
    """Build and tag the recipe's image; the whole output goes to `log`, the last lines into the BuildError."""
    with scratch.folder("context", wheels.parent) as context:
        lay_out(recipe, wheels, context)
        order = BuildOrder(
            context=context, tag=words.full_name(engine.kind, recipe.tag), base=base.tag, labels=_labels(recipe, base)
        )
        done = run_build(engine, order, log, teller)
    if not done.ok and refused.says_full(done.stdout):
        raise InfraError(
            f"the engine's disk is full: the image for {recipe.environment.key} could not be built; its log is {log}",
            f"lab images prune, or {refused.ROOM}",
        )
    if not done.ok:
        raise BuildError(
            f"the image for {recipe.environment.key} could not be built; its log is {log}, and it ends with:\n"
            + done.tail(LAST_LINES),
            f"read the log; docker build images/{recipe.environment.key} builds it without the lab",
        )


def run_build(engine: EngineAddress, order: BuildOrder, log: Path, teller: Teller) -> process.Completed:
    """Start the builder on a folder."""
    chosen = builder(engine.kind)
    argv = [*chosen.argv, "--tag", order.tag, "--build-arg", f"BASE={order.base}"]
    if not order.online:
        argv += ["--network", "none", *_without_proxies(engine.kind)]
    for name, value in sorted(order.labels.items()):
        argv += ["--label", f"{name}={value}"]
    if engine.kind != "podman":
        argv += ["--progress", "plain"]
    env = {**engine.environment, **dict(chosen.env)}
    return process.stream([*argv, str(order.context)], log, env=env, seen=teller.passing)


def _without_proxies(kind: str) -> list[str]:
    """Nothing goes out, so nothing needs the proxies, and their passwords, that clients give every build by themselves."""
    empty = [word for name in sorted(PROXIES) for word in ("--build-arg", f"{name}=")]
    return [*empty, "--http-proxy=false"] if kind == "podman" else empty


def _labels(recipe: Recipe, base: Image) -> dict[str, str]:
    return {
        words.LABEL: words.OWNER,
        words.LABEL_ENVIRONMENT: recipe.environment.key,
        words.LABEL_BASE: base.tag,
        words.LABEL_GROUND: f"{base.ground} {base.id}",
        "lab.digest": recipe.digest,
    }
