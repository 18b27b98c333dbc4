"""The container engine through the Docker SDK: Docker itself, or Podman by its socket."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests.exceptions

from lab.engine.docker import base, build, words
from lab.engine.docker.container import Host, creation
from lab.engine.protocol import Image, Job, JobResult, Recipe, Rooms, Teller
from lab.errors import EngineMissingError, InfraError, LabError
from lab.machine import process
from lab.machine.process import alive

GRACE_S = 30.0
ANSWER_S = 10
STEP_S = 600


class DockerEngine:
    """Runs every step in its own container with the run-phase limits of docs/architecture.md."""

    isolated = True

    def __init__(self, client: docker.DockerClient, kind: str, images: Path) -> None:
        self.name = kind
        self._client = client
        self._images = images
        self._info: dict[str, Any] = client.info()

    @property
    def rootless(self) -> bool:
        """Whether the engine runs without root's rights."""
        options = " ".join(self._info.get("SecurityOptions") or ())
        return "rootless" in options

    def _host(self) -> Host:
        gpus = "nvidia" in (self._info.get("Runtimes") or {}) or shutil.which("nvidia-smi") is not None
        return Host(rootless=self.rootless, podman=self.name == "podman", gpus=gpus)

    def facts(self) -> Mapping[str, str]:
        """Engine, version, storage and cgroup facts that decide how a run behaves."""
        info = self._info
        return {
            "engine": self.name,
            "engine_version": str(info.get("ServerVersion", "")),
            "storage": str(info.get("Driver", "")),
            "cgroup": str(info.get("CgroupVersion", "1")),
            "rootless": str(self.rootless).lower(),
            "architecture": str(info.get("Architecture", "")),
        }

    def image(self, recipe: Recipe) -> Image | None:
        """The image whose tag carries the recipe's digest, or None."""
        with told("look for an image"):
            try:
                return _image(self._client.images.get(words.full_name(self.name, recipe.tag)))
            except docker.errors.ImageNotFound:
                return None

    def build(self, recipe: Recipe, wheels: Path, log: Path, teller: Teller) -> Image:
        """Build from stored wheels with no network, on a base that is pulled or made here."""
        with told("build an image"):
            tag = base.ensure(self._client, self.name, recipe.environment, self._images, log, teller)
            build.build(self.name, recipe, _image(self._client.images.get(tag)), wheels, log, teller)
            return _image(self._client.images.get(words.full_name(self.name, recipe.tag)))

    def images(self) -> tuple[Image, ...]:
        """Every image that carries the lab's label, newest first."""
        with told("list images"):
            found = self._client.images.list(filters={"label": f"{words.LABEL}={words.OWNER}"})
            return tuple(_image(one) for one in found if one.tags)

    def remove(self, image: Image) -> None:
        """Delete one of the lab's images by tag."""
        with told("remove an image"):
            self._client.images.remove(image.tag)

    def export(self, images: Sequence[Image], target: Path) -> None:
        """Write images as `docker save` does, by tag, so that layers they share are in it once."""
        temporary = target.with_name(f".{target.name}.part")
        several = ["--multi-image-archive"] if self.name == "podman" else []
        tags = [image.tag for image in images]
        done = process.run([self.name, "save", *several, "--output", str(temporary), *tags])
        if not done.ok:
            temporary.unlink(missing_ok=True)
            raise InfraError(f"the images could not be written to {target}: {done.tail(3)}", "free disk space there")
        temporary.replace(target)

    def bring(self, source: Path) -> tuple[str, ...]:
        """Take in what `docker save` or `lab images save` wrote."""
        with told("import images"), source.open("rb") as data:
            return tuple(tag for one in self._client.images.load(data) for tag in one.tags)

    def rooms(self, job: Job) -> Rooms:
        """The same folders in every container, whatever the host calls them."""
        del job
        return Rooms(inbox=words.INBOX, outbox=words.OUTBOX, saved=words.SAVED, emulator=words.EMULATOR)

    def run(self, job: Job) -> JobResult:
        """Create, start, wait, read how it ended, remove: on every way out the container is gone."""
        job.outbox.mkdir(parents=True, exist_ok=True)
        job.outbox.chmod(0o777)
        start = time.monotonic()
        with told("run a container"):
            made = self._client.containers.create(**creation(job, self._host()))
            try:
                made.start()
                timed_out = self._wait(made, job.limits.wall_s + GRACE_S)
                state = self._client.api.inspect_container(str(made.id))["State"]
            finally:
                _drop(made)
        return JobResult(
            exit_code=state.get("ExitCode"),
            oom_killed=bool(state.get("OOMKilled")),
            timed_out=timed_out,
            error=str(state.get("Error") or ""),
            seconds=time.monotonic() - start,
        )

    def _wait(self, made: Any, seconds: float) -> bool:
        """Wait for the end; whether the lab had to kill it after `seconds`."""
        try:
            made.wait(timeout=seconds)
        except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError) as error:
            if "timed out" not in str(error).lower():
                raise
            made.kill()
            return True
        return False

    def stop(self, run_id: str) -> None:
        """Kill and remove every container of a run."""
        self._drop_all(f"{words.LABEL_RUN}={run_id}", lambda _: True)

    def reap(self) -> int:
        """Remove containers whose lab process no longer lives on this machine."""
        return self._drop_all(f"{words.LABEL}={words.OWNER}", _orphan)

    def _drop_all(self, label: str, wanted: Any) -> int:
        with told("clean up containers"):
            found = self._client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
            gone = [one for one in found if wanted(one)]
            for one in gone:
                _drop(one)
            return len(gone)


