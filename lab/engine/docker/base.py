"""The ground an image stands on: the official slim Python image, or one made from Debian packages."""

import hashlib
import json
import os
import platform
import secrets
import shutil
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import docker.errors

from lab import scratch
from lab.engine.docker import build, interpreter, words
from lab.engine.docker.address import EngineAddress
from lab.engine.protocol import Teller
from lab.errors import BuildError, InfraError
from lab.machine import file_lock, process, shared_lock
from lab.model import Environment

DOCKERFILE = """\
ARG BASE
FROM ${{BASE}}
RUN apt-get update && apt-get install -y --no-install-recommends {packages} && rm -rf /var/lib/apt/lists/*
"""
TRIMMED = ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale", "var/log")


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What making a base needs: the engine, the environment it is for, the data of images/bases.toml, where to tell."""

    client: docker.DockerClient
    engine: EngineAddress
    environment: Environment
    data: dict[str, Any]
    log: Path
    teller: Teller

    @property
    def tag(self) -> str:
        """One tag per Python and device image, with a digest of what decides the content."""
        device, python = self.environment.device, self.environment.python.replace(".", "")
        deciding = repr((device.base, device.apt, self.data["debian"], self.data["packages"], interpreter.SCRIPT))
        digest = hashlib.sha256(deciding.encode()).hexdigest()[:12]
        return words.full_name(self.engine.kind, f"{words.REPOSITORY}/base:py{python}-{self.environment.arch}-{digest}")

    @property
    def packages(self) -> list[str]:
        """The system packages of a base made from Debian."""
        return sorted({*self.data["packages"]["include"], *self.environment.device.apt})


def ensure(
    client: docker.DockerClient,
    engine: EngineAddress,
    environment: Environment,
    images: Path,
    log: Path,
    teller: Teller,
) -> str:
    """The tag of a ready base for an environment: as it is, pulled, or made here (said once, then kept)."""
    data = _data(images)
    ground = Ground(client=client, engine=engine, environment=environment, data=data, log=log, teller=teller)
    if not _there(ground):
        _make_once(ground)
    return ground.tag


def tag_of(client: docker.DockerClient, engine: EngineAddress, environment: Environment, images: Path) -> str:
    """The tag of an environment's base, whether it is there or not."""
    nobody = Teller(say=lambda _: None, passing=lambda _: None)
    return Ground(
        client=client, engine=engine, environment=environment, data=_data(images), log=Path(), teller=nobody
    ).tag  # fmt: skip


def _data(images: Path) -> dict[str, Any]:
    return tomllib.loads((images / "bases.toml").read_text(encoding="utf-8"))


def _there(ground: Ground) -> bool:
    try:
        ground.client.images.get(ground.tag)
    except docker.errors.ImageNotFound:
        return False
    return True


def _make_once(ground: Ground) -> None:
    """Make it unless another lab does so now: one base is many environments', and the locks of those do not meet."""
    path = shared_lock.folder() / f"{words.REPOSITORY}.base-{ground.tag.rpartition(':')[2]}.lock"
    with shared_lock.opened(path) as mine:
        if file_lock.held(path):
            ground.teller.say(f"another lab on this machine makes the base {ground.tag}: this one waits for it")
        file_lock.take(mine)
        if not _there(ground):
            _make(ground)


def _make(ground: Ground) -> None:
    official = ground.environment.device.base.format(python=ground.environment.python)
    if _pulled(ground, official):
        _on_official(ground, official)
        return
    ground.teller.say(f"{official} cannot be pulled (no registry answers): making a base from Debian packages, once")
    _from_debian(ground)


def _pulled(ground: Ground, name: str) -> bool:
    """Whether the official image is here, or could be fetched."""
    try:
        ground.client.images.get(name)
    except docker.errors.ImageNotFound:
        ground.teller.say(f"pulling {name}")
        # By the program and not by the SDK: a registry that does not answer would else outlive Ctrl-C.
        argv = [build.builder(ground.engine.kind).argv[0], "pull", name]
        return process.stream(argv, ground.log, env=ground.engine.environment, seen=ground.teller.passing).ok
    return True


