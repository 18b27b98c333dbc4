"""The container engine through the Docker SDK: Docker itself, or Podman by its socket."""

import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests.exceptions

from lab import scratch
from lab.engine.docker import base, build, owner, words
from lab.engine.docker.address import EngineAddress
from lab.engine.docker.client import DeadlineClient
from lab.engine.docker.container import GRACE_S, Host, creation
from lab.engine.docker.given_image import ImageLook
from lab.engine.protocol import Image, Job, JobResult, Recipe, Rooms, Teller
from lab.engine.stopped import StoppedRuns
from lab.errors import InfraError, LabError
from lab.machine import process
from lab.model import BuildSort, GivenBuild

# Containers that are removed side by side.
AT_ONCE = 16
# How long a step waits in one call: a stop must reach it, also where the engine says nothing any more.
SLICE_S = 10.0
NOT_FOUND, CONFLICT = 404, 409


class DockerEngine:
    """Runs every step in its own container with the run-phase limits of docs/architecture.md."""

    isolated = True

    def __init__(self, client: DeadlineClient, address: EngineAddress, images: Path, info: Mapping[str, Any]) -> None:
        self.name = address.kind
        self._client = client
        self._address = address
        self._images = images
        self._info = info
        self._stops = StoppedRuns()

    @property
    def rootless(self) -> bool:
        """Whether the engine runs without root's rights."""
        options = " ".join(self._info.get("SecurityOptions") or ())
        return "rootless" in options

    def _host(self) -> Host:
        gpus = "nvidia" in (self._info.get("Runtimes") or {}) or shutil.which("nvidia-smi") is not None
        cpus = float(self._info.get("NCPU") or math.inf)
        return Host(rootless=self.rootless, podman=self.name == "podman", gpus=gpus, cpus=cpus)

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
                found = _image(self._client.images.get(words.full_name(self.name, recipe.tag)))
                return _handed_over(found, recipe) if recipe.environment.release.build is not None else found
            except docker.errors.ImageNotFound:
                return None

    def build(self, recipe: Recipe, wheels: Path, log: Path, teller: Teller) -> Image:
        """Build from stored wheels with no network, on a base that is pulled or made here."""
        with told("build an image"):
            build.build(self._address, recipe, self.ground(recipe, log, teller), wheels, log, teller)
            return _image(self._client.images.get(words.full_name(self.name, recipe.tag)))

    def base(self, recipe: Recipe) -> Image | None:
        """The base of this recipe's Python and device, by its tag."""
        with told("look for a base"):
            tag = base.tag_of(self._client, self._address, recipe.environment, self._images)
            try:
                return _image(self._client.images.get(tag))
            except docker.errors.ImageNotFound:
                return None

    def ground(self, recipe: Recipe, log: Path, teller: Teller) -> Image:
        """The same, pulled or made from Debian packages."""
        with told("make a base"):
            tag = base.ensure(self._client, self._address, recipe.environment, self._images, log, teller)
            return _image(self._client.images.get(tag))

    def given(self, name: str, pythons: tuple[str, ...]) -> GivenBuild:
        """Look into an image by its own Python, behind the walls of every run."""
        with told("look into an image"):
            return ImageLook(client=self._client, address=self._address, run=self.run).build(name, pythons)

    def images(self) -> tuple[Image, ...]:
        """Every image that is the lab's own, newest first: what was built on one has its label too, and another name."""
        with told("list images"):
            named = self._client.api.images(filters={"label": f"{words.LABEL}={words.OWNER}"})
            found = []
            for one in named:
                with suppress(docker.errors.ImageNotFound):  # somebody has removed it since the list was made
                    found.append(self._client.images.get(one["Id"]))
            return tuple(_image(one) for one in found if one.tags and words.own(one.tags[0]))

    def remove(self, image: Image) -> None:
        """Delete one of the lab's images by tag."""
        with told("remove an image"):
            self._client.images.remove(image.tag)

    def export(self, images: Sequence[Image], target: Path) -> None:
        """Write images as `docker save` does, by tag, so that layers they share are in it once."""
        several = ["--multi-image-archive"] if self.name == "podman" else []
        tags = [image.tag for image in images]
        with scratch.folder_beside(target.absolute()) as room:
            whole = room / "images.tar"
            done = process.run(
                [self.name, "save", *several, "--output", str(whole), *tags], env=self._address.environment
            )
            if not done.ok:
                raise InfraError(
                    f"the images could not be written to {target}: {done.tail(3)}", "free disk space there"
                )
            whole.replace(target)

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
        with self._stops.guarded(job.run_id), told("run a container"):
            made = self._created(job)
            try:
                self._stops.refuse(job.run_id)  # a stop while it was made has not seen it
                made.start()
                timed_out = self._wait(made, job)
                state = self._client.api.inspect_container(str(made.id))["State"]
            except BaseException:
                with suppress(docker.errors.DockerException, requests.exceptions.RequestException):
                    _drop(made)  # what failed first is what is told
                raise
            _drop(made)
        return JobResult(
            exit_code=state.get("ExitCode"),
            oom_killed=bool(state.get("OOMKilled")),
            timed_out=timed_out,
            error=str(state.get("Error") or ""),
            seconds=time.monotonic() - start,
        )

    def _created(self, job: Job) -> Any:
        """The container; asked for in a thread of its own, so that Ctrl-C here cannot tear the answer that names it."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            asked = pool.submit(self._client.containers.create, **creation(job, self._host()))
            try:
                return asked.result()
            except KeyboardInterrupt:
                if asked.exception() is None:
                    _drop(asked.result())
                raise

    def _wait(self, made: Any, job: Job) -> bool:
        """Wait for the end, in slices; whether the lab had to kill it, long after its guest should have ended it."""
        end = time.monotonic() + job.limits.wall_s + GRACE_S
        while (left := end - time.monotonic()) > 0 and not job.given_up.is_set():
            self._stops.refuse(job.run_id)
            try:
                made.wait(timeout=min(SLICE_S, left))
            except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError) as error:
                if "timed out" not in str(error).lower():
                    raise
            else:
                return False
        try:
            made.kill()
        except docker.errors.APIError as error:
            if error.status_code != CONFLICT:  # else it has ended, and the engine only did not come to say so
                raise
            return False
        return True

    def stop(self, run_id: str, *, alone: bool = False) -> None:
        """Start nothing more of a run, and kill and remove every container this lab has started for it."""
        self._stops.add(run_id)
        if not alone:
            process.end_all()
            self._client.hurry()
        mine = owner.this_process().labels.items()
        self._drop_all(f"{words.LABEL_RUN}={run_id}", lambda one: mine <= one.labels.items())

    def stopped(self, run_id: str) -> bool:
        """Whether nothing more of this run will be started."""
        return self._stops.has(run_id)

    def reap(self) -> int:
        """Remove containers whose lab is certainly gone."""
        here, now = owner.this_process(), time.time()

        def orphan(one: Any) -> bool:
            return owner.orphaned(one.labels, owner.moment(one.attrs.get("Created")), here, now)

        return self._drop_all(f"{words.LABEL}={words.OWNER}", orphan)

    def _drop_all(self, label: str, wanted: Callable[[Any], bool]) -> int:
        with told("clean up containers"):
            found = self._client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
            gone = [one for one in found if wanted(one)]
            if gone:  # side by side: each takes a while to die
                with ThreadPoolExecutor(max_workers=min(len(gone), AT_ONCE)) as pool:
                    list(pool.map(_drop, gone))
            return len(gone)


def _drop(container: Any) -> None:
    """Remove a container whatever its state; already gone is as good."""
    try:
        container.remove(force=True, v=True)
    except (docker.errors.NotFound, docker.errors.APIError) as error:
        status = getattr(error, "status_code", None)
        if status not in (NOT_FOUND, CONFLICT):  # the second: another hand is already removing it
            raise


def _image(found: Any) -> Image:
    labels = found.labels or {}
    return Image(
        tag=next(iter(found.tags), found.id),
        id=found.id,
        environment=labels.get(words.LABEL_ENVIRONMENT, ""),
        base=labels.get(words.LABEL_BASE, ""),
        ground=labels.get(words.LABEL_GROUND, ""),
        size=int(found.attrs.get("Size", 0)),
        variables=tuple(one.partition("=")[0] for one in (found.attrs.get("Config") or {}).get("Env") or ()),
    )


def _handed_over(found: Image, recipe: Recipe) -> Image:
    """An image as it was handed over: by its digest, with the Python that was found in it; any other as it is."""
    build = recipe.environment.release.build
    if build is None or build.sort is not BuildSort.IMAGE:
        return found
    return replace(
        found, tag=found.id, environment=recipe.environment.key, base="", ground=build.name, python=build.interpreter
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
            "start it again (make engine)",
        ) from error
