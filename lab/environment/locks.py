"""Locks and Dockerfiles below images/: made from the catalogue, checked in, and checked against it."""

import os
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from lab import scratch
from lab.environment import Catalogue, dockerfile, load, wheels
from lab.environment.wheel_file import DEVICES
from lab.errors import BuildError, UnsatisfiableError, UsageError
from lab.machine import process
from lab.model import Environment, GivenBuild
from lab.storage import store

LOCK = "requirements.txt"
DOCKERFILE = "Dockerfile"
TEMPLATE = "Dockerfile.j2"
# The newest glibc any Paddle wheel needs; wheels for an older one fit too, and Paddle's own carry the oldest tags.
GLIBC = 28
OLD_NAMES = ("manylinux2014", "manylinux2010", "manylinux1")
SOLVE_S = 300.0
NO_SOLUTION = "No solution found"
UNREACHABLE = ("error sending request", "Failed to fetch")
# An index that cannot be reached is common (Paddle's own, behind many networks): find out soon.
RETRIES = {"UV_HTTP_RETRIES": "1"}


def lock(environment: Environment) -> str:
    """The environment's requirements with the hash of every wheel that fits, and no address of any index.

    Where Paddle's own index does not answer, the paddle wheel itself has no hash: the lock then says so on a line
    that `dockerfile.loose` reads, and holds what the wheel is known to require. BuildError where nothing resolves.
    """
    release, wheel, build = environment.release, environment.wheel, environment.release.build
    if build is not None:
        solved = _solve(environment, [*release.requires, *release.pins, *environment.extra], must=True)
        return _with_build(build, environment, _lines(environment, solved or {}))
    paddle = f"{wheel.package}=={wheel.version}"
    solved = _solve(environment, [paddle, *release.pins, *environment.extra])
    if solved is not None:
        return _text(environment, _lines(environment, solved), ())
    solved = _solve(environment, [*release.requires, *release.pins, *environment.extra], must=True)
    return _text(environment, _lines(environment, solved or {}), (paddle,))


def borrowed(environment: Environment, near: str) -> str:
    """The lock of a given wheel, made of that of the published release before it: nothing but Paddle differs then.

    Empty where that lock does not hold what the wheel asks for; then its requirements must be resolved.
    """
    build = environment.release.build
    here = {one.name: one for one in wheels.parse_lock(near)} if near and not dockerfile.loose(near) else {}
    wanted = [*environment.release.requires, *environment.release.pins, *environment.extra]
    if build is None or not here or not all(_held(Requirement(one), here, environment) for one in wanted):
        return ""
    return _with_build(build, environment, (one.line for name, one in here.items() if name not in DEVICES))


def _held(wanted: Requirement, here: Mapping[str, wheels.Requirement], environment: Environment) -> bool:
    """Whether a lock satisfies a requirement, or it is none of this Python and machine."""
    place = {
        "python_version": environment.python, "python_full_version": f"{environment.python}.0", "sys_platform": "linux",
        "platform_system": "Linux", "platform_machine": environment.arch, "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "os_name": "posix", "extra": "",
    }  # fmt: skip
    if wanted.marker is not None and not wanted.marker.evaluate(place):
        return True
    found = here.get(canonicalize_name(wanted.name))
    plain = not wanted.url and not wanted.extras
    return plain and found is not None and wanted.specifier.contains(found.version, prereleases=True)


def _with_build(build: GivenBuild, environment: Environment, others: Iterable[str]) -> str:
    """The lines of a lock with the wheel that was given, by its own content."""
    head = f"# The wheels of {environment.key}, each by its content; {build.name} was handed over as a file."
    lines = [*others, f"{build.package}=={build.version} --hash=sha256:{build.sha256}"]
    return "\n".join([head, *sorted(lines)]) + "\n"


def keep(path: Path, text: str) -> None:
    """Write down what no catalogue has: a lock, or the workspace's own releases."""
    store.write(path, text.encode())


def renew(environment: Environment, images: Path) -> str:
    """Write the environment's lock and Dockerfile anew and say in one sentence what came of it.

    A complete lock is never replaced by one that lacks the paddle wheel: that its index is silent today proves nothing.
    """
    path = images / environment.key / LOCK
    text = lock(environment)
    without = dockerfile.loose(text)
    kept = path.read_text(encoding="utf-8") if path.is_file() else ""
    if without and kept and not dockerfile.loose(kept):
        return f"{environment.key}: kept, because the index of {without[0]} does not answer"
    template = (images / TEMPLATE).read_text(encoding="utf-8")
    rendered = dockerfile.render(environment, template, text)
    path.parent.mkdir(exist_ok=True)
    store.write(path, text.encode())
    store.write(path.parent / DOCKERFILE, rendered.encode())
    if without:
        return f"{environment.key}: {without[0]} not hash-locked: its index was not reachable when the lock was made"
    return f"{environment.key}: {'unchanged' if text == kept else 'locked'}"