def _orphan(container: Any) -> bool:
    labels = container.labels
    if words.LABEL_RUN not in labels:
        return False  # labels come with the image: somebody else started this from one of ours (run.sh of a bundle)
    if labels.get(words.LABEL_BOOT) != words.boot_id():
        return True
    pid = str(labels.get(words.LABEL_PID, ""))
    return not (pid.isdecimal() and alive(int(pid)))


def _drop(container: Any) -> None:
    """Remove a container whatever its state; already gone is as good."""
    try:
        container.remove(force=True, v=True)
    except (docker.errors.NotFound, docker.errors.APIError) as error:
        status = getattr(error, "status_code", None)
        if status not in (404, 409):  # 409: another hand is already removing it
            raise


def _image(found: Any) -> Image:
    labels = found.labels or {}
    return Image(
        tag=found.tags[0],
        id=found.id,
        environment=labels.get(words.LABEL_ENVIRONMENT, ""),
        base=labels.get(words.LABEL_BASE, ""),
        ground=labels.get(words.LABEL_GROUND, ""),
        size=int(found.attrs.get("Size", 0)),
    )


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn what the SDK raises into the lab's own words, so that no other room knows the SDK."""
    try:
        yield
    except LabError:
        raise
    except docker.errors.APIError as error:
        text = str(error.explanation or error)
        if "no space left" in text.lower():
            raise InfraError(
                f"the engine's disk is full: could not {doing}", "lab images prune, or free disk"
            ) from error
        raise InfraError(f"the engine refused to {doing}: {text}", "lab doctor") from error
    except (requests.exceptions.RequestException, docker.errors.DockerException) as error:
        raise InfraError(
            f"the engine stopped answering while the lab wanted to {doing}",
            "start it again (make engine), then run the same command with --resume",
        ) from error


def connect(kind: str, images: Path) -> DockerEngine:
    """Talk to the engine of this kind, or say in one sentence why not (EngineMissingError)."""
    places = words.sockets(kind)
    if not places:
        raise EngineMissingError(f"no {kind} engine was found on this machine", _remedy(kind))
    problems = []
    for place in places:
        try:
            return DockerEngine(_client(place), kind, images)
        except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
            problems.append(_why(place, error))
    raise EngineMissingError(problems[0], _remedy(kind))


def _client(place: str) -> docker.DockerClient:
    client = docker.DockerClient(base_url=place, timeout=ANSWER_S)
    try:
        client.ping()
    except BaseException:
        client.close()
        raise
    client.api.timeout = STEP_S
    return client


def _why(place: str, error: Exception) -> str:
    if "PermissionError" in repr(error) or "Permission denied" in str(error):
        return f"this user may not talk to the engine at {place}"
    return f"no engine answers at {place}"


def _remedy(kind: str) -> str:
    if kind == "podman":
        return "systemctl --user start podman.socket, or --engine local"
    group = "sudo usermod -aG docker $USER and log in again; " if os.getuid() and shutil.which("docker") else ""
    return f"{group}make engine installs and starts Docker on Debian and Ubuntu; --engine local needs no engine"
