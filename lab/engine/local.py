"""The engine for a machine without containers: uv-made environments in child processes, and clearly not isolated."""

import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from lab.engine.protocol import Image, Job, JobResult, Recipe, Rooms, Teller
from lab.engine.stopped import StoppedRuns
from lab.errors import BuildError, InfraError, UsageError
from lab.machine import process, refused, uv
from lab.model import GivenBuild
from lab.storage import store
from lab.text import quoted

GRACE_S = 30.0
READY = "ready"
EXPORT = "--engine docker or podman; or copy the wheel store: lab images fetch fills it"


class LocalEngine:
    """Runs the guest as a child of the lab in an environment of its own: same guest, same files, no walls."""

    name = "local"
    isolated = False

    def __init__(self, cache: Path) -> None:
        self._envs = cache / "envs"
        self._stops = StoppedRuns()

    def facts(self) -> Mapping[str, str]:
        """What stands for an engine here."""
        return {"engine": "local", "engine_version": f"python {sys.version.split()[0]}", "isolation": "none"}

    def image(self, recipe: Recipe) -> Image | None:
        """The environment whose folder carries the recipe's digest, if it was finished."""
        return self._described(self._home(recipe))

    def build(self, recipe: Recipe, wheels: Path, log: Path, teller: Teller) -> Image:
        """Make a virtual environment of the right Python and install the stored wheels, offline."""
        home = self._home(recipe)
        python = interpreter(recipe.environment.python)
        shutil.rmtree(home, ignore_errors=True)
        lines = wheels / "requirements.txt"
        lines.write_text(recipe.lock, encoding="utf-8")
        installer = uv.program()
        self._step([installer, "venv", "--quiet", "--python", python, str(home)], recipe, log, teller)
        install = [installer, "pip", "install", "--python", str(home / "bin" / "python"), "--offline", "--no-index"]
        install += ["--find-links", str(wheels), "--require-hashes", "--compile-bytecode", "-r", str(lines)]
        self._step(install, recipe, log, teller)
        self._step([str(home / "bin" / "python"), "-c", "import zlib, numpy, paddle"], recipe, log, teller)
        store.write(home / READY, f"{recipe.environment.key}\n{python}\n".encode())
        made = self._described(home)
        if made is None:
            raise InfraError(f"the environment {home.name} vanished after it was made", "run the same command again")
        return made

    def _step(self, argv: list[str], recipe: Recipe, log: Path, teller: Teller) -> None:
        done = process.stream(argv, log, seen=teller.passing)
        if not done.ok and refused.says_full(done.stdout):
            said = f"the disk is full: the local environment for {recipe.environment.key} could not be made"
            raise InfraError(f"{said}; its log is {log}", refused.ROOM)
        if not done.ok:
            raise BuildError(
                f"the local environment for {recipe.environment.key} could not be made; its log is {log}, "
                f"and it ends with:\n{done.tail()}",
                "read the log; --engine docker builds the same environment in a container",
            )

    def _home(self, recipe: Recipe) -> Path:
        return self._envs / f"{recipe.environment.key}-{recipe.digest[:12]}"

    def _described(self, home: Path) -> Image | None:
        if not (home / READY).is_file():
            return None
        key, python = (home / READY).read_text(encoding="utf-8").split("\n")[:2]
        return Image(tag=home.name, id=str(home / "bin" / "python"), environment=key, base=Path(python).name)

    def given(self, name: str, pythons: tuple[str, ...]) -> GivenBuild:
        """Nothing here starts an image."""
        del pythons
        raise UsageError(f"the image {quoted(name)} needs an engine with containers", "--engine docker or podman")

    def images(self) -> tuple[Image, ...]:
        """Every finished environment."""
        homes = sorted(self._envs.iterdir()) if self._envs.is_dir() else []
        return tuple(found for home in homes if (found := self._described(home)) is not None)

    def remove(self, image: Image) -> None:
        """Delete one environment."""
        shutil.rmtree(self._envs / image.tag)

    def export(self, images: Sequence[Image], target: Path) -> None:
        """A virtual environment does not move to another machine; its wheels do."""
        raise UsageError(f"local environments cannot be exported to {target} ({len(images)} asked)", EXPORT)

    def base(self, recipe: Recipe) -> Image | None:
        """This machine's own Python is what all stands on, and is there."""
        return Image(tag="", id="", environment=recipe.environment.key)

    def ground(self, recipe: Recipe, log: Path, teller: Teller) -> Image:
        """The same."""
        del log, teller
        return Image(tag="", id="", environment=recipe.environment.key)

    def bring(self, source: Path) -> tuple[str, ...]:
        """What other engines export are images, which this one has no use for."""
        raise UsageError(f"the local engine takes in no images ({source})", EXPORT)

    def rooms(self, job: Job) -> Rooms:
        """The host's own paths: there is no other file system here."""
        return Rooms(
            inbox=str(job.inbox), outbox=str(job.outbox), saved=str(job.saved or ""), emulator=str(job.emulator or "")
        )

    def run(self, job: Job) -> JobResult:
        """Start the guest in its own process group and wait; memory is watched by the guest itself."""
        job.outbox.mkdir(parents=True, exist_ok=True)
        argv = [job.image.id, str(job.inbox / "guest" / "supervisor.py"), str(job.inbox / "request.json")]
        if job.cpuset and shutil.which("taskset"):
            argv = ["taskset", "--cpu-list", job.cpuset, *argv]
        start = time.monotonic()
        with self._stops.guarded(job.run_id), self._started(argv, env=job.env) as child:
            end = start + job.limits.wall_s + GRACE_S
            while child.poll() is None and time.monotonic() < end and not self._stops.has(job.run_id):
                if job.given_up.wait(0.02):
                    break
            timed_out = child.poll() is None
        return JobResult(exit_code=child.returncode, timed_out=timed_out, seconds=time.monotonic() - start)

    def _started(self, argv: Sequence[str], *, env: Mapping[str, str]) -> AbstractContextManager[Any]:
        return process.started(argv, env=dict(env))

    def stop(self, run_id: str, *, alone: bool = False) -> None:
        """Start nothing more of a run, and end what this lab started; `alone` only what belongs to that run."""
        self._stops.add(run_id)
        if not alone:
            process.end_all()

    def stopped(self, run_id: str) -> bool:
        """Whether nothing more of this run will be started."""
        return self._stops.has(run_id)

    def reap(self) -> int:
        """Nothing to do: a killed lab's supervisor ends with it, because it watches its parent."""
        return 0


def interpreter(version: str) -> str:
    """A CPython of this version on the host: running, on PATH, uv's own, or pyenv's; BuildError names the missing one."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return str(Path(sys.executable).resolve())
    for folder in sorted(pyenv_folders(), reverse=True):
        if folder.name.startswith(f"{version}.") and (folder / "bin" / "python").exists():
            return str(folder / "bin" / "python")
    found = process.run([uv.program(), "python", "find", "--no-python-downloads", version])
    if found.ok and found.stdout.strip():
        return found.stdout.strip()
    raise BuildError(
        f"this host has no Python {version}, and the local engine installs none",
        f"uv python install {version}, or --python with a version that is here, or an engine with containers",
    )


def pyenv_folders() -> tuple[Path, ...]:
    """The interpreters that pyenv keeps for this user."""
    home = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    return tuple(home.iterdir()) if home.is_dir() else ()