def render_all(catalogue: Catalogue, images: Path) -> Mapping[Path, str]:
    """The Dockerfile text of every environment that is checked in, by path; a lock that is missing is a UsageError."""
    template = (images / TEMPLATE).read_text(encoding="utf-8")
    return {
        images / one.key / DOCKERFILE: dockerfile.render(one, template, _stored(images, one))
        for one in catalogue.checked_in()
    }


def stale(images: Path) -> list[str]:
    """What below `images` is not as the catalogue and the template say, one sentence each; empty where all is well."""
    catalogue = load(images)
    keys = {one.key for one in catalogue.checked_in()}
    found = {path.parent.name for path in images.glob(f"*/{DOCKERFILE}")}
    said = [f"{images.name}/{key}/ belongs to no environment that is checked in" for key in sorted(found - keys)]
    without = [key for key in sorted(keys) if not (images / key / LOCK).is_file()]
    if without:
        return said + [f"{images.name}/{key}/{LOCK} is missing" for key in without]
    for path, text in render_all(catalogue, images).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            said.append(f"{images.name}/{path.parent.name}/{DOCKERFILE} is not what the template renders")
    return said


def _stored(images: Path, environment: Environment) -> str:
    path = images / environment.key / LOCK
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise UsageError(
            f"{environment.key} has no lock: {path} is missing", f"lab images lock {environment.key}"
        ) from error


def _solve(environment: Environment, wanted: Sequence[str], *, must: bool = False) -> dict[str, Any] | None:
    """What uv finds for these requirements, as pylock data; None where the Paddle wheel's own index does not have it."""
    argv = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-build"]
    argv += ["--no-python-downloads", "--python", sys.executable, "--python-version", environment.python]
    argv += ["--python-platform", f"{environment.arch}-manylinux_2_{GLIBC}", "--format", "pylock.toml"]
    if environment.wheel.url and not must:
        argv += ["--index", environment.wheel.url, "--index-strategy", "unsafe-best-match"]
    with scratch.folder("lock") as folder:
        source = folder / "wanted.in"
        source.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        done = process.run([*argv, str(source)], timeout=SOLVE_S, cwd=folder, env={**RETRIES, **os.environ})
    if done.ok:
        return tomllib.loads(done.stdout)
    if environment.wheel.url and not must and any(word in done.stderr for word in UNREACHABLE):
        return None
    if environment.extra and NO_SOLUTION in done.stderr:
        said = " ".join(done.tail(6).split()).partition("Because ")[2] or done.tail(1)
        raise UnsatisfiableError(
            f"no set of packages satisfies {environment.key}: {said}",
            f"name another version than {', '.join(environment.extra)}",
        )
    raise BuildError(
        f"no set of wheels satisfies {environment.key}:\n{done.tail(6)}",
        "look at the pins in images/releases.toml; an index behind a mirror is named by UV_DEFAULT_INDEX",
    )


def _lines(environment: Environment, solved: Mapping[str, Any]) -> Iterator[str]:
    ranks = {tag: rank for rank, tag in enumerate(_tags(environment))}
    for package in sorted(solved.get("packages", ()), key=lambda one: canonicalize_name(one["name"])):
        name, version = canonicalize_name(package["name"]), package["version"]
        ranked = [(_rank(wheel, ranks), wheel["hashes"]["sha256"]) for wheel in package.get("wheels", ())]
        fitting = sorted((rank, sha256) for rank, sha256 in ranked if rank is not None)
        if not fitting:
            raise BuildError(
                f"{name} {version} has no wheel for {environment.key}", "add a pin to images/releases.toml"
            )
        yield f"{name}=={version} --hash=sha256:{fitting[0][1]}"


def _rank(wheel: Mapping[str, Any], ranks: Mapping[Tag, int]) -> int | None:
    """How well a wheel fits, 0 best, None not at all: one wheel is kept, so that every build installs the same one."""
    name = wheel.get("name") or unquote(wheel["url"].rsplit("/", 1)[-1])
    found = [ranks[tag] for tag in parse_wheel_filename(name)[3] if tag in ranks]
    return min(found, default=None)


def _tags(environment: Environment) -> Iterator[Tag]:
    """The wheel tags that a CPython of this version takes on this machine, with the glibc every image here has."""
    version = tuple(int(part) for part in environment.python.split("."))
    platforms = [f"manylinux_2_{minor}_{environment.arch}" for minor in range(GLIBC, 4, -1)]
    platforms += [f"{old}_{environment.arch}" for old in OLD_NAMES] + [f"linux_{environment.arch}"]
    yield from cpython_tags(version, platforms=platforms)
    yield from compatible_tags(version, interpreter=f"cp{''.join(map(str, version))}", platforms=platforms)


def _text(environment: Environment, lines: Iterator[str], without: Sequence[str]) -> str:
    head = [f"# The wheels of {environment.key}, each by its content. Renewed by: lab images lock {environment.key}"]
    if without:
        head.append("# The paddle wheel is missing below: its index was not reachable when this lock was made.")
        head += [f"{dockerfile.LOOSE}{Requirement(one)}" for one in without]
    return "\n".join([*head, *lines]) + "\n"