def _on_official(ground: Ground, official: str) -> None:
    """Add the one system library Paddle needs, so that the Paddle image itself needs no network."""
    digests = ground.client.images.get(official).attrs.get("RepoDigests") or [official]
    labels = {words.LABEL: words.OWNER, words.LABEL_GROUND: digests[0]}
    with scratch.folder("base") as folder:
        text = DOCKERFILE.format(packages=" ".join(ground.environment.device.apt))
        (folder / "Dockerfile").write_text(text, encoding="utf-8")
        order = build.BuildOrder(context=folder, tag=ground.tag, base=official, labels=labels, online=True)
        done = build.run_build(ground.engine, order, ground.log, ground.teller)
    if not done.ok:
        raise BuildError(
            f"the base {ground.tag} could not be built on {official}:\n{done.tail()}", f"read {ground.log}"
        )


def _from_debian(ground: Ground) -> None:
    python, suites = ground.environment.python, ground.data["debian"]
    if python not in suites:
        raise BuildError(
            f"no registry answers, and Debian has no Python {python} to make a base for {ground.environment.key}",
            f"choose one of --python {', '.join(sorted(suites))}, reach a registry, or use --engine local",
        )
    with scratch.folder("debian") as folder:
        root = folder / "root"
        _bootstrap(ground, suites[python], root)
        _trim(root)
        archive = folder / "root.tar"
        packed = process.run(["tar", "--numeric-owner", "--sort=name", "-C", str(root), "-cf", str(archive), "."])
        if not packed.ok:
            raise InfraError(f"the Debian base could not be packed: {packed.tail()}", "free disk space in TMPDIR")
        # A name of its own: a lab of another user or container, which this lock does not hold, must not take it away.
        plain = f"{ground.tag}-as-packaged-{secrets.token_hex(4)}"
        try:
            _import(ground, archive, plain, suites[python])
            _linked(ground, plain, f"debian-{suites[python]}", folder)
        finally:
            with suppress(docker.errors.ImageNotFound):
                ground.client.images.remove(plain)


def _linked(ground: Ground, plain: str, name: str, folder: Path) -> None:
    """Give the base an interpreter that is built as the official one; where that cannot be done, it is as packaged."""
    context = folder / "link"
    context.mkdir()
    tried = ground.environment.python in ground.data.get("shared_zlib", {}).get("pythons", ())
    if not tried or not interpreter.link(ground.engine, plain, ground.tag, name, context, ground.log, ground.teller):
        why = f", and could not be linked again (log {ground.log})" if tried else ""
        ground.teller.say(f"{name}: its Python has zlib built in, unlike the official one{why}")
        repository, _, tag = ground.tag.rpartition(":")
        ground.client.images.get(plain).tag(repository, tag)


def _bootstrap(ground: Ground, suite: str, root: Path) -> None:
    """Fill `root` with a minimal Debian: mmdebstrap where it is (needs no root), else debootstrap."""
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    include = f"--include={','.join(ground.packages)}"
    if shutil.which("mmdebstrap"):
        argv = ["mmdebstrap", "--variant=minbase", include, f"--architectures={arch}", suite, str(root)]
    elif shutil.which("debootstrap") and os.getuid() == 0:
        argv = ["debootstrap", "--variant=minbase", include, f"--arch={arch}", suite, str(root)]
    else:
        raise BuildError(
            "no registry answers, and no tool here can make a Debian base",
            "apt-get install mmdebstrap (works without root), or run make engine as root once",
        )
    done = process.stream(argv, ground.log, seen=ground.teller.passing)
    if not done.ok:
        raise BuildError(f"a base from Debian {suite} could not be made:\n{done.tail()}", f"read {ground.log}")


def _trim(root: Path) -> None:
    """Take out what no container needs, and leave the folders that programs expect."""
    for name in TRIMMED:
        shutil.rmtree(root / name, ignore_errors=True)
    for name in ("tmp", "var/log", "var/lib/apt/lists/partial"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)


def _import(ground: Ground, archive: Path, tag: str, suite: str) -> None:
    name, _, version = tag.rpartition(":")
    changes = [
        f"LABEL {words.LABEL}={words.OWNER}",
        f"LABEL {words.LABEL_GROUND}=debian-{suite}",
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        'CMD ["python3"]',
    ]
    said = ground.client.api.import_image_from_file(str(archive), repository=name, tag=version, changes=changes)
    if ground.engine.kind == "podman":  # it leaves the tag out: take the image by the id it answers with
        made = json.loads(said.strip().splitlines()[-1])["status"]
        ground.client.images.get(made).tag(name, version)
    ground.client.images.get(tag)
