"""An image that somebody hands over: found or pulled, and looked into by its own Python behind the walls of every run."""

import platform
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import docker.errors
import msgspec
from packaging.version import InvalidVersion, Version

from lab import documents, scratch
from lab.engine.docker import build, words
from lab.engine.docker.address import EngineAddress
from lab.engine.protocol import Image, Job, JobResult
from lab.errors import InfraError, UsageError
from lab.machine import process
from lab.model import BuildSort, GivenBuild, Limits
from lab.storage.outbox import GuestFile
from lab.text import clean, quoted

LOOK = Path(__file__).parents[2] / "guest" / "look.py"
FOUND = "found.json"
LARGEST = 64 * 1024
LOOK_S = 120.0
PULL_S = 3600.0
PYTHONS = ("python3", "python")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
NAME = re.compile(r"[a-z0-9][A-Za-z0-9._/:@-]*")
NO_SUCH = ("executable file not found", "no such file or directory", "permission denied")


@dataclass(frozen=True, kw_only=True)
class LookedInto:
    """What the program in the image told of it."""

    python: str
    interpreter: str
    machine: str
    package: str
    paddle: str
    facts: Mapping[str, str]
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImageLook:
    """Looks into images on one engine; `run` starts a job as the engine starts any."""

    client: Any
    address: EngineAddress
    run: Callable[[Job], JobResult]

    def build(self, name: str, pythons: tuple[str, ...]) -> GivenBuild:
        """The Paddle in an image; UsageError, in one sentence, for an image that is none or holds none."""
        found = self._found(name)
        attrs = found.attrs
        machine = MACHINES.get(str(attrs.get("Architecture")), str(attrs.get("Architecture")))
        if machine != platform.machine():
            raise UsageError(
                f"the image {quoted(name)} is for {machine}, and this machine is {platform.machine()}", OTHER
            )
        seen = self._looked(name, found)
        version = _version(name, seen)
        python = ".".join(seen.python.split(".")[:2])
        if python not in pythons:
            said = f"the image {quoted(name)} has Python {clean(seen.python, 40)}"
            raise UsageError(f"{said}, and the lab's guest runs on {pythons[0]} to {pythons[-1]}", OTHER)
        return GivenBuild(
            sort=BuildSort.IMAGE, name=name, sha256=str(found.id).removeprefix("sha256:"), size=int(attrs.get("Size", 0)),
            package=seen.package, version=version, pythons=(python,), arches=(machine,), interpreter=seen.interpreter,
            facts={key: clean(value, 200) for key, value in seen.facts.items() if value},
        )  # fmt: skip

    def _found(self, name: str) -> Any:
        if NAME.fullmatch(name) is None:
            raise UsageError(
                f"{quoted(name)} is no name of an image", "write image:NAME, image:NAME:TAG or image:sha256:..."
            )
        try:
            return self.client.images.get(name)
        except docker.errors.ImageNotFound:
            pass
        argv = [build.builder(self.address.kind).argv[0], "pull", "--quiet", name]
        pulled = None if name.startswith("sha256:") else process.run(argv, env=self.address.environment, timeout=PULL_S)
        if pulled is None or not pulled.ok:
            asked = "" if pulled is None else ", and no registry gave it"
            raise UsageError(
                f"there is no image {quoted(name)} on this engine{asked}", f"{self.address.kind} images lists them"
            )
        return self.client.images.get(name)

    def _looked(self, name: str, found: Any) -> LookedInto:
        """The answer of the first interpreter on the image's own PATH that starts."""
        config = found.attrs.get("Config") or {}
        env = dict(one.partition("=")[::2] for one in config.get("Env") or ())
        with scratch.folder("image") as room:
            room.chmod(0o755)
            inbox = room / "in"
            inbox.mkdir(mode=0o755)
            shutil.copyfile(LOOK, inbox / LOOK.name)
            (inbox / LOOK.name).chmod(0o444)
            silent = ""
            for number, python in enumerate(PYTHONS):
                outbox, path = room / f"out-{number}", env.get("PATH") or PATH
                image = Image(tag=str(found.id), id=str(found.id), environment="", variables=tuple(env))
                command = (python, f"{words.INBOX}/{LOOK.name}", f"{words.OUTBOX}/{FOUND}", python, path)
                job = Job(
                    image=image, inbox=inbox, outbox=outbox, saved=None, env={"PATH": path},
                    limits=Limits(wall_s=LOOK_S), run_id=f"look-{found.id}"[:40], command=command,
                )  # fmt: skip
                ended = self._ended(job)
                if ended is not None and GuestFile(out=outbox, name=FOUND).plain:
                    return _answer(name, outbox)
                silent = silent or ("" if ended is None else f"{python} {_end(ended)}")
        if silent:
            said = f"the image {quoted(name)} has no Python that tells of itself: {silent}, and left no answer"
            raise UsageError(said, f"run python3 -c 'import sys; print(sys.version)' in it, or {OTHER}")
        raise UsageError(
            f"the image {quoted(name)} has no Python that {' or '.join(PYTHONS)} on its PATH starts", OTHER
        )

    def _ended(self, job: Job) -> JobResult | None:
        """How the interpreter ended, or None where there is none; what it did is in the outbox."""
        try:
            done = self.run(job)
        except InfraError as error:
            if not any(word in error.what for word in NO_SUCH):
                raise
            return None
        return None if done.exit_code in (126, 127) else done


def _end(done: JobResult) -> str:
    """How a program ended, for people."""
    if done.timed_out:
        return f"did not end within {LOOK_S:.0f} s"
    return "ran out of memory" if done.oom_killed else f"ended with exit code {done.exit_code}"


OTHER = "name another image, or a wheel of its Paddle"


def _answer(name: str, outbox: Path) -> LookedInto:
    try:
        seen = documents.json(GuestFile(out=outbox, name=FOUND).read(LARGEST), LookedInto)
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(
            f"the Python of the image {quoted(name)} told nothing of itself: {clean(str(error), 120)}", OTHER
        ) from error
    if not seen.interpreter.startswith("/") or not seen.interpreter.isprintable():
        raise UsageError(f"the Python of the image {quoted(name)} does not say where it lies", OTHER)
    return seen


def _version(name: str, seen: LookedInto) -> str:
    """The version of the Paddle in it."""
    if not seen.package:
        said = f"the image {quoted(name)} has no Paddle that its Python {clean(seen.python, 40)} can import"
        if not seen.closed:
            raise UsageError(said, OTHER)
        shut = f"{said}, and {quoted(clean(seen.closed[0], 200))} is not open to users other than root"
        raise UsageError(shut, f"chmod -R a+rX it where the image is built, or {OTHER}")
    try:
        return str(Version(seen.paddle))
    except InvalidVersion as error:
        said = clean(seen.paddle, 40) or "none"
        raise UsageError(f"the Paddle in the image {quoted(name)} has no version number ({said})", OTHER) from error
